// Stepping: forward through the append order, then backward through the nodes with a gradient.

const byId = (id) => document.getElementById(id);
const withBox = [...nodes.keys()].filter(hasBox);
const forward = withBox.map((i) => ({node: i, isBackward: false}));
const backward = withBox.filter((i) => nodes[i].grad).reverse().map((i) => ({node: i, isBackward: true}));
const steps = [...forward, ...backward];
let at = Math.max(forward.length - 1, 0);  // the page opens with the result of the forward pass
let player = null;

function nameOf(i) {
  const {op, name} = nodes[i];
  return `%${i} ${op}${name ? ` ${name}` : ""}`;
}

// Go to a step and show it everywhere.
function go(step) {
  at = Math.min(Math.max(step, 0), steps.length - 1);
  if (at < 0) return;
  const {node, isBackward} = steps[at];
  document.body.classList.toggle("is-backward", isBackward);
  byId("scrub").value = at;
  byId("counter").textContent = `${at + 1} / ${steps.length}`;
  paint();
  tell(node, isBackward);
  if (byId("follow").getAttribute("aria-pressed") === "true") bringIntoSight(places.get(boxOf(node)));
}

// The states of all boxes and edges that are drawn.
function paint() {
  if (!steps.length) return;
  const {node: current, isBackward} = steps[at];
  const found = new Set(matches(byId("search").value).map(boxOf));
  const here = boxOf(current);
  for (const [key, group] of boxes) {
    const first = isPart(key) ? firstIn(parts[numberOf(key)]) : numberOf(key);
    const state = !isBackward ? (first > current ? "todo" : "computed") : first >= current ? "done" : "computed";
    for (const name of ["todo", "computed", "done"]) group.classList.toggle(name, name === state);
    group.classList.toggle("current", key === here);
    group.classList.toggle("found", found.has(key));
  }
  for (const path of svg.querySelectorAll(".flow")) path.classList.remove("flow");
  const inputs = isBackward ? nodes[current].sends.map(([i]) => i) : nodes[current].inputs;
  const pieces = inputs.filter(hasBox).flatMap((input) => piecesOf(input, current));
  for (const piece of pieces) edges.get(nameOfPiece(piece))?.classList.add("flow");
}

function firstIn(part) {
  return part.first ??= Math.min(...part.nodes, ...part.inner.map((p) => firstIn(parts[p])));
}

// The panel: what the current node is, its arrays, and its inputs'.
function tell(i, isBackward) {
  const node = nodes[i];
  byId("phase").textContent = isBackward ? "backward" : "forward";
  byId("heading").textContent = nameOf(i);
  byId("formula").replaceChildren(...withCode(formulas[node.op]));
  byId("line").textContent = node.line;
  byId("place").textContent = node.place ? `appended at ${node.place}` : "";
  byId("own").replaceChildren(...figures(node, isBackward));
  byId("inputs-heading").hidden = node.inputs.length === 0;
  byId("inputs").replaceChildren(...node.inputs.map((x) => inputOf(node, x, isBackward)));
  byId("spoken").textContent = spoken(i, isBackward);
}

// A sentence in which `x + y` is set as code.
function withCode(sentence) {
  return sentence.split("`").map((part, i) => element(i % 2 ? "code" : "span", part));
}

function spoken(i, isBackward) {
  const array = isBackward ? nodes[i].grad : nodes[i].value;
  const told = array ? array.text.join(", ") : "no value yet";
  return `Step ${at + 1} of ${steps.length}, ${isBackward ? "gradient of" : ""} ${nameOf(i)}: ${told}`;
}

function figures(node, isBackward) {
  const asImage = byId("as-image").checked;
  const shown = node.value ? [figureOf("value", node.value, asImage)] : [];
  if (isBackward && node.grad) shown.unshift(figureOf("gradient", node.grad, asImage));
  return shown.length ? shown : [element("p", `${node.spec}, not computed yet`, "note")];
}

function inputOf(node, x, isBackward) {
  const box = element("div", "", "input");
  if (hasBox(x)) {
    const button = element("button", nameOf(x));
    button.onclick = () => pick(x);
    box.append(button);
  } else {
    box.append(element("p", nameOf(x)));
  }
  const sent = node.sends.find(([i]) => i === x);
  if (isBackward && sent) {
    const told = sent[1] === null ? "" : `: ${sent[1]}`;
    box.append(element("p", `gets a gradient from here${told}`, "note"));
  }
  const own = nodes[x];
  box.append(...figures(isBackward && sent ? own : {...own, grad: null}, isBackward));
  return box;
}

// Jump to a node, staying in the backward phase if it has a step there.
function pick(i) {
  const {isBackward} = steps[at];
  const same = steps.findIndex((step) => step.node === i && step.isBackward === isBackward);
  go(same < 0 ? steps.findIndex((step) => step.node === i) : same);
}

function play() {
  if (player) return pause();
  if (at === steps.length - 1) go(0);
  byId("play").textContent = "❚❚ Pause";
  byId("play").setAttribute("aria-label", "Pause");
  player = setInterval(() => at < steps.length - 1 ? go(at + 1) : pause(), byId("speed").value);
}

function pause() {
  clearInterval(player);
  player = null;
  byId("play").textContent = "▶ Play";
  byId("play").setAttribute("aria-label", "Play");
}
