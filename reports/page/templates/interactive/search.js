// One search over all tables of the index: names, questions and answers; sections without a hit go.
const rowsOfIndex = [...document.querySelectorAll("main tbody tr")];

if (rowsOfIndex.length > 5) {
  const field = document.createElement("p");
  field.className = "filter";
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = "Search all reports";
  input.setAttribute("aria-label", "Show only reports whose name, question or answer has these words");
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  field.append(input, count);
  document.querySelector("header").append(field);

  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rowsOfIndex) {
      const text = row.textContent.toLowerCase();
      row.classList.toggle("unfound", !words.every((word) => text.includes(word)));
    }
    for (const table of document.querySelectorAll("main table")) {
      table.classList.toggle("searched", words.length > 0);
      table.closest("section")?.classList.toggle("unfound", !table.querySelector("tbody tr:not(.unfound)"));
    }
    const found = rowsOfIndex.filter((row) => !row.classList.contains("unfound")).length;
    count.textContent = words.length ? `${found} of ${rowsOfIndex.length}` : "";
  });
}
