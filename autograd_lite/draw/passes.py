"""What the compiler did, as a page: the graph after each pass, steps with their code, memory."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from inspect import cleandoc
from typing import NamedTuple

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.passes import PASSES, results, specialise
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.compiler.program import Program
from autograd_lite.draw.memory import memory_svg
from autograd_lite.draw.picture import picture_of
from autograd_lite.draw.svg import svg_text
from autograd_lite.errors import printable
from autograd_lite.frontend.node import Node

TOLD = {**PASSES, "specialise": specialise, "results": results}  # by docstrings
STEP = re.compile(r"\s*(?:# step (\d+)$|/\* %(\d+): )")  # Python names steps, C their nodes


class Stage(NamedTuple):
    """A draft, with what the pass before it put in, and what the next takes away or joins."""

    name: str
    draft: Draft
    came: set[Node]
    goes: set[Node]

    @property
    def joined(self) -> set[Node]:
        """Those of the nodes that go which have an equal twin that stays."""
        numbers = _numbered(self.draft)
        stay = {number for node, number in numbers.items() if node not in self.goes}
        return {node for node in self.goes if numbers[node] in stay}

    def colours(self) -> Mapping[Node, str]:
        """Green for what has come, red for what goes, amber for both, blue for what is joined."""
        both = self.came & self.goes
        groups = ((self.came, "green"), (self.goes, "red"), (both, "amber"), (self.joined, "blue"))
        return {node: colour for nodes, colour in groups for node in nodes}


def stages_of(drafts: Mapping[str, Draft]) -> list[Stage]:
    """The drafts with what changed between them: nodes that are not found in the other one."""
    names, kept = list(drafts), list(drafts.values())
    keys = [{node: _key(draft, node) for node in draft.graph} for draft in kept]
    known = [set(key.values()) for key in keys]
    found = []
    for i, name in enumerate(names):
        before = known[i - 1] if i else known[i]
        after = known[i + 1] if i + 1 < len(kept) else known[i]
        came = {node for node, key in keys[i].items() if key not in before}
        goes = {node for node, key in keys[i].items() if key not in after}
        found.append(Stage(name, kept[i], came, goes))
    return found


def _key(draft: Draft, node: Node) -> tuple[object, ...]:
    """What a node is the same by in two drafts: its op, and the user's node that it comes from."""
    return node.op, draft.origin[node].serial, node.spec, repr(node.params)


def _numbered(draft: Draft) -> dict[Node, int]:
    """A number for each node, which equal ones share: the same op of the same inputs."""
    numbers: dict[Node, int] = {}
    known: dict[tuple[object, ...], int] = {}
    for node in draft.graph:
        same: tuple[object, ...] = (node.op, node.spec, repr(node.params))
        same += tuple(numbers[x] for x in node.inputs) or (draft.origin[node].serial,)
        numbers[node] = known.setdefault(same, len(known))
    return numbers


def passes_text(program: Program) -> str:
    """The page of a program as HTML; it needs no network and no script."""
    plan, source = program.plan, program.source
    parts = {
        "summary": escape(repr(program)),
        "passes": "".join(_figures(stages_of(program.drafts))),
        "steps": _steps(plan, source) if isinstance(plan, Plan) else "",
        "memory": memory_svg(plan) if isinstance(plan, Plan) else "",
        "plan": escape("\n".join(map(printable, str(plan).split("\n")))),
        "source": escape(source),
    }
    template = files(__package__).joinpath("web", "passes.html").read_text(encoding="utf-8")
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], template)


def _figures(stages: Sequence[Stage]) -> Iterator[str]:
    """A figure for each stage that changes or is changed; the others in one line between them."""
    for i, stage in enumerate(stages):
        went = len(stages[i - 1].goes) if i else 0
        heading = f"<h3>{i}. {stage.name}</h3><p>{escape(_what(stage.name))}</p>"
        if 0 < i < len(stages) - 1 and not (stage.came or stage.goes or went):
            yield f'<figure class="idle">{heading}<p class="count">nothing to do</p></figure>'
            continue
        done = f"took away {went}, put in {len(stage.came)}" if i else "what was asked for"
        picture = svg_text(picture_of(stage.draft.graph, highlight=stage.colours()))
        count = f'<p class="count">{len(stage.draft.graph)} nodes: {done}</p>'
        yield f"<figure>{heading}{count}<div>{picture}</div></figure>"


def _what(name: str) -> str:
    """The first paragraph of a pass's docstring; nothing of a pass that has none."""
    function = TOLD.get(name)
    doc = (function and function.__doc__) or ""
    return " ".join(cleandoc(doc).partition("\n\n")[0].split())


def _steps(plan: Plan, source: str) -> str:
    code = code_of_steps(plan, source)
    rows = []
    for number, step in enumerate(plan.steps):
        nodes = "\n".join(printable(plan.graph._line(node)) for node in step.nodes)
        rows.append(
            f"<tr><th>{number}</th><td><pre>{escape(nodes)}</pre></td>"
            f"<td><pre>{escape(code.get(number, ''))}</pre></td></tr>"
        )
    head = "<tr><th>step</th><th>its nodes</th><th>its code</th></tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def code_of_steps(plan: Plan, source: str) -> dict[int, str]:
    """The lines of the generated code that belong to each step."""
    step_of = {plan.graph.index(x): i for i, step in enumerate(plan.steps) for x in step.nodes}
    found: dict[int, list[str]] = {}
    current = None
    for line in source.split("\n"):
        told = STEP.match(line)
        if told is not None:
            current = int(told[1]) if told[1] else step_of.get(int(told[2]))
        elif line.startswith("}") or line.strip() == "return 0;":
            current = None
        if current is not None and not (told and told[1]):
            found.setdefault(current, []).append(line)
    return {number: cleandoc("\n".join(lines)) for number, lines in found.items()}
