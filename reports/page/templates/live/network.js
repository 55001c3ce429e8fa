// The network of the page: its weights, what each operation makes of an image, and why a unit has its value.

const read_json = (id) => JSON.parse(document.getElementById(id).textContent);

function bytes_of(base64) {
  const text = atob(base64), bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}

// float32, little end first, whatever the machine has.
function floats_of(base64) {
  const view = new DataView(bytes_of(base64).buffer);
  return Float32Array.from({ length: view.byteLength / 4 }, (_, k) => view.getFloat32(4 * k, true));
}

function load_network() {
  const { operations, ...facts } = read_json("network");
  const all = floats_of(document.getElementById("weights").textContent.trim());
  for (const operation of operations) {
    for (const [name, [first, count]] of Object.entries(operation.weights)) {
      operation.weights[name] = all.subarray(first, first + count);
    }
  }
  return { ...facts, operations };
}

// Returns {shape, values} of every operation; `pixels` are those of the image, 0..255.
function run(network, pixels) {
  const results = [];
  for (const operation of network.operations) {
    const inputs = operation.inputs.map((number) => results[number]);
    const values = operation.kind === "image" ? Float32Array.from(pixels) : kernels[operation.kind](operation, inputs);
    results.push({ shape: operation.shape, values });
  }
  return results;
}

const last = (list) => list[list.length - 1];

// A network that ends with a softmax of its own returns probabilities already.
function probabilities(network, results) {
  const scores = Array.from(last(results).values);
  return last(network.operations).numbers.activation === "softmax" ? scores : softmax(scores);
}

// The place of a unit in an operation's values.
const place_of = (shape, unit) => shape.length === 3 ? (unit[0] * shape[1] + unit[1]) * shape[2] + unit[2] : last(unit);

// And back: the unit at a place.
function unit_at(shape, place) {
  if (shape.length < 3) return [place];
  const pixel = Math.floor(place / shape[2]);
  return [Math.floor(pixel / shape[1]), pixel % shape[1], place % shape[2]];
}

// The part of an input that a box of an operation's positions is computed from: [top, left, bottom, right], all inside;
// null where the input has no positions.
function box_before(operation, box, shape) {
  if (shape.length !== 3) return null;
  const whole = [0, 0, shape[0] - 1, shape[1] - 1];
  if (!box || operation.shape.length !== 3) return whole;
  const { strides, dilation = [1, 1], size, before } = operation.numbers;
  const clip = (k, axis) => Math.min(Math.max(k, 0), shape[axis] - 1);
  switch (operation.kind) {
    case "conv": case "max_pooling": case "average_pooling":
      return box.map((k, n) => {
        const axis = n % 2, far = n > 1 ? (size[axis] - 1) * dilation[axis] : 0;
        return clip(k * strides[axis] - before[axis] + far, axis);
      });
    case "padding": return box.map((k, n) => clip(k - before[n % 2], n % 2));
    case "upsampling": return box.map((k, n) => Math.floor(k / size[n % 2]));
    case "global_max": case "global_average": case "reshape": return whole;
    default: return shape[0] === operation.shape[0] && shape[1] === operation.shape[1] ? box : whole;
  }
}

// The receptive field of a unit: for each operation that it depends on, the box of positions, by the operation's number.
function receptive_field(network, number, unit) {
  const shape = network.operations[number].shape;
  const boxes = new Map([[number, shape.length === 3 ? [unit[0], unit[1], unit[0], unit[1]] : null]]);
  for (let k = number; k > 0; k--) {
    if (!boxes.has(k)) continue;
    for (const input of network.operations[k].inputs) {
      const box = box_before(network.operations[k], boxes.get(k), network.operations[input].shape);
      const other = boxes.get(input);
      boxes.set(input, box && other ? box.map((value, n) => (n < 2 ? Math.min : Math.max)(value, other[n])) : box);
    }
  }
  return boxes;
}

// Why a unit has its value. Returns {value, sum, bias, parts}: for a convolution a part for each input channel,
// {channel, patch, kernel, products, sum}, of the window's places (null where padding is); for a dense layer one for
// each input, {input, value, weight, sum}; sorted by the size of their sums. Otherwise parts are null.
function explain(network, results, number, unit) {
  const operation = network.operations[number], result = results[number];
  const value = result.values[place_of(result.shape, unit)];
  const inputs = operation.inputs.map((input) => results[input]);
  const parts = operation.kind === "conv" ? channels_of(operation, inputs[0], unit)
    : operation.kind === "dense" ? inputs_of(operation, inputs[0], unit) : null;
  if (!parts) return { value, parts: null };
  const bias = operation.weights.bias ? operation.weights.bias[last(unit)] : 0;
  parts.sort((a, b) => Math.abs(b.sum) - Math.abs(a.sum));
  return { value, bias, parts, sum: parts.reduce((total, part) => total + part.sum, bias) };
}

function channels_of({ shape, numbers: o, weights: { kernel } }, input, [row, column, filter]) {
  const filters = shape[2], channels = input.shape[2], within = channels / o.groups;
  const group = Math.floor(filter / (filters / o.groups)), places = o.size[0] * o.size[1];
  return Array.from({ length: within }, (_, c) => {
    const weights = Array.from({ length: places }, (_, k) => kernel[(k * within + c) * filters + filter]);
    const patch = new Array(places).fill(null), channel = group * within + c;
    window_at(o, input.shape, row, column, (y, x, k) => {
      patch[k] = input.values[(y * input.shape[1] + x) * channels + channel];
    });
    const products = patch.map((pixel, k) => (pixel === null ? null : pixel * weights[k]));
    return { channel, patch, kernel: weights, products, sum: products.reduce((a, b) => a + (b ?? 0), 0) };
  });
}

function inputs_of({ shape, weights: { kernel } }, input, unit) {
  const units = last(shape), inputs = kernel.length / units;
  const first = (place_of(shape, unit) - last(unit)) / units * inputs;
  return Array.from({ length: inputs }, (_, k) => {
    const value = input.values[first + k], weight = kernel[k * units + last(unit)];
    return { input: first + k, value, weight, sum: value * weight };
  });
}

// The largest difference between the page's scores and those that Keras computed for the same images.
function largest_difference(network) {
  let largest = 0;
  for (const { pixels, scores } of network.checks) {
    const ours = last(run(network, bytes_of(pixels))).values;
    scores.forEach((score, k) => { largest = Math.max(largest, Math.abs(score - ours[k])); });
  }
  return largest;
}
