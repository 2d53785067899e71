"""Rows for convolution and its two gradients: `convolution.h`."""

from math import prod
from typing import NamedTuple

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.products import are_real, pays_to_share
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.frontend.node import Node
from autograd_lite.ops.convolution import kernel_window
from autograd_lite.ops.pooling import Window, images

PARTS, PARTS_BYTES = 8, 1 << 20  # into which images are cut for a sum over them, and their memory


def can_convolve(node: Node) -> bool:
    """Whether all is of one real dtype, and not empty."""
    return are_real(node) and all(x.size for x in (node, *node.inputs))


class Roles(NamedTuple):
    """Images, kernels and the planes that they give; the node is one of the three."""

    x: Node
    w: Node
    y: Node

    @property
    def work(self) -> int:
        """The multiplications."""
        return prod(self.w.shape[1:]) * self.y.size


@row(ops.Conv2d, can=can_convolve)
def write_convolution(code: Code, node: Node) -> None:
    """Kernels times what the window shows, for some places of an image at a time."""
    x, w = node.inputs
    roles = Roles(x, w, node)
    with code.block():
        _write_struct(code, node, roles)
        stretches = f"COVERING({prod(node.shape[2:])}, STRETCH * WIDE_{_kind(code, node)})"
        pieces = f"{x.shape[0] * node.params['groups']} * {stretches}"
        _share(code, roles, f"convolve_piece_{_kind(code, node)}, {pieces}, &q")


@row(ops.Conv2dAdjoint, can=can_convolve)
def write_adjoint(code: Code, node: Node) -> None:
    """Kernels, transposed, times planes, added to each image."""
    y, w, _ = node.inputs
    roles = Roles(node, w, y)
    with code.block():
        _write_struct(code, node, roles)
        pieces = node.shape[0] * node.params["groups"]
        _share(code, roles, f"adjoint_piece_{_kind(code, node)}, {pieces}, &q")


@row(ops.Conv2dKernel, can=can_convolve)
def write_kernels(code: Code, node: Node) -> None:
    """Planes times what the window shows, summed over images, some of which are a piece of work."""
    x, y, _ = node.inputs
    roles, kind, size = Roles(x, node, y), _kind(code, node), node.size * node.dtype.itemsize
    parts = max(1, min(PARTS, x.shape[0], PARTS_BYTES // size))
    with code.block():
        _write_struct(code, node, roles)
        room = f"malloc({parts * size})" if parts > 1 else "NULL"
        code.line(f"{kind} *const room = {room}; /* without it, all in one part */")
        code.line(f"struct kernels_{kind} all = {{q, room ? {parts} : 1, room ? room : q.out}};")
        across = f"COVERING({prod(node.shape[1:])}, WIDE_{kind})"
        pieces = f"all.parts * {node.params['groups']} * {across}"
        _share(code, roles, f"kernels_piece_{kind}, {pieces}, &all")
        code.line(f"if (all.parts > 1) add_parts_{kind}(&all, {node.size});")
        code.line("free(room);")


def _share(code: Code, roles: Roles, work: str) -> None:
    """All pieces of work, by several threads where that pays."""
    shared = pays_to_share(code, roles.work)
    code.has_pieces |= shared
    code.line(f"in_threads(p, {work}, false);" if shared else f"one_by_one(p, {work});")


def _write_struct(code: Code, node: Node, roles: Roles) -> None:
    """What the pieces are told: what is read, what is written, and how the window moves."""
    x, w, y = roles
    kind, groups = _kind(code, node), node.params["groups"]
    view = kernel_window(x, w, **node.params)
    places = view.places(images(x))
    ranges = [inside(view, 1, x.shape[3], places[1], j) for j in range(view.size[1])]
    for name, column in zip(("low", "high"), zip(*ranges, strict=True), strict=True):
        code.line(f"static const int64_t {name}[] = {{{', '.join(map(str, column))}}};")
    pairs = ", ".join(f"{{{a}, {b}}}" for a, b in view)
    window = f"{{{w.shape[1]}, {x.shape[2]}, {x.shape[3]}, {places[0]}, {places[1]}, {pairs}"
    read = (y, w) if node is x else (x, y) if node is w else (x, w)
    arrays = ", ".join(map(code.array, (*read, node)))
    counts = f"{x.shape[0]}, {groups}, {w.shape[0] // groups}, {code.array(x)} + {x.size}"
    code.line(f"struct convolution_{kind} q = {{{arrays},")
    code.line(f"    {window}, low, high}}, {counts}}};")


def inside(view: Window, axis: int, length: int, places: int, offset: int) -> tuple[int, int]:
    """Between which places an element of the window is inside of images of that length."""
    step, first = view.stride[axis], offset * view.dilation[axis] - view.padding[axis]
    low = max(0, -(first // step))
    return low, max(low, min(places, (length - 1 - first) // step + 1))


def _kind(code: Code, node: Node) -> str:
    kind = c_type(node.dtype)
    code.matrix_kinds.add(kind)
    code.window_kinds.add(kind)
    return kind
