"""Which axis of which argument is mapped: read from `in_axes` and `out_axes`, or refused."""

from collections.abc import Sequence
from typing import Any

from autograd_lite.autodiff.trees import leaves_of
from autograd_lite.core.shapes import Spec
from autograd_lite.errors import OpCallError, ShapeError

Axes = Any  # an axis or None for all that is there, or a tuple, list or dict of them


def axes_of_leaves(subject: str, tree: Any, axes: Axes) -> list[int | None]:
    """The axis of each leaf of a tree, from axes that may stand for whole parts of it.

    >>> axes_of_leaves("vmap of f", ({"w": 1.0, "b": 2.0}, 3.0), (None, 0))
    [None, None, 0]

    Raises OpCallError if the axes have another form than the tree.
    """
    if axes is None or (isinstance(axes, int) and not isinstance(axes, bool)):
        return [axes] * len(leaves_of(tree))
    keys, wanted = (_keys(part) for part in (axes, tree))
    if not keys or keys != wanted:
        raise OpCallError(
            subject,
            expected=f"an axis or None, or one for each of {len(leaves_of(tree))} parts",
            came=repr(axes),
            suggestion="give one axis for all, or a tuple, list or dict like what it is for",
        )
    return [axis for key in keys for axis in axes_of_leaves(subject, tree[key], axes[key])]


def _keys(tree: Any) -> Any:
    if isinstance(tree, dict):
        return list(tree)
    return range(len(tree)) if isinstance(tree, tuple | list) else None


def refuse_lengths(subject: str, mapped: Sequence[tuple[Spec, int]]) -> None:
    """Raise unless there are arguments to map over, all of one length along their axes.

    OpCallError if there are none, ShapeError if an axis is missing or lengths differ.
    """
    if not mapped:
        raise OpCallError(
            subject,
            expected="at least one argument with an axis to map over",
            came="no argument, or in_axes of None for each",
            suggestion="call the function itself, or give in_axes=0 for an argument",
        )
    for spec, axis in mapped:
        refuse_outside(subject, "in_axes", axis, len(spec.shape), str(spec))
    if len({spec.shape[axis] for spec, axis in mapped}) > 1:
        raise ShapeError(
            subject,
            expected="mapped axes of one length",
            came=", ".join(f"axis {axis} of {spec}" for spec, axis in mapped),
            suggestion="give in_axes=None for an argument that is the same for all",
        )


def refuse_outside(subject: str, name: str, axis: int, ndim: int, came: str) -> None:
    """ShapeError for an axis that an array of so many axes does not have."""
    if not -ndim <= axis < ndim:
        raise ShapeError(
            subject,
            expected=f"{name} among the axes that are there",
            came=f"axis {axis} for {came}",
            suggestion="count axes from 0, or from -1 backwards; a list is a tree of its elements",
        )
