// The operations of a network, for one image. Values are Float32Arrays, rows of pixels with the channels last, as in
// Keras; sums are in double precision, so that they differ from Keras's by its rounding alone.
"use strict";

const sigmoid = (x) => 1 / (1 + Math.exp(-x));

// Abramowitz and Stegun 7.1.26 is too coarse: a series near 0, a continued fraction farther out, both to 1e-12.
function erf(x) {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = a, sum = a;
    for (let n = 1; Math.abs(term) > 1e-16 * sum; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * sum * 2 / Math.sqrt(Math.PI);
  }
  let fraction = 0;
  for (let n = 60; n > 0; n--) fraction = (n / 2) / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / Math.sqrt(Math.PI) / (a + fraction));
}

// Keras 3's definitions and defaults; `o` holds what a layer set otherwise.
const activations = {
  linear: (x) => x,
  relu: (x) => (x > 0 ? x : 0),
  relu6: (x) => Math.min(Math.max(x, 0), 6),
  leaky_relu: (x, o) => (x > 0 ? x : (o.negative_slope ?? 0.2) * x),
  elu: (x, o) => (x > 0 ? x : (o.alpha ?? 1) * Math.expm1(x)),
  selu: (x) => 1.05070098735548 * (x > 0 ? x : 1.67326324235438 * Math.expm1(x)),
  sigmoid,
  hard_sigmoid: (x) => Math.min(Math.max(x / 6 + 0.5, 0), 1),
  tanh: Math.tanh,
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  softsign: (x) => x / (1 + Math.abs(x)),
  silu: (x) => x * sigmoid(x),
  gelu: (x) => x * 0.5 * (1 + erf(x / Math.SQRT2)),
  exponential: Math.exp,
};

// Applies an activation to what stands in `values`; softmax over each group of `channels`.
function activate(values, o, channels) {
  if (!o.activation) return values;
  if (o.activation === "softmax") {
    for (let k = 0; k < values.length; k += channels) values.set(softmax(values.subarray(k, k + channels)), k);
    return values;
  }
  const f = activations[o.activation];
  for (let k = 0; k < values.length; k++) values[k] = f(values[k], o);
  return values;
}

function softmax(scores) {
  const largest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const powers = Array.from(scores, (score) => Math.exp(score - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

// The input pixels under the window of output (row, column): calls visit(y, x, place in the window) for those inside.
function window_at(o, [height, width], row, column, visit) {
  for (let i = 0; i < o.size[0]; i++) {
    const y = row * o.strides[0] - o.before[0] + i * o.dilation[0];
    if (y < 0 || y >= height) continue;
    for (let j = 0; j < o.size[1]; j++) {
      const x = column * o.strides[1] - o.before[1] + j * o.dilation[1];
      if (x >= 0 && x < width) visit(y, x, i * o.size[1] + j);
    }
  }
}

function conv(op, [input]) {
  const { shape: [rows, columns, filters], numbers: o } = op;
  const { kernel, bias } = op.weights;
  const [, width, channels] = input.shape;
  const within = channels / o.groups, of_group = filters / o.groups;
  const output = new Float32Array(rows * columns * filters), sums = new Float64Array(filters);
  for (let row = 0, place = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, place += filters) {
      if (bias) sums.set(bias); else sums.fill(0);
      window_at(o, input.shape, row, column, (y, x, k) => {
        const from = (y * width + x) * channels;
        for (let c = 0; c < channels; c++) {
          const value = input.values[from + c];
          if (value === 0) continue; // half of what follows a ReLU
          const group = (c / within) | 0, first = group * of_group, last = first + of_group;
          let weight = (k * within + c - group * within) * filters + first;
          for (let f = first; f < last; f++) sums[f] += value * kernel[weight++];
        }
      });
      output.set(sums, place);
    }
  }
  return activate(output, o, filters);
}

function dense(op, [input]) {
  const { kernel, bias } = op.weights, units = op.shape[op.shape.length - 1];
  const inputs = kernel.length / units, output = new Float32Array((input.values.length / inputs) * units);
  const sums = new Float64Array(units);
  for (let from = 0, to = 0; from < input.values.length; from += inputs, to += units) {
    if (bias) sums.set(bias); else sums.fill(0);
    for (let k = 0; k < inputs; k++) {
      const value = input.values[from + k];
      if (value === 0) continue;
      for (let unit = 0, weight = k * units; unit < units; unit++) sums[unit] += value * kernel[weight++];
    }
    output.set(sums, to);
  }
  return activate(output, op.numbers, units);
}

function pooling(op, [input], start, merge, finish) {
  const [rows, columns, channels] = op.shape, width = input.shape[1];
  const output = new Float32Array(rows * columns * channels), result = new Float64Array(channels);
  for (let row = 0, place = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, place += channels) {
      let pixels = 0;
      result.fill(start);
      window_at({ dilation: [1, 1], ...op.numbers }, input.shape, row, column, (y, x) => {
        const from = (y * width + x) * channels;
        for (let c = 0; c < channels; c++) result[c] = merge(result[c], input.values[from + c]);
        pixels++; // an average leaves out what padding adds
      });
      for (let c = 0; c < channels; c++) output[place + c] = finish(result[c], pixels);
    }
  }
  return output;
}

function over_positions(op, [input], start, merge, finish) {
  const channels = input.shape[input.shape.length - 1], result = new Float64Array(channels).fill(start);
  for (let k = 0; k < input.values.length; k++) result[k % channels] = merge(result[k % channels], input.values[k]);
  return Float32Array.from(result, (value) => finish(value, input.values.length / channels));
}

const plus = (a, b) => a + b, over = (sum, count) => sum / count, unchanged = (value) => value;
const merges = {
  add: plus, average: plus, subtract: (a, b) => a - b, multiply: (a, b) => a * b, maximum: Math.max, minimum: Math.min,
};

// Where an input holds one value a channel, it stands for all positions.
function merge(op, inputs) {
  const output = new Float32Array(op.shape.reduce((a, b) => a * b, 1)), f = merges[op.numbers.of];
  for (let k = 0; k < output.length; k++) {
    let result = inputs[0].values[k % inputs[0].values.length];
    for (let n = 1; n < inputs.length; n++) result = f(result, inputs[n].values[k % inputs[n].values.length]);
    output[k] = op.numbers.of === "average" ? result / inputs.length : result;
  }
  return output;
}

function concatenate(op, inputs) {
  const output = new Float32Array(op.shape.reduce((a, b) => a * b, 1)), total = op.shape[op.shape.length - 1];
  let first = 0;
  for (const { values, shape } of inputs) {
    const channels = shape[shape.length - 1];
    for (let k = 0; k < values.length; k++) output[Math.floor(k / channels) * total + first + (k % channels)] = values[k];
    first += channels;
  }
  return output;
}

// Where a coordinate outside comes from: "reflect" leaves the border out, "edge" repeats it; -1 is a zero.
function mirrored(k, size, mode) {
  if (k >= 0 && k < size) return k;
  if (mode === "zeros") return -1;
  return mode === "edge" ? Math.min(Math.max(k, 0), size - 1) : k < 0 ? -k : 2 * (size - 1) - k;
}

function moved(op, [input], source) {
  const [rows, columns, channels] = op.shape, output = new Float32Array(rows * columns * channels);
  for (let row = 0, place = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, place += channels) {
      const [y, x] = source(row, column);
      if (y < 0 || x < 0) continue;
      const from = (y * input.shape[1] + x) * channels;
      output.set(input.values.subarray(from, from + channels), place);
    }
  }
  return output;
}

const kernels = {
  conv,
  dense,
  merge,
  concatenate,
  max_pooling: (op, inputs) => pooling(op, inputs, -Infinity, Math.max, unchanged),
  average_pooling: (op, inputs) => pooling(op, inputs, 0, plus, over),
  global_max: (op, inputs) => over_positions(op, inputs, -Infinity, Math.max, unchanged),
  global_average: (op, inputs) => over_positions(op, inputs, 0, plus, over),
  reshape: (op, [input]) => input.values,
  activation: (op, [input]) => activate(Float32Array.from(input.values), op.numbers, op.shape[op.shape.length - 1]),
  affine: (op, [{ values }]) => {
    const { scale, offset } = op.weights, channels = scale.length;
    return Float32Array.from(values, (value, k) => value * scale[k % channels] + offset[k % channels]);
  },
  maxout: (op, [{ values }]) => {
    const { pieces } = op.numbers, output = new Float32Array(values.length / pieces).fill(-Infinity);
    for (let k = 0; k < values.length; k++) {
      const place = (k / pieces) | 0;
      output[place] = Math.max(output[place], values[k]);
    }
    return output;
  },
  padding: (op, inputs) =>
    moved(op, inputs, (row, column) =>
      [row, column].map((k, axis) => mirrored(k - op.numbers.before[axis], inputs[0].shape[axis], op.numbers.mode))),
  upsampling: (op, inputs) =>
    moved(op, inputs, (row, column) => [row, column].map((k, axis) => Math.floor(k / op.numbers.size[axis]))),
};
