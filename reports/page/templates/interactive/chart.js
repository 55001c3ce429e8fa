// A drawing in the place of a figure: axes, a tip with the value under the pointer or at the keyboard's place, zoom,
// and a click that picks the run of a point. The figure itself stays on paper.
//
// `kind` says what is drawn: size(width) the height and the margins; ends() the axes' ends; draw(layer, x, y) the
// shapes; marks() what can be asked, as {x, y, text, run, group}; x and y each {label, log, integer}, y.names for rows.
const NEAR = 28; // pixels

function chart(figure, label, kind) {
  const tip = element("div", { class: "tip", hidden: "" });
  const said = element("p", { class: "said", "aria-live": "polite" });
  const picture = shape("svg", { "aria-hidden": "true" });
  const frame = element("div", {
    class: "live", tabindex: "0", role: "group",
    "aria-label": `${label}. Arrow keys go from value to value, Enter opens its run, plus and minus zoom, 0 resets.`,
  }, picture, tip, said);
  const self = { figure, frame, picture, tip, said, kind, zoomed: null, whole: false, place: -1 };
  const tools = element("div", { class: "tools" },
    button("+", `Zoom in: ${label}`, () => zoom(self, 0.5)),
    button("\u2212", `Zoom out: ${label}`, () => zoom(self, 2)),
    button("Reset", `Reset the zoom: ${label}`, () => reset(self)));
  if (kind.wholeEnds) {
    const all = button("Whole range", `Show the whole range: ${label}`, () => {
      Object.assign(self, { whole: !self.whole, zoomed: null });
      all.setAttribute("aria-pressed", self.whole);
      draw(self);
    });
    all.setAttribute("aria-pressed", "false");
    tools.append(all);
  }
  figure.append(tools, frame);
  figure.classList.add("is-live");
  listen(self);
  onChange(() => draw(self));
  new ResizeObserver(() => draw(self)).observe(frame);
  draw(self);
  return self;
}

function draw(self) {
  const width = self.frame.clientWidth;
  const ends = self.zoomed ?? (self.whole ? self.kind.wholeEnds() : self.kind.ends());
  self.picture.replaceChildren();
  hideTip(self);
  if (!width || !ends) return;
  const { height, left, right = 8, bottom = 36, top = 8 } = self.kind.size(width);
  self.picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  self.picture.setAttribute("height", height);
  const x = scale(ends.x, left, width - right, self.kind.x.log);
  const y = self.kind.y.names ? scale(ends.y, top, height - bottom) : scale(ends.y, height - bottom, top, self.kind.y.log);
  const id = `clip-${Math.random().toString(36).slice(2)}`;
  const clip = shape("clipPath", { id },
    shape("rect", { x: left, y: top - 4, width: Math.max(0, width - right - left), height: height - bottom - top + 5 }));
  const layer = shape("g", { "clip-path": `url(#${id})` });
  self.picture.append(clip, axes(self.kind, x, y, { width, height, left, right, bottom, top }), layer);
  self.kind.draw(layer, x, y);
  self.kind.beside?.(self.picture, x, y, { width, right });
  self.marks = self.kind.marks().filter((mark) => Number.isFinite(mark.x) && Number.isFinite(mark.y));
  Object.assign(self, { x, y, box: { left, right: width - right, top: 0, bottom: height - bottom } });
}

function axes(kind, x, y, { width, height, left, right, bottom, top }) {
  const group = shape("g", { class: "axes" });
  const floor = height - bottom;
  for (const tick of ticks(x, Math.max(2, (width - left - right) / 56), kind.x.integer)) {
    group.append(shape("line", { x1: x(tick), x2: x(tick), y1: top, y2: floor }),
      shape("text", { x: x(tick), y: floor + 14, "text-anchor": "middle" }, tickText(tick)));
  }
  group.append(shape("text", { x: (left + width - right) / 2, y: height - 4, "text-anchor": "middle" }, kind.x.label));
  if (kind.y.names) {
    kind.y.names().forEach((name, row) => group.append(shape("text", {
      x: left - 8, y: y(row) + 4, "text-anchor": "end", class: "name",
    }, shortened(name, left - 10))));
    return group;
  }
  for (const tick of ticks(y, Math.max(2, (floor - top) / 36))) {
    group.append(shape("line", { x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
      shape("text", { x: left - 6, y: y(tick) + 4, "text-anchor": "end" }, tickText(tick)));
  }
  group.append(shape("text", {
    transform: `translate(11 ${(top + floor) / 2}) rotate(-90)`, "text-anchor": "middle",
  }, kind.y.label));
  return group;
}

// -- names ------------------------------------------------------------------------------------------------------------

const pen = document.createElement("canvas").getContext("2d");

function widthOf(text) { // in pixels, in the type of names
  pen.font = `12px ${getComputedStyle(document.documentElement).getPropertyValue("--sans")}`;
  return pen.measureText(text).width;
}

// A name in so many pixels. What differs between names stands at their beginning or end, so the middle is left out; of
// a pair both names are kept as far as possible.
function shortened(name, room) {
  if (widthOf(name) <= room) return name;
  const between = " \u2212 ", sides = name.split(between);
  if (sides.length !== 2) return cut(name, room);
  const both = room - widthOf(between), widths = sides.map(widthOf), half = both / 2;
  return sides.map((side, k) => cut(side, Math.max(half, both - widths[1 - k]))).join(between);
}

function cut(name, room) {
  if (widthOf(name) <= room) return name;
  for (let kept = name.length - 1; kept > 1; kept--) {
    const end = Math.floor(0.4 * kept);
    const left = `${name.slice(0, kept - end)}\u2026${name.slice(name.length - end)}`;
    if (widthOf(left) <= room) return left;
  }
  return "\u2026";
}

// -- what is under the pointer ----------------------------------------------------------------------------------------

function nearest(self, at) {
  let found = -1, least = NEAR;
  (self.marks ?? []).forEach((mark, place) => {
    const [px, py] = placed(self, mark);
    if (!inBox(self, px, py)) return;
    const distance = Math.hypot(px - at.x, py - at.y);
    if (distance < least) [found, least] = [place, distance];
  });
  return found;
}

const placed = (self, mark) => [self.x(mark.x) + (mark.dx ?? 0), self.y(mark.y) + (mark.dy ?? 0)];
const inBox = ({ box }, x, y) => x >= box.left - 1 && x <= box.right + 1 && y >= box.top - 1 && y <= box.bottom + 1;

function showTip(self, place, aloud = false) {
  const mark = self.marks?.[place];
  if (!mark) return hideTip(self);
  const [px, py] = placed(self, mark);
  self.place = place;
  self.tip.textContent = mark.text;
  self.tip.hidden = false;
  const width = self.frame.clientWidth;
  self.tip.style.left = `${Math.max(0, Math.min(px + 12, width - self.tip.offsetWidth))}px`;
  self.tip.style.top = `${py > 60 ? py - self.tip.offsetHeight - 12 : py + 14}px`;
  self.picture.querySelector(".here")?.remove();
  self.picture.append(shape("circle", { class: "here", cx: px, cy: py, r: 7 }));
  self.frame.classList.toggle("leads", mark.run !== undefined);
  if (aloud) self.said.textContent = mark.text;
}

function hideTip(self) {
  self.tip.hidden = true;
  self.place = -1;
  self.picture.querySelector(".here")?.remove();
}

// -- zoom -------------------------------------------------------------------------------------------------------------

function zoom(self, factor, at) {
  if (!self.x) return;
  const { box } = self;
  const centre = at ?? { x: (box.left + box.right) / 2, y: (box.top + box.bottom) / 2 };
  const around = (from, to, middle) => [middle - (middle - from) * factor, middle + (to - middle) * factor];
  const [left, right] = around(box.left, box.right, centre.x);
  const [top, bottom] = around(box.top, box.bottom, centre.y);
  zoomTo(self, { left, right, top, bottom });
}

function zoomTo(self, { left, right, top, bottom }) {
  const rows = Boolean(self.kind.y.names);
  self.zoomed = {
    x: [self.x.value(left), self.x.value(right)],
    y: rows ? self.y.ends : [self.y.value(bottom), self.y.value(top)],
  };
  draw(self);
}

function reset(self) {
  self.zoomed = null;
  draw(self);
}

// -- pointer and keys -------------------------------------------------------------------------------------------------

function listen(self) {
  let start = null, drawn = null;
  const at = (event) => {
    const corner = self.picture.getBoundingClientRect();
    return { x: event.clientX - corner.left, y: event.clientY - corner.top };
  };
  self.picture.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button === 0) start = at(event);
  });
  self.picture.addEventListener("pointermove", (event) => {
    const here = at(event);
    if (start && Math.hypot(here.x - start.x, here.y - start.y) > 6) {
      drawn ??= self.picture.appendChild(shape("rect", { class: "chosen" }));
      self.picture.setPointerCapture(event.pointerId);
      for (const [key, value] of Object.entries(spanned(self, start, here))) drawn.setAttribute(key, value);
      return;
    }
    showTip(self, nearest(self, here));
  });
  self.picture.addEventListener("pointerup", (event) => {
    if (start && drawn) {
      const { x, y, width, height } = spanned(self, start, at(event));
      if (width > 6 && height > 6) zoomTo(self, { left: x, right: x + width, top: y, bottom: y + height });
    }
    drawn?.remove();
    const dragged = drawn !== null;
    start = drawn = null;
    if (!dragged) pick(self, nearest(self, at(event)));
  });
  self.picture.addEventListener("pointerleave", () => { if (!drawn) hideTip(self); });
  self.picture.addEventListener("dblclick", () => reset(self));
  self.frame.addEventListener("keydown", (event) => keyed(self, event));
  self.frame.addEventListener("blur", () => hideTip(self));
}

function spanned({ box, kind }, start, end) {
  const [left, right] = [start.x, end.x].sort((a, b) => a - b);
  const [top, bottom] = kind.y.names ? [box.top, box.bottom] : [start.y, end.y].sort((a, b) => a - b);
  return { x: left, y: top, width: right - left, height: bottom - top };
}

function pick(self, place) {
  const mark = self.marks?.[place];
  if (mark?.run === undefined) return;
  showTip(self, place);
  openRun(mark.run, self.frame);
}

function keyed(self, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || !self.marks) return;
  const last = self.marks.length - 1;
  const group = self.marks[self.place]?.group;
  const moves = {
    ArrowRight: () => showTip(self, Math.min(self.place + 1, last), true),
    ArrowLeft: () => showTip(self, Math.max(self.place - 1, 0), true),
    ArrowDown: () => showTip(self, Math.max(0, self.marks.findIndex((mark, k) => k > self.place && mark.group !== group)), true),
    ArrowUp: () => showTip(self, Math.max(0, self.marks.findIndex((mark) => mark.group === group) - 1), true),
    Enter: () => pick(self, self.place),
    " ": () => pick(self, self.place),
    "+": () => zoom(self, 0.5),
    "-": () => zoom(self, 2),
    0: () => reset(self),
  };
  if (!moves[event.key]) return;
  event.preventDefault();
  moves[event.key]();
}
