"""What type checkers are told of families of functions: a node gives a node, a number a number.

A decorator of this module gives back the function itself.
"""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, overload

from numpy.typing import ArrayLike, NDArray

from autograd_lite.core.node import BaseNode
from autograd_lite.core.shapes import Shape

Axes = int | Shape | None

N = TypeVar("N", bound=BaseNode)


class OfOne(Protocol):
    """A function of one array, such as exp."""

    @overload
    def __call__(self, x: N, /) -> N: ...
    @overload
    def __call__(self, x: float, /) -> float: ...
    @overload
    def __call__(self, x: ArrayLike, /) -> NDArray[Any]: ...


class OfTwo(Protocol):
    """A function of two arrays, such as maximum."""

    @overload
    def __call__(self, x: N, y: N | ArrayLike, /) -> N: ...
    @overload
    def __call__(self, x: ArrayLike, y: N, /) -> N: ...
    @overload
    def __call__(self, x: float, y: float, /) -> float: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, /) -> NDArray[Any]: ...


class OverAxes(Protocol):
    """A function that reduces axes, such as mean; of an array it may give a number."""

    @overload
    def __call__(self, x: N, /, axis: Axes = None, *, keepdims: bool = False) -> N: ...
    @overload
    def __call__(self, x: ArrayLike, /, axis: Axes = None, *, keepdims: bool = False) -> Any: ...


class Total(Protocol):
    """A reduction that may be asked for a dtype: sum and prod."""

    @overload
    def __call__(
        self, x: N, /, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False
    ) -> N: ...
    @overload
    def __call__(
        self, x: ArrayLike, /, axis: Axes = None, *, dtype: Any = None, keepdims: bool = False
    ) -> Any: ...


class Spread(Protocol):
    """A reduction with a correction of how many elements there are: var and std."""

    @overload
    def __call__(
        self, x: N, /, axis: Axes = None, *, correction: float = 0.0, keepdims: bool = False
    ) -> N: ...
    @overload
    def __call__(
        self, x: ArrayLike, /, axis: Axes = None, *, correction: float = 0.0, keepdims: bool = False
    ) -> Any: ...


def of_one(function: Callable[[Any], Any]) -> OfOne:
    """The function itself."""
    return function


def of_two(function: Callable[[Any, Any], Any]) -> OfTwo:
    """The function itself."""
    return function


def reduction(function: Callable[..., Any]) -> OverAxes:
    """The function itself."""
    return function


def total(function: Callable[..., Any]) -> Total:
    """The function itself."""
    return function


def spread(function: Callable[..., Any]) -> Spread:
    """The function itself."""
    return function
