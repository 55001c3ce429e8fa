// Axes: from values to pixels and back, and the round numbers at which they have ticks.
function scale([low, high], from, to, log = false) {
  const of = log ? Math.log10 : (value) => value;
  const back = log ? (value) => 10 ** value : (value) => value;
  const [first, last] = [of(low), of(high)];
  const pixel = (value) => from + ((of(value) - first) / (last - first || 1)) * (to - from);
  pixel.value = (at) => back(first + ((at - from) / (to - from)) * (last - first));
  pixel.ends = [low, high];
  pixel.log = log;
  return pixel;
}

function ticks({ ends: [low, high], log }, most, integer = false) {
  if (log && high / low >= 3) {
    const decades = Math.log10(high / low);
    const steps = decades > most ? [1] : decades > most / 3 ? [1, 3] : [1, 2, 5];
    const found = [];
    for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++) {
      for (const step of steps) found.push(Number(`${step}e${power}`));
    }
    const every = decades > most ? Math.ceil(decades / most) : 1;
    return found.filter((tick, k) => tick >= low && tick <= high && k % every === 0);
  }
  const rough = (high - low) / most || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = power * ([1, 2, 5].find((each) => each * power >= rough) ?? 10);
  if (integer) step = Math.max(1, Math.round(step));
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) found.push(k * step);
  return found;
}

function tickText(value) {
  for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(4))}${letter}`;
  }
  return String(Number(value.toPrecision(5))).replace("-", "\u2212");
}

// The ends of an axis that holds these values, with some room; null where there are none.
function extent(values, { log = false, room = 0.05 } = {}) {
  const known = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (!known.length) return null;
  let low = known[0], high = known[0];
  for (const value of known) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (log) {
    const wider = Math.max((high / low) ** room, 1.02);
    return [low / wider, high * wider];
  }
  const more = (high - low) * room || Math.abs(high) * 0.02 || 1;
  return [low - more, high + more];
}
