"""Expressions outside any graph: the short way gives what the long way does."""

import math
import operator as op

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.core import eager
from autograd_lite.errors import AutogradError, StaleError


def through_arrays(build, *values):
    """Value and gradients of the same expression with 0-d arrays, which go the long way."""
    leaves = [ag.Node(np.array(value)) for value in values]
    output = build(*leaves)
    output.backward()
    return float(output), [float(x.grad) for x in leaves]


@pytest.mark.parametrize(
    "build",
    [
        lambda a, b: a * b + a / b - 2.0 * a,
        lambda a, b: a**2.0 + 2.0**b + (1.0 - a) / (3.0 / b),
        lambda a, b: a % b + 0.0 * a - b * 0.0,
        lambda a, b: ag.relu(a - b) * ag.exp(a) + ag.log(b),  # behind relu no gradient flows
        lambda a, b: ag.where(a > b, a * a, b) * ag.leaky_relu(-a),
        lambda a, b: ag.relu(ag.leaky_relu(a) - 10.0) + ag.where(b > 0.0, a, a) * b,
        lambda a, b: (a > 0.0) * ag.maximum(a, b) + (b > 0.0) * a * b,
    ],
)
def test_values_and_gradients_are_those_of_arrays(build):
    a, b = ag.Node(1.25), ag.Node(2.5)
    y = build(a, b)
    y.backward()
    value, gradients = through_arrays(build, 1.25, 2.5)
    assert y.value == pytest.approx(value, rel=1e-15)
    assert [a.grad, b.grad] == pytest.approx(gradients, rel=1e-14)
    assert type(y.value) is type(a.grad) is type(b.grad) is float


def test_where_math_raises_there_is_an_infinity():
    a, b = ag.Node(1.0), ag.Node(0.0)
    y = a / b
    y.backward()
    assert (y.value, a.grad, b.grad) == (math.inf, math.inf, -math.inf)
    z = ag.sqrt(b)
    z.backward()
    assert b.grad == math.inf


@pytest.mark.parametrize("build", [lambda a, b: b * a, lambda a, b: a * b])
def test_a_changed_leaf_makes_the_expression_stale(build):
    a, b = ag.Node(2.0), ag.Node(3.0)
    y = build(a, b)
    a.value = 4.0
    with pytest.raises(StaleError, match="Mul: expected a value computed from the present values"):
        y.backward()
    assert a.grad is None


def test_an_op_may_come_from_an_array_to_a_float():
    class Total(ops.Op):
        def forward(xp, x):
            return float(xp.sum(x))

        def vjp_x(xp, grad, out, x):
            return xp.zeros_like(x) + grad

    x = ag.Node([1.0, 2.0])
    y = Total(x * 2.0) * 3.0
    y.backward()
    assert y.value == 18.0
    assert x.grad.tolist() == [6.0, 6.0]


def test_what_numpy_makes_on_the_way_is_a_float_to_everybody():
    a = ag.Node(0.5)
    b = a * 2.0
    y = ag.softplus(b)  # its rule asks NumPy, whose scalars are no Python floats
    y.backward()
    assert type(b.grad) is type(a.grad) is float
    assert a.grad == pytest.approx(2.0 / (1.0 + math.exp(-1.0)), rel=1e-15)


@pytest.mark.parametrize("seed", range(20))
def test_every_gradient_on_the_way_in_whatever_order_nodes_were_appended(seed):
    def gradients(*leaves):
        random = np.random.default_rng(seed)
        loose = list(leaves)
        for _ in range(60):
            x, y = (loose[i] for i in random.integers(len(loose), size=2))
            loose.append(x * y if random.random() < 0.3 else x - y * 0.5)
        sum(loose[-9:], start=leaves[0]).backward()
        return [math.nan if x.grad is None else float(x.grad) for x in loose]

    found = gradients(ag.Node(0.75), ag.Node(-0.5))
    expected = gradients(ag.Node(np.array(0.75)), ag.Node(np.array(-0.5)))
    assert found == pytest.approx(expected, rel=1e-12, nan_ok=True)


def test_a_leaf_is_its_own_output():
    a = ag.Node(2.0)
    a.backward()
    assert a.grad == 1.0


OPERATORS = [op.add, op.sub, op.mul, op.truediv, op.pow, op.mod, op.floordiv, op.gt, op.eq]
NUMBERS = [2, 2.0, True, 0, 0.0, -0.0, *map(np.float64, (2.0, -0.0)), np.int64(3), np.float32(2)]
NUMBERS += [np.float16(2), np.uint8(2), np.int32(-3), np.longdouble(2)]
VALUES = [1.5, np.float64(1.5), np.array(1.5), np.array([1.5, 2.5]), np.float32([1.5, 2.5])]


def outcome(build, leaf):
    """Value, type, dtype and gradient of what is built from a leaf."""
    y = build(leaf)
    if y.requires_grad:
        y.backward(np.ones(y.shape, y.dtype))
    return repr(y.value), y.dtype, repr(leaf.grad)


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_numbers_beside_nodes_are_what_they_are_in_a_graph(operator, value):
    others = [*NUMBERS, np.array([2.0, 3.0]), ag.Node(2.0), ag.Node([2.0, 3.0])]
    builds = [lambda x, c=c: operator(x, c) for c in others]
    for build in [*builds, *(lambda x, c=c: operator(c, x) for c in others)]:
        short = outcome(build, ag.Node(value))
        with ag.Graph():
            assert outcome(build, ag.Node(value)) == short


def test_a_comparison_times_a_number_is_one():
    positive = ag.Node(2.0) > 1
    assert [repr((positive * 2.0).value), (positive * 2).value] == ["2.0", 2]


@pytest.mark.parametrize("number", [3, 0, True, False, 0.0, -0.0, np.float32(1.5), np.int64(3)])
def test_a_number_beside_floats_is_one_constant_of_its_sign(number):
    x = ag.Node(2.0)
    constants = [(x * number).inputs[1], (number + x).inputs[0], ag.maximum(number, x).inputs[0]]
    assert all(type(c.value) is float and repr(c.value) == repr(float(number)) for c in constants)
    assert (x - number).inputs[1] is constants[1]


def test_constants_are_kept_for_a_thousand_numbers_and_for_each_class():
    class Own(ag.Node):
        __slots__ = ()

    x = ag.Node(2.0)
    last = [x + number for number in range(1500)][-1]
    assert len(eager.numbers) <= 1001
    assert [x.value for x in (x + 1499).inputs] == [2.0, 1499.0]
    assert [type(1499 + Own(1.0)), type(1499 + x), type(last)] == [Own, ag.Node, ag.Node]


def test_a_number_is_one_constant_outside_of_graphs_and_one_each_in_them():
    x = ag.Node([1.0, 2.0])
    assert (x * 2).inputs[1] is (x + 2).inputs[1]
    assert (x * 2).inputs[1] is not (x * 2.0).inputs[1]
    assert ag.maximum(x, 0.5).inputs[1] is ag.minimum(x, 0.5).inputs[1]
    with ag.Graph() as graph:
        y = x * 2.0 + 2.0
    assert len(graph) == 5
    assert (y + 2.0).inputs[1] is not (y * 2.0).inputs[1]


def test_a_rule_may_give_numbers_of_other_kinds():
    class Doubled(ops.Elementwise):
        def forward(xp, x):
            return np.float64(2.0) * x

        def vjp_x(xp, grad, out, x):
            return np.float64(2.0) * grad

    for x in (ag.Node(1.5), ag.Node([1.5])):
        y = Doubled(x)
        y.backward(None if type(x.value) is float else [1.0])
        assert (np.ravel(y.value), np.ravel(x.grad)) == (3.0, 2.0)
        assert type(y.value) is type(x.value) is type(x.grad)


@pytest.mark.parametrize(
    "fails", [lambda x: x + np.ones(3), lambda x: x @ x @ x, lambda x: x ** "2"]
)
def test_what_the_short_way_cannot_do_is_refused_at_the_users_line(fails):
    with pytest.raises(AutogradError, match=r"test_eager\.py:\d+ in <lambda>"):
        fails(ag.Node([1.0, 2.0]))


@pytest.mark.parametrize(
    ("x", "exponent", "op"),
    [
        (3.0, 2, ops.Square),
        (np.float32(3.0), 2.0, ops.Square),
        (np.array([-2.0, 3.0, np.inf]), np.float64(2.0), ops.Square),
        (np.array([1e20, -0.0]), np.int64(2), ops.Square),
        (np.array([2, 3]), 2.0, ops.Pow),
        (3.0, 3, ops.Pow),
        (3.0, np.array(2.0), ops.Pow),
    ],
)
def test_a_square_of_floats_is_no_power(x, exponent, op):
    node = ag.Node(x, requires_grad=np.asarray(x).dtype.kind == "f") ** exponent
    assert node.op is op
    expected = np.asarray(x) ** exponent
    assert np.array_equal(node.value, expected)
    assert node.dtype == expected.dtype


def test_a_rule_may_give_whole_numbers_for_floats():
    class Whole(ops.Elementwise):
        def forward(xp, x, y):
            return 3

        vjp_x = vjp_y = None

    assert Whole(ag.Node(1.5), ag.Node(2.5)).value == 3


class HalfProduct(ag.Elementwise):
    """Half of a product, as NumPy's own kind of number."""

    def forward(xp, x, y):
        return np.float64(x * y / 2)

    vjp_x = vjp_y = NotImplemented


def test_a_rule_may_give_a_number_of_another_kind():
    out = eager.binary(HalfProduct)(ag.Node(2.0), ag.Node(3.0))
    assert out.value == 3.0
    assert out.op is HalfProduct


# Backward of floats alone


EXPRESSIONS = {
    "rules that hand on": lambda x, y: (x + y) - (x - 1.0) + (+y),
    "products and powers": lambda x, y: (x * y) ** 2 / (y**3 + x) - x**-1.5,
    "an input that a newer node reads again": lambda x, y: (x * y).exp() * x + (x * x) * y,
    "parameters and three inputs": lambda x, y: ag.leaky_relu(x - y) * ag.clip(x, 0.0, y),
    "three inputs, the last alone with a gradient": lambda x, y: ag.where(x > 5, 1.0, x * y) * x,
    "selections": lambda x, y: ag.where(x > y, x, ag.log(x - x)) + ag.maximum(x, y) + abs(-y),
    "where math has no infinity": lambda x, y: ag.relu(ag.log(x - x)) + ag.exp(800.0 * y) * 0.0 + x,
    "slopes by other ops": lambda x, y: ag.tanh(x) * ag.sigmoid(y) + ag.silu(x * y),
    "nothing but a leaf": lambda x, y: x,
    "a leaf beside constants": lambda x, y: (2.0 - x) / 3 + 0 * y + True,
}


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy tells of each infinity
def test_floats_have_the_gradients_of_arrays_without_axes(name):
    grads = []
    for kind in (float, np.array):
        x, y = ag.Node(kind(1.25)), ag.Node(kind(0.75))
        EXPRESSIONS[name](x, y).backward()
        grads.append([np.nan if z.grad is None else z.grad for z in (x, y)])
    assert all(type(grad) is float for grad in grads[0])
    np.testing.assert_allclose(grads[0], grads[1], rtol=1e-15)


def test_short_rules_are_known_by_what_they_say():
    known = {name: ag.ops.OPS[name].short for name in ("Add", "Sub", "Mul", "Neg", "Exp")}
    assert known == {
        "Add": ("grad", "grad"), "Sub": ("grad", None), "Mul": ("grad * y", "grad * x"),
        "Neg": (None,), "Exp": (None,),
    }  # fmt: skip


def test_places_are_those_of_functions_that_take_turns():
    def first(x):
        return x * 2.0

    def second(x):
        return x.tanh()

    x = ag.Node(0.5)
    nodes = first(x), second(x), ag.exp(x), second(x), first(x), x.tanh(), second(x)
    here = "test_places_are_those_of_functions_that_take_turns"
    expected = ["first", "second", here, "second", "first", here, "second"]
    assert [node.place.rpartition(" in ")[2] for node in nodes] == expected
