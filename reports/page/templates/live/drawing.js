// What is drawn, dropped or chosen, as the pixels that the network gets: 0..255, rows of pixels, channels last.

// Averages an image's areas onto a grid of height x width. `image` is {width, height, values(x, y, channel)}; the grid
// shows its part from (left, top), `scale` of its pixels a grid pixel; outside it is 0.
function resampled(image, [height, width, channels], scale = [image.height / height, image.width / width], corner = [0, 0]) {
  const result = new Float32Array(height * width * channels);
  const spans = (k, axis, size) => { // [pixel, share] of the image's pixels under grid pixel k
    const from = corner[axis] + k * scale[axis], to = from + scale[axis], pixels = [];
    for (let p = Math.max(0, Math.floor(from)); p < Math.min(size, to); p++) {
      pixels.push([p, (Math.min(p + 1, to) - Math.max(p, from)) / scale[axis]]);
    }
    return pixels;
  };
  const columns = Array.from({ length: width }, (_, x) => spans(x, 1, image.width));
  for (let y = 0; y < height; y++) {
    for (const [row, row_share] of spans(y, 0, image.height)) {
      for (let x = 0; x < width; x++) {
        for (const [column, share] of columns[x]) {
          for (let c = 0; c < channels; c++) {
            result[(y * width + x) * channels + c] += row_share * share * image.value(column, row, c);
          }
        }
      }
    }
  }
  return result.map(Math.round);
}

function ink_of(image) {
  const ink = { top: Infinity, left: Infinity, bottom: -1, right: -1, mass: 0, y: 0, x: 0 };
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const value = image.value(x, y, 0);
      if (value < 20) continue; // a scan's black is not quite black
      ink.top = Math.min(ink.top, y); ink.bottom = y;
      ink.left = Math.min(ink.left, x); ink.right = Math.max(ink.right, x);
      ink.mass += value; ink.y += value * (y + 0.5); ink.x += value * (x + 0.5);
    }
  }
  return ink;
}

// MNIST's digits were scaled to a box of 20 pixels, their sides' ratio kept, and laid with their centre of mass in the
// middle of 28 (LeCun et al. 1998). Scikit-learn's fill their 8 pixels. "none" takes the whole sheet as it is.
const FITS = { mnist: { box: 20 / 28, by_mass: true }, digits: { box: 1, by_mass: false } };

function fitted(image, shape, fit) {
  const ink = FITS[fit] && ink_of(image);
  if (!ink || ink.bottom < 0) return { pixels: resampled(image, shape), said: "" };
  const { box, by_mass } = FITS[fit];
  const longer = Math.max(ink.bottom - ink.top, ink.right - ink.left) + 1;
  const scale = longer / (box * Math.min(shape[0], shape[1]));
  const middle = by_mass ? [ink.y / ink.mass, ink.x / ink.mass] : [(ink.top + ink.bottom + 1) / 2, (ink.left + ink.right + 1) / 2];
  const corner = [0, 1].map((axis) => middle[axis] - (shape[axis] / 2) * scale);
  const pixels = resampled(image, shape, [scale, scale], corner);
  const sheet = Math.max(image.height, image.width) / Math.max(shape[0], shape[1]);
  const by = corner.map((k, axis) => Math.round((shape[axis] / 2 - middle[axis] / sheet)));
  const moves = [[by[1], "right", "left"], [by[0], "down", "up"]].filter(([k]) => k)
    .map(([k, forth, back]) => `${Math.abs(k)} px ${k > 0 ? forth : back}`);
  const what = by_mass ? "centre of mass" : "middle";
  return {
    pixels,
    said: `scaled by ${(sheet / scale).toFixed(2)} to ${Math.round(longer / scale)} px` +
      (moves.length ? `, its ${what} moved ${moves.join(" and ")}` : `, its ${what} where it was`),
  };
}

// The pixels of a canvas on black; one channel is their luminance, as Pillow computes it.
function image_of(canvas, inverted) {
  const { width, height } = canvas, { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const flip = inverted ? (value) => 255 - value : (value) => value;
  const grey = (k) => 0.299 * data[k] + 0.587 * data[k + 1] + 0.114 * data[k + 2];
  return {
    width,
    height,
    value: (x, y, channel) => {
      const k = 4 * (y * width + x);
      return flip(canvas.dataset.channels === "1" ? grey(k) : data[k + channel]);
    },
  };
}

// Makes a canvas a sheet that one draws on with a pen, finger or mouse; calls changed() as soon as there is something new.
function sheet(canvas, pen, changed) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let before = null;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * canvas.width, (event.clientY - box.top) / box.height * canvas.height];
  };
  const stroke = (to) => {
    context.strokeStyle = pen().colour;
    context.lineWidth = pen().width * canvas.width;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...before);
    context.lineTo(...to);
    context.stroke();
    before = to;
    changed();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    before = place(event);
    stroke(before);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => before && stroke(place(event)));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { before = null; });
  return {
    clear() {
      context.fillStyle = "#000";
      context.fillRect(0, 0, canvas.width, canvas.height);
    },
    show(picture) {
      context.imageSmoothingEnabled = picture.width > canvas.width; // few pixels stay the squares that they are
      context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    },
  };
}
