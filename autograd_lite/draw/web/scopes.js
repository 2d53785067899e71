// Folding module scopes: the boxes of a folded scope give way to one box in their middle.

const nodes = JSON.parse(document.getElementById("data").textContent);
const boxes = [...stage.querySelectorAll("g[data-key]")];  // one for each node, in append order
const edges = [...stage.querySelectorAll("g[data-edge]")].map((group) => {
  const [from, to] = group.dataset.edge.split(" ").map((key) => Number(key.slice(1)));
  return {group, from, to};
});
const places = boxes.map((box) => {
  const at = (name) => Number(box.querySelector("rect").getAttribute(name));
  return {x: at("x"), y: at("y"), width: at("width"), height: at("height")};
});
const foldLayer = stage.appendChild(document.createElementNS(SVG, "g"));
const folded = new Set();

function isInside(node, scope) {
  return node.scope === scope || node.scope.startsWith(`${scope}.`);
}

// The outermost folded scope that a node is hidden in, or null.
function foldOf(node) {
  const hiding = [...folded].filter((scope) => isInside(node, scope));
  return hiding.sort((a, b) => a.length - b.length)[0] ?? null;
}

function middleOf(members) {
  const xs = members.map((i) => places[i].x + places[i].width / 2);
  const ys = members.map((i) => places[i].y + places[i].height / 2);
  const mean = (list) => list.reduce((a, b) => a + b, 0) / list.length;
  return {x: mean(xs), y: mean(ys)};
}

function drawn(tag, attributes, parent, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return parent.appendChild(made);
}

function drawFold(scope, members) {
  const {x, y} = middleOf(members);
  const width = Math.max(150, scope.length * 8 + 40), height = 52;
  const group = drawn("g", {class: "fold"}, foldLayer);
  drawn("rect", {x: x - width / 2, y: y - height / 2, width, height, rx: 8}, group);
  const look = {x, "text-anchor": "middle"};
  drawn("text", {...look, y: y - 4, "font-size": 13, "font-weight": "bold"}, group, scope);
  drawn("text", {...look, y: y + 14, "font-size": 11}, group, `${members.length} nodes`);
  return {x: x - width / 2, y: y - height / 2, width, height, group};
}

// Draw all folded scopes anew: their boxes, and the edges that now end there.
function refold() {
  foldLayer.replaceChildren();
  const homes = nodes.map(foldOf);
  const drawnFolds = new Map();
  for (const scope of new Set(homes.filter(Boolean))) {
    const members = nodes.flatMap((_, i) => homes[i] === scope ? [i] : []);
    drawnFolds.set(scope, drawFold(scope, members));
  }
  boxes.forEach((box, i) => box.classList.toggle("folded", homes[i] !== null));
  const done = new Set();
  for (const {group, from, to} of edges) {
    const a = homes[from], b = homes[to];
    group.classList.toggle("folded", a !== null || b !== null);
    const key = `${a ?? from} ${b ?? to}`;
    if (a === b || done.has(key)) continue;
    done.add(key);
    drawFoldEdge(drawnFolds.get(a) ?? places[from], drawnFolds.get(b) ?? places[to]);
  }
}

function drawFoldEdge(above, below) {
  const x1 = above.x + above.width / 2, y1 = above.y + above.height;
  const x2 = below.x + below.width / 2, y2 = below.y;
  const half = (y1 + y2) / 2;
  drawn("path", {class: "fold-edge", d: `M${x1} ${y1}C${x1} ${half} ${x2} ${half} ${x2} ${y2}`}, foldLayer);
}

// What stands for a node in the picture: its own box, or that of the scope it is folded into.
function placeOf(i) {
  const fold = foldOf(nodes[i]);
  return fold === null ? places[i] : middleBox(fold);
}

function middleBox(scope) {
  const members = nodes.flatMap((node, i) => isInside(node, scope) ? [i] : []);
  const {x, y} = middleOf(members);
  return {x: x - 75, y: y - 26, width: 150, height: 52};
}

function listScopes() {
  const known = new Set();
  for (const {scope} of nodes) {
    const parts = scope ? scope.split(".") : [];
    parts.forEach((_, i) => known.add(parts.slice(0, i + 1).join(".")));
  }
  const details = document.getElementById("scopes");
  details.hidden = known.size === 0;
  for (const scope of known) {
    const label = element("label", ` ${scope}`);
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = true;
    box.onchange = () => {
      if (box.checked) folded.delete(scope); else folded.add(scope);
      refold();
    };
    label.prepend(box);
    details.querySelector("div").append(label);
  }
}
listScopes();
