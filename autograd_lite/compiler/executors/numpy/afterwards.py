"""Single numbers that nothing but the outputs needs: computed for all steps of a scan at once.

A call of NumPy on one number takes as long as one on a thousand. So the loss, as far as it is made
of numbers that the gradient has no use for, is computed after the loop, from rows of what it is
made of.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from autograd_lite.compiler.executors.numpy.kernels import emit_kernel, is_ufunc
from autograd_lite.compiler.executors.numpy.source import StepSource
from autograd_lite.compiler.planning.plan import Plan, Step
from autograd_lite.compiler.planning.schedule import root
from autograd_lite.core.node import Leaf
from autograd_lite.frontend.node import Node


def postponed_steps(plan: Plan) -> list[Step]:
    """The steps that can wait until the end of a scan, in their order."""
    needed, found = set(plan.updates.values()), list[Step]()
    for step in reversed(plan.steps):
        if all(_can_wait(node) and node not in needed for node in step.nodes):
            found.insert(0, step)
        else:
            needed |= {root(x) for node in step.nodes for x in node.inputs}
    return found


def _can_wait(node: Node) -> bool:
    numbers = all(_is_number(root(x)) for x in node.inputs)
    return node.size == 1 and numbers and is_ufunc(node)


def _is_number(node: Node) -> bool:
    """Whether a value is one number, computed in the step or always the same."""
    return node.size == 1 and (not isinstance(node.op, Leaf) or node.op is Leaf.Constant)


class Afterwards:
    """What a step keeps for the postponed ones, and their code after the loop."""

    def __init__(self, source: StepSource, steps: Sequence[Step]) -> None:
        self.source = source
        self.outputs = {x: f"O{i}" for i, x in enumerate(source.plan.outputs)}
        self.nodes = [node for step in steps for node in step.nodes]
        own = set(self.nodes)
        inputs = dict.fromkeys(x for node in self.nodes for x in node.inputs)
        roots = dict.fromkeys(map(root, inputs))
        self.kept = dict.fromkeys(x for x in roots if x not in own and x.op is not Leaf.Constant)
        rows = {x: f"K{i}" for i, x in enumerate((*self.kept, *self.nodes))}
        self.rows = rows | {x: rows[root(x)] for x in inputs if root(x) in rows}

    def begin(self) -> Iterator[str]:
        """Lines before the loop: a row for each number, with an entry for each step."""
        for x in (*self.kept, *self.nodes):
            if x in self.outputs:
                yield f"{self.rows[x]} = {self.outputs[x]}.reshape(-1)"
            else:
                empty, dtype = self.source.function(np.empty), self.source.bind(x.dtype, "d")
                yield f"{self.rows[x]} = {empty}(stop - start, {dtype})"

    def keep(self, step: Step) -> None:
        """Write down, right after a step, that its numbers are kept: their place is used again."""
        for x in step.nodes:
            if x in self.kept and x not in self.outputs:
                self.source.emit(f"{self.rows[x]}[n] = {self.source.operand(x)}")

    def end(self) -> list[str]:
        """Lines after the loop."""
        before = len(self.source.lines)
        with self.source.locals(self.rows):
            for node in self.nodes:
                emit_kernel(self.source, node)
        lines = self.source.lines[before:]
        del self.source.lines[before:]
        return lines
