// The page: what is drawn goes through the network, every layer is drawn anew, and a unit can be asked.

const $ = (id) => document.getElementById(id);
const network = load_network();
const [image_height, image_width, image_channels] = network.operations[0].shape;
const figures = [...document.querySelectorAll("figure.layer")];
const views = figures.map((figure, number) => layer_view(figure.querySelector("canvas"), network.operations[number]));
let results = null, chosen = null, is_pinned = false, picture = null;

function compute(pixels, said) {
  const start = performance.now();
  results = run(network, pixels);
  const took = performance.now() - start;
  views.forEach((view, number) => {
    view.draw(results[number]);
    const [least, most] = extremes(results[number].values);
    figures[number].querySelector(".range").textContent = `values from ${written(least)} to ${written(most)}`;
  });
  $("said").textContent = said;
  $("took").textContent = `Computed in ${took.toFixed(0)} ms.`;
  show_answer(probabilities(network, results));
  if (chosen) ask(...chosen);
}

function show_answer(shares) {
  const order = [...shares.keys()].sort((a, b) => shares[b] - shares[a]);
  $("answer").textContent = `${network.class_names[order[0]]}, ${(100 * shares[order[0]]).toFixed(1)} %`;
  for (const row of $("classes").rows) {
    const share = shares[row.dataset.number];
    row.querySelector("meter").value = share;
    row.querySelector(".n").textContent = `${(100 * share).toFixed(1)} %`;
    row.classList.toggle("first", Number(row.dataset.number) === order[0]);
  }
}

// What stands on the sheet, no more often than the screen is drawn.
let is_waiting = false;
function from_sheet() {
  if (is_waiting) return;
  is_waiting = true;
  requestAnimationFrame(() => {
    is_waiting = false;
    const { pixels, said } = fitted(image_of($("sheet"), $("inverted").checked), network.operations[0].shape, $("fit").value);
    compute(pixels, said || "the whole sheet");
  });
}

const pen = () => ({ colour: $("colour") ? $("colour").value : "#fff", width: Number($("pen").value) / 100 });
const paper = sheet($("sheet"), pen, () => { unchoose_example(); from_sheet(); });

function unchoose_example() {
  for (const button of document.querySelectorAll("#examples button")) button.setAttribute("aria-pressed", "false");
}

function show_example(number) {
  const { pixels, title } = network.examples[number];
  unchoose_example();
  paper.clear();
  const button = document.querySelectorAll("#examples button")[number];
  button.setAttribute("aria-pressed", "true");
  paper.show(button.querySelector("canvas"));
  compute(bytes_of(pixels), `${title}, as the network gets it`);
}

function clear() {
  picture = null;
  unchoose_example();
  paper.clear();
  from_sheet();
}

async function take_picture(file) {
  try {
    picture = await createImageBitmap(file);
  } catch {
    $("said").textContent = `${file.name} is no picture that this browser reads: give a PNG or JPEG`;
    return;
  }
  unchoose_example();
  paper.clear();
  paper.show(picture);
  from_sheet();
}

// Marks boxes over the layers that a unit is computed from: its own place, the window under it, and the image's part.
function mark(number, unit) {
  document.querySelectorAll(".mark").forEach((old) => old.remove());
  const boxes = receptive_field(network, number, unit), operation = network.operations[number];
  const why = operation.kind === "conv" ? explain(network, results, number, unit) : null;
  const channel = why ? why.parts[0].channel : last(unit);
  const add = (place, box, of, kind) => {
    if (!box || network.operations[place].shape.length !== 3 || of >= views[place].channels) return;
    const shares = views[place].box(box, of).map((share) => `${100 * share}%`);
    const made = element("span", "", { class: `mark ${kind}` });
    ["top", "left", "height", "width"].forEach((side, k) => { made.style[side] = shares[k]; });
    figures[place].querySelector(".frame").append(made);
  };
  for (const input of operation.inputs) add(input, boxes.get(input), channel, "window");
  if (number > 0) add(0, boxes.get(0), 0, "field");
  if (operation.shape.length === 3) add(number, boxes.get(number), last(unit), "unit");
  else {
    const [top, left] = [Math.floor(unit[0] / across(operation.shape)), unit[0] % across(operation.shape)];
    const canvas = figures[number].querySelector("canvas"), made = element("span", "", { class: "mark unit" });
    Object.assign(made.style, {
      top: `${100 * top / canvas.height}%`, left: `${100 * left / canvas.width}%`,
      height: `${100 / canvas.height}%`, width: `${100 / canvas.width}%`,
    });
    figures[number].querySelector(".frame").append(made);
  }
}

function ask(number, unit) {
  chosen = [number, unit];
  show_unit($("unit"), network, results, number, unit);
  mark(number, unit);
}

// Arrow keys move the unit; Page Up and Page Down change its channel.
function moved_unit(view, unit, key) {
  const moves = { ArrowUp: [-1, 0, 0], ArrowDown: [1, 0, 0], ArrowLeft: [0, -1, 0], ArrowRight: [0, 1, 0],
    PageUp: [0, 0, -1], PageDown: [0, 0, 1] };
  if (!(key in moves)) return null;
  const step = unit.length === 3 ? moves[key] : [moves[key].reduce((a, b) => a + b, 0)];
  return unit.map((k, axis) => Math.min(Math.max(k + step[axis], 0), view.shape[axis] - 1));
}

figures.forEach((figure, number) => {
  const canvas = figure.querySelector("canvas"), view = views[number];
  canvas.addEventListener("pointermove", (event) => {
    const unit = is_pinned ? null : view.unit(event);
    if (unit && String([number, unit]) !== String(chosen)) ask(number, unit);
  });
  canvas.addEventListener("click", (event) => {
    const unit = view.unit(event);
    if (!unit) return;
    is_pinned = !(is_pinned && String([number, unit]) === String(chosen));
    ask(number, unit);
  });
  canvas.addEventListener("keydown", (event) => {
    const start = chosen && chosen[0] === number ? chosen[1] : view.shape.map(() => 0);
    const unit = chosen && chosen[0] === number ? moved_unit(view, start, event.key) : moved_unit(view, start, event.key) && start;
    if (!unit) return;
    event.preventDefault();
    is_pinned = true;
    ask(number, unit);
  });
});

// Steps through the layers: the current one stands out, those that were not reached yet are pale.
let current = null;
function step(by) {
  const next = current === null ? (by > 0 ? 0 : figures.length - 1) : current + by;
  current = next < 0 || next >= figures.length ? null : next;
  figures.forEach((figure, number) => {
    figure.classList.toggle("later", current !== null && number > current);
    figure.classList.toggle("current", number === current);
  });
  $("step").textContent = current === null ? "all layers" : `${current + 1} of ${figures.length}: ${network.operations[current].name}`;
  if (current !== null) figures[current].scrollIntoView({ block: "center" });
}

$("previous").addEventListener("click", () => step(-1));
$("next").addEventListener("click", () => step(1));
$("clear").addEventListener("click", clear);
$("file").addEventListener("change", (event) => event.target.files[0] && take_picture(event.target.files[0]));
for (const id of ["fit", "inverted"]) $(id).addEventListener("change", () => { unchoose_example(); from_sheet(); });
$("sheet").addEventListener("dragover", (event) => event.preventDefault());
$("sheet").addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files[0]) take_picture(event.dataTransfer.files[0]);
});
document.addEventListener("paste", (event) => event.clipboardData.files[0] && take_picture(event.clipboardData.files[0]));
document.querySelectorAll("#examples button").forEach((button, number) => {
  const view = layer_view(button.querySelector("canvas"), { ...network.operations[0] });
  view.draw({ values: Float32Array.from(bytes_of(network.examples[number].pixels)) });
  button.addEventListener("click", () => show_example(number));
});

// The page's scores beside Keras's, of the same images: whatever browser this is, it says whether it can be relied on.
function check() {
  const difference = largest_difference(network), is_equal = difference <= network.tolerance;
  $("check").textContent = is_equal
    ? `This page computes what Keras computed: the scores of ${network.checks.length} images differ by ${difference.toExponential(0)} at most.`
    : `This page does not compute what Keras computed: scores differ by up to ${difference.toPrecision(2)}. Do not rely on it.`;
  $("check").classList.toggle("bad", !is_equal);
}

paper.clear();
if (network.examples.length) show_example(0); else from_sheet();
check();
// For whoever opens the console: live.scores(pixels) are the network's outputs for one image, live.ask(7, [3, 4, 0]) a unit.
window.live = { network, ask, check, scores: (pixels) => Array.from(last(run(network, pixels)).values) };
