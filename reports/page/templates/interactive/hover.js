// The value under the pointer in figures that were drawn beforehand: their points and curves are in the SVG, their axes
// in its data-axes.
const REACH = 14; // points of the drawing

for (const picture of document.querySelectorAll("figure svg[data-axes]")) {
  const { axes, series } = JSON.parse(picture.dataset.axes);
  const tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  let places = null;

  picture.addEventListener("pointermove", (event) => {
    places ??= placesIn(picture, axes);
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(picture.getScreenCTM().inverse());
    const near = places.reduce((best, place) => {
      const distance = Math.hypot(place.x - at.x, place.y - at.y);
      return distance < best.distance ? { place, distance } : best;
    }, { distance: REACH });
    tip.hidden = !near.place;
    if (near.place) showAt(near.place);
  });
  picture.addEventListener("pointerleave", () => { tip.hidden = true; });

  const showAt = (place) => {
    if (!tip.parentNode) picture.parentNode.append(tip);
    picture.parentNode.style.position = "relative";
    tip.textContent = textOf(place, axes[place.axes], series);
    const point = new DOMPoint(place.x, place.y).matrixTransform(picture.getScreenCTM());
    const corner = picture.parentNode.getBoundingClientRect();
    tip.style.left = `${Math.max(0, Math.min(point.x - corner.left + 12, corner.width - tip.offsetWidth))}px`;
    tip.style.top = `${point.y - corner.top - tip.offsetHeight - 10}px`;
  };
}

// Where values are drawn: the corners of lines and the places of markers, without grids, ticks and frames.
function placesIn(picture, axes) {
  const found = [];
  const add = (x, y, element) => {
    const which = axes.findIndex(({ box: [left, top, right, bottom] }) => x >= left - 0.5 && x <= right + 0.5 && y >= top - 0.5 && y <= bottom + 0.5);
    if (which >= 0) found.push({ x, y, axes: which, series: element.closest("[data-series]")?.dataset.series });
  };
  for (const marker of picture.querySelectorAll("use")) {
    if (!marker.closest("[data-axis]")) add(Number(marker.getAttribute("x")), Number(marker.getAttribute("y")), marker);
  }
  for (const path of picture.querySelectorAll("path[clip-path]")) {
    if (path.closest("[data-axis], defs")) continue;
    const corners = [...path.getAttribute("d").matchAll(/[ML]?\s*(-?[\d.]+) (-?[\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
    const across = corners.length === 2 && axes.some(({ box: [left, top, right, bottom] }) =>
      corners.every(([x]) => Math.abs(x - left) < 1 || Math.abs(x - right) < 1) || corners.every(([, y]) => Math.abs(y - top) < 1 || Math.abs(y - bottom) < 1));
    if (!across) for (const [x, y] of corners) add(x, y, path);
  }
  return found;
}

function textOf({ x, y, series: which }, { box: [left, top, right, bottom], title, x: across, y: up }, series) {
  const value = ({ ends: [low, high], log }, share) => log ? low * (high / low) ** share : low + share * (high - low);
  const told = (axis, share) => {
    const at = value(axis, share);
    const name = axis.names?.find(([place]) => Math.abs(place - at) < 0.5);
    if (axis.names) return name ? name[1] : "";
    const finest = Math.abs(axis.ends[1] - axis.ends[0]) / 1000;
    const digits = axis.log ? 3 : Math.max(1, Math.ceil(Math.log10(Math.abs(at) / finest || 1)));
    const text = String(Number(at.toPrecision(Math.min(digits, 6)))).replace("-", "\u2212");
    const [, what, unit] = axis.label.match(/^(.*), ([^,]{1,8})$/) ?? [null, axis.label, ""];
    return [what, text, unit].filter(Boolean).join(" ");
  };
  const parts = [told(across, (x - left) / (right - left)), told(up, (bottom - y) / (bottom - top))];
  const name = which !== undefined ? series[which] : title;
  return [name, ...parts].filter(Boolean).join(", ");
}
