"""What type checkers are told of families of functions: a node gives a node, a number a number.

A decorator of this module gives back the function itself.
"""

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, overload

from numpy.typing import ArrayLike, NDArray

from autograd_lite.core.node import BaseNode

N = TypeVar("N", bound=BaseNode)
P = ParamSpec("P")


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


class OfFirst(Protocol[P]):
    """A function of an array and of settings, such as reshape."""

    @overload
    def __call__(self, x: N, /, *args: P.args, **params: P.kwargs) -> N: ...
    @overload
    def __call__(self, x: ArrayLike, /, *args: P.args, **params: P.kwargs) -> NDArray[Any]: ...


class OfPair(Protocol[P]):
    """A function of two arrays and of settings, such as conv2d."""

    @overload
    def __call__(self, x: N, y: N | ArrayLike, /, *args: P.args, **params: P.kwargs) -> N: ...
    @overload
    def __call__(self, x: ArrayLike, y: N, /, *args: P.args, **params: P.kwargs) -> N: ...
    @overload
    def __call__(
        self, x: ArrayLike, y: ArrayLike, /, *args: P.args, **params: P.kwargs
    ) -> NDArray[Any]: ...


class OverAxes(Protocol[P]):
    """A function that reduces axes, such as mean; of an array it may give a number."""

    @overload
    def __call__(self, x: N, /, *args: P.args, **params: P.kwargs) -> N: ...
    @overload
    def __call__(self, x: ArrayLike, /, *args: P.args, **params: P.kwargs) -> Any: ...


class Join(Protocol[P]):
    """A function that joins arrays, such as concat."""

    @overload
    def __call__(self, arrays: Sequence[N], /, *args: P.args, **params: P.kwargs) -> N: ...
    @overload
    def __call__(
        self, arrays: Sequence[ArrayLike], /, *args: P.args, **params: P.kwargs
    ) -> NDArray[Any]: ...
    @overload
    def __call__(self, arrays: Sequence[Any], /, *args: P.args, **params: P.kwargs) -> Any: ...


class Choice(Protocol):
    """A function of a condition and two arrays: where."""

    @overload
    def __call__(self, condition: Any, x: N, y: N | ArrayLike, /) -> N: ...
    @overload
    def __call__(self, condition: Any, x: ArrayLike, y: N, /) -> N: ...
    @overload
    def __call__(self, condition: N, x: ArrayLike, y: ArrayLike, /) -> N: ...
    @overload
    def __call__(self, condition: ArrayLike, x: ArrayLike, y: ArrayLike, /) -> NDArray[Any]: ...


def of_one(function: Callable[[Any], Any]) -> OfOne:
    """The function itself."""
    return function


def of_two(function: Callable[[Any, Any], Any]) -> OfTwo:
    """The function itself."""
    return function


def of_first(function: Callable[Concatenate[Any, P], Any]) -> OfFirst[P]:
    """The function itself."""
    return function


def of_pair(function: Callable[Concatenate[Any, Any, P], Any]) -> OfPair[P]:
    """The function itself."""
    return function


def join(function: Callable[Concatenate[Any, P], Any]) -> Join[P]:
    """The function itself."""
    return function


def choice(function: Callable[[Any, Any, Any], Any]) -> Choice:
    """The function itself."""
    return function


def reduction(function: Callable[Concatenate[Any, P], Any]) -> OverAxes[P]:
    """The function itself."""
    return function
