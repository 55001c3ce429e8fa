// One run, beside the page: its numbers, its curves, its confusion matrix and the images that it was surest and wrong
// about. A click on a point opens it; Escape closes it.
let panel = null, opener = null;

function openRun(run, from) {
  opener = from ?? document.activeElement;
  panel ??= document.body.appendChild(element("aside", { class: "run", role: "dialog", tabindex: "-1" }));
  panel.hidden = false;
  change({ run });
  fillPanel(run);
  panel.focus({ preventScroll: true });
  panel.scrollTop = 0;
}

function closeRun() {
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  change({ run: null });
  opener?.focus({ preventScroll: true });
}

document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeRun(); });

function fillPanel(run) {
  const told = data.runs[run];
  const title = element("h2", {}, nameOfRun(run));
  panel.setAttribute("aria-label", nameOfRun(run));
  panel.replaceChildren(
    element("div", { class: "head" }, title, button("\u00d7", "Close", closeRun)),
    chooser(run),
    ...(told.status === "completed" ? [] : [element("p", { class: "worse" }, `${told.status}${told.reason ? `: ${told.reason}` : ""}`)]),
    definitions(factsOf(run)),
    ...(told.folder ? [element("p", {}, element("code", {}, `keras-suite predict ${quoted(told.folder)} IMAGE.png`))] : []),
    ...wrongImages(run), ...confusionOf(run));
  for (const column of data.curves.filter((each) => each.training[run] || each.validation[run])) {
    const figure = element("figure", {}, element("figcaption", {}, column.label));
    panel.append(figure);
    runChart(figure, column, run);
  }
}

// The charts of a run that was picked before are gone with their figures: their listeners must not draw any more.
let ofRun = [];
function runChart(figure, column, run) {
  const before = listeners.length;
  curvesChart(figure, `${column.label} of ${nameOfRun(run)}`, column, () => run);
  ofRun.push(...listeners.splice(before));
}

const quoted = (text) => /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
const definitions = (pairs) => element("dl", {}, ...pairs.flatMap(([what, text]) => [element("dt", {}, what), element("dd", {}, text)]));

function chooser(run) {
  const { variant, seed } = data.runs[run];
  const select = (label, options, chosen, pick) => {
    const made = element("select", { "aria-label": label });
    for (const [value, text] of options) made.append(element("option", value === chosen ? { value, selected: "" } : { value }, text));
    made.addEventListener("change", () => {
      openRun(pick(Number(made.value)), opener);
      panel.querySelector(`select[aria-label="${label}"]`).focus();
    });
    return made;
  };
  const nearestSeed = (other) => runsOf(other).find((each) => data.runs[each].seed === seed) ?? runsOf(other)[0];
  return element("p", { class: "chooser" },
    select("Variant", data.variants.map(({ name }, place) => [place, name]).filter(([place]) => runsOf(place).length), variant, nearestSeed),
    select(data.replicate, runsOf(variant).map((each) => [each, `${data.replicate} ${data.runs[each].seed}`]), run, (each) => each));
}

function wrongImages(run) {
  const errors = data.errors[run];
  if (!errors) return [];
  const names = errors.classes ?? data.classes;
  const heading = element("h3", {}, `${errors.wrong.toLocaleString("en")} of ${errors.tested.toLocaleString("en")} test images wrong`);
  if (!errors.images.length) return [heading];
  const list = element("ul", { class: "wrong" }, ...errors.images.map(([image, actual, said, sure]) => {
    const picture = element("img", { src: data.images[image], alt: `${names[actual]}, predicted as ${names[said]}` });
    picture.addEventListener("load", () => picture.classList.toggle("small", picture.naturalWidth < 64 && picture.naturalHeight < 64));
    return element("li", {}, picture, element("span", {},
      "true ", element("b", {}, names[actual]), element("br"), "predicted ", element("b", {}, names[said]), element("br"), element("i", {}, sure)));
  }));
  return [heading, list, ...(errors.images.length < errors.wrong ? [element("p", { class: "legend" }, `The ${errors.images.length} of the highest confidence.`)] : [])];
}

function confusionOf(run) {
  const errors = data.errors[run];
  if (!errors) return [];
  const names = errors.classes ?? data.classes;
  const heading = element("h3", {}, "Confusion matrix: true classes in rows, predictions in columns");
  if (errors.commonest) {
    const rows = errors.commonest.map(([actual, said, count]) => [`${names[actual]}, predicted as ${names[said]}`, String(count)]);
    return [element("h3", {}, "Commonest errors"), definitions(rows)];
  }
  const most = highestShareWrong(errors.matrix, names.length);
  const table = element("table", { class: "matrix", style: `min-width:${2.1 * (names.length + 1)}rem` },
    element("thead", {}, element("tr", {}, element("td"), ...names.map((name) => element("th", { scope: "col" }, name)))),
    element("tbody", {}, ...names.map((name, row) => element("tr", {}, element("th", { scope: "row" }, name),
      ...names.map((_, column) => matrixCell(errors.matrix, names.length, row, column, most))))));
  return [heading, element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Confusion matrix of ${nameOfRun(run)}` }, table)];
}

const shareOf = (matrix, size, row, column) => {
  let total = 0;
  for (let k = 0; k < size; k++) total += matrix[row * size + k];
  return matrix[row * size + column] / Math.max(total, 1);
};

function highestShareWrong(matrix, size) {
  let most = 0;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) if (row !== column) most = Math.max(most, shareOf(matrix, size, row, column));
  }
  return most || 1;
}

function matrixCell(matrix, size, row, column, most) {
  const count = matrix[row * size + column], share = shareOf(matrix, size, row, column);
  const shade = Math.round(55 * (row === column ? share : Math.sqrt(share / most)));
  const style = shade ? { style: `background:color-mix(in srgb,var(--series-${row === column ? 0 : 1}) ${shade}%,transparent)` } : {};
  return element("td", style, count ? String(count) : "");
}
