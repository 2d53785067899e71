// Pan and zoom: the picture stands on a stage that is moved and scaled behind the window.

const SVG = "http://www.w3.org/2000/svg";
const canvas = document.getElementById("canvas");
const svg = canvas.querySelector("svg");
const {x, y, width, height} = svg.viewBox.baseVal;
const whole = {x, y, width, height};
const stage = document.createElementNS(SVG, "g");  // joins the SVG when it has been thinned out
let sight = whole;  // the part of the picture that is to be seen
let size = canvas.getBoundingClientRect();  // of the window, in pixels

stage.append(...[...svg.children].filter((child) => child.tagName !== "style"));
for (const name of ["viewBox", "width", "height"]) svg.removeAttribute(name);

function show(next) {
  sight = next;
  const seen = shownSight(), scale = 1 / unitsPerPixel();
  stage.setAttribute("transform", `scale(${scale}) translate(${-seen.x} ${-seen.y})`);
  canvas.dispatchEvent(new Event("sight"));
}

function unitsPerPixel() {
  return Math.max(sight.width / size.width, sight.height / size.height);
}

// What the window really shows: the sight, and more at two sides if it has another shape.
function shownSight() {
  const width = size.width * unitsPerPixel(), height = size.height * unitsPerPixel();
  const x = sight.x + (sight.width - width) / 2, y = sight.y + (sight.height - height) / 2;
  return {x, y, width, height};
}

// Zoom by a factor, around a point of the picture (the middle of the sight by default).
function zoom(factor, x = sight.x + sight.width / 2, y = sight.y + sight.height / 2) {
  const width = Math.min(Math.max(sight.width / factor, 80), Math.max(whole.width, whole.height) * 4);
  const share = width / sight.width;
  show({
    x: x - (x - sight.x) * share, y: y - (y - sight.y) * share,
    width, height: sight.height * share,
  });
}

function pointAt(event) {
  const point = new DOMPoint(event.clientX, event.clientY);
  return point.matrixTransform(stage.getScreenCTM().inverse());
}

// At the beginning: readable, and from the top.
function showStart() {
  const width = Math.max(Math.min(whole.width, size.width * 1.15), 320);
  const height = width * size.height / Math.max(size.width, 1);
  show({x: whole.x + (whole.width - width) / 2, y: whole.y, width, height});
}

function showWhole() {
  show({...whole});
}

// Move the sight so that a box of the picture is well inside of it.
function bringIntoSight(box) {
  const inside = box.x > sight.x && box.x + box.width < sight.x + sight.width &&
    box.y > sight.y && box.y + box.height < sight.y + sight.height * 0.94;
  if (inside) return;
  show({
    ...sight,
    x: box.x + box.width / 2 - sight.width / 2, y: box.y + box.height / 2 - sight.height / 2,
  });
}

let dragged = null;
canvas.addEventListener("pointerdown", (event) => {
  if (event.target.closest("button, details") || event.button) return;
  dragged = {x: event.clientX, y: event.clientY, moved: false};
});
addEventListener("pointermove", (event) => {
  if (!dragged) return;
  const dx = event.clientX - dragged.x, dy = event.clientY - dragged.y;
  if (!dragged.moved && Math.hypot(dx, dy) < 4) return;
  canvas.classList.add("is-dragged");
  const scale = unitsPerPixel();
  show({...sight, x: sight.x - dx * scale, y: sight.y - dy * scale});
  dragged = {x: event.clientX, y: event.clientY, moved: true};
});
addEventListener("pointerup", (event) => {
  const isClick = dragged && !dragged.moved;
  dragged = null;
  canvas.classList.remove("is-dragged");
  const hit = isClick && event.target.closest("g[data-key]");
  if (hit) canvas.dispatchEvent(new CustomEvent("pick", {detail: hit.dataset.key}));
});
canvas.addEventListener("wheel", (event) => {
  event.preventDefault();
  const {x, y} = pointAt(event);
  zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), x, y);
}, {passive: false});
document.getElementById("closer").onclick = () => zoom(1.3);
document.getElementById("farther").onclick = () => zoom(1 / 1.3);
document.getElementById("whole").onclick = showWhole;
new ResizeObserver(() => {
  size = canvas.getBoundingClientRect();
  show(sight);
}).observe(canvas);
