"""What every model is: parameters, found by name, and a function from nodes to nodes."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from autograd_lite import Node
from autograd_lite.core.node import Leaf
from autograd_lite.errors import ConfigError, unknown_name
from autograd_lite.frontend.suggestions import ChecksInit, checks_call
from autograd_lite.nn.checks import of_type, refuse_unless
from autograd_lite.nn.modes import in_use
from autograd_lite.nn.other_libraries import MODULE
from autograd_lite.nn.tensors import read_tensors, write_tensors
from autograd_lite.nn.weights import assign, values
from autograd_lite.ops.table import aligned


class Module(ChecksInit, ABC):
    """A function of nodes with parameters of its own.

    A subclass keeps parameters, buffers and other modules as attributes, also in lists, tuples and
    dictionaries, and says in `__call__` what it computes. A leaf `ag.Node(value,
    requires_grad=False)` is a buffer: saved with the parameters, changed by no optimizer.

    Models can be copied by `copy.deepcopy` and sent to other processes by pickle; a copy has leaves
    of its own, and graphs of its own.

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

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        right = "forward" not in vars(cls) or cls.__call__ is not Module.__call__
        refuse_unless(right, cls.__name__, "forward", "__call__, which computes", MODULE["forward"])

    @abstractmethod
    def __call__(self, x: Any, /) -> Node:
        """What the module computes from a node; a classifier gives scores, before softmax."""

    if not TYPE_CHECKING:

        def __getattr__(self, name):  # noqa: ANN001, ANN204
            raise unknown_name(type(self).__name__, name, dir(self), MODULE)

    # Its leaves

    def parameters(self) -> list[Node]:
        """The parameters, in the order in which the attributes were set."""
        return [node for _, node in self.named_parameters()]

    def named_parameters(self) -> list[tuple[str, Node]]:
        """The parameters by the path that leads to them, such as "layers.0.W".

        A parameter that is found twice is listed once, under its first name.
        """
        return [(path, x) for path, x in self.state().items() if x.op is Leaf.Parameter]

    def named_buffers(self) -> list[tuple[str, Node]]:
        """The leaves that training changes and optimizers do not, such as a running mean."""
        return [(path, x) for path, x in self.state().items() if x.op is not Leaf.Parameter]

    def state(self) -> dict[str, Node]:
        """Parameters and buffers by path: all that makes two models of one class differ."""
        found = ((path, thing) for path, thing in _walk(self) if isinstance(thing, Node))
        return {path: node for path, node in found if _is_state(node)}

    # Training and use

    @property
    def training(self) -> bool:
        """Whether it computes what it does in training, as it does from the beginning."""
        return not in_use.get() and vars(self).get("_training", True)

    @checks_call
    def train(self, mode: bool = True) -> Self:
        """Compute what is computed in training, here and in all modules inside; returns itself.

        A graph stays as it was recorded, in whatever mode that was. `nn.predict` and `nn.evaluate`
        record in use, and training records in the modes it finds, so that parts can stay as in use.
        """
        for _, thing in _walk(self):
            if isinstance(thing, Module):
                vars(thing)["_training"] = mode
        return self

    def eval(self) -> Self:
        """Compute what is computed in use: nothing dropped, running means; returns itself."""
        return self.train(mode=False)

    # Files

    @checks_call
    def save(self, path: str | PathLike[str]) -> Path:
        """Write parameters and buffers by their paths (safetensors); return the path.

        The file appears whole or not at all. Raises ConfigError if it cannot be written or
        safetensors is not installed.
        """
        return write_tensors(path, values(self.state()), self.described())

    @checks_call
    def load(self, path: str | PathLike[str]) -> Self:
        """Read what `save` wrote into a model that is built alike; returns itself.

        Raises ConfigError for a file that is damaged, WeightError for a tensor that is missing,
        unknown or of another shape or dtype, by its name; then nothing has changed.
        """
        assign(self.state(), read_tensors(path).weights, str(path))
        return self

    def described(self) -> dict[str, Any]:
        """What a file says about the model in it."""
        return {"model": type(self).__name__}

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


def parameters_of(model: Any) -> list[Node]:
    """The parameters of a model; ConfigError for what is no Module, or has none."""
    check_model(model)
    found: list[Node] = model.parameters()
    if not found:
        raise ConfigError(
            type(model).__name__,
            expected="a model with parameters",
            came="none",
            suggestion="keep them as attributes of the module: self.W = ag.parameter(…)",
        )
    return found


def name_leaves(model: Module) -> None:
    """Call each leaf by its path, as graphs print and draw it."""
    for path, node in model.state().items():
        node.named(path)


def _summary_row(layer: str, members: list[tuple[str, Node]]) -> tuple[str, str, str]:
    shapes = " · ".join(f"{name} {list(node.shape)}" for name, node in members)
    return layer or "(itself)", shapes, f"{sum(node.size for _, node in members):,}"


def _is_state(node: Node) -> bool:
    return node.op is Leaf.Parameter or (node.op is Leaf.Variable and not node.requires_grad)


def _walk(root: object) -> Iterator[tuple[str, object]]:
    """Everything inside of a module, itself first, once, under the first path that leads there."""
    seen: set[int] = set()
    waiting: list[tuple[tuple[str, ...], object]] = [((), root)]
    while waiting:
        path, thing = waiting.pop()
        if id(thing) not in seen:
            seen.add(id(thing))
            yield ".".join(path), thing
            parts = [((*path, str(key)), part) for key, part in _parts(thing)]
            waiting.extend(reversed(parts))


def _parts(value: object) -> Iterable[tuple[Any, object]]:
    if isinstance(value, Module):
        return vars(value).items()
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list | tuple) else ()
