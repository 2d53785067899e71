"""What happens on bad input: one clear error, and everything is as it was before."""

import copy
import math
import multiprocessing
import pickle
import warnings
from pathlib import Path

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite import errors
from autograd_lite.core.shapes import Spec


@pytest.fixture
def network():
    """A graph with every kind of leaf, run forward and backward once."""
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(3,))
        y = ag.input(name="y", shape=(), dtype="int64")
        weight = ag.parameter(np.full((3, 2), 0.5, "float32"), name="W")
        scores = ag.vdot(x, weight).named("scores")
        loss = (ag.log(ag.aref(ag.softmax(scores), y)) * -1).named("loss")
        ag.accuracy(scores, y).named("accuracy")
    g.forward(x=np.ones(3, "float32"), y=1)
    g.backward(loss)
    return g


def state(graph):
    copy = [(n.value, n.grad, n._stamp, n.name) for n in graph.nodes]
    return repr(copy)


BAD_FEEDS = {
    "missing feed": ({"x": np.ones(3)}, errors.FeedError, r"a feed for each of: x, y\n.*came:  x\n(.|\n)*add y=…"),
    "unknown feed": ({"x": np.ones(3), "y": 1, "z": 2}, errors.FeedError, "came:  x, y, z(.|\n)*leave out z="),
    "no feed": ({}, errors.FeedError, "came:  none(.|\n)*add x=…, add y=…"),
    "wrong rank": ({"x": np.ones((1, 3)), "y": 1}, errors.ShapeError, r"Input 'x': expected rank 1, declared as float32\[3\]\n  came:  float64\[1, 3\]"),
    "wrong kind of dtype": ({"x": np.ones(3), "y": 1.5 * np.ones(())}, errors.DTypeError, r"Input 'y': expected int64, or what converts to it\n  came:  float64\[\]"),
    "complex": ({"x": np.ones(3) * 1j, "y": 1}, errors.DTypeError, "complex128"),
    "wrong length": ({"x": np.ones(4), "y": 1}, errors.ShapeError, r"VDot 'scores': expected the last axis of x as long(.|\n)*x float32\[4\], y float32\[3, 2\]"),
    "label too large": ({"x": np.ones(3), "y": 2}, errors.LabelError, r"Aref %\d: expected labels from 0 to 1\n  came:  labels from 2 to 2"),
    "negative label": ({"x": np.ones(3), "y": -1}, errors.LabelError, "came:  labels from -1 to -1"),
}  # fmt: skip


@pytest.mark.parametrize(("feeds", "error", "message"), BAD_FEEDS.values(), ids=BAD_FEEDS)
def test_a_bad_feed_is_refused_and_nothing_changes(network, feeds, error, message):
    before = state(network)
    with pytest.raises(error, match=message):
        network.forward(**feeds)
    assert state(network) == before


def test_an_error_of_a_run_names_the_line_that_appended_the_node(network):
    with pytest.raises(errors.ShapeError) as caught:
        network.forward(x=np.ones(4), y=1)
    assert Path(__file__).name in caught.value.place
    assert caught.value.place.endswith("in network")
    assert caught.value.place == network["scores"].place


def test_nan_names_the_first_node_that_has_one(network):
    before = state(network)
    with pytest.raises(errors.NonFiniteError, match=r"VDot 'scores': expected finite") as caught:
        network.forward(network["loss"], x=np.float32([3e38, 3e38, 3e38]), y=1)
    assert "Input 'x' float32[3] in [3e+38, 3e+38], Parameter 'W'" in caught.value.came
    assert state(network) == before


def test_nan_in_a_feed_is_named_as_the_feed(network):
    with pytest.raises(
        errors.NonFiniteError, match=r"Input 'x'(.|\n)*NaN or infinity, as it was given"
    ):
        network.forward(network["loss"], x=[np.nan, 1, 1], y=1)


def test_zero_size_inputs_can_be_named_in_an_error():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(0,))
        y = ag.log(x.sum())
    with pytest.raises(errors.NonFiniteError, match=r"Log %2(.|\n)*Sum %1 float32\[\] in \[0, 0\]"):
        g.forward(y, x=np.ones(0))
    with ag.Graph() as other:
        y = x.mean()
    with pytest.raises(errors.NonFiniteError, match=r"Mean %1(.|\n)*Input 'x' float32\[0\]\n"):
        other.forward(y, x=np.ones(0))


def test_a_parameter_can_be_asked_to_be_finite():
    with ag.Graph() as graph:
        x, p = ag.input(name="x", shape=()), ag.parameter(2.0, name="p")
        y = x * p
    graph.forward(p, x=3.0)
    assert float(y) == 6.0
    p.assign(math.inf)
    with pytest.raises(errors.NonFiniteError, match=r"Parameter 'p'(.|\n)*as it was given"):
        graph.forward(p, x=3.0)


BACKWARD = {
    "array without cotangent": ("scores", None, errors.GradientError, r"VDot 'scores': expected a scalar, or a cotangent(.|\n)*float32\[2\] and no cotangent"),
    "cotangent of another shape": ("scores", np.ones(3), errors.ShapeError, r"cotangent of VDot 'scores': expected float32\[2\]\n  came:  float64\[3\]"),
    "cotangent of another kind": ("scores", np.ones(2) * 1j, errors.DTypeError, r"cotangent of VDot 'scores'(.|\n)*astype\('float32'\)"),
    "integer node": ("y", None, errors.GradientError, r"Input 'y': expected an output that depends(.|\n)*int64\[\], through which no gradient flows"),
    "no gradient flows": ("accuracy", None, errors.GradientError, r"Accuracy 'accuracy'(.|\n)*no gradient flows"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "cotangent", "error", "message"), BACKWARD.values(), ids=BACKWARD)
def test_a_backward_that_makes_no_sense_is_refused(network, name, cotangent, error, message):
    before = state(network)
    with pytest.raises(error, match=message):
        network.backward(network[name], cotangent)
    assert state(network) == before


def test_values_changed_since_forward_are_refused(network):
    network["W"].assign(np.zeros((3, 2)))
    before = state(network)
    message = (
        r"VDot 'scores': expected a value computed(.|\n)*Parameter 'W' was given another value"
    )
    with pytest.raises(errors.StaleError, match=message):
        network.backward(network["loss"])
    with pytest.raises(errors.StaleError, match=message):
        ag.gradients(network["loss"], network["W"])
    assert state(network) == before
    network.forward(x=np.ones(3), y=1)
    network.backward(network["loss"])


def test_backward_before_forward_is_refused():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(), requires_grad=True)
        y = x * 2
    assert len(g) == 3
    with pytest.raises(errors.GraphError, match="Mul %2: expected a value(.|\n)*run Graph.forward"):
        y.backward()


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: ag.Node(np.ones(3)) + np.ones(4), errors.ShapeError, r"Add: expected shapes that broadcast together\n  came:  x float64\[3\], y float64\[4\]"),
        (lambda: ag.vdot(ag.Node(np.ones(3)), np.ones((4, 2))), errors.ShapeError, r"VDot: expected the last axis of x"),
        (lambda: ag.Node(np.ones(3)) @ 2.0, errors.ShapeError, r"MatMul: expected(.|\n)*y float64\[\]"),
        (lambda: ag.sum(ag.Node(np.ones(3)), axis=1), errors.ShapeError, r"Sum: expected axes that x has(.|\n)*axis=1"),
        (lambda: ag.sum(ag.Node(np.ones(())), axis=0), errors.ShapeError, r"Sum: expected axes that x has(.|\n)*axis 0 is out of bounds"),
        (lambda: ag.logsumexp(ag.Node(1.0), axis=0), errors.ShapeError, "LogSumExp: expected axes"),
        (lambda: ag.Node(np.ones(3))[5], errors.LabelError, r"GetItem: expected a subscript(.|\n)*index 5 is out of bounds"),
        (lambda: ag.aref(ag.Node(np.ones(3)), 1.5), errors.DTypeError, r"Aref: expected integer labels\n  came:  index float64\[\]"),
        (lambda: ag.aref(ag.Node(np.ones((2, 3))), [0]), errors.ShapeError, r"Aref: expected one label for each row, shaped \[2\]\n  came:  index int64\[1\] for rows shaped \[2, 3\]"),
        (lambda: ag.aref(ag.Node(np.ones(3)), [0, 1]), errors.ShapeError, r"one label for each row, shaped \[\]"),
        (lambda: ag.accuracy(ag.Node(2.0), 0), errors.ShapeError, "Accuracy: expected"),
        (lambda: ag.ops.ScatterAdd(np.ones(2), [0, 3], np.ones((2, 3))), errors.LabelError, "ScatterAdd: expected labels from 0 to 2"),
        (lambda: -(ag.Node(1.0) > 0), errors.ShapeError, "Neg: expected"),
        (lambda: ag.Node(np.arange(3)), errors.DTypeError, r"Variable: expected floating-point values(.|\n)*int64\[3\](.|\n)*constant"),
        (lambda: ag.parameter([1, 2]), errors.DTypeError, "Parameter: expected floating-point"),
        (lambda: ag.Node([[1.0, 2.0], [3.0]]), errors.ShapeError, r"Node: expected rows of one length\n  came:  list of rows that differ"),
        (lambda: ag.exp([[1.0, 2.0], [3.0]]), errors.ShapeError, r"Exp: expected rows of one length\n  came:  list of rows that differ"),
        (lambda: ag.Node(ag.Node(1.0)), errors.GraphError, r"node.value on purpose"),
        (lambda: ag.sum([[1.0, 2.0], [3.0]]), errors.ShapeError, "Sum: expected rows of one length"),
        (lambda: ag.flip([[1.0, 2.0], [3.0]]), errors.ShapeError, "array: expected rows of one length"),
        (lambda: ag.vjp(None, 1.0), errors.OpCallError, r"vjp: expected a function\n  came:  None(.|\n)*write ag\.vjp\(f, x\)"),
        (lambda: ag.jvp(ag.Node(1.0), (1.0,), (1.0,)), errors.OpCallError, r"jvp: expected a function(.|\n)*ag\.jvp\(f, \(x,\), \(tangent,\)\)"),
        (lambda: ag.hvp(2.0, 1.0, 1.0), errors.OpCallError, r"hvp: expected a function(.|\n)*ag\.hvp\(f, x, v\)"),
        (lambda: ag.parameter([1.0]).assign([[1.0], 2.0]), errors.ShapeError, "Parameter: expected rows of one length"),
        (lambda: ag.input(name="x", shape=(None, 3)), errors.ShapeError, r"Input 'x': expected a shape: lengths of at least 0\n  came:  \(None, 3\)"),
        (lambda: ag.input(name="x", shape="3"), errors.ShapeError, "came:  '3'"),
        (lambda: ag.input(name="x", shape=3, dtype="floot"), errors.DTypeError, r"Input 'x': expected a NumPy dtype that holds real numbers\n  came:  'floot'"),
        (lambda: ag.Node("two"), errors.DTypeError, r"Node: expected real numbers\n  came:  <U3 \(str\)"),
        (lambda: ag.Node(np.ma.masked_array([1.0, 2.0], [0, 1])), errors.DTypeError, r"Node: expected an array of which every element counts\n  came:  a masked array"),
        (lambda: ag.Node([1.0, 2.0]) * np.ma.masked_array([1.0, 2.0], [0, 1]), errors.DTypeError, "a masked array"),
        (lambda: ag.parameter([1.0]).assign(np.ma.masked_array([1.0], [1])), errors.DTypeError, "Parameter: (.|\n)*a masked array"),
        (lambda: ag.Node(1j), errors.DTypeError, r"complex128 \(complex\)"),
        (lambda: ag.Node(1.0) + None, errors.DTypeError, r"object \(NoneType\)"),
        (lambda: ag.constant(2.0).assign(3.0), errors.GraphError, "Constant: expected a variable or parameter(.|\n)*made by Constant"),
        (lambda: (ag.Node(2.0) * 2).assign(3.0), errors.GraphError, "made by Mul"),
        (lambda: ag.Node(np.ones(2)).assign(np.ones(3)), errors.ShapeError, r"Variable: expected float64\[2\]\n  came:  float64\[3\]"),
        (lambda: ag.parameter(np.ones(2, "f")).assign(np.ones(2) * 1j), errors.DTypeError, "complex128"),
        (lambda: np.add.accumulate(ag.Node(np.ones(2))), errors.GraphError, r"np.add: expected a plain call(.|\n)*method 'accumulate'"),
        (lambda: np.gcd(ag.Node(2.0), 2), errors.GraphError, "np.gcd"),
        (lambda: np.asarray(ag.Node(2.0)), errors.GraphError, "NumPy asking for a bare array"),
        (lambda: ag.Node(np.ones(2)).__setitem__(0, 1.0), errors.GraphError, "an assignment to elements(.|\n)*where"),
        (lambda: ag.sigmoid(ag.input(name="x", shape=())), errors.GraphError, "Sigmoid: expected a graph to append to(.|\n)*with Graph"),
        (lambda: ag.input(name="x", shape=(), dtype="int64", requires_grad=True), errors.DTypeError, "Input 'x'"),
        (lambda: float(ag.input(name="x", shape=())), errors.GraphError, "Input 'x': expected a value"),
        (lambda: ag.Graph()["h"], errors.GraphError, r"graph\['h'\]: expected one node; there are 0, named nothing\n  came:  0 nodes"),
        (lambda: ag.Graph()[0], errors.GraphError, r"graph\[0\]"),
        (lambda: ag.Graph().index(ag.Node(1.0)), errors.GraphError, r"came:  Node\(1.0\)"),
        (lambda: ag.Graph().backward(ag.Node(1.0)), errors.GraphError, "a node of this graph"),
        (lambda: ag.Graph().forward([1.0]), errors.GraphError, r"came:  \[1.0\](.|\n)*feeds go by name"),
        (lambda: ag.gradients(3.0, ag.Node(1.0)), errors.GradientError, r"gradients: expected nodes(.|\n)*came:  3.0"),
        (lambda: ag.gradients(ag.Node(1.0), [2.0]), errors.GradientError, "came:  2.0"),
        (lambda: ag.Graph().forward(ag.Node(1.0)), errors.GraphError, "a node of this graph"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_the_line_that_makes_it(build, error, message):
    with pytest.raises(error, match=message) as caught:
        build()
    assert Path(__file__).name in str(caught.value)


def test_a_shape_error_of_a_deferred_node_comes_at_the_append():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(3,))
        for build in (lambda: x + np.ones(4), lambda: ag.vdot(x, np.ones((4, 2)))):
            with pytest.raises(errors.ShapeError):
                build()
    assert len(g) == 1


def test_a_mask_needs_values():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(3,))
        with pytest.raises(errors.ShapeError, match="how many elements a mask picks is not known"):
            x[np.array([True, False, True])]
    assert len(g) == 1


def test_two_inputs_of_one_name_are_refused():
    with ag.Graph() as g:
        ag.input(name="x", shape=())
        with pytest.raises(errors.GraphError, match="Input 'x': expected a name that no other"):
            ag.input(name="x", shape=())
    assert len(g) == 1


def test_an_ambiguous_name_is_refused():
    with ag.Graph() as g:
        ag.parameter(1.0, name="w")
        ag.parameter(2.0, name="w")
    with pytest.raises(errors.GraphError, match="named w\n  came:  2 nodes"):
        g["w"]


class TestGradients:
    """`gradients` never answers with a silent zero."""

    def test_no_path(self):
        x, y = ag.Node(1.0, name="x"), ag.Node(2.0, name="y")
        with pytest.raises(errors.GradientError, match="no operation leads from Variable 'y'"):
            ag.gradients(x * 2, [x, y])

    def test_integer_node(self):
        n = ag.constant(3, name="n")
        with pytest.raises(
            errors.GradientError,
            match=r"for Constant 'n': expected floating-.*\n  came:  int64\[\]",
        ):
            ag.gradients(n * ag.Node(2.0), n)

    def test_array_without_cotangent(self):
        x = ag.Node(np.ones(2))
        with pytest.raises(errors.GradientError, match="a scalar output, or a cotangent"):
            ag.gradients(x * 2, x)

    def test_nothing_is_appended_by_a_refusal(self):
        with ag.Graph() as g:
            x, y = ag.parameter(1.0), ag.parameter(2.0)
            z = x * 2
        with pytest.raises(errors.GradientError):
            ag.gradients(z, [x, y])
        assert len(g) == 4


class TestUserRules:
    """A wrong rule of a user's op is named with the input it belongs to."""

    @pytest.fixture(autouse=True)
    def forget(self):
        yield
        ag.ops.OPS.pop("Broken", None)

    def broken(self, rule):
        class Broken(ag.Op):
            def forward(xp, x, y):
                return x * y

            vjp_x = None

            def vjp_y(xp, grad, out, x, y):
                return rule(grad)

        return Broken(ag.Node(np.ones(2)), ag.Node(np.ones(2), name="y"))

    @pytest.mark.parametrize(
        ("rule", "came"),
        [
            (lambda grad: np.ones((2, 3)), r"float64\[2, 3\]"),
            (lambda grad: np.ones(()), r"float64\[\]"),
            (lambda grad: 1.0, r"float64\[\]"),
            (lambda grad: grad.no_such_thing, "AttributeError"),
            (
                lambda grad: grad.__setitem__(0, 1.0),
                "ValueError: assignment destination is read-only",
            ),
        ],
    )
    def test_named(self, rule, came):
        message = (
            rf"vjp_y of Broken: expected a gradient that sums to float64\[2\]\n  came:  {came}"
        )
        with pytest.raises(errors.GradientError, match=message):
            self.broken(rule).backward(np.ones(2))

    def test_an_error_of_the_library_inside_a_rule_stays_what_it_is(self):
        with pytest.raises(errors.ShapeError, match="Add: expected shapes"):
            self.broken(lambda grad: ag.add(grad, np.ones(3))).backward(np.ones(2))


def test_every_error_is_also_the_builtin_that_people_catch():
    family = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, Exception)]
    for error in family:
        if error is not errors.AutogradError:
            assert issubclass(error, errors.AutogradError)
            assert len(error.__mro__) > len(errors.AutogradError.__mro__) + 1


def family(error):
    """A class of errors and all that derive from it."""
    return [error, *(x for child in error.__subclasses__() for x in family(child))]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("error", family(errors.AutogradError), ids=lambda error: error.__name__)
def test_an_error_arrives_whole_in_another_process(error, protocol):
    parts = {"expected": "a float", "came": "'two'", "suggestion": "write 2.0", "place": "a.py:1"}
    sent = error("Node 'a'", **parts)
    sent.add_note("seen by a worker")
    sent_on = pickle.loads(pickle.dumps(sent, protocol))  # noqa: S301 - its own
    for arrived in sent_on, copy.deepcopy(sent):
        assert type(arrived) is error
        assert str(arrived) == str(sent)
        assert (
            vars(arrived)
            == vars(sent)
            == {"subject": "Node 'a'", **parts, "__notes__": ["seen by a worker"]}
        )


def mistaken(numbers):
    return float(ag.sum(ag.Node(numbers) + ag.Node([1.0, 2.0, 3.0])))


def test_a_pool_of_processes_tells_the_error():
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        with pytest.raises(errors.ShapeError, match=r"x float64\[2\], y float64\[3\]") as told:
            pool.apply_async(mistaken, ([1.0, 2.0],)).get(timeout=60)
        assert pool.apply(mistaken, ([1.0, 2.0, 3.0],)) == 12.0
    assert "test_errors.py" in told.value.place


def test_floats_outside_the_domain_follow_ieee_without_warnings():
    zero = ag.Node(0.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (ag.Node(1.0) / zero).value == np.inf
        assert ag.log(zero).value == -np.inf
        assert ag.exp(ag.Node(1e4)).value == np.inf
        assert np.isnan((ag.Node(-8.0) ** 0.5).value)
        quotient = ag.Node(1.0) / zero
        quotient.backward()
    assert zero.grad == -np.inf


def test_specs_read_like_numpy():
    assert str(Spec((2, 3), np.dtype("float32"))) == "float32[2, 3]"


def test_a_notebook_cell_is_called_one():
    code = compile("import autograd_lite as ag\nx = ag.Node(1.0)", "ipykernel_7/42.py", "exec")
    found = {}
    exec(code, found)  # noqa: S102 - as a notebook does
    assert found["x"].place == "notebook cell:2"
