// Arrays as pictures: a number in full, a vector as bars, a matrix as a heat map, images as tiles.
// An array arrives as {spec, text} and, if it has several elements, as {numbers} (a vector) or
// {matrix}, and perhaps {tiles, told}. Pixels are 0 to 253 from low to high, then NOT_FINITE, GAP.

const NEGATIVE = [33, 102, 204], POSITIVE = [204, 72, 22], BAD = [255, 0, 90];
const LEVELS = 253, NOT_FINITE = 254, GAP = 255;

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

const isDark = () => matchMedia("(prefers-color-scheme: dark)").matches;

// The colour of a number: the page's own at zero, blue below and red above, full at the largest size.
function heat(x, largest) {
  const zero = isDark() ? [22, 27, 34] : [255, 255, 255];
  const strength = largest ? Math.min(Math.abs(x) / largest, 1) : 0;
  const full = x < 0 ? NEGATIVE : POSITIVE;
  return full.map((c, i) => Math.round(zero[i] + (c - zero[i]) * strength));
}

function drawPixels({rows, columns, levels, low, high}) {
  const bytes = Uint8Array.from(atob(levels), (c) => c.charCodeAt(0));
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const gap = isDark() ? [48, 54, 61] : [208, 215, 222];
  const palette = Array.from({length: 256}, (_, level) => heat(low + level / LEVELS * (high - low), largest));
  palette[NOT_FINITE] = BAD;
  palette[GAP] = gap;
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  bytes.forEach((level, i) => image.data.set([...palette[level], 255], 4 * i));
  context.putImageData(image, 0, 0);
  return canvas;
}

// A matrix fills the panel: a flat one is drawn higher, and a tall one lower than it is.
function drawMatrix(matrix) {
  const canvas = drawPixels(matrix);
  const {rows, columns} = matrix;
  canvas.style.aspectRatio = `${columns} / ${Math.min(Math.max(rows, columns / 12), columns * 1.5)}`;
  return canvas;
}

function drawTiles(tiles) {
  const canvas = drawPixels(tiles);
  canvas.className = "is-image";
  canvas.style.width = `min(100%, ${Math.max(196, tiles.columns * 2)}px)`;
  return canvas;
}

function drawBars(numbers) {
  const canvas = document.createElement("canvas");
  const width = canvas.width = 680, height = canvas.height = 140;
  const context = canvas.getContext("2d");
  const finite = numbers.filter(Number.isFinite);
  const low = Math.min(0, ...finite), high = Math.max(0, ...finite);
  const y = (x) => height - 4 - (x - low) / (high - low || 1) * (height - 8);
  const step = width / numbers.length;
  const gap = step > 4 ? 1 : 0;
  numbers.forEach((x, i) => {
    const isFinite = Number.isFinite(x);
    context.fillStyle = `rgb(${isFinite ? (x < 0 ? NEGATIVE : POSITIVE) : BAD})`;
    const top = isFinite ? Math.min(y(x), y(0)) : 0;
    const size = isFinite ? Math.max(Math.abs(y(x) - y(0)), 1) : height;
    context.fillRect(i * step, top, Math.max(step - gap, 0.5), size);
  });
  context.fillStyle = getComputedStyle(document.body).color;
  context.fillRect(0, y(0), width, 1);
  return canvas;
}

// What the colours of an array mean: one scale for all of it, the same to both sides of zero.
function scaleOf({low, high}) {
  const scale = element("div", "", "scale");
  const largest = Math.max(Math.abs(low), Math.abs(high));
  const stops = [low < 0 ? -largest : 0, 0, high > 0 ? largest : 0];
  const bar = element("span", "", "bar");
  bar.style.background = `linear-gradient(to right, ${stops.map((x) => `rgb(${heat(x, largest)})`)})`;
  scale.append(stops[0].toPrecision(3), bar, stops[2].toPrecision(3));
  return scale;
}

function pictureOf(array, asImage) {
  if (array.tiles && (asImage || !(array.matrix || array.numbers))) {
    return [drawTiles(array.tiles), element("div", array.told, "note"), scaleOf(array.tiles)];
  }
  if (array.matrix) return [drawMatrix(array.matrix), scaleOf(array.matrix)];
  return array.numbers ? [drawBars(array.numbers.map(Number))] : [];
}

// A figure that tells an array, under a label such as "value" or "gradient".
function figureOf(label, array, asImage) {
  const figure = element("figure");
  const caption = element("figcaption");
  caption.append(element("b", label), ` ${array.spec}`);
  const drawn = pictureOf(array, asImage);
  figure.append(caption, ...drawn);
  for (const canvas of figure.querySelectorAll("canvas")) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${label}: ${array.text.join(", ")}`);
  }
  for (const line of array.text) {
    const isBad = /nan|inf/i.test(line);
    figure.append(element("div", line, (drawn.length ? "note" : "number") + (isBad ? " is-bad" : "")));
  }
  return figure;
}
