"""check_op: right ops pass in one line, and each property can fail."""

from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import errors, ops
from autograd_lite.testing import CheckFailed, check_gradients, check_op, strategies
from autograd_lite.testing.op_check import raising_rule
from autograd_lite.testing.properties import Case, rules_are_linear
from autograd_lite.testing.recipes import PARAMS


@pytest.fixture(autouse=True)
def forget_ops():
    known, profile = dict(ops.OPS), settings.default
    settings.load_profile("few")
    yield
    settings.register_profile("before", profile)
    settings.load_profile("before")
    ops.OPS.clear()
    ops.OPS.update(known)


settings.register_profile("few", max_examples=15, deadline=None, derandomize=True)

RIGHT = ["Add", "Mul", "Div", "Pow", "Log", "Maximum", "Where", "MatMul", "Aref", "SoftMax", "Max"]


@pytest.mark.parametrize("name", RIGHT)
def test_right_ops_pass_in_one_line(name):
    check_op(
        ops.OPS[name], params=[p for p in PARAMS.get(name, ({},)) if "axis" not in p or p["axis"]]
    )


class Rule:
    """Rules of an op y = tanh(x), each wrong in its own way."""

    @staticmethod
    def right(xp, grad, out, x):
        return grad * (1 - out * out)

    @staticmethod
    def wrong(xp, grad, out, x):
        return grad * (1.001 - out * out)

    @staticmethod
    def clipped(xp, grad, out, x):
        return xp.minimum(grad, 100.0) * (1 - out * out)

    @staticmethod
    def writing(xp, grad, out, x):
        if isinstance(grad, np.ndarray):
            grad *= 1.5
            return grad / 1.5 * (1 - out * out)
        return grad * (1 - out * out)

    @staticmethod
    def long(xp, grad, out, x):
        return grad * (1 - out * out) * np.ones(1, "float64")[0]

    @staticmethod
    def two_meanings(xp, grad, out, x):
        return grad * (1 - out * out) * (2 if isinstance(grad, ag.Node) else 1)

    @staticmethod
    def raising(xp, grad, out, x):
        raise RuntimeError("no rule")

    @staticmethod
    def refusing(xp, grad, out, x):
        raise errors.ShapeError("Rule", expected="more", came="less", suggestion="think")


def tanh_op(rule):
    class Squash(ops.Elementwise):
        def forward(xp, x):
            return xp.tanh(x)

        def vjp_x(xp, grad, out, x):
            return rule(xp, grad, out, x)

    return Squash


BROKEN = {
    "derivative": (Rule.wrong, ".* instead of .*, for Squash"),
    "linear": (Rule.clipped, "expected a rule that is linear in grad|finite differences show"),
    "mutation": (Rule.writing, "expected inputs and grad left as they are"),
    "dtype": (Rule.long, "expected float32 from float32\n  came:  float64"),
    "meaning": (Rule.two_meanings, "expected the same gradient as graph and as numbers"),
    "raises": (
        Rule.raising,
        r"came:  vjp_x of Squash raised RuntimeError: no rule, for Squash\(array\(0.\)\)",
    ),
    "refuses": (
        Rule.refusing,
        "came:  vjp_x of Squash raised Rule: expected more, came less, for Squash",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_rules_are_told(name):
    rule, message = BROKEN[name]
    with pytest.raises(CheckFailed, match=message) as caught:
        check_op(tanh_op(rule), order=1)
    assert str(caught.value).startswith("op Squash: expected")
    assert "test_testing_op_check.py" in caught.value.place


class Summed:
    """Ops that sum their input, each wrong in its own way."""

    class TooLong(ops.Op, abstract=True):
        def forward(xp, x):
            return xp.sum(x)

        def vjp_x(xp, grad, out, x):
            return np.ones(7)

    class Unknown(ops.Op, abstract=True):
        def forward(xp, x):
            return xp.no_such_function(x)

        def vjp_x(xp, grad, out, x):
            return grad

    class AnotherAxis(ops.Op, abstract=True):
        def forward(xp, x):
            return xp.sum(x, axis=0)

        def vjp_x(xp, grad, out, x):
            return grad[..., None] * xp.ones_like(x)


BLAMED = {
    "TooLong": r"vjp_x of TooLong: a gradient of shape \(7,\) does not sum to \(\)",
    "Unknown": "forward of Unknown raised AttributeError: .*no_such_function",
    "AnotherAxis": r"vjp_x of AnotherAxis(:| raised).*, for AnotherAxis\(array\(",
}


@pytest.mark.parametrize("name", BLAMED)
def test_the_rule_that_is_to_blame_is_named_with_its_line(name):
    op = type(name, (getattr(Summed, name),), {})
    with pytest.raises(CheckFailed, match=BLAMED[name]) as caught:
        check_op(op)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert "test_testing_op_check.py:" in caught.value.place
    assert caught.value.place.endswith((" in vjp_x", " in forward"))
    assert not getattr(caught.value, "__notes__", ())


def test_a_rule_that_does_not_repeat_itself_is_told():
    calls = []

    class Moody(ops.Elementwise):
        def forward(xp, x):
            return x + 0.0

        def vjp_x(xp, grad, out, x):
            calls.append(grad)
            return grad * (2.0 if len(calls) < 30 else 1.0)

    with pytest.raises(CheckFailed, match="the same result for the same call each time"):
        check_op(Moody)


def test_a_rule_that_raises_for_some_layouts_is_told():
    def picky(xp, grad, out, x):
        if isinstance(grad, np.ndarray) and not grad.flags.writeable:
            raise ValueError("not like this")
        return grad * (1 - out * out)

    with pytest.raises(CheckFailed, match="vjp_x of Squash raised ValueError: not like this"):
        check_op(tanh_op(picky), order=1)


def test_a_rule_that_clips_is_not_linear():
    inputs, cotangents = (np.ones(2),), (np.ones(2), -np.ones(2))
    case = Case(tanh_op(Rule.clipped), inputs, {}, cotangents, 1)
    broken = rules_are_linear(case)
    assert broken.expected == "a rule that is linear in grad"
    assert broken.rule == "x"
    assert rules_are_linear(case._replace(op=tanh_op(Rule.right))) is None


def test_what_is_raised_elsewhere_is_forwards():
    assert raising_rule(tanh_op(Rule.right), ValueError()) == ("forward", "")


def test_only_the_class_of_an_op_is_taken():
    with pytest.raises(errors.OpCallError, match="expected the class of an op\n  came:  3"):
        check_op(3)


def test_layout_matters_to_a_careless_op():
    with pytest.raises(CheckFailed, match="expected the same for arrays that are not contiguous"):
        check_op(
            tanh_op(
                lambda xp, grad, out, x: (
                    grad
                    * (1 - out * out)
                    * (2.0 if isinstance(x, np.ndarray) and not x.flags.c_contiguous else 1.0)
                )
            ),
            order=1,
        )


WITHOUT_GRADIENT = {
    "Floor": {},
    "Greater": {},
    "ArgMax": {},
    "Accuracy": {},
    "BitwiseLeftShift": {},
    "OneHot": {"depth": 3},
}


@pytest.mark.parametrize("name", WITHOUT_GRADIENT)
def test_of_an_op_without_gradient_the_rest_is_checked(name):
    remark = check_op(ops.OPS[name], params=WITHOUT_GRADIENT[name])
    assert remark == "no gradient to check; shape, dtype and purity of forward are right"


def test_a_forward_rule_that_writes_is_told():
    class Overwriting(ops.Op):
        def forward(xp, x):
            x *= 2.0
            return x

        vjp_x = None

    with pytest.raises(CheckFailed, match=r"left as they are\n  came:  x float64.* read-only\)"):
        check_op(Overwriting)


def test_a_forward_rule_that_changes_the_dtype_is_told():
    class Long(ops.Elementwise):
        def forward(xp, x):
            return np.floor(x) * np.ones(1, "float64")[0]

        vjp_x = None

    with pytest.raises(CheckFailed, match="expected float32 from float32\n  came:  float64"):
        check_op(Long)


def test_inference_that_is_wrong_is_told():
    class Column(ops.Op):
        def forward(xp, x):
            return x * 2.0

        def vjp_x(xp, grad, out, x):
            return grad * 2.0

        @classmethod
        def infer(cls, specs, params):
            return ops.Spec((*specs[0].shape, 1), specs[0].dtype)

    with pytest.raises(CheckFailed, match=r"1\], as inferred\n  came:  float64"):
        check_op(Column)


def test_a_rule_with_a_memory_fails_when_a_node_comes_twice():
    class Product(ops.Elementwise):
        def forward(xp, x, y):
            return x * y

        def vjp_x(xp, grad, out, x, y):
            return grad * y * (2 if x is y and isinstance(x, np.ndarray) else 1)

        def vjp_y(xp, grad, out, x, y):
            return grad * x

    with pytest.raises(
        CheckFailed, match="expected the sum of all gradients for a node given twice"
    ):
        check_op(Product, order=1)


def test_second_order_is_part_of_it():
    def forgetful(xp, grad, out, x):
        return grad * (1 - out * (ag.constant(out.value) if isinstance(out, ag.Node) else out))

    op = tanh_op(forgetful)
    check_op(op, order=1)
    with pytest.raises(CheckFailed, match="derivative of vjp_x of Squash"):
        check_op(op)


def test_a_failure_shrinks():
    with pytest.raises(CheckFailed, match=r"for Squash\(array\((-?0\.|0\.)\)\)"):
        check_op(tanh_op(Rule.wrong), order=1)


def test_values_and_arrays_can_be_given():
    class Root(ops.Elementwise):
        def forward(xp, x):
            return xp.sqrt(x - 100.0)

        def vjp_x(xp, grad, out, x):
            return grad / (2 * out)

    check_op(Root, elements=st.integers(101, 120).map(float), order=1)
    check_op(Root, arrays=st.just((np.array([101.0, 200.0]),)), order=1)


def test_parameters_that_are_needed_are_asked_for():
    with pytest.raises(errors.OpCallError, match=r"came:  none that it takes with its default par"):
        check_op(ops.Reshape)
    check_op(ops.Reshape, params=MappingProxyType({"shape": (-1,)}))


# The strategies


@given(strategies.graphs())
def test_a_users_property(recipe):
    """The example of the documentation."""
    check_gradients(recipe.build()).raise_if_failed()


@given(st.data())
def test_shapes_arrays_and_cotangents_fit(data):
    op = data.draw(st.sampled_from([ops.Add, ops.MatMul, ops.Sqrt, ops.Where, ops.Div]))
    arrays = data.draw(
        strategies.arrays_for(op, dtype=data.draw(st.sampled_from(["float32", "float64"])))
    )
    assert np.isfinite(op(*arrays)).all()
    shapes = data.draw(strategies.shapes_for(op))
    op.infer([ops.Spec(shape, np.dtype(float)) for shape in shapes], {})
    node = ag.Node(np.zeros((2, 1), "float32"))
    grad = data.draw(strategies.cotangents_for(node))
    assert (grad.shape, grad.dtype) == (node.shape, node.dtype)


def test_a_domain_that_is_not_found_is_the_whole_range():
    class Never(ops.Elementwise):
        def forward(xp, x):
            return xp.where(x == 0.25, x, xp.log(-xp.abs(x)))

        def vjp_x(xp, grad, out, x):
            return grad

    found = []

    @settings(max_examples=5, suppress_health_check=list(HealthCheck))
    @given(strategies.arrays_for(Never))
    def collect(arrays):
        found.append(arrays)

    collect()
    assert all((x == 0.25).all() for (x,) in found)


def test_graphs_shrink_to_the_op_that_is_wrong():
    tanh = ops.Tanh.vjps
    ops.Tanh.vjps = (Rule.wrong,)
    try:
        smallest = find(
            strategies.graphs(),
            lambda recipe: not check_gradients(recipe.build()).ok,
            settings=settings(max_examples=500),
        )
    finally:
        ops.Tanh.vjps = tanh
    assert repr(smallest) == "x0 = 0.0; x1 = Tanh(x0)"


# A rule that is not written yet is no fault, and not checked


class Double(ag.Elementwise):
    """2x, whose rule is not written yet."""

    def forward(xp, x):
        return 2 * x

    vjp_x = NotImplemented


class Squared(ag.Elementwise):
    """x², whose slope has no rule yet."""

    def forward(xp, x):
        return x * x

    def vjp_x(xp, grad, out, x):
        return grad * Double(x)


def test_a_rule_that_is_not_written_is_remarked():
    assert check_op(Double) == "not written yet, and not checked: vjp_x"
    assert check_op(Squared) is None


def test_what_needs_a_rule_that_is_not_written_is_undecidable():
    report = ag.testing.check_gradients(lambda x: ag.sum(Squared(x)), np.ones(2), order=2)
    assert report.ok
    assert "vjp_x of Double: expected a rule\n  came:  NotImplemented" in str(report)
