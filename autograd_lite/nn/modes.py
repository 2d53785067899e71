"""Training or use: what a module knows of it while it is called, and the buffers that it moves.

A buffer is a leaf without gradient that training changes beside the parameters: the running mean of
a BatchNorm, the seed of a Dropout. A graph is recorded in one mode. Recorded for training it has a
node for the new value of every buffer, and whoever runs it assigns these values after each step.
"""

from contextvars import ContextVar
from typing import Any

import numpy as np

from autograd_lite import Node
from autograd_lite.errors import GraphError
from autograd_lite.frontend.blocks import Within
from autograd_lite.frontend.suggestions import checks_call

in_use: ContextVar[bool] = ContextVar("in_use", default=False)
_collected: ContextVar[dict[Node, Node] | None] = ContextVar("_collected", default=None)


@checks_call
def evaluating() -> Within[bool]:
    """Modules called inside compute what they do in use, whatever mode they are in.

    >>> from autograd_lite import nn
    >>> layer = nn.Dropout(0.9)
    >>> with nn.evaluating():
    ...     layer(np.ones(2)).tolist()
    [1.0, 1.0]
    """
    return Within(in_use, lambda _: True)


@checks_call
def buffer_updates() -> Within[Any]:
    """What modules called inside change in training: each buffer with the node of its new value.

    Give them to `ag.compile` beside the updates of an optimizer. Outside of such a block, buffers
    change when a module in training is called with values.

    >>> import autograd_lite as ag
    >>> from autograd_lite import nn
    >>> norm = nn.BatchNorm(1)
    >>> with ag.Graph() as graph, nn.buffer_updates() as updates:
    ...     loss = ag.sum(norm(ag.input(name="x", shape=(2, 1))) ** 2)
    >>> step = ag.compile(graph, loss, updates)
    >>> _ = step(x=np.array([[10.0], [30.0]], "float32"))
    >>> norm.mean.value.tolist()
    [2.0]
    """
    return Within(_collected, lambda _: {})


def latest(buffer: Node, x: Any) -> Any:
    """The value of a buffer for a call with x: in a recording, a node of it."""
    found = _collected.get()
    if found is not None:
        return found.get(buffer, buffer)
    if isinstance(x, Node) and x._value is None:
        raise GraphError(
            buffer.label(),
            expected="somebody who changes it in each run of what is recorded",
            came="a module in training, called without values",
            suggestion="record in `with nn.buffer_updates() as updates:` and compile with these; "
            "or call model.eval() first",
        )
    return buffer.value


def move(buffer: Node, new: Any) -> None:
    """Give a buffer another value: in each run of what is recorded, or now."""
    found = _collected.get()
    if found is None:
        value = new.value if isinstance(new, Node) else new
        buffer.assign(np.asarray(value, buffer.dtype))
    else:
        found[buffer] = new
