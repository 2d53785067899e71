// Arrays as pictures: a number in full, a vector as bars, a matrix as a heat map.
// An array arrives as {shape, size, text} and, if it has more than one entry, as {numbers}
// (a vector) or {rows, columns, levels} (a matrix, 0 to 254 from low to high, 255 not finite).

const NEGATIVE = [33, 102, 204], POSITIVE = [204, 72, 22], NOT_FINITE = [255, 0, 90];

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

// The colour of a number: from the page's own colour at zero to full colour at the largest size.
function heat(x, largest) {
  if (!Number.isFinite(x)) return NOT_FINITE;
  const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const zero = isDark ? [22, 27, 34] : [255, 255, 255];
  const strength = largest ? Math.min(Math.abs(x) / largest, 1) : 0;
  const full = x < 0 ? NEGATIVE : POSITIVE;
  return full.map((c, i) => Math.round(zero[i] + (c - zero[i]) * strength));
}

function drawHeatMap(rows, columns, numberAt, largest) {
  const canvas = document.createElement("canvas");
  canvas.width = columns;
  canvas.height = rows;
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let i = 0; i < rows * columns; i++) {
    const [red, green, blue] = heat(numberAt(i), largest);
    image.data.set([red, green, blue, 255], 4 * i);
  }
  context.putImageData(image, 0, 0);
  canvas.style.aspectRatio = `${columns} / ${Math.min(Math.max(rows, columns / 12), columns * 1.5)}`;
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
    context.fillStyle = `rgb(${isFinite ? (x < 0 ? NEGATIVE : POSITIVE) : NOT_FINITE})`;
    const top = isFinite ? Math.min(y(x), y(0)) : 0;
    const size = isFinite ? Math.max(Math.abs(y(x) - y(0)), 1) : height;
    context.fillRect(i * step, top, Math.max(step - gap, 0.5), size);
  });
  context.fillStyle = getComputedStyle(document.body).color;
  context.fillRect(0, y(0), width, 1);
  return canvas;
}

function drawMatrix({rows, columns, levels, low, high}) {
  const bytes = Uint8Array.from(atob(levels), (c) => c.charCodeAt(0));
  const numberAt = (i) => bytes[i] === 255 ? NaN : low + bytes[i] / 254 * (high - low);
  return drawHeatMap(rows, columns, numberAt, Math.max(Math.abs(low), Math.abs(high)));
}

function drawVector(numbers, asImage) {
  const side = Math.sqrt(numbers.length);
  if (!asImage || side % 1 || side < 3) return drawBars(numbers);
  const largest = Math.max(...numbers.filter(Number.isFinite).map(Math.abs), 0);
  const canvas = drawHeatMap(side, side, (i) => numbers[i], largest);
  canvas.className = "is-image";
  return canvas;
}

// A figure that tells an array, under a label such as "value" or "gradient".
function figureOf(label, array, asImage) {
  const figure = element("figure");
  const caption = element("figcaption");
  caption.append(element("b", label), ` ${array.spec}`);
  figure.append(caption);
  if (array.numbers) figure.append(drawVector(array.numbers.map(Number), asImage));
  else if (array.levels) figure.append(drawMatrix(array));
  for (const canvas of figure.querySelectorAll("canvas")) {
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${label}: ${array.text.join(", ")}`);
  }
  const isNumber = !array.numbers && !array.levels;
  for (const line of array.text) {
    const isBad = /nan|inf/i.test(line);
    figure.append(element("div", line, (isNumber ? "number" : "note") + (isBad ? " is-bad" : "")));
  }
  return figure;
}
