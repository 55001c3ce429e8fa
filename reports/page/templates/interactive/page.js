// Puts the drawings in the place of the figures that they can do more than.
const liveFigure = (name) => document.querySelector(`figure[data-picture="${CSS.escape(name)}"]`);
const captionOf = (figure) => figure.querySelector("figcaption").textContent;

function begin() {
  const { metric } = data;
  const scores = liveFigure(metric.name), differences = liveFigure("differences");
  const groups = [];
  if (scores) groups.push([scores, (figure) => rowsChart(figure, captionOf(figure), { axis: metric.axis, rows: scoreRows })]);
  if (differences && data.pairs.length) {
    const margin = Math.max(...data.pairs.map((pair) => pair.margin));
    groups.push([differences, (figure) => rowsChart(figure, captionOf(figure), { axis: data.difference, rows: differenceRows, margin })]);
  }
  const costs = [["time", "seconds", "training time per run, s", "training time"], ["parameters", "parameters", "parameters", "parameters"]];
  for (const [name, cost, axis, fact] of costs) {
    const figure = liveFigure(`${metric.name}-${name}`);
    if (figure) groups.push([figure, () => costChart(figure, captionOf(figure), { axis, cost, written: fact })]);
  }
  for (const column of data.curves) {
    const figure = liveFigure(column.name === "learning_rate" ? "learning-rates" : `curves-${column.name}`);
    if (figure) groups.push([figure, () => curvesChart(figure, captionOf(figure), column)]);
  }
  const places = new Set(groups.map(([figure]) => figure.closest(".pictures")));
  for (const place of places) legend(place, place.querySelector('[data-picture^="curves-"]') !== null);
  for (const [figure, drawIn] of groups) drawIn(figure);
  linkRuns();
  const first = groups[0]?.[0].closest(".pictures");
  const shown = [data.curves.length && "curves", data.errors.some(Boolean) && "confusion matrix", data.images.length && "wrong images"].filter(Boolean);
  const listed = shown.length > 1 ? `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}` : shown.join();
  first?.after(element("p", { class: "legend hint" },
    `Point at anything for its value. Click a point for its run${listed && `: its ${listed}`}. Drag across a figure to zoom.`));
}

// The seeds in the table of runs open the same panel.
function linkRuns() {
  const table = document.querySelector('table[data-name="Runs"]');
  const places = new Map(data.runs.map(({ variant, seed }, run) => [`${seed} ${data.variants[variant].name}`, run]));
  for (const row of table?.tBodies[0].rows ?? []) {
    const seed = row.cells[1];
    const run = places.get(`${seed.dataset.value} ${row.cells[0].textContent}`);
    if (run === undefined) continue;
    const open = element("button", { type: "button", class: "open", "aria-label": `Show ${nameOfRun(run)}` }, seed.textContent);
    open.addEventListener("click", () => openRun(run, open));
    seed.replaceChildren(open);
  }
}

if (data) begin();
