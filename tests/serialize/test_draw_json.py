"""JSON there and back, and every way in which a file can be refused."""

import contextlib
import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import draw
from autograd_lite.errors import GraphError


def assert_same(restored, graph):
    assert str(restored) == str(graph)
    restored.check()
    for a, b in zip(restored, graph, strict=True):
        assert type(a.value) is type(b.value) or not isinstance(b.value, float)
        if b.value is None:
            assert a.value is None
        else:
            np.testing.assert_array_equal(a.value, b.value)
        assert a.requires_grad == b.requires_grad


def classifier():
    rng = np.random.default_rng(0)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(6,))
        y = ag.input(name="y", shape=(), dtype="int64")
        w = ag.parameter(rng.standard_normal((6, 3)).astype("float32"), name="W")
        p = ag.softmax(ag.vdot(x, w)).named("p")
        (ag.log(ag.aref(p, y)) * -1).named("loss")
    return graph


def test_a_graph_that_waits_for_its_inputs():
    graph = classifier()
    restored = draw.from_json(draw.to_json(graph))
    assert_same(restored, graph)
    for g in (graph, restored):
        g.forward(x=np.ones(6, "float32"), y=1)
        g.backward(g["loss"])
    np.testing.assert_array_equal(restored["W"].grad, graph["W"].grad)


def test_a_graph_that_has_run_also_with_another_batch_size():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4, 3), requires_grad=True)
        (x * 2.0).sum().named("s")
    graph.forward(x=np.ones((0, 3)))
    restored = draw.from_json(draw.to_json(graph))
    assert restored["x"].value.shape == (0, 3)
    assert restored["x"].requires_grad
    assert restored["s"].value == 0.0


def test_all_sorts_of_leaves_and_parameters():
    with ag.Graph() as graph:
        a = ag.Node(np.arange(12.0).reshape(3, 4), name="a")
        index = ag.constant([0, 2])
        a[1:, None, ..., ::2]
        a[index].sum(axis=0, keepdims=True)
        a[2]
        ag.constant([np.nan, np.inf, -np.inf]) * 2
        ag.constant(np.zeros((0, 3))) + 1
        ag.Node(0.1) * ag.Node(float("nan"), requires_grad=False)
        ag.ops.Equal(ag.constant([True, False]), ag.constant([1, 0]))
        ag.constant(np.float16(0.1)) * np.float16(2)
        ag.ops.Equal(ag.constant([2**63 - 1, -(2**63)]), ag.constant(np.uint64(2**64 - 1)))
        a.reshape(-1).astype("float32")
    text = draw.to_json(graph)
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert_same(draw.from_json(text), graph)
    assert draw.to_json(draw.from_json(text)) == text


def test_numpy_integers_become_plain_ones():
    with ag.Graph() as graph:
        ag.Node(np.ones((2, 3))).sum(axis=np.int64(1))
    assert draw.from_json(draw.to_json(graph)).nodes[-1].params["axis"] == 1


def test_values_and_grads_are_optional_but_leaves_keep_theirs():
    graph = classifier()
    graph.forward(x=np.ones(6, "float32"), y=1)
    graph.backward(graph["loss"])
    full = json.loads(draw.to_json(graph))["nodes"]
    bare = json.loads(draw.to_json(graph, values=False, grads=False))["nodes"]
    assert any("grad" in node for node in full)
    assert not any("grad" in node for node in bare)
    assert [n["op"] for n in bare if "value" in n] == ["Input", "Input", "Parameter", "Constant"]


def test_the_users_graph_stays_as_it_is():
    with ag.Graph() as outer:
        draw.from_json(draw.to_json(classifier()))
    assert len(outer) == 0


def test_ops_of_ones_own():
    known = dict(ag.ops.OPS)

    class Scaled(ag.Op):
        """s · x."""

        def forward(xp, x, *, s: float = 1.0):
            return x * s

        def vjp_x(xp, grad, out, x, *, s):
            return grad * s

    with ag.Graph() as graph:
        Scaled(ag.Node(2.0), s=float("inf"))
    text = draw.to_json(graph)
    assert draw.from_json(text).nodes[-1].value == np.inf
    ag.ops.OPS.clear()
    ag.ops.OPS.update(known)
    with pytest.raises(GraphError, match="import the module that defines it"):
        draw.from_json(text)


class TestAUsersOpOfTheSameName:
    @pytest.fixture(autouse=True)
    def square(self):
        known = dict(ag.ops.OPS)

        class Square(ag.Elementwise):
            def forward(xp, x):
                return x * x + 1.0

            def vjp_x(xp, grad, out, x):
                return 2.0 * grad * x

        yield Square
        ag.ops.OPS.clear()
        ag.ops.OPS.update(known)

    def test_is_not_taken_for_the_librarys(self):
        with ag.Graph() as graph:
            ag.square(ag.parameter([1.0, 2.0])).named("y")
        assert draw.from_json(draw.to_json(graph))["y"].value.tolist() == [1.0, 4.0]

    def test_is_not_written(self, square):
        with ag.Graph() as graph:
            square(ag.parameter([1.0, 2.0]))
        with pytest.raises(GraphError, match=r"an op whose name none of the library's ops has"):
            draw.to_json(graph)


N = 400_000_000
ONE = {"op": "Variable", "dtype": "float64", "shape": [1], "value": {"shape": [1], "data": [1.0]}}
TOO_LARGE = {
    "shape": {"op": "BroadcastTo", "params": {"shape": [N]}},
    "shape that is told": {"op": "BroadcastTo", "params": {"shape": [N]}, "shape": [N]},
    "repetitions": {"op": "Tile", "params": {"repetitions": [N]}},
    "repeats": {"op": "Repeat", "params": {"repeats": N, "axis": 0}},
    "width": {"op": "Pad", "params": {"width": [[0, N]]}},
    "depth": {"op": "OneHot", "params": {"depth": N}},
    "input": {"op": "Input", "name": "x", "shape": [N], "dtype": "float64"},
}


@pytest.mark.parametrize("name", TOO_LARGE)
def test_nothing_is_computed_that_is_larger_than_the_file_says(name, monkeypatch):
    record = {"inputs": [0], "dtype": "float64", "shape": [1], **TOO_LARGE[name]}
    head = {"format": "autograd_lite graph", "version": 1}
    text = json.dumps({**head, "nodes": [ONE, record]})
    tracemalloc.start()
    try:
        with pytest.raises(GraphError, match="from_json"):
            draw.from_json(text)
        assert tracemalloc.get_traced_memory()[1] < 1e7
    finally:
        tracemalloc.stop()


def test_values_that_were_fed_are_looked_at_before_they_are_computed_with():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(1,), dtype="float64")
        ag.exp(ag.add(x, ag.parameter(np.zeros((2, 1)))))
    graph.forward(x=[1.0])
    file = json.loads(draw.to_json(graph))
    file["nodes"][-1]["shape"] = [3, 1]
    with pytest.raises(GraphError, match=r"is float64\[3, 1\] in the file and float64\[2, 1\]"):
        draw.from_json(json.dumps(file))


def test_a_checkpointed_function_cannot_be_carried():
    def squash(x):
        return ag.tanh(x)

    with ag.Graph() as graph:
        ag.checkpoint(squash)(ag.Node(1.0))
    told = r"Checkpoint %1: expected parameters made of .*\n  came:  squash\n"
    with pytest.raises(GraphError, match=told + r"(.|\n)*record the graph without checkpoint\(\)"):
        draw.to_json(graph)


def test_what_json_cannot_carry():
    known = dict(ag.ops.OPS)

    class Odd(ag.Op):
        """X."""

        def forward(xp, x, *, key=frozenset()):
            return x + 0.0

        vjp_x = None

    try:
        with ag.Graph() as graph:
            Odd(ag.Node(1.0))
        with pytest.raises(GraphError, match="parameters made of numbers"):
            draw.to_json(graph)
    finally:
        ag.ops.OPS.clear()
        ag.ops.OPS.update(known)
    with ag.Graph() as graph:
        ag.constant(np.longdouble(1)) * np.longdouble(2)
    with pytest.raises(GraphError, match="a dtype that JSON can carry exactly"):
        draw.to_json(graph)


def edited(**changes):
    """The text of a small graph with some fields of its nodes changed: node → field → value."""
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(2,))
        ag.parameter(np.ones(2, "float32"), name="W") * x
        ag.Node(2.0).exp()
    file = json.loads(draw.to_json(graph))
    for place, value in changes.items():
        node, field = place.split("__")
        record = file["nodes"][int(node[1:])]
        record[field] = value
        if value == "GONE":
            del record[field]
    return json.dumps(file)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "null", "[]", '{"format": "png"}'])
def test_foreign_files(text):
    with pytest.raises(GraphError, match="from_json"):
        draw.from_json(text)


@pytest.mark.parametrize("rest", ['"version": 2, "nodes": []', '"version": 1, "nodes": 3'])
def test_other_versions(rest):
    with pytest.raises(GraphError, match="expected version 1 and a list of nodes"):
        draw.from_json('{"format": "autograd_lite graph", ' + rest + "}")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"n0__op": "GONE"}, "no field 'op'"),
        ({"n0__op": "os.system"}, "op 'os.system': expected an op that is defined"),
        ({"n0__op": ["Input"]}, "node 0"),
        ({"n0__name": 3}, "the name 3 or the scope '' is not a text"),
        ({"n0__scope": 3}, "or the scope 3 is not a text"),
        ({"n0__name": "GONE"}, "an input without a name"),
        ({"n0__shape": [-1]}, "negative length"),
        ({"n0__shape": ["2"]}, "'2' is not an integer"),
        ({"n0__shape": 2}, "node 0"),
        ({"n0__dtype": "object"}, "'object' is not a dtype"),
        ({"n0__dtype": "int64", "n0__requires_grad": True}, "floating-point values"),
        ({"n0__value": {"shape": [3], "data": [1, 2, 3]}}, "broadcast together"),
        ({"n1__value": "GONE"}, "no field 'value'"),
        ({"n1__value": {"shape": [3], "data": [1, 2]}}, "cannot reshape"),
        ({"n1__value": {"shape": [2], "data": [1, "os"]}}, "'os' is not a number"),
        ({"n1__value": {"shape": [2], "data": [1, True]}}, "True is not a number"),
        ({"n1__dtype": "int8", "n1__value": {"shape": [1], "data": [300]}}, "OverflowError|300"),
        ({"n1__dtype": "bool", "n1__value": {"shape": [1], "data": ["x"]}}, "not an integer"),
        ({"n1__shape": [7]}, "in the file and"),
        ({"n2__shape": [7]}, "in the file and"),
        ({"n2__shape": "GONE"}, "no field 'shape'"),
        ({"n2__inputs": [1, 9]}, "input 9 is not one of the 2 nodes before"),
        ({"n2__inputs": [2, 0]}, "input 2 is not one of the 2 nodes before"),
        ({"n2__inputs": [-1, 0]}, "input -1"),
        ({"n2__inputs": [1]}, "a call like Mul"),
        ({"n2__inputs": "GONE"}, "no field 'inputs'"),
        ({"n2__op": "VDot"}, "node 2"),
        ({"n2__params": {"axis": 1}}, "a call like Mul"),
        ({"n2__params": {"axis": {"import": "os"}}}, "no field 'import'"),
        ({"n2__params": {"axis": {"slice": "abc"}}}, "node 2"),
        ({"n2__params": [1]}, "node 2"),
        ({"n3__value": "zero"}, "'zero' is not a number"),
    ],
)
def test_damaged_files(change, match):
    with pytest.raises(GraphError, match=match) as caught:
        draw.from_json(edited(**change))
    assert "from_json" in str(caught.value)
    assert caught.value.suggestion


def test_what_is_computed_again_does_not_warn():
    with ag.Graph() as graph, np.errstate(all="ignore"):
        (ag.Node(np.zeros(2)) ** -1.0).named("y")
    assert draw.from_json(draw.to_json(graph))["y"].value.tolist() == [np.inf] * 2


def test_a_subscript_with_fewer_arrays_than_it_says():
    with ag.Graph() as graph:
        ag.Node([1.0, 2.0])[np.array([1, 0])]
    file = json.loads(draw.to_json(graph))
    file["nodes"][-1]["params"]["key"] *= 2
    with pytest.raises(GraphError, match="1 index arrays, which are fewer than in the key"):
        draw.from_json(json.dumps(file))


@given(st.data())
def test_no_damage_makes_anything_but_a_graph_error(data):
    text = edited()
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 8)))
    patch = data.draw(st.text(st.sampled_from('0123456789-.eE"[]{},:truefalsnNaI '), max_size=4))
    with contextlib.suppress(GraphError):
        draw.from_json(text[:start] + patch + text[end:])
