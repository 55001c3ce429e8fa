// Sort tables by a click on a heading, and filter those of more than 12 rows by typed words. Without script they are
// plain tables. Of long ones the first rows are shown, in whatever order, until all are asked for. Columns of numbers are sorted by the cells' data-value; cells without one come last.
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
  input.setAttribute("aria-label", `Show only rows of “${table.dataset.name}” that contain these words`);
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  filter.append(input, count);
  (table.closest(".scroll") || table).before(filter);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      shown += !row.hidden;
    }
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
    table.classList.toggle("searched", words.length > 0);
  });

  if (rows.length <= 40 || table.closest("details")) continue;
  table.classList.add("folded");
  const unfold = document.createElement("button");
  unfold.type = "button";
  unfold.className = "unfold";
  const say = () => {
    unfold.textContent = table.classList.contains("folded") ? `Show all ${rows.length} rows` : "Show the first 24 rows";
  };
  unfold.addEventListener("click", () => { table.classList.toggle("folded"); say(); });
  say();
  (table.closest(".scroll") || table).after(unfold);
}
