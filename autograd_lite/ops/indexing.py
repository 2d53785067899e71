"""Ops that pick elements, and the ops that put a gradient back where it was picked."""

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd_lite.core.op import Array, Op, Params, Xp
from autograd_lite.core.shapes import Spec, is_node, spec_of
from autograd_lite.errors import DTypeError, LabelError, ShapeError
from autograd_lite.ops.shortcuts import shortened, written_at_labels
from autograd_lite.ops.writing import added, written

__all__ = [
    "Aref", "GetItem", "IndexAdd", "ScatterAdd",
]  # fmt: skip


class Aref(Op):
    """The element of each row that its label names: `a[..., index]`, one label for each row.

    a (n,) with one label gives a scalar; a (N, n) with N labels gives (N,). The gradient goes
    to the picked elements alone.
    """

    formula = "a[..., index]"
    derivative = "grad at the labels among zeros"
    analytic = True
    selects = True
    expects = "one integer label for each row of a, so index shaped like a without its last axis"
    hint = "pass labels as integers shaped (N,) for scores shaped (N, n)"

    def forward(xp: Xp, a: Array, index: Array) -> Array:
        if a.ndim == 1:
            return a[index]
        picked = xp.take_along_axis(a, _one_label_a_row(xp, index, a), axis=-1)
        return xp.squeeze(picked, axis=-1)

    @shortened(lambda grad, out, a, index: written_at_labels(grad, index, a))  # noqa: ARG005
    def vjp_a(xp: Xp, grad: Array, out: Array, a: Array, index: Array) -> Array:
        return ScatterAdd.within(xp, grad, index, a)

    vjp_index = None

    def refuse(a: Array, index: Array) -> None:
        refuse_labels("Aref", index, a.shape)


class ScatterAdd(Op):
    """Zeros shaped like `like`, with each row's x added at the row's label: the adjoint of Aref."""

    formula = "x at the labels among zeros"
    derivative = "grad[..., index]"
    linear = True
    analytic = True
    expects = "x shaped like `like` without its last axis"

    @shortened(written_at_labels)
    def forward(xp: Xp, x: Array, index: Array, like: Array) -> Array:
        hit = xp.arange(like.shape[-1]) == _one_label_a_row(xp, index, like)
        return xp.where(hit, xp.expand_dims(x, axis=-1), 0.0)

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, index: Array, like: Array) -> Array:
        return Aref.within(xp, grad, index)

    vjp_index = None
    vjp_like = None

    def refuse(x: Array, index: Array, like: Array) -> None:
        refuse_labels("ScatterAdd", index, like.shape)


def _one_label_a_row(xp: Xp, index: Array, rows: Array) -> Array:
    """The labels with the rank of the rows: broadcast in front, one element a row at the end."""
    front = range(rows.ndim - 1 - index.ndim)
    return xp.expand_dims(index, axis=(*front, -1))


def refuse_labels(
    subject: str,
    index: Array,
    shape: Sequence[int],
    called: str = "labels",
    hint: str = "give the last layer one unit for each class",
) -> None:
    """Raise unless there is an integer for each row of `shape`, within the length of its rows.

    The labels of a leading axis may be shared: then they are shaped like its rows.
    """
    if index.dtype.kind not in "iu":
        raise DTypeError(
            subject,
            expected=f"integer {called}",
            came=f"index {spec_of(index)}",
            suggestion=f"convert the {called}, for example with astype('int64')",
        )
    if not shape or index.shape != tuple(shape[:-1])[len(shape) - 1 - index.ndim :]:
        raise ShapeError(
            subject,
            expected=f"one label for each row, shaped {list(shape[:-1])}",
            came=f"index {spec_of(index)} for rows shaped {list(shape)}",
            suggestion="pass one label for each row, or a single one for all of them",
        )
    ends = (index.min(), index.max()) if index.size > 1 else index.ravel().tolist() * 2
    if index.size and not 0 <= ends[0] <= ends[1] < shape[-1]:
        raise LabelError(
            subject,
            expected=f"{called} from 0 to {shape[-1] - 1}",
            came=f"{called} from {index.min()} to {index.max()}",
            suggestion=f"check the {called}, or {hint}",
        )


class Slice(NamedTuple):
    """A slice as a static parameter: hashable, unlike Python's own before 3.12."""

    start: int | None
    stop: int | None
    step: int | None

    def __repr__(self) -> str:
        ends = ["" if n is None else str(n) for n in self]
        return ":".join(ends if self.step is not None else ends[:2])


class ArrayIndex(NamedTuple):
    """The place in a key of an index array, which travels as an input."""

    def __repr__(self) -> str:
        return "array"


Key = tuple[Any, ...]


def split_key(key: Any) -> tuple[Key, list[Any]]:
    """A subscript as a static key and the index arrays that are inputs.

    >>> split_key((slice(None), 0, ...))
    ((:, 0, Ellipsis), [])
    """
    static: list[Any] = []
    arrays: list[Any] = []
    for part in key if isinstance(key, tuple) else (key,):
        if type(part) is slice:
            static.append(Slice(part.start, part.stop, part.step))
        elif type(part) is not int and _is_array(part):
            static.append(ArrayIndex())
            is_empty = type(part) is list and not part  # of which NumPy would make floats
            arrays.append(np.empty(0, np.intp) if is_empty else part)
        else:
            static.append(_static(part))
    return tuple(static), arrays


def join_key(key: Key, arrays: Sequence[Any]) -> Key:
    """The subscript that `split_key` took apart; IndexError if there are fewer arrays."""
    return _joined(key, arrays) if arrays else _without_arrays(key)


@lru_cache(maxsize=256)
def _without_arrays(key: Key) -> Key:
    return _joined(key, ())


def _joined(key: Key, arrays: Sequence[Any]) -> Key:
    waiting = iter(arrays)
    try:
        parts = [
            next(waiting) if isinstance(p, ArrayIndex) else slice(*p) if isinstance(p, Slice) else p
            for p in key
        ]
    except StopIteration:
        raise IndexError(f"{len(arrays)} index arrays, which are fewer than in the key") from None
    return tuple(parts)


def _is_array(part: Any) -> bool:
    """Whether a part of a key is an input: an array, or a node even if it is a scalar."""
    if is_node(part) or isinstance(part, list):
        return True
    return hasattr(part, "dtype") and part.ndim > 0


def _static(part: Any) -> Any:
    if part is None or part is Ellipsis or type(part) is int:
        return part
    if np.asarray(part).dtype.kind not in "iu":  # 1.5 is no place, and True is not 1
        raise LabelError(
            GetItem.name, expected=GetItem.expects, came=f"{part!r}", suggestion=GetItem.hint
        )
    return int(part)


class GetItem(Op):
    """`x[key]` for integers, slices, newaxis, Ellipsis and index arrays, as in NumPy."""

    formula = "x[key]"
    derivative = "grad added at key among zeros"
    analytic = True
    selects = True
    expects = "a subscript that fits the axes of x"
    hint = (
        "use integers, slices, None, ... or integer arrays within the shape; "
        "for a mask, where, or np.nonzero(mask) if it is always the same"
    )

    def forward(xp: Xp, x: Array, *indices: Array, key: Key) -> Array:
        return x[join_key(key, indices)]

    def vjp_x(xp: Xp, grad: Array, out: Array, x: Array, *indices: Array, key: Key) -> Array:
        return IndexAdd.within(xp, grad, x, *indices, key=key)

    vjp_indices = None

    @classmethod
    def infer(cls, specs: Sequence[Spec], params: Params) -> Spec:
        """The shape of what is picked; a mask is refused, as its values alone would tell it."""
        if any(spec.dtype.kind == "b" for spec in specs[1:]):
            problem = ValueError(
                "how many elements a mask picks is not known before there are values"
            )
            raise cls.misfit(specs, params, problem)
        return super().infer(specs, params)


class IndexAdd(Op):
    """Zeros shaped like `like`, with x added at `key`: the adjoint of GetItem."""

    formula = "x added at key among zeros"
    derivative = "grad[key]"
    linear = True
    expects = "x shaped like `like[key]`"

    def forward(xp: Xp, x: Array, like: Array, *indices: Array, key: Key) -> Array:
        # where an element is picked twice, it gets both
        picks_twice = bool(indices) and any(index.dtype != xp.bool for index in indices)
        if picks_twice and key == (ArrayIndex(),) and like.ndim > 1 and isinstance(x, np.ndarray):
            return _rows_added(x, like, *indices)
        out = xp.zeros(like.shape, dtype=x.dtype)
        place = join_key(key, indices)
        return added(xp, out, place, x) if picks_twice else written(out, place, x)

    def vjp_x(
        xp: Xp, grad: Array, out: Array, x: Array, like: Array, *indices: Array, key: Key
    ) -> Array:
        return GetItem.within(xp, grad, *indices, key=key)

    vjp_like = None
    vjp_indices = None


def _rows_added(x: Array, like: Array, index: Array) -> Array:
    """Rows added to zeros at places of the first axis, as a table's are."""
    out = np.zeros((like.shape[0], prod(like.shape[1:])), dtype=x.dtype)
    add_rows(out, index, x)
    return out.reshape(like.shape)


def add_rows(out: Array, index: Array, x: Array) -> None:
    """Add rows to those of a table, at places of the first axis, in the table's memory.

    Told in row-major order of the elements, NumPy adds them up to five times faster.
    """
    count, width = out.shape
    rows = np.arange(count)[index]
    places = (rows[..., None] * width + np.arange(width)).ravel()
    np.add.at(out.reshape(-1), places, x.ravel())
