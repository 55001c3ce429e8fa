// Test score against what a run costs: a small dot for each run, a diamond for the mean of each variant.
function costChart(figure, label, { axis, cost, written }) {
  const points = () => shownVariants().map((variant) => {
    const dots = completedRunsOf(variant).map((run) => ({ run, x: data.runs[run][cost], y: data.runs[run].score }))
      .filter((dot) => dot.x > 0 && Number.isFinite(dot.y));
    const mean = (key) => dots.reduce((sum, dot) => sum + dot[key], 0) / dots.length;
    return { variant, dots, x: mean("x"), y: mean("y") };
  }).filter((point) => point.dots.length);
  const all = points().map((point) => point.x);
  const log = Math.max(...all) / Math.min(...all) >= 5;
  const named = (point) => data.variants[point.variant].name;
  return chart(figure, label, {
    x: { label: axis, log },
    y: { label: data.metric.axis },
    size: (width) => ({ height: 300, left: 52, right: Math.min(0.28 * width, 24 + Math.max(30, ...points().map((point) => widthOf(named(point))))) }),
    ends: () => {
      const dots = points().flatMap((point) => point.dots);
      const x = extent(dots.map((dot) => dot.x), { log }), y = extent(dots.map((dot) => dot.y));
      return x && y && { x, y };
    },
    draw: (layer, x, y) => {
      for (const { variant, dots } of points()) {
        for (const dot of dots) {
          layer.append(shape("circle", {
            class: dot.run === asked.run ? "dot picked" : "dot", cx: x(dot.x), cy: y(dot.y),
            r: dot.run === asked.run ? 5.5 : 3, style: `fill:${colourOf(variant)}`,
          }));
        }
      }
      for (const point of points()) layer.append(diamond(x(point.x), y(point.y), colourOf(point.variant)));
    },
    beside: (picture, x, y, place) => namesBeside(picture, points().map((point) => ({ ...point, name: named(point) })), x, y, place),
    marks: () => points().flatMap((point) => [
      ...point.dots.map((dot) => ({ ...dot, group: point.variant, text: `${nameOfRun(dot.run)}: ${factsOf(dot.run)[0][1]}, ${factOf(dot.run, written)}` })),
      { x: point.x, y: point.y, group: point.variant, text: `${named(point)}: mean ${data.variants[point.variant].text}` },
    ]),
  });
}

const factOf = (run, what) => (factsOf(run).find(([name]) => name === what) ?? ["", ""])[1];

// Each name at the height of its mean, moved so that none overlap.
function namesBeside(picture, points, x, y, { width, right }) {
  const least = 13, [bottom, top] = [y(y.ends[0]), y(y.ends[1])];
  const placed = points.map((point) => ({ ...point, at: Math.min(Math.max(y(point.y), top), bottom) })).sort((a, b) => a.at - b.at);
  placed.forEach((point, k) => { if (k) point.at = Math.max(point.at, placed[k - 1].at + least); });
  for (let k = placed.length - 1, floor = bottom + 4; k >= 0; k--) {
    placed[k].at = Math.min(placed[k].at, floor);
    floor = placed[k].at - least;
  }
  if (placed.length && placed[0].at < top - least) return; // more names than the height has room for: the tips have them
  const left = width - right + 10;
  for (const point of placed) {
    picture.append(
      shape("line", { class: "lead", x1: Math.min(x(point.x) + 6, left - 4), y1: y(point.y), x2: left - 2, y2: point.at, style: `stroke:${colourOf(point.variant)}` }),
      shape("text", { class: "name", x: left, y: point.at + 4 }, shortened(point.name, right - 14)));
  }
}
