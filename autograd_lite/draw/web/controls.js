// What people press: folding, the tree of parts, search, keys; and how the page opens.

// A box that is pressed: a node is gone to, a part is opened or folded.
function activate(key) {
  if (isPart(key)) toggle(parts[numberOf(key)]);
  else pick(numberOf(key));
}

function toggle(part) {
  setOpen(part, !part.isOpen);
  makeRoom(part);
  const key = keyOf.part(part.number);
  relayout(key);
  if (part.isOpen) bringIntoSight(places.get(key));
  svg.querySelector(`[data-key="${key}"]`)?.focus({preventScroll: true});
}

// Open all that a node is hidden in, and go to it.
function reveal(i) {
  const folded = pathTo(i).filter((part) => !part.isOpen);
  for (const part of folded) setOpen(part, true);
  makeRoom(parts[nodes[i].home]);
  if (folded.length) relayout();
  pick(i);
  centre(places.get(boxOf(i)));
}

// The parts as a tree: those inside of open ones.
function drawTree() {
  const branch = (part) => {
    const list = element("ul");
    list.setAttribute("role", "group");
    list.append(...part.inner.map((p) => treeItem(parts[p], branch)));
    return list;
  };
  byId("scopes").hidden = !parts[0].inner.length;
  byId("tree").replaceChildren(...branch(parts[0]).children);
}

function treeItem(part, branch) {
  const item = element("li");
  const button = element("button", `${part.isOpen ? "▾" : "▸"} ${part.label}`);
  button.append(element("span", ` ${part.size}`, "note"));
  button.onclick = () => {
    const hidden = [...outwards(part.parent)].filter((around) => !around.isOpen);
    for (const around of hidden) setOpen(around, true);
    toggle(part);
  };
  item.setAttribute("role", "treeitem");
  item.setAttribute("aria-expanded", part.isOpen);
  item.append(button);
  if (part.isOpen && part.inner.length) item.append(branch(part));
  return item;
}

// Search: mark what fits by name, op, number or scope, also inside of folded parts, and go to the next of it.
function matches(text) {
  const wanted = text.trim().toLowerCase();
  const told = (i) => `${nameOf(i)} ${parts[nodes[i].home].label}`.toLowerCase();
  return wanted ? withBox.filter((i) => told(i).includes(wanted)) : [];
}

function markMatches() {
  const count = matches(byId("search").value).length;
  byId("hits").textContent = byId("search").value.trim() ? `${count} found` : "";
  paint();
}

function goToNextMatch() {
  const found = matches(byId("search").value);
  if (found.length) reveal(found.find((i) => i > steps[at].node) ?? found[0]);
}

// The current node's part: open what hides it, or fold the innermost that is open.
function openCurrent() {
  reveal(steps[at].node);
}
function foldCurrent() {
  const open = pathTo(steps[at].node).filter((part) => part.isOpen && part.number);
  if (open.length) toggle(open.at(-1));
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
  o: openCurrent,
  c: foldCurrent,
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
  const box = event.target.closest?.("g[data-key]");
  if (box && (event.key === "Enter" || event.key === " ")) {
    event.preventDefault();
    activate(box.dataset.key);
  } else if (!isTaken(event) && event.key in KEYS) {
    event.preventDefault();
    KEYS[event.key]();
  }
});

byId("first").onclick = () => go(0);
byId("previous").onclick = () => go(at - 1);
byId("play").onclick = play;
byId("next").onclick = () => go(at + 1);
byId("last").onclick = () => go(steps.length - 1);
byId("scrub").max = Math.max(steps.length - 1, 0);
byId("scrub").oninput = () => go(Number(byId("scrub").value));
byId("speed").onchange = () => { if (player) { pause(); play(); } };
byId("search").oninput = markMatches;
byId("search").onkeydown = (event) => { if (event.key === "Enter") goToNextMatch(); };
byId("as-image").onchange = () => go(at);
byId("closer").onclick = () => zoom(1.3);
byId("farther").onclick = () => zoom(1 / 1.3);
byId("whole").onclick = showWhole;
byId("follow").onclick = () => {
  const button = byId("follow");
  button.setAttribute("aria-pressed", button.getAttribute("aria-pressed") === "false");
};
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => go(at));

byId("phases").children[0].style.flex = forward.length;
byId("phases").children[1].style.flex = backward.length;
byId("phases").children[1].hidden = backward.length === 0;
byId("images").hidden = !nodes.some(({value, grad}) => value?.tiles || grad?.tiles);
byId("note").textContent = note;
byId("names").append(...[...new Set(nodes.map(({name}) => name).filter(Boolean))].map((name) => {
  const option = element("option");
  option.value = name;
  return option;
}));

// Open parts level by level while the picture stays readable as a whole, or small.
function openWhatFits() {
  for (;;) {
    const level = parts.filter((part) => !part.isOpen && part.kind !== "run" && parts[part.parent].isOpen);
    if (!level.length) return;
    for (const part of level) setOpen(part, true);
    const count = visibleCount();
    const {width, height} = count <= LARGEST_PICTURE ? layoutOf(parts[0]) : {width: Infinity, height: Infinity};
    whole = {...whole, width: width + 2 * MARGIN, height: height + 2 * MARGIN};
    if (fittingScale() < READABLE && count > SMALL_PICTURE) {
      for (const part of level) setOpen(part, false);
      return;
    }
  }
}

openWhatFits();
relayout();
if (steps.length) showStart(boxOf(steps[at].node));
else showWhole();
go(at);
