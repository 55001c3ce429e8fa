// Asks every two seconds what goes on, and shows it. What has not changed is left as it is.
const EVERY = 2000, PATIENCE = 8000, MOST_ROWS = 100;
const byId = (id) => document.getElementById(id);
const sections = new Map();
let asOf = null;

function counted(count, what) {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}

function duration(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function stateWords(view) {
  const what = view.kind === "sweep" ? "trial" : "run";
  const planned = view.planned === null ? "" : ` of ${view.planned.toLocaleString("en")}`;
  const others = Object.entries(view.states)
    .filter(([state]) => state !== "completed")
    .map(([state, count]) => `${count.toLocaleString("en")} ${state}`);
  const all = view.planned === null ? counted(view.ended, what) : `${view.ended.toLocaleString("en")}${planned} ${what}s`;
  return [`${all} ended`, ...others].join(", ");
}

function bar(view) {
  const total = Math.max(view.planned || view.runs.length, 1), box = made("div", "bar");
  for (const state of ["completed", "stopped", "failed", "running"])
    if (view.states[state]) {
      const part = made("span", state);
      part.style.flex = `0 0 ${(100 * view.states[state]) / total}%`;
      box.append(part);
    }
  return box;
}

function facts(view) {
  const list = made("dl", "facts");
  const add = (what, text) => text && list.append(made("dt", "", what), made("dd", "", text));
  if (view.running) add("Time left", view.left === null ? "not known before two epochs" : `about ${duration(view.left)}`);
  if (view.state && view.state !== "running") add("State", view.state);
  if (view.best) add("Best so far", `${view.best.text} (${view.best.of})`);
  const verdict = view.verdict;
  if (verdict.state) add(verdict.state === "decided" ? "Decided" : "Open", verdict.text);
  return list;
}

const COLUMNS = [["", "name"], ["state", "state"], ["epoch", "epoch"], ["best", "n"], ["left", "n"]];

function table(view) {
  const box = made("div", "scroll"), grid = made("table", "cards");
  box.tabIndex = 0;
  const head = made("tr"), body = made("tbody");
  COLUMNS.forEach(([title, kind], place) => {
    const heading = title || (view.kind === "sweep" ? "trial" : "run");
    grid.style.setProperty(`--c${place + 1}`, `"${heading}"`);
    const cell = made("th", kind === "n" ? "n" : "", heading);
    cell.scope = "col";
    head.append(cell);
  });
  const order = ["running", "beginning", "failed", "damaged", "interrupted", "not ended", "completed", "stopped"];
  const rows = view.runs
    .filter((run) => run.state !== "not begun")
    .map((run, place) => ({ run, place }))
    .sort((a, b) => order.indexOf(a.run.state) - order.indexOf(b.run.state) || a.place - b.place);
  for (const { run } of rows.slice(0, MOST_ROWS)) body.append(row(run));
  const top = made("thead");
  top.append(head);
  grid.append(top, body);
  box.append(grid);
  if (rows.length > MOST_ROWS) box.append(made("p", "counts", `and ${counted(rows.length - MOST_ROWS, "more row")}`));
  return box;
}

function row(run) {
  const line = made("tr"), name = made("th", "", run.name);
  name.scope = "row";
  if (run.settings && run.settings !== run.name) name.append(made("small", "", run.settings));
  const state = made("td");
  state.append(made("span", `state ${run.state.replace(" ", "-")}`, run.state));
  if (run.reason) state.append(made("small", "", run.reason));
  const epoch = run.epochs ? `${run.epoch} of ${run.epochs}` : "";
  const left = typeof run.left === "number" ? duration(run.left) : "";
  line.append(name, state, made("td", "", epoch), made("td", "n", run.best ? run.best.text : ""), made("td", "n", left));
  return line;
}

function content(view) {
  const parts = [];
  if (view.question) parts.push(made("p", "asked", view.question));
  parts.push(bar(view), made("p", "counts", stateWords(view)), facts(view), chart(view));
  if (view.runs.length) parts.push(table(view));
  return parts;
}

// A section that goes on is open; one that does not is folded, but stays open where somebody opened it.
function section(view) {
  const key = `${view.kind} ${view.name}`, text = JSON.stringify(view), before = sections.get(key);
  if (before && before.text === text) return before.node;
  let node;
  if (view.running) {
    node = made("section", "watched");
    node.append(made("h3", "", view.name), ...content(view));
  } else {
    node = made("details", "watched");
    const summary = made("summary");
    summary.append(made("b", "", view.name), made("span", "", [stateWords(view), view.best && `best ${view.best.text}`, view.verdict.state].filter(Boolean).join("; ")));
    node.append(summary, ...content(view));
    node.open = Boolean(before && (before.node.tagName !== "DETAILS" || before.node.open));
  }
  sections.set(key, { text, node });
  return node;
}

function put(parent, nodes) {
  nodes.forEach((node, place) => {
    if (parent.children[place] !== node) parent.insertBefore(node, parent.children[place] || null);
  });
  while (parent.children.length > nodes.length) parent.lastElementChild.remove();
}

function show(state) {
  asOf = new Date(state.at * 1000);
  const going = state.shown.filter((view) => view.running), ended = state.shown.filter((view) => !view.running);
  const runs = going.reduce((sum, view) => sum + (view.states.running || 0), 0);
  byId("summary").textContent = going.length
    ? `${runs ? `${counted(runs, "run")} going on, in` : "Going on:"} ${going.map((view) => view.name).slice(0, 3).join("; ")}${going.length > 3 ? " …" : ""}`
    : state.shown.length ? "Nothing is going on" : "No runs yet";
  document.title = going.length ? `${going.map((view) => `${view.ended}/${view.planned ?? "?"}`).join(" ")} ${state.folder}` : state.folder;
  put(byId("going"), going.map(section));
  put(byId("ended"), ended.map(section));
  byId("ended-section").hidden = !ended.length;
  byId("problems").replaceChildren(...state.problems.map((line) => made("p", "", line)));
  byId("told").textContent = `As of ${asOf.toLocaleTimeString()}; asks again every two seconds.`;
}

async function ask() {
  try {
    const answer = await fetch("state.json", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(String(answer.status));
    show(await answer.json());
    document.body.classList.remove("lost");
  } catch {
    document.body.classList.add("lost");
    byId("told").textContent = asOf
      ? `keras-suite watch no longer answers; what is shown was so at ${asOf.toLocaleTimeString()}.`
      : "keras-suite watch does not answer.";
  }
  setTimeout(ask, document.hidden ? 5 * EVERY : EVERY);
}

ask();
