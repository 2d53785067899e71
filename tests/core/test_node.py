"""A node as a value: operators, methods, conversions, NumPy on either side."""

import operator

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.core.node import BaseNode, Leaf, make_leaf

OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod,
    operator.floordiv,
]  # fmt: skip
COMPARISONS = [operator.eq, operator.ne, operator.lt, operator.le, operator.gt, operator.ge]
BITS = [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]
ARRAY = np.array([[0.5, 2.0], [1.5, 3.0]])


@pytest.mark.parametrize(
    "op", [*OPERATORS, *COMPARISONS, operator.matmul], ids=lambda op: op.__name__
)
@pytest.mark.parametrize("other", [2.0, 2, ARRAY, ARRAY[0], np.float32(2), [1.0, 2.0]], ids=repr)
def test_operators_equal_numpy_on_both_sides(op, other):
    if op is operator.matmul and np.ndim(other) == 0:
        pytest.skip("a product needs axes")
    node = ag.Node(ARRAY)
    np.testing.assert_array_equal(op(node, other).value, op(ARRAY, np.asarray(other)))
    np.testing.assert_array_equal(op(other, node).value, op(np.asarray(other), ARRAY))
    if np.ndim(other) and not isinstance(other, list):
        assert isinstance(op(other, node), ag.Node)


@pytest.mark.parametrize("op", OPERATORS + COMPARISONS, ids=lambda op: op.__name__)
@pytest.mark.parametrize(("x", "y"), [(3.0, 2.0), (0.0, -2.0), (-0.0, 5.0)])
def test_scalars_stay_python_numbers(op, x, y):
    for result in (op(ag.Node(x), y), op(x, ag.Node(y)), op(ag.Node(x), ag.Node(y))):
        expected = op(np.float64(x), np.float64(y)) if (x, op) != (0.0, operator.pow) else np.inf
        assert type(result.value) in (float, bool)
        assert result.value == expected or (x, op) == (-0.0, operator.pow)


@pytest.mark.parametrize("op", BITS, ids=lambda op: op.__name__)
def test_operators_on_bits(op):
    x, y = np.array([12, 5]), 2
    node = ag.constant(x)
    np.testing.assert_array_equal(op(node, y).value, op(x, y))
    np.testing.assert_array_equal(op(y, node).value, op(y, x))
    np.testing.assert_array_equal((~node).value, ~x)


def test_conditions_are_joined_by_bits():
    x = ag.Node([-1.0, 0.5, 2.0])
    inside = (x > 0) & ~(x >= 1)
    np.testing.assert_array_equal(inside.value, [False, True, False])
    scalar = ag.Node(0.5)
    assert ((scalar > 0) & (scalar < 1)).value is True
    assert (~(scalar > 0)).value is False


def test_yes_and_no_beside_numbers():
    a, b = ag.Node(1.0), ag.Node(2.0)
    assert ((a > 0) + (b > 0)).value is np.True_
    assert type(ag.where(a > 0, b > 0, 2.0).value.item()) is float
    assert type(ag.where(a > 0, a, b).value) is type(((a > 0) * 2.0).value) is float
    assert ((a > 0) * 2).dtype == np.int64


def test_zeros_of_both_signs_are_kept():
    x = ag.Node(1.0)
    assert [(x / 0.0).value, (x / -0.0).value] == [np.inf, -np.inf]


def test_unary_operators():
    x = ag.Node(-2.0)
    assert [(-x).value, abs(x).value, (+x) is x] == [2.0, 2.0, True]


METHODS = {
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "tanh": np.tanh,
    "sum": np.sum,
    "mean": np.mean,
    "max": np.max,
    "min": np.min,
    "prod": np.prod,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
}


@pytest.mark.parametrize("name", METHODS)
def test_methods(name):
    np.testing.assert_allclose(getattr(ag.Node(ARRAY), name)().value, METHODS[name](ARRAY))


@pytest.mark.parametrize("ufunc", [np.exp, np.add, np.matmul, np.maximum, np.negative, np.less])
def test_numpy_functions_append(ufunc):
    values = [ARRAY] * ufunc.nin
    result = ufunc(ag.Node(ARRAY), *values[1:])
    assert isinstance(result, ag.Node)
    np.testing.assert_array_equal(result.value, ufunc(*values))


@pytest.mark.parametrize(("x", "y"), [(7.0, -2.0), (-7.0, 2.0), (ARRAY, 0.75)])
def test_divmod_equals_numpy_on_both_sides(x, y):
    for quotient, rest in (divmod(ag.Node(x), y), divmod(x, ag.Node(y))):
        np.testing.assert_array_equal(quotient.value, np.floor_divide(x, y))
        np.testing.assert_array_equal(rest.value, np.remainder(x, y))


def test_shapes():
    node = ag.Node(np.arange(6.0).reshape(2, 3))
    assert (node.shape, node.ndim, node.size, len(node)) == ((2, 3), 2, 6, 2)
    assert node.T.shape == node.mT.shape == (3, 2)
    assert node.reshape(3, -1).shape == (3, 2)
    assert str(node.astype("float32").dtype) == "float32"
    assert node.sum(axis=0, keepdims=True).shape == (1, 3)
    assert [row.value.tolist() for row in node] == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(TypeError, match="a node with an axis to go along"):
        len(ag.Node(1.0))


KEYS = [
    0, -1, slice(None, None, 2), (0, 1), (slice(None), 1), None, ..., (..., None, 0),
    [0, 1, 0], [], ([], 1), np.array([True, False]), (np.array([0, 1]), np.array([1, 1])), (slice(None), [0, 0]),
]  # fmt: skip


@pytest.mark.parametrize("key", KEYS, ids=repr)
def test_indexing_and_its_gradient(key):
    node = ag.Node(ARRAY)
    picked = node[key]
    np.testing.assert_array_equal(picked.value, ARRAY[key])
    (picked * picked).sum().backward()
    expected = np.zeros_like(ARRAY)
    np.add.at(expected, key, 2 * ARRAY[key])
    np.testing.assert_array_equal(node.grad, expected)


def test_an_index_may_be_a_node():
    with ag.Graph() as g:
        rows = ag.input(name="rows", shape=(2,), dtype="int64")
        picked = ag.constant(ARRAY)[rows]
    g.forward(rows=[1, 1, 0])
    np.testing.assert_array_equal(picked.value, ARRAY[[1, 1, 0]])


def test_conversions():
    assert float(ag.Node(2.5)) == 2.5
    assert int(ag.Node(2.5)) == 2
    assert f"{ag.Node(2.55):.1f} {ag.Node(2.5)}" == "2.5 Node(2.5)"
    assert ag.Node(np.ones((1, 1))).item() == 1.0
    assert bool(ag.Node(2.0) > 1.0)
    assert not ag.Node(0.0)
    assert type(ag.Node(3).value) is float


def test_repr():
    assert repr(ag.Node(2.0, name="a")) == "Node(2.0, name='a')"
    assert repr(ag.Node(np.zeros(17))) == "Node(Variable: float64[17])"
    with ag.Graph() as g:
        ag.input(name="x", shape=(2,))
    assert repr(g["x"]) == "Node(Input: float32[2], name='x')"


def test_a_constant_takes_the_dtype_of_its_partner():
    half = ag.Node(np.ones(2, "float32"))
    assert {(half * 2.0).dtype, (2 * half).dtype, ag.where(half > 0, half, 0.0).dtype} == {
        half.dtype
    }
    assert (half * np.ones(2)).dtype == np.float64
    assert (ag.constant([1, 2]) * 0.5).dtype == np.float64
    assert (ag.constant([1, 2]) * 2).dtype == np.int64
    assert (ag.Node(2.0) * half).dtype == np.float64


def test_assigning_a_value():
    x = ag.Node(2.0)
    x.value = 3
    assert type(x.value) is float
    w = ag.parameter(np.ones(2, "float32"))
    w.value = [1, 2]
    assert w.value.dtype == np.float32
    assert w.named("w").name == "w"


def test_a_node_that_needs_no_gradient():
    frozen = ag.Node(2.0, requires_grad=False)
    x = ag.Node(3.0)
    (frozen * x).backward()
    assert (frozen.grad, x.grad) == (None, 2.0)


def test_nodes_are_dictionary_keys():
    a, b = ag.Node(1.0), ag.Node(1.0)
    assert {a: "a", b: "b"}[b] == "b"


def test_a_float_meets_an_array():
    scale = ag.Node(2.0)
    (scale * ag.Node(np.arange(3.0))).sum().backward()
    assert scale.grad == 3.0
    assert type(scale.grad) is float


def test_place_is_the_users_line():
    node = ag.exp(ag.Node(1.0))
    assert "test_node.py" in node.place
    assert node.place.endswith("in test_place_is_the_users_line")
    line = int(node.place.split(":")[-1].split()[0])
    assert line == test_place_is_the_users_line.__code__.co_firstlineno + 1


# A NumPy scalar of a default dtype counts as the Python number it is meant as

NUMBERS = [(np.sqrt(4.0), 2.0), (np.int64(2), 2), (np.prod((2, 3)), 6), (np.bool_(1), True)]
ARITHMETIC = OPERATORS[:5]


@pytest.mark.parametrize(("scalar", "number"), NUMBERS)
@pytest.mark.parametrize("apply", ARITHMETIC)
@pytest.mark.parametrize("value", [2.0, np.float32(2.0), np.ones(2, "float32"), np.ones(2)])
def test_numpy_scalars_are_numbers(apply, value, scalar, number):
    x = ag.Node(value)
    for got, wanted in [(apply(x, scalar), apply(x, number)), (apply(scalar, x), apply(number, x))]:
        assert (got.dtype, type(got.value)) == (wanted.dtype, type(wanted.value))
        np.testing.assert_array_equal(got.value, wanted.value)


def test_numpy_scalars_are_numbers_beside_arrays_too():
    x = np.ones(2, "float32")
    assert ag.multiply(x, 1 / np.sqrt(2.0)).dtype == "float32"
    assert ag.multiply(x, np.asarray(1 / np.sqrt(2.0))).dtype == "float64"  # an array is an array
    assert type(ag.Node(np.float64(2.0)).value) is float
    with ag.Graph() as graph:
        y = ag.input(name="x", shape=(2,)) / np.sqrt(2.0)
    graph.forward(x=x)
    assert y.value.dtype == "float32"


def test_the_engines_own_node_has_its_value():
    x = ag.Node([1.0, 2.0])
    assert BaseNode.value.fget(x) is x.value


def test_the_engine_alone_hands_out_values():
    assert make_leaf(BaseNode, Leaf.Variable, 2.0)._need_value() == 2.0
