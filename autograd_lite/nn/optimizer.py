"""What all optimizers have in common: their leaves, clipping, decay, accumulation, and the step.

An optimizer is one pure rule in the array-API vocabulary of `xp`, as the rules of ops are:

    class SGD(Optimizer):
        def update(self, xp, w, dw, *, lr):
            return (w - lr * dw,)

It gives the new parameter and its new state, and is written once: `step` runs it on arrays,
`updates` on nodes, which `ag.compile` makes part of the program. The learning rate and all state
are leaves with names, so they can be printed, saved and changed without planning anew.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

import autograd_lite as ag
from autograd_lite import Node
from autograd_lite.compiler.runtime.signals import Uninterrupted
from autograd_lite.core.node import ASSIGNABLE
from autograd_lite.errors import GradientError, NonFiniteError, unknown_name
from autograd_lite.frontend.assignment import assign_all
from autograd_lite.frontend.evaluate import is_finite
from autograd_lite.frontend.suggestions import ChecksInit, checks_call
from autograd_lite.nn.checks import (
    non_negative_number,
    positive_number,
    refuse_unless,
    whole_number,
)
from autograd_lite.nn.other_libraries import OPTIMIZER

ONE = ("accumulate", 1)
HOW = "give model.parameters(), or a list of ag.parameter(…)"
Values = dict[str, Any]  # the name of a leaf → its value: an array, or the node of it


class Optimizer(ChecksInit, ABC):
    """A way to change parameters along their gradients, with options that suit every rule.

    `l2` adds the gradient of the penalty (l2 / 2) Σ w² to the loss's; `weight_decay` is decoupled,
    w ← w - lr · weight_decay · w beside the step (Loshchilov & Hutter, "Decoupled weight decay
    regularization", 2019). Both concern all parameters, or those in `decayed`. `clip_value` limits
    every element of a gradient, `clip_norm` the norm of all gradients together, which keeps their
    direction. With `accumulate` of k, the mean gradient of k steps makes one change.

    Raises ConfigError for a number out of its range, and where there is no parameter.
    """

    state_names: tuple[str, ...] = ()  # of what there is one like each parameter
    counts_steps: ClassVar[bool] = False

    def __init__(
        self,
        parameters: Iterable[Node],
        lr: float,
        *,
        l2: float = 0.0,
        weight_decay: float = 0.0,
        decayed: Iterable[Node] | None = None,
        clip_norm: float | None = None,
        clip_value: float | None = None,
        accumulate: int = 1,
    ) -> None:
        self.parameters = _nodes(type(self).__name__, parameters)
        is_set = 0 < len(set(self.parameters)) == len(self.parameters)
        expected = "at least one parameter, and none twice"
        refuse_unless(is_set, type(self).__name__, self.parameters, expected, HOW)
        self.initial_lr = positive_number("lr", lr)
        self.l2 = non_negative_number("l2", l2)
        self.weight_decay = non_negative_number("weight_decay", weight_decay)
        self.decayed = set(self.parameters if decayed is None else _nodes("decayed", decayed))
        foreign = list(self.decayed - set(self.parameters))
        refuse_unless(not foreign, "decayed", foreign, "parameters of this optimizer")
        self.clip_norm = None if clip_norm is None else positive_number("clip_norm", clip_norm)
        self.clip_value = None if clip_value is None else positive_number("clip_value", clip_value)
        self.accumulate = whole_number("accumulate", accumulate, least=1)
        for name in ("initial_lr", "l2", "weight_decay", "clip_norm", "clip_value"):
            self._refuse_overflow(name, getattr(self, name))
        self._refuse_misfit_of_update()
        self.names = _distinct_names(self.parameters)
        self._kept = [[f"{name}.{kind}" for kind in self.state_names] for name in self.names]
        self.leaves = dict(self._make_leaves())
        """Everything that is not a parameter but decides the next step, by name."""

    def _refuse_overflow(self, name: str, number: float | None) -> None:
        """Raise ConfigError for a number that is infinite in the dtype of a parameter."""
        largest = min(float(np.finfo(node.dtype).max) for node in self.parameters)
        expected = f"at most {largest:.3g}, the largest number of the parameters' dtype"
        refuse_unless((number or 0.0) <= largest, name, number, expected, "choose a smaller one")

    def _refuse_misfit_of_update(self) -> None:
        """Raise ConfigError for a rule of one's own that cannot be called as it will be."""
        scalars = ("lr", "steps") if self.counts_steps else ("lr",)
        wanted = ", ".join(["self", "xp", "w", "dw", *self.state_names, "*", *scalars])
        try:
            signature(self.update).bind(
                "xp", "w", "dw", *self.state_names, **dict.fromkeys(scalars)
            )
        except TypeError as problem:
            name, hint = f"{type(self).__name__}.update", "define it with these parameters"
            refuse_unless(False, name, problem, f"update({wanted})", hint)

    def _make_leaves(self) -> Iterable[tuple[str, Node]]:
        dtype = self.parameters[0].dtype
        scalars = {"lr": self.initial_lr}
        if self.counts_steps:
            scalars["steps"] = 0.0
        if self.accumulate > 1:
            scalars["gathered"] = 0.0
        for name, number in scalars.items():
            yield name, _leaf(name, np.asarray(number, dtype))
        kinds = (*self.state_names, *(["gradient"] if self.accumulate > 1 else []))
        for name, node in zip(self.names, self.parameters, strict=True):
            for kind in kinds:
                yield f"{name}.{kind}", _leaf(f"{name}.{kind}", np.zeros(node.shape, node.dtype))

    if not TYPE_CHECKING:

        def __getattr__(self, name):  # noqa: ANN001, ANN204
            raise unknown_name(type(self).__name__, name, dir(self), OPTIMIZER)

    @property
    def lr(self) -> float:
        """The learning rate; assign to it at any time."""
        return float(self.leaves["lr"].value)

    @lr.setter
    def lr(self, rate: float) -> None:
        leaf, number = self.leaves["lr"], non_negative_number("lr", rate)
        self._refuse_overflow("lr", number)
        leaf.assign(np.asarray(number, leaf.dtype))

    def describe(self) -> str:
        """The rule and its settings, in one line.

        >>> from autograd_lite.nn import Momentum
        >>> Momentum([ag.parameter(1.0)], lr=0.1).describe()
        'Momentum(initial_lr=0.1, momentum=0.9)'
        """
        plain = {k: x for k, x in vars(self).items() if isinstance(x, int | float | tuple) and x}
        plain.pop("state_names", None)
        told = ", ".join(f"{key}={value}" for key, value in plain.items() if (key, value) != ONE)
        return f"{type(self).__name__}({told})"

    @abstractmethod
    def update(self, xp: Any, w: Any, dw: Any, /, *state: Any, **scalars: Any) -> Sequence[Any]:
        """The new parameter, and its new state in the order of `state_names`.

        `scalars` are `lr` and, for a rule that counts them, `steps`: 1 in the first.
        """

    @checks_call
    def step(self) -> None:
        """Change every parameter once, along the gradients that `backward` left.

        Raises GradientError for a parameter without gradient and NonFiniteError for a value that
        would be NaN or infinite; then nothing has changed.
        """
        grads = [_gradient(node) for node in self.parameters]
        old = [np.asarray(node.value) for node in self.parameters]
        state = {name: np.asarray(leaf.value) for name, leaf in self.leaves.items()}
        changes = {}
        for node, grad in zip(self.parameters, grads, strict=True) if self.accumulate > 1 else ():
            if not is_finite(grad):  # it would stay among those that were gathered
                raise _nonfinite(node)
        with np.errstate(all="ignore"):
            values, fresh = self.advance(np, old, grads, state)
            for node, value in zip(self.parameters, values, strict=True):
                if not is_finite(value):
                    raise _nonfinite(node)
                changes[node] = value.item() if type(node.value) is float else value
        for name, value in fresh.items():
            changes[self.leaves[name]] = value
        with Uninterrupted():
            assign_all(changes, copy=False)

    def updates(self, grads: Sequence[Node]) -> dict[Node, Node]:
        """Each leaf that a step changes with the node of its new value, as `ag.compile` takes it.

        `grads` are the gradients of the parameters, in their order; the nodes are appended to the
        graph of these.
        """
        values, fresh = self.advance(ag, self.parameters, grads, self.leaves)
        changed = dict(zip(self.parameters, values, strict=True))
        return changed | {self.leaves[name]: node for name, node in fresh.items()}

    def advance(
        self, xp: Any, values: Sequence[Any], grads: Sequence[Any], state: Mapping[str, Any]
    ) -> tuple[list[Any], Values]:
        """The new parameters and the new state, from arrays or from nodes."""
        if self.accumulate == 1:
            return self._move(xp, values, grads, state)
        kept = [f"{name}.gradient" for name in self.names]
        total = [
            state[name] + grad / self.accumulate for name, grad in zip(kept, grads, strict=True)
        ]
        gathered = state["gathered"] + 1.0
        ready = gathered >= float(self.accumulate)
        moved, fresh = self._move(xp, values, total, state)
        moved = [xp.where(ready, new, w) for new, w in zip(moved, values, strict=True)]
        fresh = {name: xp.where(ready, new, state[name]) for name, new in fresh.items()}
        fresh |= {k: xp.where(ready, 0.0, sums) for k, sums in zip(kept, total, strict=True)}
        return moved, fresh | {"gathered": xp.where(ready, 0.0, gathered)}

    def _move(
        self, xp: Any, values: Sequence[Any], grads: Sequence[Any], state: Mapping[str, Any]
    ) -> tuple[list[Any], Values]:
        fresh = {"steps": state["steps"] + 1.0} if self.counts_steps else {}
        scalars = {"lr": state["lr"], **fresh}
        moved = []
        pairs = zip(values, self.clip(xp, grads), strict=True)
        for (w, dw), node, kept in zip(pairs, self.parameters, self._kept, strict=True):
            is_same = w.dtype == scalars["lr"].dtype
            own = scalars if is_same else {k: x.astype(w.dtype) for k, x in scalars.items()}
            decays = node in self.decayed
            gradient = dw + self.l2 * w if self.l2 and decays else dw
            found = self.update(xp, w, gradient, *[state[name] for name in kept], **own)
            if not isinstance(found, tuple | list) or len(found) != 1 + len(kept):
                expected = f"a tuple of new values: {', '.join(['w', *self.state_names])}"
                refuse_unless(False, f"{type(self).__name__}.update", found, expected, "return it")
            new, *states = found
            if self.weight_decay and decays:
                new = minus(new, own["lr"] * self.weight_decay * w)
            moved.append(new)
            if states:
                fresh.update(zip(kept, states, strict=True))
        return moved, fresh

    def clip(self, xp: Any, grads: Sequence[Any]) -> Sequence[Any]:
        """The gradients, limited as `clip_value` and then `clip_norm` say."""
        if self.clip_value is not None:
            top = self.clip_value
            grads = [xp.minimum(xp.maximum(grad, -top), top) for grad in grads]
        if self.clip_norm is not None:
            shrink = xp.minimum(self.clip_norm / _norm(grads), 1.0)
            grads = [grad * _in_dtype(shrink, grad.dtype) for grad in grads]
        return grads


def minus(w: Any, step: Any) -> Any:
    """`w - step`; where that is an array, in the memory of the step, which has been made for this.

    NumPy itself does so with what is on the left.
    """
    if type(step) is np.ndarray and step.shape == w.shape:
        return np.subtract(w, step, out=step)
    return w - step


def _leaf(name: str, value: Any) -> Node:
    return Node(value, name=name, requires_grad=False)


def _norm(grads: Sequence[Any]) -> Any:
    """The norm of all gradients together; no square overflows, nor does that of float16."""
    kind = np.result_type("float32", *(grad.dtype for grad in grads))
    norms = [ag.linalg.vector_norm(_in_dtype(grad, kind)) for grad in grads]
    return ag.linalg.vector_norm(ag.stack(norms))


def _in_dtype(x: Any, dtype: Any) -> Any:
    """An array in a dtype, as parameters have to keep theirs."""
    return x if x.dtype == dtype else x.astype(dtype)


def _distinct_names(parameters: Sequence[Node]) -> list[str]:
    names = [node.name or "parameter" for node in parameters]
    if len(set(names)) == len(names):
        return names
    return [f"{number}.{name}" for number, name in enumerate(names)]


def _gradient(node: Node) -> Any:
    if node.grad is None:
        raise GradientError(
            node.label(),
            expected="a gradient to step along",
            came="none: no backward has reached this parameter",
            suggestion="run backward from a loss that depends on it, or leave it out",
        )
    return np.asarray(node.grad)


def _nodes(name: str, given: Any) -> list[Node]:
    nodes = list(given) if isinstance(given, Iterable) else [given]
    for node in nodes:
        is_leaf = isinstance(node, Node) and node.op in ASSIGNABLE and node.dtype.kind == "f"
        refuse_unless(is_leaf, name, node, "parameters of a floating-point dtype", HOW)
    return nodes


def _nonfinite(node: Node) -> NonFiniteError:
    ranges = [f"{x.min():.6g} to {x.max():.6g}" for x in map(np.asarray, (node.value, node.grad))]
    return NonFiniteError(
        node.label(),
        expected="finite values after the step",
        came=f"NaN or infinity, from values {ranges[0]} and gradients {ranges[1]}",
        suggestion="lower the learning rate, or look at the gradients of the nodes before it",
    )
