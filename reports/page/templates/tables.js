// Tables that sort by a click on a heading and, of more than a dozen rows, filter by what is typed. Without script they are
// plain tables. A cell's data-value is what its column is sorted by; cells without one come last.
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const headings = [...table.tHead.rows[0].cells];
  const rows = [...body.rows];

  const valueOf = (row, column) => {
    const cell = row.cells[column];
    if (!headings[column].classList.contains("n")) return cell.textContent.trim();
    return cell.dataset.value ? Number(cell.dataset.value) : NaN;
  };
  const order = (a, b) => typeof a === "string" ? a.localeCompare(b, "en", { numeric: true }) : a - b;

  headings.forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") === "ascending";
      headings.forEach((other) => other.removeAttribute("aria-sort"));
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const known = (row) => !Number.isNaN(valueOf(row, column));
      body.append(...[...rows].sort((a, b) =>
        known(b) - known(a) || (down ? -1 : 1) * (known(a) ? order(valueOf(a, column), valueOf(b, column)) : 0)));
    });
  });

  if (rows.length <= 12) continue;
  const filter = document.createElement("p");
  filter.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = "Filter";
  input.setAttribute("aria-label", `Show only rows of “${table.dataset.name}” that hold these words`);
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  filter.append(input, told);
  (table.closest(".scroll") || table).before(filter);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    told.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
}
