"""Rows for pooling: a loop over the places of a window for each of its elements, plane by plane."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import inf, prod

from autograd_lite import ops
from autograd_lite.compiler.executors.native.c_types import c_type, literal
from autograd_lite.compiler.executors.native.code import Code
from autograd_lite.compiler.executors.native.products import pays_to_share
from autograd_lite.compiler.executors.native.rows import row
from autograd_lite.frontend.node import Node
from autograd_lite.ops.pooling import Window, images, window

MOST = 64  # elements of a window: each has a loop of its own
WORK = 8  # multiplications that an element of a window counts for
PIECES = 64  # into which planes are cut


def can_pool(node: Node) -> bool:
    """Whether the numbers are of one real dtype, and the loops not too many."""
    is_real = node.dtype.name in ("float32", "float64") and node.inputs[0].dtype == node.dtype
    return is_real and node.size > 0 and prod(_view(node).size) <= MOST


def _view(node: Node) -> Window:
    return window(*(node.params[name] for name in ("size", "stride", "padding")))


@row(ops.MaxPool2d, can=can_pool)
def write_max_pool(code: Code, node: Node) -> None:
    """The largest element that a window shows."""
    (x,) = node.inputs
    with _each_plane(code, node, x, node):
        _fill(code, node, literal(-inf, node.dtype))
        for _, place, shown in _elements(code, node, x):
            code.line(f"out[{place}] = MAXIMUM(x[{shown}], out[{place}]);")


@row(ops.AvgPool2d, can=can_pool)
def write_mean_pool(code: Code, node: Node) -> None:
    """The mean of what a window shows."""
    (x,) = node.inputs
    with _each_plane(code, node, x, node):
        _fill(code, node, "0")
        for _, place, shown in _elements(code, node, x):
            code.line(f"out[{place}] += x[{shown}];")
        count = prod(_view(node).size)
        code.line(f"for (int64_t k = 0; k < {prod(node.shape[2:])}; k++) out[k] /= {count};")


@row(ops.Windows2d, can=can_pool)
def write_windows(code: Code, node: Node) -> None:
    """What a window shows at each of its places."""
    (x,) = node.inputs
    with _each_plane(code, node, x, node):
        _fill(code, node, literal(node.params["fill"], node.dtype))
        for element, place, shown in _elements(code, node, x):
            code.line(f"out[{element * prod(node.shape[3:])} + {place}] = x[{shown}];")


@row(ops.WindowsAdd2d, can=can_pool)
def write_windows_added(code: Code, node: Node) -> None:
    """What windows show, added where they show it."""
    x, _ = node.inputs
    with _each_plane(code, node, x, node):
        _fill(code, node, "0")
        for element, place, shown in _elements(code, node, node):
            code.line(f"out[{shown}] += x[{element * prod(x.shape[3:])} + {place}];")


@contextmanager
def _each_plane(code: Code, node: Node, x: Node, out: Node) -> Iterator[None]:
    """Inside are the lines for a plane, from `x` to `out`; several threads share many planes."""
    planes, name = prod(node.shape[:2]), f"pool_{code.numbers[node]}"
    pieces = min(planes, PIECES)
    each = -(-planes // pieces)
    with code.function(f"static void {name}(const struct program *p, int64_t piece, void *data)"):
        last = f"MINIMUM((piece + 1) * {each}, (int64_t){planes})"
        with code.block(f"for (int64_t plane = piece * {each}; plane < {last}; plane++)"):
            kind = c_type(node.dtype)
            for array, local in ((x, f"const {kind} *restrict x"), (out, f"{kind} *restrict out")):
                size = prod(array.shape[2:])
                code.line(f"{local} = {code.array(array)} + plane * {size};")
            yield
    if pays_to_share(code, WORK * max(x.size, out.size)):
        code.has_pieces = True
        code.line(f"in_threads(p, {name}, {pieces}, NULL, false);")
    else:
        code.line(f"one_by_one(p, {name}, {pieces}, NULL);")


def _fill(code: Code, node: Node, value: str) -> None:
    code.line(f"for (int64_t k = 0; k < {prod(node.shape[2:])}; k++) out[k] = {value};")


def _elements(code: Code, node: Node, of: Node) -> Iterator[tuple[int, str, str]]:
    """For each element of the window its number, a place, and what is shown there of an image."""
    view, lengths = _view(node), images(of)
    places = view.places(lengths)
    for element in range(prod(view.size)):
        offsets = divmod(element, view.size[1])
        rows, columns = (inside(view, a, lengths[a], places[a], offsets[a]) for a in (0, 1))
        down, right = (offsets[a] - view.padding[a] for a in (0, 1))
        with code.block(f"for (int64_t r = {rows[0]}; r < {rows[1]}; r++)"):
            code.line("#pragma omp simd")
            with code.block(f"for (int64_t s = {columns[0]}; s < {columns[1]}; s++)"):
                image_row = f"(r * {view.stride[0]} + {down}) * {lengths[1]}"
                shown = f"{image_row} + s * {view.stride[1]} + {right}"
                yield element, f"r * {places[1]} + s", shown


def inside(view: Window, axis: int, length: int, places: int, offset: int) -> tuple[int, int]:
    """Between which places an element of the window is inside of images of that length."""
    step, first = view.stride[axis], offset * view.dilation[axis] - view.padding[axis]
    low = max(0, -(first // step))
    return low, max(low, min(places, (length - 1 - first) // step + 1))
