"""Rows for convolution and its two gradients: `convolution.c`."""

from math import prod
from typing import NamedTuple

import numpy as np

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.products import are_real, pays_to_share
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.frontend.node import Node
from autograd_lite.ops.convolution import kernel_window
from autograd_lite.ops.pooling import Pair, Window

PARTS, PARTS_BYTES = 8, 1 << 20  # into which images are cut for a sum over them, and their memory
ROOM, CACHED = (1 << 18) - 128, 96 << 10  # bytes of what is copied: the most, and what is wanted
DEEP, LONGEST = 256, 1024  # places that are multiplied at a time, and those of a row
TILE = 32  # kernels, whose gradients are a piece of work
MOST_ELEMENTS, MOST_WINDOW = 1024, 4096  # of windows, whose sums stay in the cache; of one window
GATHERED = 2048  # of windows, whose places are put side by side, as `GATHERED` in C


class Roles(NamedTuple):
    """Images, kernels and the planes that they give; the node is one of the three."""

    node: Node
    x: Node
    w: Node
    y: Node

    @classmethod
    def of(cls, node: Node) -> "Roles":
        """Who is who."""
        first, second = node.inputs[:2]
        if node.op is ops.Conv2d:
            return cls(node, first, second, node)
        if node.op is ops.Conv2dAdjoint:
            return cls(node, node, second, first)
        return cls(node, first, node, second)

    @property
    def work(self) -> int:
        """The multiplications."""
        return prod(self.w.shape[1:]) * self.y.size

    @property
    def groups(self) -> int:
        """The groups of channels."""
        return int(self.node.params["groups"])

    @property
    def view(self) -> Window:
        """How the window moves."""
        return kernel_window(self.x, self.w, **self.node.params)

    @property
    def channels(self) -> int:
        """Those of a group that are read at places: of images, or of planes."""
        return self.w.shape[0] // self.groups if self.node is self.x else self.w.shape[1]

    @property
    def places(self) -> Pair:
        """The rows and columns that are cut into parts: of planes, or of images by strides."""
        if self.node is not self.x:
            return self.y.shape[2], self.y.shape[3]
        (high, wide), (down, along), (top, left) = self.x.shape[2:], *self.view[1:3]
        return -(-(high + top) // down) - top // down, -(-(wide + left) // along) - left // along


def can_convolve(node: Node) -> bool:
    """Whether all is of one real dtype, not empty, and no window is beyond the cache."""
    if not are_real(node) or not all(x.size for x in (node, *node.inputs)):
        return False
    roles = Roles.of(node)
    return part_of(roles).channels > 0 and prod(roles.view.size) <= MOST_WINDOW


@row(ops.Conv2d, can=can_convolve)
def write_convolution(code: Code, node: Node) -> None:
    """Kernels times what the window shows, for a part of an image at a time."""
    roles = Roles.of(node)
    with code.block():
        pieces = _write_struct(code, roles)
        _share(code, roles, f"convolve_piece_{_kind(code, node)}, {pieces}, &q")


@row(ops.Conv2dAdjoint, can=can_convolve)
def write_adjoint(code: Code, node: Node) -> None:
    """Kernels, transposed, times planes, for a part of an image at a time."""
    roles, kind = Roles.of(node), _kind(code, node)
    with code.block():
        pieces = _write_struct(code, roles)
        code.line(f"{kind} *const turned = turned_kernels_{kind}(&q);")
        code.line("if (turned) q.w = turned;")
        work = f"turned ? adjoint_piece_{kind} : adjoint_of_any_{kind}"
        _share(code, roles, f"{work}, {pieces}, &q")
        code.line("free(turned);")


@row(ops.Conv2dKernel, can=can_convolve)
def write_kernels(code: Code, node: Node) -> None:
    """Planes times what the window shows, summed over images, some of which are a piece of work."""
    roles, kind, size = Roles.of(node), _kind(code, node), node.size * node.dtype.itemsize
    kernels = node.shape[0] // roles.groups // TILE * roles.groups  # tiles, roughly
    parts = max(1, min(PARTS // max(1, kernels), roles.x.shape[0], PARTS_BYTES // size))
    with code.block():
        _write_struct(code, roles)
        room = f"malloc({parts * size})" if parts > 1 else "NULL"
        code.line(f"{kind} *const room = {room}; /* without it, all in one part */")
        code.line(f"struct kernels_{kind} all = {{q, room ? {parts} : 1, room ? room : q.out}};")
        _share(code, roles, f"kernels_piece_{kind}, pieces_of_kernels_{kind}(&all), &all")
        code.line(f"if (all.parts > 1) add_parts_{kind}(&all, {node.size});")
        code.line("free(room);")


def _share(code: Code, roles: Roles, work: str) -> None:
    """All pieces of work, by several threads where that pays."""
    shared = pays_to_share(code, roles.work)
    code.has_pieces |= shared
    code.line(f"in_threads(p, {work}, false);" if shared else f"one_by_one(p, {work});")


class Piece(NamedTuple):
    """What is computed at a time, as `struct part` in C has it: places, and what they read."""

    rows: int
    columns: int
    channels: int
    high: int
    wide: int
    planes: Pair


def part_of(roles: Roles) -> Piece:
    """A part whose copy stays in the cache, and smaller where there are few images to share out."""
    node, view, (rows, columns) = roles.node, roles.view, roles.places
    is_sum, channels = node is roles.w, roles.channels
    elements = MOST_ELEMENTS if is_sum else GATHERED
    channels = max(1, min(channels, elements // prod(view.size)))
    steps = [(n - 1) * d for n, d in zip(view.size, view.dilation, strict=True)]
    border = [n // step for n, step in zip(steps, view.stride, strict=True)]
    down, along = [
        1 if node is roles.x else min(n + 1, k) for n, k in zip(steps, view.stride, strict=True)
    ]
    across = min(columns, DEEP if is_sum else LONGEST)
    line = down * along * (across + border[1]) * node.dtype.itemsize  # bytes of a row of a channel
    most = -(-rows * roles.x.shape[0] * roles.groups // PARTS)
    high = CACHED // (line * channels) - border[0]
    high = max(1, min(rows, high, DEEP // across if is_sum else most))
    high = -(-rows // -(-rows // high))  # all of one size
    channels = min(channels, ROOM // (line * (high + border[0])))
    return Piece(high, across, channels, high + border[0], across + border[1], (down, along))


def _write_struct(code: Code, roles: Roles) -> int:
    """What the pieces are told, and their number: what is read and written, and how."""
    (node, x, w, y), part = roles, part_of(roles)
    window = ", ".join(map(_braced, (w.shape[1], *x.shape[2:], *y.shape[2:], *roles.view)))
    read = (y, w) if node is x else (x, y) if node is w else (x, w)
    arrays = ", ".join(map(code.array, (*read, node)))
    counts = f"{x.shape[0]}, {roles.groups}, {w.shape[0] // roles.groups}"
    for name, numbers in zip(("number", "at", "ends"), elements_of(roles, part), strict=True):
        code.line(f"static const int32_t {name}[] = {{{', '.join(map(str, numbers))}}};")
    code.line(f"struct convolution_{_kind(code, node)} q = {{{arrays},")
    code.line(f"    {{{window}}}, {{{', '.join(map(_braced, part))}}},")
    code.line(f"    {{number, at, ends, {prod(roles.view.stride)}}}, {counts}}};")
    rows, columns = roles.places
    return x.shape[0] * roles.groups * -(-rows // part.rows) * -(-columns // part.columns)


def elements_of(roles: Roles, part: Piece) -> tuple[list[int], list[int], list[int]]:
    """The numbers of a window's elements, where a part has each, and where each phase ends."""
    view, (_, along), is_adjoint = roles.view, part.planes, roles.node is roles.x
    found = []
    for number in range(prod(view.size)):
        i, j = (n * d for n, d in zip(divmod(number, view.size[1]), view.dilation, strict=True))
        (y, down), (x, right) = divmod(i, view.stride[0]), divmod(j, view.stride[1])
        if is_adjoint:
            y, x = part.high - part.rows - y, part.wide - part.columns - x
        plane = 0 if is_adjoint else down * along + right
        found.append(
            (down * view.stride[1] + right, number, (plane * part.high + y) * part.wide + x)
        )
    if is_adjoint:
        found.sort()
    phases, numbers, places = zip(*found, strict=True)
    ends = np.cumsum(np.bincount(phases, minlength=prod(view.stride)))
    return list(numbers), list(places), ends.tolist()


def _braced(numbers: object) -> str:
    return f"{{{numbers[0]}, {numbers[1]}}}" if isinstance(numbers, tuple) else str(numbers)


def _kind(code: Code, node: Node) -> str:
    kind = c_type(node.dtype)
    code.matrix_kinds.add(kind)
    code.window_kinds.add(kind)
    return kind
