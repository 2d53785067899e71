// Where boxes stand: each open part is laid out by itself, by dagre, as one box of the part around.
// So opening or folding a part only lays out that part and those that it is in.

const FRAME = {side: 14, head: 26};  // the space between an open part's frame and its boxes
const canvas = document.getElementById("canvas");
const svg = canvas.querySelector("svg");
const stage = svg.querySelector("#stage");
let places = new Map();  // key → {x, y, width, height} of every box and open part, in the picture
let edges = new Map();  // piece of an edge → its path
let boxes = new Map();  // key → its group

function boxSize(key) {
  const part = openPart(key);
  if (!part) return sizeOf(cardOf(key));
  const {width, height} = layoutOf(part);
  const label = widthOf(part.label, SMALL) + 60;
  return {width: Math.max(width, label) + 2 * FRAME.side, height: height + FRAME.head + FRAME.side};
}

function layoutOf(part) {
  return part.layout ??= laidOut(boxesIn(part), [...part.links.values()]);
}

function laidOut(keys, links) {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({rankdir: isRight ? "LR" : "TB", nodesep: 22, ranksep: 38, edgesep: 12});
  graph.setDefaultEdgeLabel(() => ({}));
  for (const key of keys) graph.setNode(key, {...boxSize(key)});
  const ends = new Set(links.flat());
  for (const port of ["in", "out"]) if (ends.has(port)) graph.setNode(port, {width: 1, height: 1});
  for (const [from, to] of links) graph.setEdge(from, to, {});
  if (ends.has("in")) pinFirst(graph, keys);
  dagre.layout(graph);
  const at = new Map(graph.nodes().map((key) => {
    const {x, y, width, height} = graph.node(key);
    return [key, {x: x - width / 2, y: y - height / 2, width, height}];
  }));
  const {width, height} = graph.graph();
  const ways = links.map(([from, to]) => ({from, to, points: graph.edge(from, to).points}));
  return {at, ways, width: finite(width), height: finite(height)};
}

const finite = (x) => Number.isFinite(x) ? x : 0;  // of a part without boxes

// What comes from outside comes in before all boxes.
function pinFirst(graph, keys) {
  for (const key of keys) if (!graph.inEdges(key).length) graph.setEdge("in", key, {weight: 0});
}

// Draw everything anew; the box with the key `still` stays where it is on the screen.
function relayout(still = null) {
  const before = places.has(still) && placeOnScreen(still);
  stage.replaceChildren();
  [places, edges, boxes] = [new Map(), new Map(), new Map()];
  drawPart(parts[0], 0, 0, stage);
  const {width, height} = layoutOf(parts[0]);
  whole = {x: -MARGIN, y: -MARGIN, width: width + 2 * MARGIN, height: height + 2 * MARGIN};
  if (before) keepOnScreen(still, before);
  drawMinimap();
  drawTree();
  paint();
}

function drawPart(part, left, top, parent) {
  const {at, ways} = layoutOf(part);
  const lines = drawn("g", {}, parent);
  for (const way of ways) drawEdge(part, way, left, top, lines);
  for (const [key, box] of at) {
    if (key === "in" || key === "out") continue;
    const place = {...box, x: left + box.x, y: top + box.y};
    places.set(key, place);
    const inner = openPart(key);
    if (inner) {
      drawFrame(inner, place, parent);
      drawPorts(inner, place, parent);
      drawPart(inner, place.x + FRAME.side, place.y + FRAME.head, parent);
    } else {
      boxes.set(key, drawBox(key, place, parent));
    }
  }
}

function drawFrame(part, {x, y, width, height}, parent) {
  const group = drawn("g", {
    class: `frame${depthOf(part) % 2 ? "" : " is-odd"}`, "data-key": keyOf.part(part.number), tabindex: 0,
    role: "button", "aria-expanded": "true", "aria-label": spokenPart(part),
  }, parent);
  drawn("rect", {x, y, width, height, rx: 10}, group);
  drawn("text", {x: x + 10, y: y + 17}, group, `▾ ${part.label}`);
}

const depthOf = (part) => [...outwards(part.number)].length;

// One piece of an edge, from box to box or to where it enters or leaves the part.
function drawEdge(part, {from, to, points}, left, top, parent) {
  const {at} = layoutOf(part);
  const way = [portOf(from, "out", at) ?? points[0], ...points.slice(1, -1), portOf(to, "in", at) ?? points.at(-1)];
  const moved = way.map(({x, y}) => ({x: x + left, y: y + top}));
  const isBox = (key) => key !== "in" && key !== "out" && !openPart(key);
  const ends = [isBox(from) ? " from-box" : "", isBox(to) ? " to-box" : ""];
  const path = drawn("path", {class: `edge${ends.join("")}`, d: curve(moved)}, parent);
  edges.set(nameOfPiece({part, from, to}), path);
}

function openPart(key) {
  const part = isPart(key) ? parts[numberOf(key)] : null;
  return part?.isOpen ? part : null;
}

// Where edges meet the frame of an open part: where they go on inside; else null.
function portOf(key, name, at) {
  const inner = openPart(key), port = inner && layoutOf(inner).at.get(name);
  if (!port) return null;
  const {x, y, width, height} = at.get(key);
  const isIn = name === "in";
  return isRight ? {x: isIn ? x : x + width, y: y + FRAME.head + port.y}
    : {x: x + FRAME.side + port.x, y: isIn ? y : y + height};
}

// The short lines from the frame of a part to where its inner edges begin and end.
function drawPorts(part, {x, y, width, height}, parent) {
  const {at} = layoutOf(part);
  for (const name of ["in", "out"]) {
    if (!at.has(name)) continue;
    const port = at.get(name), px = x + FRAME.side + port.x, py = y + FRAME.head + port.y;
    const isIn = name === "in";
    const end = isRight ? `H${isIn ? x : x + width}` : `V${isIn ? y : y + height}`;
    drawn("path", {class: "edge", d: `M${px} ${py}${end}`}, parent);
  }
}

// A line through the middles between points, rounded at the points.
function curve(points) {
  const middle = (a, b) => `${((a.x + b.x) / 2).toFixed(1)} ${((a.y + b.y) / 2).toFixed(1)}`;
  const at = ({x, y}) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const bends = points.slice(1, -1).map((p, i) => `Q${at(p)} ${middle(p, points[i + 2])}`);
  return `M${at(points[0])}L${middle(points[0], points[1])}${bends.join("")}L${at(points.at(-1))}`;
}
