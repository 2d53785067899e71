// Large graphs stay quick: only what is in sight is in the document, and from afar no text is.

const FAR = 4;  // units of the picture to a pixel, where text is a smudge
const edgeLayer = document.createElementNS(SVG, "g");
const boxLayer = document.createElementNS(SVG, "g");
let waiting = false;
let shown = "";  // what is in the layers now

function overlaps(a, b) {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function around(a, b) {
  const x = Math.min(a.x, b.x), y = Math.min(a.y, b.y);
  const right = Math.max(a.x + a.width, b.x + b.width), bottom = Math.max(a.y + a.height, b.y + b.height);
  return {x, y, width: right - x, height: bottom - y};
}

function showSeen() {
  waiting = false;
  const seen = shownSight();
  svg.classList.toggle("is-far", unitsPerPixel() > FAR);
  const seenBoxes = boxes.filter((_, i) => overlaps(places[i], seen));
  const seenEdges = edges.filter(({from, to}) => overlaps(around(places[from], places[to]), seen));
  const edgeKeys = seenEdges.map(({group}) => group.dataset.edge);
  const wanted = [...seenBoxes.map((box) => box.dataset.key), ...edgeKeys].join();
  if (wanted === shown) return;
  shown = wanted;
  boxLayer.replaceChildren(...seenBoxes);
  edgeLayer.replaceChildren(...seenEdges.map(({group}) => group));
}

function showSeenSoon() {
  if (!waiting) requestAnimationFrame(showSeen);
  waiting = true;
}

for (const group of [...boxes, ...edges.map((edge) => edge.group)]) group.remove();
foldLayer.before(edgeLayer, boxLayer);
svg.append(stage);
canvas.addEventListener("sight", showSeenSoon);
