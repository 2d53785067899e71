"""What one box says: the text of a node, before any form of picture is chosen."""

from collections import Counter
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

import numpy as np

from autograd_lite.core.node import Leaf
from autograd_lite.core.shapes import Spec
from autograd_lite.draw.text import FEW, TextRow, number, numbers, rows_of, scalar, shortened
from autograd_lite.draw.view import View
from autograd_lite.errors import printable
from autograd_lite.frontend.evaluate import is_finite
from autograd_lite.frontend.node import Node

FLOAT = Spec((), np.dtype(np.float64))  # what a number is, if nothing else is said


@dataclass(frozen=True)
class Card:
    """The text of one box, and what its look depends on."""

    kind: str  # "input", "parameter", "constant", "variable", "op" or "group"
    heading: str
    operands: str  # "(·, 2)": an op with the constants that it reads
    name: str
    spec: str
    rows: tuple[TextRow, ...]
    hover: str
    is_grey: bool = False  # no gradient is needed here
    mark: str = ""  # the colour it is highlighted with
    is_origin: bool = False  # of the first NaN or infinity

    @property
    def has_extents(self) -> bool:
        """Whether some rows have three numbers, so that their columns need headings."""
        return any(len(row.cells) == 3 for row in self.rows)

    @property
    def frame(self) -> str:
        """What decides the colour of the frame: a highlight, a bad number, or the kind."""
        return self.mark or ("red" if self.is_origin else "grey" if self.is_grey else self.kind)

    @property
    def is_thick(self) -> bool:
        """Whether the frame is."""
        return bool(self.mark) or self.is_origin


def stands_inside(node: Node) -> bool:
    """Whether a node is told in the boxes of its users: a nameless constant of a few numbers."""
    is_small = node.op is Leaf.Constant and not node.name and node.size <= FEW
    return is_small and is_finite(node._value)


def node_card(
    node: Node, line: str, view: View, mark: str = "", *, inside: Container[Node], bad: str = ""
) -> Card:
    """The card of a node; `line` is how the graph prints it, `bad` what begins in it.

    Inputs that are `inside` have no box of their own.
    """
    value = node.value if view.values else None
    grad = node.grad if view.grads else None
    rows = [] if value is None else rows_of("value", value)
    rows += [] if grad is None else rows_of("grad", grad)
    rows += [TextRow("", (f"{bad} begins here",), is_bad=True)] if bad else []
    operands = ", ".join(numbers(x._value) if x in inside else "·" for x in node.inputs)
    return Card(
        kind=node.op.name.lower() if isinstance(node.op, Leaf) else "op",
        heading=node.op.name,
        operands=f"({operands})" if operands.strip("·, ") else "",
        name=shortened(printable(node.name or "")),
        spec="" if node.spec == FLOAT else str(node.spec),
        rows=tuple(rows),
        hover="\n".join(_hover(node, line, value, grad)),
        is_grey=not node.requires_grad,
        mark=mark,
        is_origin=bool(bad),
    )


def group_card(
    label: str, members: Sequence[Node], mark: str, bad: str, nonfinite: Collection[Node]
) -> Card:
    """The card of a scope, or of any run of nodes, that is drawn as one box."""
    kinds = Counter([x.op for x in members])
    parameter = Leaf.Parameter  # looked up once, not for each of a million nodes
    ops = Counter({op.name: n for op, n in kinds.items() if not isinstance(op, Leaf)})
    weights = sum(x.size for x in members if x.op is parameter)
    rows = [TextRow("nodes", (f"{len(members):,}",))]
    rows += [TextRow("parameters", (f"{weights:,}",))] if weights else []
    what = ", ".join(f"{count:,} {name}" for name, count in ops.most_common())
    count = sum(x in nonfinite for x in members) if nonfinite else 0
    rows += [TextRow("", (f"NaN or Inf in {count:,} nodes",), is_bad=True)] if count else []
    rows += [TextRow("", (f"{bad} begins here",), is_bad=True)] if bad else []
    return Card(
        kind="group",
        heading=shortened(printable(label), 40),
        operands="",
        name="",
        spec=shortened(what, 40),
        rows=tuple(rows),
        hover=f"{printable(label)}\n{what}",
        is_grey=not any(x.requires_grad for x in members),
        mark=mark,
        is_origin=bool(bad),
    )


def formula(node: Node) -> str:
    """What the op computes, in one sentence: the first paragraph of its docstring."""
    doc = node.op.value if isinstance(node.op, Leaf) else cleandoc(node.op.__doc__ or "")
    return printable(" ".join(doc.partition("\n\n")[0].split()))


def _hover(node: Node, line: str, value: Any, grad: Any) -> list[str]:
    lines = [printable(line), formula(node)]
    lines += [] if value is None else _detail("value", value)
    lines += [] if grad is None else _detail("gradient", grad)
    return lines if node.requires_grad else [*lines, "needs no gradient"]


def _detail(label: str, value: Any) -> list[str]:
    """A number in full; of an array the spread, the norm and the first elements."""
    array = np.asarray(value)
    if array.size == 1:
        return [f"{label} {scalar(array.reshape(()))}"]
    if array.size == 0:
        return [f"{label} empty"]
    flat = array.reshape(-1)[:8]
    first = ", ".join(f"{x:.6g}" for x in flat.tolist())
    lines = [str(row) for row in rows_of(label, value)]
    with np.errstate(all="ignore"):
        spread, norm = np.std(array, dtype=np.float64), norm_of(array)
    more = ", …" if array.size > flat.size else ""
    return [*lines, f"  std {spread:.4g}, norm {norm:.4g}", f"  [{first}{more}]"]


def sent(part: Any) -> str:
    """A part of a gradient on its way: a number with its sign, of an array the norm.

    >>> sent(-1.5), sent(np.array([3.0, 4.0]))
    ('-1.5', '‖5‖')
    """
    is_number = np.size(part) == 1
    return number(float(np.asarray(part).item())) if is_number else f"‖{number(norm_of(part))}‖"


def norm_of(value: Any) -> float:
    """The Euclidean norm of all elements."""
    return float(np.linalg.norm(np.asarray(value, np.float64)))
