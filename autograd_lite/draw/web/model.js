// The graph as a tree of parts, of which some are open: what is to be drawn follows from that.
// A box is named by its key: "n7" is node 7, "p3" is part 3; part 0 is the whole graph.

const {nodes, parts, formulas, isRight, note} = JSON.parse(document.getElementById("data").textContent);
const SMALL_PICTURE = 40, LARGEST_PICTURE = 150;  // boxes that are open at once at the beginning
const MOST_OPEN = 300;  // boxes; the part that was opened longest ago makes room for others

parts.forEach((part, number) => Object.assign(part, {number, inner: [], links: new Map(), size: 0, isOpen: number === 0}));
for (const part of parts.slice(1)) parts[part.parent].inner.push(part.number);
for (const part of parts) for (const i of part.nodes) nodes[i].home = part.number;
for (const node of nodes) for (const part of outwards(node.home)) part.size += 1;

function* outwards(number) {
  for (let p = number ?? -1; p >= 0; p = parts[p].parent) yield parts[p];
}

const hasBox = (i) => nodes[i].home !== undefined;  // constants are told inside of their users
const keyOf = {node: (i) => `n${i}`, part: (p) => `p${p}`};
const isPart = (key) => key[0] === "p";
const numberOf = (key) => Number(key.slice(1));
const boxesIn = (part) => [...part.nodes.map(keyOf.node), ...part.inner.map(keyOf.part)];

// The parts from the whole graph down to the one that a node is in.
const pathTo = (i) => nodes[i].path ??= [...outwards(nodes[i].home)].reverse();

// The box that stands for a node now: its own, or that of the outermost folded part around it.
function boxOf(i) {
  const folded = pathTo(i).find((part) => !part.isOpen);
  return folded ? keyOf.part(folded.number) : keyOf.node(i);
}

// The pieces that an edge between two nodes is drawn in: one for each part that it passes, from box
// to box in there. What comes from outside of a part starts at "in", what leaves it ends at "out".
function piecesOf(input, user) {
  const a = pathTo(input), b = pathTo(user), pieces = [];
  let shared = 0;
  while (a[shared + 1] && a[shared + 1] === b[shared + 1]) shared += 1;
  const box = (path, i, depth) => depth + 1 < path.length ? keyOf.part(path[depth + 1].number) : keyOf.node(i);
  pieces.push({part: a[shared], from: box(a, input, shared), to: box(b, user, shared)});
  for (let d = shared + 1; d < a.length; d++) pieces.push({part: a[d], from: box(a, input, d), to: "out"});
  for (let d = shared + 1; d < b.length; d++) pieces.push({part: b[d], from: "in", to: box(b, user, d)});
  return pieces;
}

const nameOfPiece = ({part, from, to}) => `${part.number} ${from} ${to}`;

for (const user of nodes.keys()) {
  if (!hasBox(user)) continue;
  for (const input of nodes[user].inputs.filter(hasBox)) {
    for (const piece of piecesOf(input, user)) piece.part.links.set(nameOfPiece(piece), [piece.from, piece.to]);
  }
}

function visibleCount() {
  const count = (part) => part.nodes.length +
    part.inner.reduce((sum, p) => sum + (parts[p].isOpen ? count(parts[p]) : 1), 0);
  return count(parts[0]);
}

let opened = 0;
function setOpen(part, isOpen) {
  part.isOpen = isOpen;
  part.openedAt = ++opened;
  for (const around of outwards(part.number)) around.layout = null;
}

// Fold what was opened longest ago until there are not too many boxes, but nothing around a part.
function makeRoom(part) {
  const kept = new Set(outwards(part.number));
  const others = parts.filter((other) => other.isOpen && !kept.has(other));
  others.sort((a, b) => a.openedAt - b.openedAt);
  while (visibleCount() > MOST_OPEN && others.length) setOpen(others.shift(), false);
}

function spokenPart(part) {
  return `${part.label}, ${part.size} nodes`;
}
