"""A plan in words: the steps in order, where their results lie, and how much memory that takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from autograd_lite.frontend.node import Node

if TYPE_CHECKING:
    from autograd_lite.compiler.planning.plan import Plan, Step


def describe(plan: Plan) -> str:
    """Some lines about all of a plan."""
    fed = ", ".join(f"{name} {node.spec}" for name, node in plan.inputs.items()) or "no inputs"
    head = f"Plan for {fed}: {len(plan.steps)} steps by {plan.executor or 'no executor yet'}"
    steps = [line for number, step in enumerate(plan.steps) for line in _step(plan, number, step)]
    return "\n".join([head, *steps, *_fused(plan), *plan.notes, *_memory(plan)])


def _step(plan: Plan, number: int, step: Step) -> list[str]:
    """A line for each node of a step, with the place of what is stored."""
    lines, stored = [], set(step.outputs)
    for position, node in enumerate(step.nodes):
        mark = f"{number:>4}" if position == 0 else "   +"
        place = f" → {_place(plan, node)}" if node in stored else ""
        lines.append(f"{mark}  {plan.graph._line(node)}{place}")
    return lines


def _place(plan: Plan, node: Node) -> str:
    storage = plan.storage[node]
    if storage.place.name == "Arena":
        return f"{_bytes([node]):,} bytes at {storage.offset:,}"
    if storage.of is not None:
        return f"in place of {storage.of.name or plan.graph._line(storage.of)}"
    return "output"


def _fused(plan: Plan) -> list[str]:
    loops = [step for step in plan.steps if step.fused]
    if not loops:
        return []
    count = sum(len(step.nodes) for step in loops)
    return [f"Fused: {count} operations in {len(loops)} loops"]


def _memory(plan: Plan) -> list[str]:
    """What is kept between steps, and what a step needs."""
    constants = [node for node, x in plan.storage.items() if x.place.name == "Constant"]
    kept = sum(max(node._value.strides, default=0) > 0 or node.size == 1 for node in constants)
    return [
        f"Kept: {_bytes(plan.leaves):,} bytes of {len(plan.leaves)} leaves, {kept} constants",
        f"Work space: {plan.arena_bytes:,} bytes; {plan.bound_bytes:,} are alive at once",
        f"Registers of loops: {plan.register_bytes:,} bytes",
        f"Outputs: {_bytes(plan.outputs):,} bytes",
    ]


def _bytes(nodes: Iterable[Node]) -> int:
    return sum(node.size * node.dtype.itemsize for node in nodes)
