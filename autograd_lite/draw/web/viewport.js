// Pan and zoom, the small map, and the view for printing.

const MARGIN = 24;
const READABLE = 0.7;  // pixels to a unit at which a heading is at least 9 pixels high
let whole = {x: 0, y: 0, width: 1, height: 1};  // the picture
let sight = {x: 0, y: 0, scale: 1};  // the upper left corner of what is seen, and pixels to a unit
let size = canvas.getBoundingClientRect();  // of the window, in pixels

function show(next) {
  sight = next;
  const width = size.width / sight.scale, height = size.height / sight.scale;
  svg.setAttribute("viewBox", `${sight.x} ${sight.y} ${width} ${height}`);
  svg.classList.toggle("is-far", sight.scale < 0.3);
  drawSight(width, height);
}

// Zoom by a factor around a point of the window.
function zoom(factor, px = size.width / 2, py = size.height / 2) {
  const scale = Math.min(Math.max(sight.scale * factor, 0.02), 4);
  const shift = 1 / sight.scale - 1 / scale;
  show({x: sight.x + px * shift, y: sight.y + py * shift, scale});
}

const fittingScale = () => Math.min(size.width / whole.width, size.height / whole.height);

function showWhole() {
  const scale = Math.min(fittingScale(), 1.5);
  const left = (size.width / scale - whole.width) / 2, top = (size.height / scale - whole.height) / 2;
  show({x: whole.x - left, y: whole.y - top, scale});
}

// At the beginning: all of it where that is readable, else as large as it has to be.
function showStart(key) {
  showWhole();
  if (sight.scale >= READABLE) return;
  zoom(READABLE / sight.scale);
  centre(places.get(key));
}

function centre({x, y, width, height}) {
  const w = size.width / sight.scale, h = size.height / sight.scale;
  show({
    x: within(x + width / 2 - w / 2, whole.x, whole.x + whole.width - w),
    y: within(y + height / 2 - h / 2, whole.y, whole.y + whole.height - h),
    scale: sight.scale,
  });
}

// The number, moved between two others; their middle if there is no room.
function within(x, low, high) {
  return low > high ? (low + high) / 2 : Math.min(Math.max(x, low), high);
}

// Move the sight so that a box of the picture is inside of it, or its beginning if it is too large.
function bringIntoSight(box) {
  const w = size.width / sight.scale, h = size.height / sight.scale;
  const isInside = box.x > sight.x && box.x + box.width < sight.x + w &&
    box.y > sight.y && box.y + box.height < sight.y + h;
  if (isInside) return;
  const {x, y} = beginning(box);
  if (box.width <= w && box.height <= h) centre(box);
  else if (isRight) show({...sight, x: x - 20, y: y - h / 2});
  else show({...sight, x: x - w / 2, y: y - 20});
}

// Where a box begins on the screen: the middle of its upper side, or of its left one.
function placeOnScreen(key) {
  const {x, y} = beginning(places.get(key));
  return {x: (x - sight.x) * sight.scale, y: (y - sight.y) * sight.scale};
}

function keepOnScreen(key, before) {
  const {x, y} = beginning(places.get(key));
  show({...sight, x: x - before.x / sight.scale, y: y - before.y / sight.scale});
}

function beginning({x, y, width, height}) {
  return isRight ? {x, y: y + height / 2} : {x: x + width / 2, y};
}

// The small map: every box, and a frame around what is seen.
const minimap = document.getElementById("minimap");
function drawMinimap() {
  minimap.setAttribute("viewBox", `${whole.x} ${whole.y} ${whole.width} ${whole.height}`);
  const rectangle = ({x, y, width, height}) => `M${x} ${y}h${width}v${height}h${-width}z`;
  const shown = [...boxes.keys()].map((key) => rectangle(places.get(key)));
  minimap.querySelector("path").setAttribute("d", shown.join(""));
}

function drawSight(width, height) {
  const frame = minimap.querySelector("rect");
  for (const [name, value] of Object.entries({x: sight.x, y: sight.y, width, height})) frame.setAttribute(name, value);
  minimap.classList.toggle("is-idle", width >= whole.width && height >= whole.height);
}

function moveByMap(event) {
  if (!event.buttons) return;
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(minimap.getScreenCTM().inverse());
  centre({x: point.x, y: point.y, width: 0, height: 0});
}
minimap.addEventListener("pointerdown", moveByMap);
minimap.addEventListener("pointermove", moveByMap);

const fingers = new Map();  // the pointers that are down, by their numbers
let moved = false;
canvas.addEventListener("pointerdown", (event) => {
  if (event.target.closest("button, details, #minimap") || event.button) return;
  if (!fingers.size) moved = false;
  fingers.set(event.pointerId, {x: event.clientX, y: event.clientY});
});
addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  const dx = event.clientX - before.x, dy = event.clientY - before.y;
  if (!moved && Math.hypot(dx, dy) < 4) return;
  moved = true;
  canvas.classList.add("is-dragged");
  if (fingers.size === 2) pinch(event);
  else show({...sight, x: sight.x - dx / sight.scale, y: sight.y - dy / sight.scale});
  fingers.set(event.pointerId, {x: event.clientX, y: event.clientY});
});
// Two fingers: the one that moves zooms around the other.
function pinch(event) {
  const [other] = [...fingers].filter(([id]) => id !== event.pointerId).map(([, at]) => at);
  const before = fingers.get(event.pointerId);
  const distance = (p) => Math.hypot(p.x - other.x, p.y - other.y) || 1;
  zoom(distance({x: event.clientX, y: event.clientY}) / distance(before), other.x - size.x, other.y - size.y);
}
for (const name of ["pointerup", "pointercancel"]) addEventListener(name, (event) => {
  const wasDown = fingers.delete(event.pointerId);
  canvas.classList.remove("is-dragged");
  const hit = wasDown && !moved && name === "pointerup" && event.target.closest("g[data-key]");
  if (hit) activate(hit.dataset.key);
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), event.clientX - size.x, event.clientY - size.y);
}, {passive: false});
new ResizeObserver(() => {
  size = canvas.getBoundingClientRect();
  show(sight);
}).observe(canvas);

// On paper there is all of it.
addEventListener("beforeprint", () => {
  svg.setAttribute("viewBox", `${whole.x} ${whole.y} ${whole.width} ${whole.height}`);
  svg.classList.remove("is-far");
});
addEventListener("afterprint", () => show(sight));
