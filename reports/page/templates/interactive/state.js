// What the reader has asked for: which variants are hidden, which run is picked, whether single runs are drawn.
// Whatever shows it registers with onChange and draws itself anew after each change.
const data = JSON.parse(document.getElementById("page-data")?.textContent ?? "null");
const asked = { hidden: new Set(), run: null, single: false };
const listeners = [];

function onChange(listener) {
  listeners.push(listener);
}

function change(what) {
  Object.assign(asked, what);
  for (const listener of listeners) listener();
}

const isShown = (variant) => !asked.hidden.has(variant);
const colourOf = (variant) => `var(--series-${data.variants[variant].colour})`;
const nameOfRun = (run) => `${data.variants[data.runs[run].variant].name}, ${data.replicate} ${data.runs[run].seed}`;
const factsOf = (run) => data.facts.map((what, k) => [what, data.runs[run].facts[k]]).filter(([, text]) => text !== null);
const runsOf = (variant) => data.runs.map((_, run) => run).filter((run) => data.runs[run].variant === variant);
const completedRunsOf = (variant) => runsOf(variant).filter((run) => data.runs[run].status === "completed");
const shownVariants = () => data.variants.map((_, variant) => variant).filter(isShown);

// An element with attributes and children; text is never read as markup.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

// The same in a drawing; `style` may hold colours of the page.
function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function button(text, label, onClick) {
  const made = element("button", { type: "button", "aria-label": label, title: label }, text);
  made.addEventListener("click", onClick);
  return made;
}
