// Learning curves: the mean over a variant's completed runs, validation solid with a band of one standard deviation,
// training dashed; single runs thin, the picked one bold. The axis holds what comes after the first quarter of the epochs.
function curvesChart(figure, label, column, only = null) {
  const series = () => only === null ? shownSeries(column) : seriesOfRun(column, only());
  const ends = (from) => {
    const lines = series();
    const x = extent(lines.flatMap((line) => line.epochs), { room: 0.02 });
    const late = lines.flatMap((line) => line.values.filter((_, k) => line.epochs[k] > from * line.epochs.at(-1)));
    const y = extent(late, { log: column.log });
    return x && y && { x, y };
  };
  return chart(figure, label, {
    x: { label: "epoch", integer: true },
    y: { label: column.label, log: column.log && logarithmic(column) },
    size: () => ({ height: only === null ? 320 : 190, left: 56 }),
    ends: () => ends(0.25),
    wholeEnds: () => ends(0),
    draw: (layer, x, y) => series().forEach((line) => drawLine(layer, line, x, y)),
    marks: () => series().flatMap((line, group) => line.silent ? [] : line.epochs.map((epoch, k) => ({
      x: epoch, y: line.values[k], group, run: line.run ?? closest(column, line, k), text: line.text(k),
    }))),
  });
}

function logarithmic(column) {
  const ends = extent([...column.validation, ...column.training].flatMap((values) => values ?? []), { log: true, room: 0 });
  return ends !== null && ends[1] / ends[0] >= 10;
}

const written = (column, value) => value === null || value === undefined || !Number.isFinite(value) ? "\u2013"
  : column.digits === null ? tidy(value) : `${value.toFixed(column.digits)}${column.unit}`;
const tidy = (value) => String(Number(value.toPrecision(4)));

// The epoch, from 1, of each value that the page has of a run: each step-th one, and the last.
function epochsOf(column, run, count) {
  return Array.from({ length: count }, (_, k) => Math.min(k * column.step + 1, data.runs[run].trained));
}

function shownSeries(column) {
  const lines = [];
  const kept = column.validation.some((values) => values) ? column.validation : column.training;
  for (const variant of shownVariants()) {
    const apart = kept === column.training || asked.single;
    if (kept !== column.training) lines.push(...meanLines(column, variant));
    for (const run of runsOf(variant)) {
      const unfinished = data.runs[run].status !== "completed";
      if (kept[run] && (apart || unfinished || run === asked.run)) lines.push(runLine(column, run, kept[run], asked.run === run));
    }
  }
  return lines;
}

function seriesOfRun(column, run) {
  const lines = [];
  const kept = column.validation[run] ? column.validation : column.training;
  if (kept === column.validation) lines.push(...meanLines(column, data.runs[run].variant).map((line) => ({ ...line, colour: "var(--grey)", band: null, silent: true })));
  if (kept[run]) lines.push(runLine(column, run, kept[run], true));
  if (kept === column.validation && column.training[run]) {
    lines.push({ ...runLine(column, run, column.training[run], false), dashed: true, silent: true });
  }
  return lines;
}

function runLine(column, run, values, bold) {
  const epochs = epochsOf(column, run, values.length);
  const said = column.training[run] && values !== column.training[run];
  return {
    epochs, values, run, bold, thin: !bold, colour: colourOf(data.runs[run].variant),
    text: (k) => `${nameOfRun(run)}, epoch ${epochs[k]}: ${written(column, values[k])}`
      + (said ? ` validation, ${written(column, column.training[run][k])} training` : ""),
  };
}

function meanLines(column, variant) {
  const runs = completedRunsOf(variant);
  const validation = meanOf(column, runs, column.validation);
  if (!validation) return [];
  const training = meanOf(column, runs, column.training);
  const name = data.variants[variant].name, colour = colourOf(variant);
  const beside = training ? (k) => `, ${written(column, training.values[k])} training` : () => "";
  const line = {
    ...validation, variant, colour, band: validation.runs.length > 1,
    text: (k) => `${name}, epoch ${validation.epochs[k]}: ${written(column, validation.values[k])} validation`
      + `${beside(k)} (mean of ${validation.runs.length})`,
  };
  return training ? [{ ...training, colour, dashed: true, silent: true }, line] : [line];
}

// Mean and standard deviation up to the epoch that all these runs reached.
function meanOf(column, runs, kept) {
  const known = runs.filter((run) => kept[run]);
  if (!known.length) return null;
  const trained = Math.min(...known.map((run) => data.runs[run].trained));
  const count = known.every((run) => data.runs[run].trained === trained)
    ? Math.min(...known.map((run) => kept[run].length)) : Math.floor((trained - 1) / column.step) + 1;
  const epochs = epochsOf(column, known[0], count);
  const values = [], spread = [];
  for (let k = 0; k < count; k++) {
    const at = known.map((run) => kept[run][k] ?? NaN);
    const mean = at.reduce((sum, value) => sum + value, 0) / at.length;
    values.push(mean);
    spread.push(at.length > 1 ? Math.sqrt(at.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (at.length - 1)) : 0);
  }
  return { epochs, values, spread, runs: known };
}

// The run whose curve is nearest to the mean there: a click on a mean has to lead to one.
function closest(column, line, k) {
  const off = (run) => Math.abs((column.validation[run][k] ?? Infinity) - line.values[k]);
  return line.runs?.reduce((best, run) => (off(run) < off(best) ? run : best));
}

function drawLine(layer, line, x, y) {
  const at = (value) => y(y.log ? Math.max(value, y.ends[0] / 1e6) : value);
  const path = (values) => {
    let open = false;
    return values.map((value, k) => {
      const known = Number.isFinite(value) && value !== null;
      const step = known ? `${open ? "L" : "M"}${x(line.epochs[k]).toFixed(1)} ${at(value).toFixed(1)}` : "";
      open = known;
      return step;
    }).join("");
  };
  if (line.band) {
    const upper = path(line.values.map((value, k) => value + line.spread[k]));
    const lower = line.values.map((value, k) => `L${x(line.epochs[k]).toFixed(1)} ${at(value - line.spread[k]).toFixed(1)}`).reverse().join("");
    if (line.values.every(Number.isFinite)) layer.append(shape("path", { d: `${upper}${lower}Z`, class: "band", style: `fill:${line.colour}` }));
  }
  const width = line.bold ? 2.6 : line.thin ? 0.7 : line.dashed ? 1 : 1.7;
  layer.append(shape("path", {
    d: path(line.values), style: `fill:none;stroke:${line.colour};stroke-width:${width}${line.dashed ? ";stroke-dasharray:4 3" : ""}`,
  }));
  if (line.values.length === 1 && Number.isFinite(line.values[0])) { // the line of a single epoch is invisible
    layer.append(shape("circle", { cx: x(line.epochs[0]), cy: at(line.values[0]), r: 3, style: `fill:${line.colour}` }));
  }
}
