// The panel about one unit: its value, the products that made it, what it sees of the image.

const SHOWN = 3; // input channels, or inputs of a dense layer times three

const written = (value) => value === null ? "·" : Math.abs(value) >= 100 ? value.toFixed(0)
  : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);

function element(tag, text = "", attributes = {}) {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
}

// A grid of numbers with the size of a window; the colours are those of the maps.
function grid(numbers, columns, caption) {
  const table = element("table", "", { class: "grid" }), range = range_of(numbers.map((value) => value ?? 0));
  table.append(element("caption", caption));
  for (let k = 0; k < numbers.length; k += columns) {
    const row = element("tr");
    for (const value of numbers.slice(k, k + columns)) {
      const cell = element("td", columns > 5 ? "" : written(value), { title: String(value ?? "outside: padding") });
      const [r, g, b] = colour(value ?? 0, range);
      cell.style.background = `rgb(${r} ${g} ${b})`;
      cell.style.color = r + g + b > 330 ? "#000" : "#fff";
      row.append(cell);
    }
    table.append(row);
  }
  return table;
}

const unit_name = (shape, unit) => shape.length === 3 && unit.length === 3
  ? `channel ${unit[2]}, row ${unit[0]}, column ${unit[1]}` : `unit ${last(unit)}`;

// Fills the panel. `names` are those of the classes, for the units of the last layer.
function show_unit(panel, network, results, number, unit) {
  const operation = network.operations[number], why = explain(network, results, number, unit);
  const is_output = number === network.operations.length - 1;
  const called = is_output ? `the score of “${network.class_names[last(unit)]}”` : unit_name(operation.shape, unit);
  panel.replaceChildren(element("h3", `${operation.name}: ${called}`));
  panel.append(element("p", `Value ${written(why.value)}. ${seen(network, number, unit)}`));
  if (why.parts) panel.append(...(operation.kind === "conv" ? of_channels : of_inputs)(network, results, number, why));
  else panel.append(element("p", OTHER_KINDS[operation.kind] ?? ""));
}

const OTHER_KINDS = {
  max_pooling: "The largest value under its window: only that one gets a gradient.",
  average_pooling: "The mean of the values under its window.",
  global_max: "The largest value of its channel.",
  global_average: "The mean of its channel.",
  affine: "Its input, times a number and plus a number of the channel.",
  reshape: "The same value, without its position.",
  activation: "A function of one value of the layer before.",
  maxout: "The largest of neighbouring channels.",
  merge: "Computed from the same place of several layers.",
  concatenate: "The same value, among the channels of several layers.",
  padding: "The same value, moved.",
  upsampling: "The same value, several times.",
  image: "A pixel, from 0 to 255.",
};

function seen(network, number, unit) {
  const box = receptive_field(network, number, unit).get(0);
  if (!box || number === 0) return "";
  const [height, width] = network.operations[0].shape, [rows, columns] = [box[2] - box[0] + 1, box[3] - box[1] + 1];
  return rows === height && columns === width ? "It sees the whole image."
    : `It sees ${rows} x ${columns} of the image's ${height} x ${width} pixels.`;
}

function of_channels(network, results, number, why) {
  const { numbers } = network.operations[number], columns = numbers.size[1], nodes = [];
  for (const part of why.parts.slice(0, SHOWN)) {
    const row = element("div", "", { class: "products" });
    row.append(grid(part.patch, columns, `input, channel ${part.channel}`), element("span", "×"),
      grid(part.kernel, columns, "kernel"), element("span", "="), grid(part.products, columns, `sum ${written(part.sum)}`));
    nodes.push(row);
  }
  const others = why.parts.slice(SHOWN);
  return [...nodes, total(why, others.length, "channels", others, numbers.activation)];
}

function of_inputs(network, results, number, why) {
  const source = network.operations[number].inputs[0], list = element("ul"), shown = 3 * SHOWN;
  for (const { input, value, weight, sum } of why.parts.slice(0, shown)) {
    const [map, unit] = origin(network, source, input);
    const item = element("li", `${written(value)} × ${written(weight)} = ${written(sum)}`);
    item.append(element("small", ` ${network.operations[map].name}, ${unit_name(network.operations[map].shape, unit)}`));
    list.append(item);
  }
  const others = why.parts.slice(shown);
  return [list, total(why, others.length, "inputs", others, network.operations[number].numbers.activation)];
}

// A flattened value by the position that it had in a map.
function origin(network, number, place) {
  while (network.operations[number].kind === "reshape") [number] = network.operations[number].inputs;
  return [number, unit_at(network.operations[number].shape, place)];
}

function total(why, count, what, others, activation) {
  const rest = others.reduce((sum, part) => sum + part.sum, 0);
  const text = (count ? `The other ${count} ${what}: ${written(rest)}. ` : "") + `Bias ${written(why.bias)}. ` +
    `Sum ${written(why.sum)}` + (activation ? `, after ${activation.replace("_", " ")} ${written(why.value)}.` : ".");
  return element("p", text);
}
