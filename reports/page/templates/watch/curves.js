"use strict";
// The curves of an experiment's runs, or a sweep's trials, as one chart: those that go on stand out.
const SVG = "http://www.w3.org/2000/svg";
const SIDE = { left: 58, right: 12, top: 10, bottom: 26, width: Math.max(280, Math.min(720, innerWidth - 40)), height: 240 };

function drawn(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const key in attributes) node.setAttribute(key, attributes[key]);
  if (text !== undefined) node.textContent = text;
  return node;
}

function made(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function range(curves) {
  const last = Math.max(2, ...curves.flatMap((run) => run.curve.map((point) => point[0])));
  const late = (point) => point[0] > last / 4;
  const points = curves.flatMap((run) => run.curve.some(late) ? run.curve.filter(late) : run.curve);
  const low = points.reduce((one, other) => (other[1] < one[1] ? other : one));
  const high = points.reduce((one, other) => (other[1] > one[1] ? other : one));
  return { last, low, high };
}

function colours(view) {
  const names = [...new Set(view.runs.map((run) => run.variant).filter(Boolean))];
  const of = new Map(names.map((name, place) => [name, `var(--series-${place % 8})`]));
  return { of: (run) => of.get(run.variant) || (run.state === "running" ? "var(--series-0)" : "var(--grey)"), names: of };
}

function chart(view) {
  const curves = view.runs.filter((run) => run.curve && run.curve.length);
  const box = made("div", "chart");
  if (!curves.length) return box;
  const { last, low, high } = range(curves), colour = colours(view);
  const wide = SIDE.width - SIDE.left - SIDE.right, tall = SIDE.height - SIDE.top - SIDE.bottom;
  const x = (epoch) => SIDE.left + (wide * (epoch - 1)) / (last - 1);
  const y = (value) => {
    const share = high[1] > low[1] ? (value - low[1]) / (high[1] - low[1]) : 0.5;
    return SIDE.top + tall * (1 - Math.min(1, Math.max(0, share)));
  };
  const name = `${view.label} by epoch: ${curves.length} curves`;
  const svg = drawn("svg", { viewBox: `0 0 ${SIDE.width} ${SIDE.height}`, role: "img", "aria-label": name });
  const floor = SIDE.top + tall;
  svg.append(drawn("path", { class: "axis", d: `M${SIDE.left} ${SIDE.top}V${floor}H${SIDE.width - SIDE.right}` }));
  for (const end of high[1] > low[1] ? [low, high] : [low])
    svg.append(drawn("text", { x: SIDE.left - 6, y: y(end[1]) + 4, "text-anchor": "end" }, end[2]));
  svg.append(drawn("text", { x: SIDE.left, y: SIDE.height - 8 }, "1"));
  svg.append(drawn("text", { x: x(last), y: SIDE.height - 8, "text-anchor": "end" }, `epoch ${last}`));
  for (const run of [...curves].sort((a, b) => (a.state === "running") - (b.state === "running"))) {
    const d = run.curve.map((point) => `${x(point[0]).toFixed(1)} ${y(point[1]).toFixed(1)}`).join("L");
    const on = run.state === "running" ? " on" : "";
    const stroke = `stroke:${colour.of(run)}`;
    if (run.curve.length > 1) svg.append(drawn("path", { class: `line${on}`, style: stroke, d: `M${d}` }));
    const [cx, cy] = d.slice(d.lastIndexOf("L") + 1).split(" ");
    if (on || run.curve.length === 1)
      svg.append(drawn("circle", { cx, cy, r: 3, style: `fill:${colour.of(run)}` }));
  }
  box.append(made("p", "key", view.label), svg, reading(svg, curves, x, y));
  if (colour.names.size > 1) box.append(key(colour.names));
  return box;
}

// What the nearest point under the pointer is; without a pointer, how to ask.
function reading(svg, curves, x, y) {
  const told = made("output", "", "Point at a curve for its values.");
  const mark = drawn("circle", { class: "mark", r: 5, visibility: "hidden" });
  svg.append(mark);
  svg.addEventListener("pointermove", (event) => {
    const frame = svg.getBoundingClientRect(), scale = SIDE.width / frame.width;
    const at = [(event.clientX - frame.left) * scale, (event.clientY - frame.top) * scale];
    let nearest = null;
    for (const run of curves)
      for (const point of run.curve) {
        const away = Math.hypot(x(point[0]) - at[0], y(point[1]) - at[1]);
        if (!nearest || away < nearest.away) nearest = { away, run, point };
      }
    const { run, point } = nearest;
    told.textContent = `${run.name}, epoch ${point[0]}: ${point[2]}${run.settings ? ` (${run.settings})` : ""}`;
    mark.setAttribute("cx", x(point[0]));
    mark.setAttribute("cy", y(point[1]));
    mark.setAttribute("visibility", "visible");
  });
  return told;
}

function key(names) {
  const list = made("p", "key");
  for (const [name, colour] of names) {
    const item = made("span"), swatch = made("i");
    swatch.style.borderColor = colour;
    item.append(swatch, name);
    list.append(item);
  }
  return list;
}
