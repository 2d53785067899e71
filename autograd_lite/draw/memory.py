"""The memory of a plan as a chart: which value lies where, from its step to its last use."""

from collections.abc import Iterator
from html import escape
from typing import NamedTuple

from autograd_lite.compiler.planning.plan import Place, Plan
from autograd_lite.draw.palette import ALARM, CLUSTER_FRAME, MUTED, PAINTS, TEXT
from autograd_lite.draw.svg import background, root_tag
from autograd_lite.draw.svg_card import SMALL, text_tag
from autograd_lite.draw.text import text_width
from autograd_lite.errors import printable
from autograd_lite.frontend.node import Node

LEFT, TOP, BOTTOM = 84.0, 40.0, 44.0  # around the chart
HEIGHT = 260.0  # of the arena
WIDTH, NARROWEST, WIDEST = 900.0, 5.0, 90.0  # of all steps together, and of one


class Buffer(NamedTuple):
    """A value in the arena, with the step that writes it and the last one that reads it."""

    node: Node
    offset: int
    size: int
    first: int
    last: int


def buffers(plan: Plan) -> list[Buffer]:
    """All values of the arena, in the order of their steps."""
    first = {node: i for i, step in enumerate(plan.steps) for node in step.nodes}
    last = dict(first)
    for i, step in enumerate(plan.steps):
        for x in (x for node in step.nodes for x in node.inputs):
            place = plan.storage[x]
            base = place.of if place.place is Place.View and place.of is not None else x
            if base in last:
                last[base] = max(last[base], i)
    found: list[Buffer] = []
    there: dict[int, int] = {}  # by offset, the number of the value that is there
    for node, i in first.items():
        storage = plan.storage[node]
        if storage.place is not Place.Arena:
            continue
        before = there.get(storage.offset)
        if before is not None and found[before].last == i:  # it makes room within this step
            found[before] = found[before]._replace(last=max(i - 1, found[before].first))
        there[storage.offset] = len(found)
        size = node.size * node.dtype.itemsize
        found.append(Buffer(node, storage.offset, size, i, last[node]))
    return found


def memory_svg(plan: Plan) -> str:
    """The chart: steps from left to right, the bytes of the arena upwards."""
    step = min(max(WIDTH / max(len(plan.steps), 1), NARROWEST), WIDEST)
    width = LEFT + step * len(plan.steps) + 20
    height = TOP + HEIGHT + BOTTOM
    title = (
        f"Work space of {plan.arena_bytes:,} bytes over {len(plan.steps)} steps; "
        f"{plan.bound_bytes:,} are alive at once"
    )
    width = max(width, LEFT + text_width(title, SMALL) + 20)
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return "".join([root_tag(title, size), background(), *_drawing(plan, step, title), "</svg>\n"])


def _drawing(plan: Plan, step: float, title: str) -> Iterator[str]:
    scale = HEIGHT / max(plan.arena_bytes, 1)
    ground, right = TOP + HEIGHT, LEFT + step * len(plan.steps)
    yield text_tag(LEFT, TOP - 18, title, TEXT)
    yield _line(LEFT, ground, right, ground, CLUSTER_FRAME)
    yield _line(LEFT, TOP, LEFT, ground, CLUSTER_FRAME)
    yield text_tag(LEFT - 8, TOP + 4, f"{plan.arena_bytes:,}", MUTED, "end")
    yield text_tag(LEFT - 8, ground, "0 bytes", MUTED, "end")
    every = max(int(30 / step) + 1, 1)
    for i in range(0, len(plan.steps), every):
        yield text_tag(LEFT + step * (i + 0.5), ground + 15, str(i), MUTED, "middle")
    yield text_tag(LEFT, ground + 32, "steps; a value ends with its last use", MUTED)
    for buffer in buffers(plan):
        yield _box(plan, buffer, step, scale)
    bound = ground - scale * plan.bound_bytes
    yield _line(LEFT, bound, right, bound, ALARM)


def _box(plan: Plan, buffer: Buffer, step: float, scale: float) -> str:
    paint = PAINTS["blue"]
    x, width = LEFT + step * buffer.first, step * (buffer.last + 1 - buffer.first)
    height = max(scale * buffer.size, 1.5)
    y = TOP + HEIGHT - scale * buffer.offset - height
    line = printable(plan.graph._line(buffer.node))
    hover = (
        f"{line}\n{buffer.size:,} bytes at {buffer.offset:,}, steps {buffer.first} to {buffer.last}"
    )
    name = printable(buffer.node.name or buffer.node.op.name)
    fits = height > SMALL and text_width(name, SMALL) < width - 4
    label = text_tag(x + width / 2, y + height / 2 + 4, name, TEXT, "middle") if fits else ""
    return (
        f'<g><title>{escape(hover)}</title><rect x="{x + 0.5:.1f}" y="{y:.1f}" '
        f'width="{max(width - 1, 1):.1f}" height="{height:.1f}" rx="2" fill="{paint.fill}" '
        f'stroke="{paint.frame}"/>{label}</g>\n'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    dashes = ' stroke-dasharray="4 3"' if colour == ALARM else ""
    return f'<path d="M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}" stroke="{colour}"{dashes}/>\n'
