"""What a caller of the library is told by type checkers, and finds when it runs.

mypy and pyright, both strict, read this file: each `assert_type` that does not hold is an error.
"""

from typing import Any, assert_type

import numpy as np
from numpy.typing import NDArray

import autograd_lite as ag
from autograd_lite import Node, nn
from autograd_lite.testing import check_op


class Swish(ag.Elementwise):
    """x · sigmoid(x), with rules as type checkers and linters like them."""

    @staticmethod
    def forward(xp: Any, x: Any) -> Any:
        return x * ag.sigmoid(x)

    @staticmethod
    def vjp_x(xp: Any, grad: Any, out: Any, x: Any) -> Any:
        return grad * (ag.sigmoid(x) + out * (1 - ag.sigmoid(x)))


class Straight(ag.Op):
    """The sum, whose gradient does not flow."""

    vjp_x = None

    @staticmethod
    def forward(xp: Any, x: Any, *, axis: int = -1) -> Any:
        return xp.sum(x, axis=axis)


def is_node(x: Node) -> None:
    assert isinstance(x, Node)


def test_operators_give_nodes() -> None:
    a, b = Node(2.0), Node(np.ones(3))
    is_node(assert_type(a + b, Node))
    is_node(assert_type(a - 1, Node))
    is_node(assert_type(a * 2, Node))
    is_node(assert_type(a / 2.0, Node))
    is_node(assert_type(a**2, Node))
    is_node(assert_type(a // 2, Node))
    is_node(assert_type(a % 2, Node))
    is_node(assert_type(b @ b, Node))
    is_node(assert_type(1 + a, Node))
    is_node(assert_type(1 - a, Node))
    is_node(assert_type(2 * a, Node))
    is_node(assert_type(1 / a, Node))
    is_node(assert_type(2**a, Node))
    is_node(assert_type(-a, Node))
    is_node(assert_type(+a, Node))
    is_node(assert_type(abs(a), Node))
    is_node(assert_type(a < 3, Node))
    is_node(assert_type(a >= b, Node))
    is_node(assert_type(a == b, Node))
    is_node(assert_type(a != 2.0, Node))
    is_node(assert_type((a > 1) & (b < 3), Node))
    is_node(assert_type(b[0], Node))
    is_node(assert_type(b[1:], Node))
    is_node(assert_type(-a * 2 + b, Node))
    is_node(assert_type(np.ones(3) * b, Node))
    is_node(assert_type(np.ones((2, 3)) @ b, Node))
    is_node(assert_type(round(b), Node))


def test_methods_give_nodes() -> None:
    a = Node(np.ones((2, 2)))
    is_node(assert_type(a.exp(), Node))
    is_node(assert_type(a.log(), Node))
    is_node(assert_type(a.sqrt(), Node))
    is_node(assert_type(a.tanh(), Node))
    is_node(assert_type(a.sigmoid(), Node))
    is_node(assert_type(a.relu(), Node))
    is_node(assert_type(a.sum(), Node))
    is_node(assert_type(a.sum(0), Node))
    is_node(assert_type(a.mean(axis=1, keepdims=True), Node))
    is_node(assert_type(a.max(), Node))
    is_node(assert_type(a.reshape(4), Node))
    is_node(assert_type(a.reshape((4, 1)), Node))
    is_node(assert_type(a.astype("float32"), Node))
    is_node(assert_type(a.T, Node))
    is_node(assert_type(a.mT, Node))
    is_node(assert_type(a.named("a"), Node))
    is_node(assert_type(a.sin(), Node))
    is_node(assert_type(a.softmax(), Node))
    is_node(assert_type(a.std(axis=0), Node))
    is_node(assert_type(a.clip(0, 1), Node))
    is_node(assert_type(a.flatten(), Node))
    is_node(assert_type(a.transpose(1, 0), Node))
    is_node(assert_type(a[:1].squeeze(0), Node))


def test_functions_give_what_they_are_given() -> None:
    a, x = Node(np.ones((2, 2))), np.ones((2, 2))
    is_node(assert_type(ag.exp(a), Node))
    is_node(assert_type(ag.sin(a), Node))
    is_node(assert_type(ag.softplus(a), Node))
    is_node(assert_type(ag.sqrt(a * a + 1), Node))
    is_node(assert_type(ag.abs(a), Node))
    is_node(assert_type(ag.maximum(a, 0.0), Node))
    is_node(assert_type(ag.maximum(0.0, a), Node))
    is_node(assert_type(ag.minimum(a, x), Node))
    is_node(assert_type(ag.add(x, a), Node))
    is_node(assert_type(ag.matmul(a, x), Node))
    is_node(assert_type(ag.logaddexp(a, a), Node))
    is_node(assert_type(ag.mean(a), Node))
    is_node(assert_type(ag.max(a, 0), Node))
    is_node(assert_type(ag.logsumexp(a, axis=0, keepdims=True), Node))
    is_node(assert_type(ag.sum(a), Node))
    is_node(assert_type(ag.sum(a, dtype="float32"), Node))
    is_node(assert_type(ag.std(a, axis=0, correction=1.0), Node))
    is_node(assert_type(ag.linalg.solve(a + np.eye(2), x), Node))
    is_node(assert_type(ag.linalg.inv(a + np.eye(2)), Node))
    is_node(assert_type(ag.linalg.det(a), Node))
    is_node(assert_type(ag.where(a > 0, a, 0.0), Node))
    is_node(assert_type(ag.where(x > 0, 0.0, a), Node))
    is_node(assert_type(ag.where(a > 0, 1.0, 0.0), Node))
    is_node(assert_type(ag.concat([a, a], axis=1), Node))
    is_node(assert_type(ag.stack([a, a]), Node))
    is_node(assert_type(ag.softmax(a, axis=-1), Node))
    is_node(assert_type(ag.reshape(a, (4, 1)), Node))
    is_node(assert_type(ag.expand_dims(a, axis=0), Node))
    is_node(assert_type(ag.permute_dims(a, (1, 0)), Node))
    is_node(assert_type(ag.clip(a, 0.0, 1.0), Node))
    is_node(assert_type(ag.cumulative_sum(a, axis=0), Node))
    is_node(assert_type(ag.zeros_like(a), Node))
    is_node(assert_type(ag.einsum("ij,jk->ik", a, a), Node))
    is_node(assert_type(ag.take(a, [0], axis=1), Node))
    is_node(assert_type(ag.cross_entropy_with_logits(a, [0, 1]), Node))
    is_node(assert_type(ag.cross_entropy_with_logits(x, a), Node))
    is_node(assert_type(ag.gradients(ag.sum(a), a), Node))
    assert_type(ag.gradients(ag.sum(a), [a]), list[Node])
    assert isinstance(assert_type(ag.zeros((2, 2)), NDArray[Any]), np.ndarray)
    assert isinstance(assert_type(ag.reshape(x, (4,)), NDArray[Any]), np.ndarray)
    assert isinstance(assert_type(ag.concat([x, x]), NDArray[Any]), np.ndarray)
    assert isinstance(assert_type(ag.where(x > 0, x, 0.0), NDArray[Any]), np.ndarray)
    assert isinstance(assert_type(ag.vecdot(x, x, axis=0), NDArray[Any]), np.ndarray)
    assert isinstance(assert_type(ag.exp(x), NDArray[Any]), np.ndarray)
    assert isinstance(assert_type(ag.exp([1.0, 2.0]), NDArray[Any]), np.ndarray)
    assert isinstance(assert_type(ag.maximum(x, 0.0), NDArray[Any]), np.ndarray)
    assert isinstance(assert_type(ag.exp(2.0), float), float)
    assert isinstance(assert_type(ag.maximum(2.0, 3.0), float), float)
    assert isinstance(assert_type(ag.linalg.solve(np.eye(2), x), NDArray[Any]), np.ndarray)


def test_leaves_and_conversions() -> None:
    is_node(assert_type(ag.parameter([1.0]), Node))
    is_node(assert_type(ag.constant(1), Node))
    assert_type(float(Node(2.0)), float)
    assert_type(Node(2.0).shape, tuple[int, ...])


def test_an_op_of_a_user() -> None:
    x = Node(0.0)
    first = ag.gradients(Swish(x), x)
    assert ag.gradients(first, x).value == first.value == 0.5
    check_op(Swish)
    assert not Straight(Node([1.0, 2.0]), axis=0).requires_grad


def test_a_network_of_a_user() -> None:
    class Line(nn.Module):
        def __init__(self) -> None:
            self.slope = ag.parameter(2.0)

        def __call__(self, x: Any, /) -> Node:
            y: Node = self.slope * x
            return y

    line = Line()
    optimizer = nn.SGD(line.parameters(), lr=0.1)
    loss = ag.mean((line(np.ones(3)) - 1.0) ** 2)
    assert_type(loss, Node)
    loss.backward()
    optimizer.step()
    assert abs(float(line.slope) - 1.8) < 1e-12
