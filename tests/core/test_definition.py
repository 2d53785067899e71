"""The op contract: what is refused at the class statement and at the call, and a user's own ops."""

import numpy as np
import pytest
from numeric import check_first_order, check_second_order
from samples import Case

import autograd_lite as ag
from autograd_lite.errors import AutogradError, GradientError, OpCallError, OpDefinitionError
from autograd_lite.ops import OPS, Elementwise, MatMul, Op, Sigmoid
from autograd_lite.ops.table import Entry


@pytest.fixture(autouse=True)
def registry():
    """Forget the ops that a test defines."""
    known = dict(OPS)
    yield OPS
    OPS.clear()
    OPS.update(known)


def define(*bases, **members):
    return type(Op)("Made", bases or (Op,), members)


def forward(xp, x, y):
    return x * y


def vjp_x(xp, grad, out, x, y):
    return grad * y


def vjp_y(xp, grad, out, x, y):
    return grad * x


def clipped(xp, x, *, low=0.0):
    return xp.maximum(x, low)


def stacked(xp, x, *others):
    return x


def other_rule(xp, grad, out, x, *others, position):
    return grad


def fixed_rule(xp, grad, out, x, *others):
    return grad


REFUSED = {
    "no forward": (
        {"vjp_x": vjp_x},
        r"^op Made: expected a rule forward\(xp, x, …\)\n  came:  none",
    ),
    "a rule missing": (
        {"forward": forward, "vjp_x": vjp_x},
        r"rule for input 'y'\n  came:  only vjp_x\n(.|\n)*define vjp_y\(xp, grad, out, x, y\), or",
    ),
    "all rules missing": (
        {"forward": forward},
        r"a rule for input 'x'\n  came:  only forward",
    ),
    "a rule misnamed": (
        {"forward": forward, "vjp_x": vjp_x, "vjp_y": vjp_y, "vjp_z": vjp_y},
        r"rules for the inputs x, y\n  came:  vjp_z\n(.|\n)*rename vjp_z",
    ),
    "xp forgotten": (
        {"forward": lambda x: x, "vjp_x": vjp_x},
        r"rules for the inputs \n  came:  vjp_x",
    ),
    "an input of a rule missing": (
        {"forward": forward, "vjp_x": vjp_x, "vjp_y": lambda xp, grad, out, x: grad},
        r"vjp_y\(xp, grad, out, x, y\)\n  came:  vjp_y\(xp, grad, out, x\)\n",
    ),
    "the inputs of a rule exchanged": (
        {"forward": forward, "vjp_x": vjp_x, "vjp_y": lambda xp, grad, out, y, x: grad},
        r"came:  vjp_y\(xp, grad, out, y, x\)\n",
    ),
    "a parameter of a rule missing": (
        {"forward": clipped, "vjp_x": lambda xp, grad, out, x: grad},
        r"vjp_x\(xp, grad, out, x, low\)\n  came:  vjp_x\(xp, grad, out, x\)\n",
    ),
    "a parameter of a rule misnamed beside the others": (
        {"forward": clipped, "vjp_x": lambda xp, grad, out, x, *, lo, **params: grad},
        r"vjp_x\(xp, grad, out, x, \*\*params\)\n  came:  vjp_x\(.*x, lo, \*\*params\)\n",
    ),
    "an input of a rule that takes all parameters misnamed": (
        {"forward": clipped, "vjp_x": lambda xp, grad, out, z, **params: grad},
        r"vjp_x\(xp, grad, out, x, \*\*params\)\n  came:  vjp_x\(xp, grad, out, z, \*\*params\)\n",
    ),
    "an input of a rule that takes all parameters missing": (
        {"forward": clipped, "vjp_x": lambda xp, grad, out, **x: grad},
        r"vjp_x\(xp, grad, out, x, \*\*x\)\n  came:  vjp_x\(xp, grad, out, \*\*x\)\n",
    ),
    "parameters of forward without names": (
        {"forward": lambda xp, x, **params: x, "vjp_x": None},
        r"a forward that names its parameters\n  came:  \*\*params\n(.|\n)*name each of them",
    ),
    "position forgotten": (
        {"forward": stacked, "vjp_x": fixed_rule, "vjp_others": fixed_rule},
        r"vjp_others\(xp, grad, out, x, \*others, position\)\n  came:  vjp_others\(.*others\)\n",
    ),
    "position of a fixed input": (
        {"forward": stacked, "vjp_x": other_rule, "vjp_others": other_rule},
        r"vjp_x\(xp, grad, out, x, \*others\)\n  came:  vjp_x\(.*others, position\)\n",
    ),
    "a rule that is a number": (
        {"forward": forward, "vjp_x": vjp_x, "vjp_y": 0},
        r"vjp_y as a method, None or NotImplemented\n  came:  0\n(.|\n)*write None if no gradient",
    ),
    "a rule that is another word for missing": (
        {"forward": forward, "vjp_x": vjp_x, "vjp_y": NotImplementedError},
        r"vjp_y as a method, None or NotImplemented\n  came:  <class 'NotImplementedError'>",
    ),
    "a star forgotten": (
        {
            "forward": stacked,
            "vjp_x": lambda xp, grad, out, x, others: grad,
            "vjp_others": other_rule,
        },
        r"vjp_x\(xp, grad, out, x, \*others\)\n  came:  vjp_x\(xp, grad, out, x, others\)",
    ),
}


@pytest.mark.parametrize(("members", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_definition(registry, members, message):
    with pytest.raises(OpDefinitionError, match=message):
        define(**members)
    assert "Made" not in registry


def test_definition_error_names_the_users_line():
    with pytest.raises(OpDefinitionError, match=rf"at:    {__file__}:\d+ in define"):
        define()


def test_none_is_a_rule():
    op = define(forward=forward, vjp_x=vjp_x, vjp_y=None)
    x, y = ag.Node(2.0), ag.Node(3.0)
    op(x, y).backward()
    assert (float(x.grad), y.grad) == (3.0, None)


def unwritten(*, order):
    """The square, whose derivative of that order has no rule yet."""
    slope = define(Elementwise, forward=lambda xp, x: 2 * x, vjp_x=NotImplemented)
    if order == 1:
        return slope
    return define(
        Elementwise,
        forward=lambda xp, x: x * x,
        vjp_x=lambda xp, grad, out, x: grad * slope(x),
    )


READINGS = {
    "backward of floats": lambda f: f(ag.Node(2.0)).backward(),
    "backward of arrays": lambda f: ag.sum(f(ag.Node([2.0, 3.0]))).backward(),
    "gradients": lambda f: ag.gradients(f(x := ag.Node(2.0)), x),
    "grad": lambda f: ag.grad(f)(2.0),
    "jvp": lambda f: ag.jvp(f, (2.0,), (1.0,)),
    "jacobian": lambda f: ag.jacobian(f)(np.ones(3)),
}


@pytest.mark.parametrize("read", READINGS.values(), ids=READINGS)
@pytest.mark.parametrize("order", [1, 2])
def test_a_rule_that_is_not_written_is_refused(registry, read, order):
    function = unwritten(order=order)
    for _ in range(order - 1):
        function = ag.grad(lambda x, f=function: ag.sum(f(x)))
    with pytest.raises(GradientError, match=r"^vjp_x of Made: expected a rule\n  came:  NotImpl"):
        read(function)


def test_a_rule_that_is_not_written_is_no_trouble_where_nothing_asks_for_it(registry):
    op = define(forward=forward, vjp_x=vjp_x, vjp_y=NotImplemented)
    assert ag.grad(lambda x: op(x, 3.0))(2.0) == 3.0
    x, y = ag.Node(2.0), ag.Node(3.0)
    assert ag.gradients(op(x, y), x).value == 3.0


def test_the_table_leaves_out_a_rule_that_is_not_written(registry):
    op = define(forward=forward, vjp_x=vjp_x, vjp_y=NotImplemented)
    assert Entry.of(op).differentiable_in == "x"


def test_a_rule_may_take_the_parameters_that_it_does_not_name_as_one():
    seen = {}

    def forward(xp, x, *others, low=0.0, high=1.0, power=1):
        return x

    def vjp_x(xp, grad, out, x, *others, **params):
        seen["x"] = params
        return grad

    def vjp_others(xp, grad, out, x, *others, high, position, **params):
        seen[position] = {"high": high} | params
        return grad

    op = define(forward=forward, vjp_x=vjp_x, vjp_others=vjp_others)
    op(ag.Node(1.0), ag.Node(1.0), ag.Node(1.0), low=5.0).backward()
    params = {"low": 5.0, "high": 1.0, "power": 1}
    assert seen == {"x": params, 0: params, 1: params}


NODES_AS_PARAMETERS = {
    "a count": ("Repeat", ag.repeat),
    "counts": ("Repeat", lambda x, n: ag.repeat(x, [n, 1, 1], axis=0)),
    "of NumPy's functions": ("Repeat", lambda x, n: np.repeat(x, repeats=n)),
    "an axis": ("Sum", lambda x, n: ag.sum(x, axis=n)),
    "a slope": ("LeakyReLU", ag.leaky_relu),
}


@pytest.mark.parametrize("name", NODES_AS_PARAMETERS)
def test_a_node_is_no_parameter(name):
    op, call = NODES_AS_PARAMETERS[name]
    told = rf"^{op}: expected parameters that are fixed at the call.*\n  came:  the node Constant"
    with pytest.raises(OpCallError, match=told + r"(.|\n)*give node.value"):
        call(ag.Node([1.0, 2.0, 3.0]), ag.constant(2))


def test_redefined_op_takes_the_place_of_the_earlier_one(registry):
    first = define(forward=lambda xp, x: x, vjp_x=None)
    assert registry["Made"] is first
    second = define(forward=lambda xp, x: -x, vjp_x=None)
    assert registry["Made"] is second
    assert first(1.0) == 1.0


def test_abstract_op_is_not_registered(registry):
    class Shared(Elementwise, abstract=True):
        vjp_x = None

    class Sign(Shared):
        def forward(xp, x):
            return xp.sign(x)

    assert "Shared" not in registry
    assert Sign(ag.Node(-3.0)).value == -1.0  # a function that Python's math does not have
    assert registry["Sign"] is Sign


# Ops of a user, each checked as the library's own are


def check(op, *inputs, **params):
    case = Case(tuple(np.asarray(x) for x in inputs), params)
    check_first_order(op, case, seed=1, step=1 / 32)
    check_second_order(op, case, seed=1, step=1 / 32)


def test_own_elementwise_op():
    class Sin(Elementwise):
        def forward(xp, x):
            return xp.sin(x)

        def vjp_x(xp, grad, out, x):
            return grad * Cos(x)

    class Cos(Elementwise):
        def forward(xp, x):
            return xp.cos(x)

        def vjp_x(xp, grad, out, x):
            return -grad * Sin(x)

    check(Sin, [0.5, -2.0])
    check(Cos, [[0.5], [-2.0]])
    assert type(Sin(ag.Node(0.5)).value) is float


def test_own_op_with_parameters():
    class Swish(Elementwise):
        """x · σ(βx)."""

        def forward(xp, x, *, beta=1.0):
            return x * Sigmoid(beta * x)

        def vjp_x(xp, grad, out, x, *, beta):
            s = Sigmoid(beta * x)
            return grad * (s + beta * x * s * (1 - s))

    check(Swish, [0.5, -2.0, 0.0])
    check(Swish, [0.5, -2.0], beta=3.0)
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2,), dtype="float64")
        y = Swish(x, beta=2.0)
    assert str(g).endswith("Swish(%0, beta=2.0)")
    g.forward(x=[0.0, 1.0])
    np.testing.assert_allclose(y.value, [0.0, 1 / (1 + np.exp(-2.0))])


def test_own_op_with_several_axes():
    class Norm(Op):
        def forward(xp, x):
            return xp.sqrt(xp.sum(x * x))

        def vjp_x(xp, grad, out, x):
            return grad * x / out

    check(Norm, [[3.0, -4.0], [1.0, 2.0]])


def test_own_op_inherits_rules():
    class Scaled(MatMul):
        """Half of the product, with the product's rules scaled alike."""

        def forward(xp, x, y):
            return 0.5 * xp.matmul(x, y)

        def vjp_x(xp, grad, out, x, y):
            return MatMul.vjp_x(xp, 0.5 * grad, out, x, y)

        def vjp_y(xp, grad, out, x, y):
            return MatMul.vjp_y(xp, 0.5 * grad, out, x, y)

    class Renamed(Scaled):
        """The same under another name."""

    check(Scaled, [[1.0, 2.0]], [[3.0], [4.0]])
    check(Renamed, [1.0, 2.0], [[3.0], [4.0]])
    assert Renamed(ag.Node([1.0, 2.0]), [[3.0], [4.0]]).op.name == "Renamed"


@pytest.fixture
def concat():
    class Concat(Op):
        expects = "arrays of the same rank"

        def forward(xp, *xs, axis=0):
            return xp.concat(xs, axis=axis)

        def vjp_xs(xp, grad, out, *xs, axis, position):
            start = sum(x.shape[axis] for x in xs[:position])
            key = (slice(None),) * axis + (slice(start, start + xs[position].shape[axis]),)
            return grad[key]

    return Concat


def test_variadic_op_is_told_the_position(concat):
    check(concat, [1.0, 2.0], [3.0])
    check(concat, [[1.0], [2.0]], [[3.0], [4.0]], [[5.0, 6.0], [7.0, 8.0]], axis=1)
    x = ag.Node([1.0])
    concat(x, [2.0, 3.0], x).backward([1.0, 10.0, 100.0, 1000.0])
    np.testing.assert_array_equal(x.grad, [1001.0])


def test_variadic_op_may_have_no_rule():
    class Count(Op):
        def forward(xp, *xs):
            return xp.asarray(float(len(xs)))

        vjp_xs = None

    x = ag.Node(1.0)
    assert Count(x, x, x).value == 3.0
    assert not Count(x, x).requires_grad
    assert Count() == 0.0


# Calls

CALLS = {
    "too few inputs": (
        lambda: ag.ops.Add(1.0),
        r"^Add: expected a call like Add\(x, y\)\n  came:  1 inputs",
    ),
    "too many inputs": (lambda: ag.ops.Exp(1.0, 2.0), r"Exp\(x\)\n  came:  2 inputs"),
    "too few of a variadic op": (
        lambda: ag.ops.GetItem(key=()),
        r"GetItem\(x, \*indices, key\)\n  came:  0 inputs",
    ),
    "an unknown parameter": (
        lambda: ag.ops.Sum(np.ones(2), axes=0),
        r"Sum\(x, \*, axis=None, keepdims=False\)\n  came:  parameters \['axes'\]",
    ),
    "a parameter of an op without": (
        lambda: ag.ops.Exp(ag.Node(1.0), base=2),
        r"Exp\(x\)\n  came:  parameters \['base'\]",
    ),
    "a parameter missing": (
        lambda: ag.ops.Reshape(ag.Node(1.0)),
        r"Reshape\(x, \*, shape\)\n  came:  parameters \[\]",
    ),
}


@pytest.mark.parametrize(("call", "message"), CALLS.values(), ids=CALLS)
def test_refused_call(call, message):
    with pytest.raises(OpCallError, match=message):
        call()


@pytest.mark.parametrize("shape", [[2, 1], (2, 1), np.array([2, 1])], ids=repr)
def test_list_parameters_become_tuples(shape):
    node = ag.ops.Reshape(ag.Node([1.0, 2.0]), shape=shape)
    assert node.params == {"shape": (2, 1)}
    assert hash(tuple(node.params.items()))


def test_defaults_are_filled_in():
    assert ag.ops.Sum(ag.Node([1.0, 2.0])).params == {"axis": None, "keepdims": False}
    assert ag.ops.Exp(ag.Node(1.0)).params == {}


def test_plain_numbers_and_lists_are_taken():
    assert ag.ops.Add(1, 2) == 3
    np.testing.assert_array_equal(ag.ops.Add([1.0, 2.0], 1), [2.0, 3.0])
    assert ag.ops.Mul(np.float32(2), 3.0).dtype == np.float32


def test_a_parameter_that_cannot_be_compared_is_refused():
    with pytest.raises(
        OpCallError, match=r"Sum: expected a call like Sum\(x(.|\n)*unhashable type: 'dict'"
    ):
        ag.ops.Sum(ag.Node(1.0), axis={})


NO_GRADIENT = {
    "nothing": lambda grad: None,
    "a text": lambda grad: "grad",
    "a tuple": lambda grad: (grad,),
    "complex": lambda grad: grad * 1j,
    "objects": lambda grad: np.full(np.shape(grad), None),
}
POINTS = [2.0, np.array(2.0), np.array([1.0, 2.0])]
READINGS = {
    "backward": lambda op, x: op(node := ag.Node(x)).backward(np.ones(node.shape)),
    "behind a sum": lambda op, x: ag.sum(op(ag.Node(x)) * 2.0).backward(),
    "gradients": lambda op, x: ag.gradients(ag.sum(op(node := ag.Node(x))), node),
    "grad": lambda op, x: ag.grad(lambda x: ag.sum(op(x)))(x),
    "hessian": lambda op, x: ag.hessian(lambda x: ag.sum(op(x) * x))(x),
}


@pytest.mark.parametrize("reading", READINGS.values(), ids=READINGS)
@pytest.mark.parametrize("point", POINTS, ids=repr)
@pytest.mark.parametrize("returned", NO_GRADIENT.values(), ids=NO_GRADIENT)
def test_a_rule_that_returns_no_gradient_is_named(returned, point, reading):
    class Square(ag.Elementwise):
        def forward(xp, x):
            return x * x

        def vjp_x(xp, grad, out, x):
            return returned(grad)

    with pytest.raises(AutogradError) as caught:
        reading(Square, point)
    assert "Node: expected real numbers" in str(caught.value) or "vjp_x of" in str(caught.value)


@pytest.mark.parametrize("base", [ag.Elementwise, ag.Op])
@pytest.mark.parametrize("point", POINTS, ids=repr)
@pytest.mark.parametrize("returned", NO_GRADIENT.values(), ids=NO_GRADIENT)
def test_a_forward_rule_that_returns_no_array_is_refused(returned, point, base):
    class Made(base):
        def forward(xp, x):
            return returned(x)

        def vjp_x(xp, grad, out, x):
            return grad

    for x in (point, ag.Node(point)):
        with pytest.raises(AutogradError, match="Made: expected"):
            Made(x)
