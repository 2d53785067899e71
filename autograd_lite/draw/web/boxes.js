// One box: how large it is, and its elements.

const SVG = "http://www.w3.org/2000/svg";
const LARGE = 13, SMALL = 11, HEADING = 18, LINE = 15, PADDING = 11, GUTTER = 12;
const ruler = document.createElement("canvas").getContext("2d");
const FAMILY = "Helvetica, Arial, sans-serif";

function drawn(tag, attributes, parent, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return parent.appendChild(made);
}

function widthOf(text, size, weight = "") {
  ruler.font = `${weight} ${size}px ${FAMILY}`;
  return ruler.measureText(text).width;
}

// What a folded part says: how much is in it, and what.
function partCard(part) {
  const inside = nodes.filter((node) => node.home !== undefined && [...outwards(node.home)].includes(part));
  const counts = new Map();
  for (const {op, inputs} of inside) {
    if (inputs.length) counts.set(op, (counts.get(op) ?? 0) + 1);
  }
  const ops = [...counts].sort((a, b) => b[1] - a[1]).map(([op, count]) => `${count} ${op}`).join(", ");
  const isBad = inside.some(({card}) => card.rows.some(([, , bad]) => bad));
  return {
    heading: part.label, operands: "", name: "", frame: "group", isThick: false,
    spec: ops.length > 40 ? `${ops.slice(0, 39)}…` : ops,
    rows: [["nodes", [String(part.size)], false], ...(isBad ? [["", ["NaN or infinity inside"], true]] : [])],
  };
}

function cardOf(key) {
  if (!isPart(key)) return nodes[numberOf(key)].card;
  const part = parts[numberOf(key)];
  return part.card ??= partCard(part);
}

// The widths of columns, each with the space before it; rows have one cell or three.
function columnsOf(card) {
  const rows = card.rows.filter(([, cells]) => cells.length === 3).map(([, cells]) => cells);
  if (rows.length) rows.push(["min", "mean", "max"]);
  return [0, 1, 2].map((i) => Math.max(0, ...rows.map((cells) => widthOf(cells[i], SMALL) + GUTTER)));
}

function sizeOf(card) {
  if (card.size) return card.size;
  const heading = widthOf(card.heading, LARGE, "bold") + widthOf(card.operands, LARGE) +
    (card.name ? widthOf(card.name, LARGE, "italic") + 8 : 0);
  const label = Math.max(0, ...card.rows.map(([text]) => widthOf(text, SMALL)));
  const cells = card.rows.map(([, cells]) => cells.length === 3 ? 0 : GUTTER + widthOf(cells[0], SMALL));
  const columns = columnsOf(card).reduce((a, b) => a + b);
  const widths = [heading, widthOf(card.spec, SMALL), label + Math.max(columns, 0, ...cells), 60];
  const lines = (card.spec ? 1 : 0) + card.rows.length + (columns ? 1 : 0);
  return card.size = {width: Math.ceil(Math.max(...widths)) + 2 * PADDING, height: HEADING + LINE * lines + PADDING};
}

// The group of a box at a place: a rectangle, a heading, and rows that know what they tell.
function drawBox(key, {x, y}, parent) {
  const card = cardOf(key), {width, height} = sizeOf(card);
  const classes = ["box", card.frame, card.isThick ? "is-thick" : "", isPart(key) ? "part" : ""];
  const group = drawn("g", {
    class: classes.filter(Boolean).join(" "), "data-key": key, tabindex: 0, role: "button",
    "aria-label": isPart(key) ? spokenPart(parts[numberOf(key)]) : spokenNode(numberOf(key)),
    ...(isPart(key) ? {"aria-expanded": "false"} : {}),
  }, parent);
  drawn("rect", {x, y, width, height, rx: 8}, group);
  const heading = drawn("text", {x: x + width / 2, y: y + HEADING, class: "heading"}, group);
  drawn("tspan", {class: "op"}, heading, card.heading);
  drawn("tspan", {class: "operands"}, heading, card.operands);
  if (card.name) drawn("tspan", {dx: 8, class: "name"}, heading, card.name);
  let line = y + HEADING;
  if (card.spec) drawn("text", {x: x + width / 2, y: line += LINE, class: "spec"}, group, card.spec);
  const columns = columnsOf(card);
  const heads = columns[0] ? [["", ["min", "mean", "max"], false]] : [];
  let tells = "value";
  for (const [label, cells, isBad] of [...heads, ...card.rows]) {
    tells = label || tells;  // a line without a label belongs to the one before
    const row = drawn("g", {class: `row ${tells}${isBad ? " is-bad" : ""}`}, group);
    line += LINE;
    if (label) drawn("text", {x: x + PADDING, y: line, class: "label"}, row, label);
    let right = x + width - PADDING;
    for (const [i, cell] of [...cells.entries()].reverse()) {
      drawn("text", {x: right, y: line, class: "cell"}, row, cell);
      right -= columns[i];
    }
  }
  return group;
}

function spokenNode(i) {
  const {card} = nodes[i];
  const rows = card.rows.map(([label, cells]) => `${label} ${cells.join(" ")}`.trim());
  return [`${card.heading}${card.operands} ${card.name}`.trim(), card.spec, ...rows].filter(Boolean).join(", ");
}
