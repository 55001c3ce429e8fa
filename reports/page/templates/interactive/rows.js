// A row for each variant, or for each pair: a dot for every run, below it the mean and its 95 % interval.
const ROW = 36; // pixels

function rowsChart(figure, label, { axis, rows, margin = null }) {
  const known = (row) => [row.mean, row.low, row.high, ...row.dots.map((dot) => dot.x)];
  const xs = () => extent([...rows().flatMap(known), ...(margin ? [-margin, margin] : [])]);
  return chart(figure, label, {
    x: { label: axis },
    y: { names: () => rows().map((row) => row.name) },
    size: (width) => ({ height: 52 + ROW * Math.max(1, rows().length), left: namesWidth(rows(), width) }),
    ends: () => {
      const x = xs();
      return x && { x, y: [-0.55, rows().length - 0.45] };
    },
    draw: (layer, x, y) => {
      if (margin !== null) {
        layer.append(
          shape("rect", { class: "margin", x: x(-margin), width: x(margin) - x(-margin), y: y(-0.55), height: y(rows().length - 0.45) - y(-0.55) }),
          shape("line", { class: "zero", x1: x(0), x2: x(0), y1: y(-0.55), y2: y(rows().length - 0.45) }));
      }
      rows().forEach((row, k) => drawRow(layer, row, x, y(k)));
    },
    marks: () => rows().flatMap((row, k) => [
      ...row.dots.map((dot) => ({ x: dot.x, y: k, dy: dot.dy, text: dot.text, run: dot.run, group: k })),
      { x: row.mean, y: k, dy: 6, text: row.text, group: k },
    ]),
  });
}

function namesWidth(rows, width) {
  return Math.min(14 + Math.max(30, ...rows.map((row) => widthOf(row.name))), 0.4 * width);
}

function drawRow(layer, row, x, middle) {
  const stacked = new Map();
  for (const dot of row.dots) { // above each other where values are close, so that equal ones can be counted
    const cell = Math.round(x(dot.x) / 6);
    const level = stacked.get(cell) ?? 0;
    stacked.set(cell, level + 1);
    dot.dy = -5 - Math.min(5, 16 / Math.max(1, row.dots.length / 6)) * level;
    layer.append(shape("circle", {
      class: dot.run === asked.run ? "dot picked" : "dot", cx: x(dot.x), cy: middle + dot.dy,
      r: dot.run === asked.run ? 5.5 : 3.5, style: `fill:${row.colour}`,
    }));
  }
  if (row.mean === null) return;
  if (row.low !== null) {
    layer.append(shape("line", { x1: x(row.low), x2: x(row.high), y1: middle + 6, y2: middle + 6, style: `stroke:${row.colour};stroke-width:2.5` }));
  }
  layer.append(diamond(x(row.mean), middle + 6, row.colour));
}

const diamond = (x, y, colour) => shape("path", { class: "mean", d: `M${x} ${y - 5.5}l5.5 5.5l-5.5 5.5l-5.5-5.5z`, style: `fill:${colour}` });

function scoreRows() {
  return shownVariants().map((variant) => {
    const { name, score: [mean, low, high], text, interval, n } = data.variants[variant];
    return {
      name, mean, low, high, colour: colourOf(variant),
      text: `${name}: mean ${text}, 95 % interval ${interval}, ${n} ${data.replicate}${n === 1 ? "" : "s"}`,
      dots: completedRunsOf(variant).filter((run) => data.runs[run].score !== undefined)
        .map((run) => ({ x: data.runs[run].score, run, text: `${nameOfRun(run)}: ${factsOf(run)[0][1]}` })),
    };
  });
}

function differenceRows() {
  const shown = data.pairs.filter((pair) => isShown(pair.variant) && isShown(pair.against));
  const one = new Set(data.pairs.map((pair) => pair.against)).size === 1;
  return shown.map((pair) => {
    const name = data.variants[pair.variant].name, other = data.variants[pair.against].name;
    const [mean, low, high] = pair.difference;
    return {
      name: one ? name : `${name} \u2212 ${other}`, mean, low, high, colour: colourOf(pair.variant),
      text: `${name} to ${other}: ${pair.text}, 95 % interval ${pair.interval}; ${pair.word}`,
      dots: pair.seeds.map((seed, k) => ({
        x: pair.values[k],
        run: data.runs.findIndex((run) => run.variant === pair.variant && run.seed === seed),
        text: `${name} to ${other}, ${data.replicate} ${seed}: ${pair.texts[k]}`,
      })),
    };
  });
}
