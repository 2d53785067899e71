// Stepping: forward through the append order, then backward through the nodes with a gradient.

const byId = (id) => document.getElementById(id);
const forward = nodes.map((_, i) => ({node: i, isBackward: false}));
const backward = nodes.flatMap((node, i) => node.grad ? [{node: i, isBackward: true}] : []).reverse();
const steps = [...forward, ...backward];
let at = 0;
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
  paint(node, isBackward);
  tell(node, isBackward);
  if (byId("follow").getAttribute("aria-pressed") === "true") bringIntoSight(placeOf(node));
}

// The states of all boxes and edges; only what changes is touched, for the sake of large graphs.
function paint(current, isBackward) {
  boxes.forEach((box, i) => {
    const hasGrad = isBackward && i >= current;
    const state = !isBackward && i > current ? "todo" : hasGrad ? "done" : "computed";
    swapState(box, state);
    box.classList.toggle("current", i === current);
  });
  for (const {group, from, to} of edges) {
    const sends = nodes[to].sends.some(([i]) => i === from);
    group.classList.toggle("flow", to === current && (!isBackward || sends));
  }
}

function swapState(box, state) {
  if (box.dataset.state === state) return;
  box.classList.remove(box.dataset.state);
  box.classList.add(state);
  box.dataset.state = state;
}

// The panel: what the current node is, its arrays, and its inputs'.
function tell(i, isBackward) {
  const node = nodes[i];
  byId("phase").textContent = isBackward ? "backward" : "forward";
  byId("heading").textContent = nameOf(i);
  byId("formula").replaceChildren(...withCode(node.formula));
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
  const button = element("button", nameOf(x));
  button.onclick = () => pick(x);
  box.append(button);
  const sent = node.sends.find(([i]) => i === x);
  if (isBackward && sent) {
    const norm = sent[1] === null ? "" : `, norm ${sent[1]}`;
    box.append(element("p", `gets a gradient from here${norm}`, "note"));
  }
  const own = nodes[x];
  box.append(...figures(isBackward && sent ? own : {...own, grad: null}, isBackward));
  return box;
}

// Jump to a node, staying in the backward phase if it has a step there.
function pick(i) {
  const {isBackward} = steps[at];
  const same = steps.findIndex((step) => step.node === i && step.isBackward === isBackward);
  go(same < 0 ? i : same);
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

// Search: mark what fits, go to the next of it.
function matches(text) {
  const wanted = text.trim().toLowerCase();
  return wanted ? nodes.flatMap((_, i) => nameOf(i).toLowerCase().includes(wanted) ? [i] : []) : [];
}

function markMatches() {
  const found = new Set(matches(byId("search").value));
  boxes.forEach((box, i) => box.classList.toggle("found", found.has(i)));
}

function goToNextMatch() {
  const found = matches(byId("search").value);
  if (found.length) pick(found.find((i) => i > steps[at].node) ?? found[0]);
}

const KEYS = {
  ArrowRight: () => go(at + 1),
  ArrowLeft: () => go(at - 1),
  Home: () => go(0),
  End: () => go(steps.length - 1),
  " ": play,
  "+": () => zoom(1.3),
  "-": () => zoom(1 / 1.3),
  0: showWhole,
  f: () => byId("follow").click(),
  "/": () => byId("search").focus(),
};
// Keys that a control needs for itself stay with it.
function isTaken(event) {
  const {target, key} = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (target.matches("input[type=search], select")) return true;
  if (target.matches("input[type=range]")) return key.startsWith("Arrow") || key === "Home" || key === "End";
  return key === " " && target.matches("button, summary, input");
}
addEventListener("keydown", (event) => {
  if (isTaken(event) || !(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});

byId("first").onclick = () => go(0);
byId("previous").onclick = () => go(at - 1);
byId("play").onclick = play;
byId("next").onclick = () => go(at + 1);
byId("last").onclick = () => go(steps.length - 1);
byId("scrub").max = steps.length - 1;
byId("scrub").oninput = () => go(Number(byId("scrub").value));
byId("speed").onchange = () => { if (player) { pause(); play(); } };
byId("search").oninput = markMatches;
byId("search").onkeydown = (event) => { if (event.key === "Enter") goToNextMatch(); };
byId("as-image").onchange = () => go(at);
byId("follow").onclick = () => {
  const button = byId("follow");
  button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "false");
};
canvas.addEventListener("pick", (event) => pick(Number(event.detail.slice(1))));
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => go(at));

byId("phases").children[0].style.flex = forward.length;
byId("phases").children[1].style.flex = backward.length;
byId("phases").children[1].hidden = backward.length === 0;
byId("names").append(...nodes.flatMap(({name}) => {
  if (!name) return [];
  const option = element("option");
  option.value = name;
  return [option];
}));
showStart();
go(0);
