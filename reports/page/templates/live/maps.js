// Each operation's output as pictures: all channels of a map side by side, units without positions as cells.

const GAP = 1; // pixels between channels, before they are enlarged

function extremes(values) {
  let least = Infinity, most = -Infinity;
  for (const value of values) {
    if (value > most) most = value;
    if (value < least) least = value;
  }
  return [least, most];
}

// Maps are drawn between their layer's own extremes; where there are negative values 0 is the middle.
function range_of(values) {
  const [least, most] = extremes(values);
  return least < 0 ? [-Math.max(most, -least), Math.max(most, -least)] : [0, Math.max(most, 0)];
}

// From blue over the middle to orange where there are both signs, else from dark to light.
function colour(value, [least, most]) {
  if (!(most > least)) return [0, 0, 0];
  if (least === 0) {
    const grey = Math.max(0, Math.min(255, 255 * value / most));
    return [grey, grey, grey];
  }
  const share = Math.max(-1, Math.min(1, value / most)), rest = 1 - Math.abs(share);
  return share < 0 ? [20 * rest, 20 * rest + 114 * -share, 20 * rest + 210 * -share]
    : [20 * rest + 233 * share, 20 * rest + 120 * share, 20 * rest];
}

// How many channels stand side by side, so that the whole is wide rather than high.
function across(shape) {
  if (shape.length < 3) return Math.min(shape[0], 64);
  const [height, width, channels] = shape;
  return Math.max(1, Math.min(channels, Math.ceil(Math.sqrt(channels * 2.4 * (height + GAP) / (width + GAP)))));
}

// A view of one operation: a canvas, the unit under a point of it, and the marks over it.
function layer_view(canvas, operation) {
  const shape = operation.shape, maps = shape.length === 3;
  const [height, width, count] = maps ? shape : [1, 1, shape[0]];
  // three channels of an image are its colours
  const coloured = operation.kind === "image" && count === 3, channels = coloured ? 1 : count;
  const columns = coloured ? 1 : across(maps ? shape : [count]), rows = Math.ceil(channels / columns);
  const gap = maps ? GAP : 0;
  canvas.width = columns * (width + gap) - gap;
  canvas.height = rows * (height + gap) - gap;
  const context = canvas.getContext("2d");
  const corner = (channel) => [Math.floor(channel / columns) * (height + gap), (channel % columns) * (width + gap)];
  const zoom = maps ? Math.max(1, Math.min(operation.kind === "image" ? 200 / width : 6, 1000 / canvas.width)) : 12;
  canvas.style.width = `${canvas.width * zoom}px`;

  return {
    draw({ values }) {
      const picture = context.createImageData(canvas.width, canvas.height);
      const range = operation.kind === "image" ? [0, 255] : range_of(values);
      for (let channel = 0; channel < channels; channel++) {
        const [top, left] = corner(channel);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const from = (y * width + x) * count + channel;
            const rgb = coloured ? values.subarray(from, from + 3) : colour(values[from], range);
            picture.data.set([...rgb, 255], 4 * ((top + y) * canvas.width + left + x));
          }
        }
      }
      context.putImageData(picture, 0, 0);
    },
    // The unit under a point of the window; null between the channels.
    unit(event) {
      const box = canvas.getBoundingClientRect();
      const x = Math.floor((event.clientX - box.left) / box.width * canvas.width);
      const y = Math.floor((event.clientY - box.top) / box.height * canvas.height);
      const channel = Math.floor(y / (height + gap)) * columns + Math.floor(x / (width + gap));
      const [row, column] = [y % (height + gap), x % (width + gap)];
      if (x < 0 || y < 0 || channel >= channels || row >= height || column >= width) return null;
      return maps ? [row, column, channel] : [channel];
    },
    // Where a box of positions of a channel lies on the canvas, in shares of its sides, for a mark over it.
    box([top, left, bottom, right], channel) {
      const [y, x] = corner(coloured ? 0 : channel);
      return [(y + top) / canvas.height, (x + left) / canvas.width,
        (bottom - top + 1) / canvas.height, (right - left + 1) / canvas.width];
    },
    channels,
    shape: maps ? [height, width, channels] : [channels],
  };
}
