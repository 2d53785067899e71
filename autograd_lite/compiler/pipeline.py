"""From the user's graph to a plan: the passes one after another, and what each of them made."""

from collections.abc import Callable, Mapping, Sequence

from autograd_lite.compiler.draft import Draft
from autograd_lite.compiler.executors.numpy.kernels import can_fuse as numpy_can_fuse
from autograd_lite.compiler.passes import PASSES, results, specialise
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.compiler.planning.planner import plan
from autograd_lite.core.shapes import Shape
from autograd_lite.frontend.node import Node

Pass = Callable[[Draft], Draft]


def stages(
    outputs: Sequence[Node],
    updates: Mapping[Node, Node],
    shapes: Mapping[str, Shape],
    passes: Mapping[str, Pass] = PASSES,
) -> dict[str, Draft]:
    """The draft after each pass, by the pass's name, for feeds of these shapes."""
    draft = specialise(outputs, updates, shapes)
    found = {"specialise": draft}
    for name, improve in {**passes, "results": results}.items():
        found[name] = draft = improve(draft)
    return found


def make_plan(
    outputs: Sequence[Node],
    updates: Mapping[Node, Node],
    shapes: Mapping[str, Shape],
    *,
    passes: Mapping[str, Pass] = PASSES,
    can_fuse: Callable[[Node], bool] = numpy_can_fuse,
) -> Plan:
    """The plan for feeds of these shapes; `can_fuse` says which ops an executor can have in loops.

    >>> import autograd_lite as ag
    >>> with ag.Graph():
    ...     x = ag.input(name="x", shape=(3,))
    ...     w = ag.parameter([1.0, 2.0, 3.0])
    ...     y = ag.sum(x * w)
    >>> len(make_plan([y], {}, {"x": (3,)}).steps)
    1
    """
    draft = stages(outputs, updates, shapes, passes)["results"]
    return plan(draft, can_fuse=can_fuse)
