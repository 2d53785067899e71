"""What every model is: parameters, found by name, and a function from nodes to nodes."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from autograd_lite import Node
from autograd_lite.errors import unknown_name
from autograd_lite.nn.checks import of_type
from autograd_lite.nn.elsewhere import MODULE
from autograd_lite.ops.table import aligned


class Module(ABC):
    """A function of nodes with parameters of its own.

    A subclass keeps parameters and other modules as attributes, also in lists, tuples and
    dictionaries, and says in `__call__` what it computes.

    >>> import autograd_lite as ag
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = ag.parameter(2.0)
    ...         self.offset = ag.parameter(1.0)
    ...     def __call__(self, x):
    ...         return x * self.slope + self.offset
    >>> Line()(3.0).value
    7.0
    >>> [name for name, node in Line().named_parameters()]
    ['slope', 'offset']
    """

    @abstractmethod
    def __call__(self, x: Any, /) -> Node:
        """What the module computes from a node; a classifier gives scores, before softmax."""

    if not TYPE_CHECKING:

        def __getattr__(self, name):  # noqa: ANN001, ANN204
            raise unknown_name(type(self).__name__, name, dir(self), MODULE)

    def parameters(self) -> list[Node]:
        """The parameters, in the order in which the attributes were set."""
        return [node for _, node in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, Node]]:
        """The parameters by the path that leads to them, such as "layers.0.W".

        A parameter that is found twice is listed once, under its first name.
        """
        return list(_find(self, (), set()))

    def summary(self) -> str:
        """A table of the layers: shapes and numbers of parameters.

        >>> from autograd_lite import nn
        >>> print(nn.MLP([4, 3, 2]).summary())
        layer                 shape  parameters
        layers.0  W [4, 3] · b [3]           15
        layers.1  W [3, 2] · b [2]            8
        total                                23
        """
        layers: dict[str, list[tuple[str, Node]]] = {}
        for path, node in self.named_parameters():
            layer, _, name = path.rpartition(".")
            layers.setdefault(layer, []).append((name, node))
        rows = [_summary_row(layer, members) for layer, members in layers.items()]
        total = sum(node.size for node in self.parameters())
        header = ("layer", "shape", "parameters")
        return aligned([header, *rows, ("total", "", f"{total:,}")], numbers=True)


def check_model(model: Any) -> None:
    """Raise ConfigError for what is no Module."""
    of_type("model", model, Module, "nn.MLP([784, 128, 10])")


def _summary_row(layer: str, members: list[tuple[str, Node]]) -> tuple[str, str, str]:
    shapes = " · ".join(f"{name} {list(node.shape)}" for name, node in members)
    return layer or "(itself)", shapes, f"{sum(node.size for _, node in members):,}"


def _find(value: object, path: tuple[str, ...], seen: set[int]) -> Iterator[tuple[str, Node]]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Node) and value.op.name == "Parameter":
        yield ".".join(path), value
    for key, part in _parts(value):
        yield from _find(part, (*path, str(key)), seen)


def _parts(value: object) -> Iterable[tuple[Any, object]]:
    if isinstance(value, Module):
        return vars(value).items()
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple) else ()
