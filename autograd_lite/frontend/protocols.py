"""What NumPy and the array API ask of an array: `np.exp(node)`, `np.concatenate([node, x])`, …

NumPy hands a call over to a node that is among its arguments, by `__array_ufunc__` and
`__array_function__`; the function of the same name in the library then appends it.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable
from contextvars import ContextVar
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, Protocol, Self

import numpy as np
from numpy.typing import ArrayLike

from autograd_lite.core.context import tick
from autograd_lite.core.node import ASSIGNABLE, BaseNode
from autograd_lite.core.sweep import ancestors
from autograd_lite.core.values import fitting
from autograd_lite.errors import GraphError, ShapeError
from autograd_lite.frontend.array_api_signatures import VERSIONS
from autograd_lite.frontend.blocks import Within
from autograd_lite.frontend.numpy_dispatch import call_function, call_ufunc

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["ArrayProtocols"]


class Watcher(Protocol):
    """Who is asked before what a node stands for leaves the graph, or changes; it may refuse."""

    def taking(self, node: Any, /) -> None:
        """The value of a node is about to be taken out."""

    def changing(self, thing: Any, /) -> None:
        """A leaf is about to be assigned to, or a graph to be run."""


class Looks(NamedTuple):
    """Who looks at values that leave the graph."""

    watcher: Watcher | None = None
    tracked: tuple[Any, ...] = ()  # what a transform differentiates; none leaves unseen


NOBODY = Looks()
looks: ContextVar[Looks] = ContextVar("looks", default=NOBODY)
looks_now = looks.get


def tracking(nodes: Iterable[Any]) -> Within[Looks]:
    """Inside, conversions of what depends on these nodes to bare numbers are refused."""
    return Within(looks, lambda around: Looks(around.watcher, (*around.tracked, *nodes)))


def watched_by(chosen: Watcher) -> Within[Looks]:
    """Inside, this one is asked, and no transform around."""
    return Within(looks, lambda _: Looks(chosen))


def about_to_change(thing: Any) -> None:
    """Ask the watcher, if there is one."""
    asked = looks.get().watcher
    if asked is not None:
        asked.changing(thing)


class ArrayProtocols(BaseNode):
    """The methods by which other libraries meet a node."""

    __slots__ = ()

    @property
    def value(self) -> Any:
        """The value: a Python float, or a NumPy array that cannot be written to.

        Assigning replaces it, in the same shape and dtype; only leaves can be assigned.
        """
        if looks_now() is not NOBODY:
            _about_to_take(self)
        return self._value

    @value.setter
    def value(self, value: ArrayLike) -> None:
        if looks_now() is not NOBODY:
            about_to_change(self)
        if type(value) is type(self._value) is float and self.op in ASSIGNABLE:
            self._value, self._stamp = value, tick()
        else:
            self.assign(value)

    def assign(self, value: ArrayLike, *, copy: bool = True) -> None:
        """Replace a leaf's value by one of the same shape and dtype.

        With `copy=False` an array is handed over instead of copied: leave it alone afterwards.
        Everything computed from the old value is refused by `backward` until it is computed
        again. Raises GraphError for any other node, ShapeError for another shape and
        DTypeError for a dtype that does not convert.
        """
        about_to_change(self)
        self._value, self._stamp = self.fitted(value, copy=copy), tick()

    def fitted(self, value: ArrayLike, *, copy: bool) -> Any:
        """The value as `assign` takes it, or the error that it raises."""
        if self.op not in ASSIGNABLE:
            raise GraphError(
                self.label(),
                expected="a variable or parameter to assign to",
                came=f"an assignment to a node made by {self.op.name}",
                suggestion="assign to its leaves, or feed inputs to Graph.forward",
            )
        is_float = type(self._value) is float
        if is_float and type(value) is float:
            return value
        return fitting(value, self.spec if is_float else self._value, self.label, copy=copy)

    def _need_value(self) -> Any:
        if looks_now() is not NOBODY:
            _about_to_take(self)
        return super()._need_value() if self._value is None else self._value

    if not TYPE_CHECKING:  # it never gives an array, so type checkers should not think that it does

        def __array__(self, dtype: Any = None, copy: bool | None = None) -> NoReturn:
            _about_to_take(self)
            raise GraphError(
                self.label(),
                expected="a function that records what it does",
                came="NumPy asking for a bare array, which would lose the gradient",
                suggestion="use the function of this name in autograd_lite, or "
                "node.value on purpose",
            )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **params: Any) -> Any:
        return call_ufunc(ufunc, method, inputs, params)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        return call_function(function, args, kwargs)

    def __array_namespace__(self, *, api_version: str | None = None) -> ModuleType:
        """The functions for arrays like this one, as the array API standard asks for them."""
        if api_version is not None and api_version not in VERSIONS:
            raise GraphError(
                self.label(),
                expected=f"a version of the array API: {', '.join(VERSIONS)}",
                came=repr(api_version),
                suggestion="leave api_version out",
            )
        from autograd_lite import numpy  # noqa: PLC0415 - the namespace is opened when asked for

        return numpy

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return prod(self.shape)

    @property
    def device(self) -> str:
        """Where the values are: always "cpu"."""
        return "cpu"

    def to_device(self, device: str, /, *, stream: None = None) -> Self:
        """The node itself, as there is one device. Raises GraphError for another one."""
        if device != "cpu" or stream is not None:
            raise GraphError(
                self.label(),
                expected="the device 'cpu', without a stream",
                came=f"device {device!r}, stream {stream!r}",
                suggestion="leave the arrays where NumPy has them",
            )
        return self

    def __dlpack__(self, **options: Any) -> Any:
        """A copy of the value for another library; refused where that would lose a gradient."""
        if self.requires_grad:
            _refuse_export(self.label())
        return np.array(self._need_value()).__dlpack__(**options)

    def __dlpack_device__(self) -> tuple[int, int]:
        return np.empty(0).__dlpack_device__()

    def item(self) -> Any:
        """The only element, as a Python number; GraphError inside of `grad` and other transforms.

        What a transform differentiates must stay a node: the number has no gradient.
        """
        inside = looks.get().tracked
        if inside and self.requires_grad and not {*inside}.isdisjoint(ancestors(self)):
            _refuse_number(self.label())
        return self._bare()

    def _bare(self) -> Any:
        value = np.asarray(self._need_value())
        if value.size != 1:
            raise ShapeError(
                self.label(),
                expected="one element, to be a number",
                came=str(self.spec),
                suggestion="reduce it with sum() or mean(), or write node.value.tolist()",
            )
        return value.item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __format__(self, spec: str) -> str:
        return format(self._bare(), spec) if spec else str(self)

    def __index__(self) -> int:
        return operator.index(self.item())

    def __complex__(self) -> complex:
        return complex(self.item())


def _about_to_take(node: Any) -> None:
    asked = looks.get().watcher
    if asked is not None:
        asked.taking(node)


def _refuse_number(label: str) -> NoReturn:
    raise GraphError(
        label,
        expected="nodes to stay nodes while a transform such as grad runs the function",
        came="a conversion to a bare number, as by float(), int(), item() or math.exp",
        suggestion="use the function of autograd_lite, ag.exp for math.exp; node.value on purpose",
    )


def _refuse_export(label: str) -> NoReturn:
    raise GraphError(
        label,
        expected="a node without gradient",
        came="another library asking for its memory, which would lose the gradient",
        suggestion="hand over node.value on purpose",
    )
