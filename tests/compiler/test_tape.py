"""The tape of a scalar graph: what is recorded, and that C and Python play it alike."""

import contextlib
import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_lite as ag
from autograd_lite import ops
from autograd_lite.compiler.executors.interface import ExecutorUnavailable
from autograd_lite.compiler.executors.tape import native, python_source
from autograd_lite.compiler.executors.tape.fusion import FUSED, fused
from autograd_lite.compiler.executors.tape.native import OPCODES, NativeTape
from autograd_lite.compiler.executors.tape.places import lay_out
from autograd_lite.compiler.executors.tape.primitives import NAMES
from autograd_lite.compiler.executors.tape.python_tape import PythonTape, play_with_care
from autograd_lite.compiler.executors.tape.tape import record

AWKWARD = [0.0, -0.0, 0.5, 1.0, -1.0, 2.5, -2.5, 3.0, 800.0, -800.0, 1e308, math.inf, -math.inf, math.nan]  # fmt: skip


def is_there(player):
    try:
        return player is PythonTape or native.interpreter()
    except ExecutorUnavailable:
        return False


PLAYERS = [player for player in (NativeTape, PythonTape) if is_there(player)]
each_player = pytest.mark.parametrize("player", PLAYERS)


def scalar(name):
    return ag.input(name=name, shape=(), dtype="float64")


def buffers_of(leaves):
    return [np.array(leaf.value) for leaf in leaves]


def tape_of(outputs, updates=None, inputs=(), leaves=()):
    return record(list(inputs), list(leaves), list(outputs), updates or {})


def assert_same(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=0)


# The operations


@pytest.mark.parametrize("op", NAMES, ids=NAMES.values())
@each_player
def test_an_operation_is_that_of_the_interpreted_engine(op, player):
    count = len(op.input_names)
    cases = np.array(list(itertools.product(AWKWARD, repeat=count))).T.copy()
    with ag.Graph():
        inputs = [scalar(f"x{i}") for i in range(count)]
        output = op(*inputs)
    played = player(tape_of([output], inputs=inputs), [])
    rows = played.play(list(cases), None, 0, cases.shape[1])
    with np.errstate(all="ignore"):
        expected = [float(op.compute(list(map(float, case)), {})) for case in cases.T]
    assert_same(rows[:, 0], expected)


@given(
    choices=st.lists(
        st.tuples(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99)),
        min_size=1,
        max_size=12,
    ),
    values=st.lists(st.sampled_from([0.0, 0.5, -1.5, 2.0, 40.0]), min_size=2, max_size=2),
)
def test_random_graphs_with_gradients_and_updates(choices, values):
    """A list of (op, earlier nodes) shares nodes and repeats expressions, as trees do not."""
    table = [op for op in sorted(NAMES, key=lambda op: op.name) if op.name not in ("Guard", "NextAfter")]  # fmt: skip
    with ag.Graph() as graph:
        x, w = scalar("x"), ag.parameter(values[1], name="w")
        nodes = [x, w]
        for which, *operands in choices:
            op = table[which % len(table)]
            picked = [nodes[i % len(nodes)] for i in operands[: len(op.input_names)]]
            picked = [ag.where(a, 1.0, 0.5) if a.dtype == bool else a for a in picked]
            nodes.append(op(*picked))
        output = nodes[-1] if nodes[-1].dtype != bool else ag.where(nodes[-1], w, x)
        output = output + w * 0.5
        new = w - 0.25 * ag.gradients(output, w)
    tape = tape_of([output, nodes[-1]], {w: new}, [x], [w])
    players = [player(tape, buffers_of([w])) for player in PLAYERS]
    feeds = np.array([values[0], -0.75, values[1]])
    rows = [played.play([feeds], None, 0, 3) for played in players]
    for step, feed in enumerate(feeds):
        graph.forward(x=feed)
        expected = [float(output.value), float(nodes[-1].value)]
        for found in rows:
            np.testing.assert_allclose(found[step], expected, rtol=1e-9, atol=1e-12)
        if not math.isfinite(float(new)) or abs(float(new)) > 1e100:
            return
        w.assign(float(new))


# What is recorded


def test_what_is_computed_twice_or_never_is_on_the_tape_once_or_not():
    a, b = ag.Node(2.0), ag.Node(3.0)
    _dead = a.exp()
    tape = tape_of([a * b + a * b], leaves=[a, b])
    assert list(tape.operations.values()) == [("Mul", (0, 1)), ("Add", (2, 2))]
    assert len(tape) == 2


def test_zeros_of_both_signs_are_two_constants():
    a = ag.Node(2.0)
    tape = tape_of([a + ag.constant(0.0), a + ag.constant(-0.0)], leaves=[a])
    assert list(map(str, tape.constants.values())) == ["0.0", "-0.0"]


def fusible(a, b, c):
    """Expressions of three numbers; they hold what is fused, and what must not be."""
    product, dead, tanh = a * b, ops.Where(a > b, c, 0.0), ag.tanh(a)
    return {
        "products in sums": [c + a * b, a * c + b, c - a * 0.5, b * c + product, c * c + product],
        "sums of three": [a + b + c, c + (a * c + (b * b + a)), a + (b + c), a * a * b],
        "selections": [ops.Where(a > b, a, c), dead, ops.Where(c, a, 0.0), ops.Where(a < b, a, c)],
        "kept products": [ops.Where(c, a * b * c, 0.0), a + ops.Where(a < b, a * c, 0.0)],
        "kept twice": [ops.Where(a, ops.Where(c, b * 3.0, 0.0), 0.0), dead + a],
        "kept in sums": [ops.Where(c, a * b, 0.0) + (ops.Where(b, c * 3.0, 0.0) + a)],
        "slopes": [ag.sigmoid(c), ops.SigmoidSlope(c), ops.SigmoidSlope(a), ops.SigmoidSlope(b * b)],
        "slopes of tanh": [tanh, 4.0 * ops.SigmoidSlope(2.0 * a), ops.SigmoidSlope(b * 2.0) + ag.tanh(b)],
        "slopes before": [ops.SigmoidSlope(a * 2.0), ag.sigmoid(a * 2.0), ag.tanh(b), ops.SigmoidSlope(2.0 * b)],
    }  # fmt: skip


def test_all_fused_operations_are_found():
    leaves = [ag.Node(value) for value in (2.0, 3.0, 5.0)]
    expressions = fusible(*leaves).values()
    found = {name for x in expressions for name, _ in fused(tape_of(x, leaves=leaves)).values()}
    assert found >= set(FUSED)


@pytest.mark.parametrize("case", fusible(*[ag.Node(1.0)] * 3))
@pytest.mark.parametrize("values", [(2.0, 3.0, 5.0), (3.0, -2.0, 0.0), (-0.1, 0.7, -1.3), (0.0, math.inf, math.nan)])  # fmt: skip
@each_player
def test_fused_operations_give_the_same_numbers(case, values, player):
    leaves = [ag.Node(value) for value in values]
    outputs = fusible(*leaves)[case]
    played = player(tape_of(outputs, leaves=leaves), buffers_of(leaves)).play([], None, 0, 1)[0]
    expected = [float(x) for x in outputs]
    if "slopes" in case:
        np.testing.assert_allclose(played, expected, rtol=4e-15)
    else:
        np.testing.assert_array_equal(played, expected)


def test_a_slope_has_its_digits_however_it_is_made():
    points = np.concatenate([np.linspace(-6.0, 6.0, 1201), [-700.0, -40.0, 40.0, 700.0]])
    with ag.Graph():
        x = scalar("x")
        sigmoid, tanh = ag.sigmoid(x), ag.tanh(x)
        outputs = [sigmoid, tanh, ops.SigmoidSlope(x), 4.0 * ops.SigmoidSlope(2.0 * x)]
    for player in PLAYERS:
        found = player(tape_of(outputs, inputs=[x]), []).play([points], None, 0, len(points))
        np.testing.assert_allclose(found[:, 2], ops.SigmoidSlope(points), rtol=2e-15)
        np.testing.assert_allclose(found[:, 3], 4.0 * ops.SigmoidSlope(2.0 * points), rtol=2e-15)


def test_masks_are_on_the_tape_in_their_shortest_form():
    """Conditions as they are, no |x| of what is never negative, no selection between equals."""
    with ag.Graph():
        x, y = ag.parameter(2.0), ag.parameter(-3.0)
        z = ag.relu(ag.relu(ag.exp(x) * y) * x)
        slope = ag.gradients(z, x)
    names = [name for name, _ in tape_of([z, slope], leaves=[x, y]).operations.values()]
    assert names.count("Greater") == 2
    assert {"Abs", "NotEqual", "Equal"}.isdisjoint(names)
    a, b = ag.Node(2.0), ag.Node(-3.0)
    kept = [ag.abs(a), ag.abs(ops.Where(a > b, a, 0.0)), ag.abs(ag.constant(-1.0) * ag.abs(a))]
    kept += [ops.Where(a != 1.0, a, b), ops.Where(a > b, 1.0, b), ops.Where(a, 1.0, 0.0)]
    gone = [ag.abs(ag.abs(a)), ops.Where(a > b, 1.0, 0.0), ops.Where(b, a, a)]
    leaves = [a, b]
    assert len(tape_of(kept, leaves=leaves)) > len(kept)
    names = [name for name, _ in tape_of(gone, leaves=leaves).operations.values()]
    assert names == ["Abs", "Greater", "Copy"]


def test_places_are_used_again():
    x = y = ag.Node(0.5)
    for _ in range(1000):
        y = ag.tanh(y * x)
    layout = lay_out(tape_of([y], leaves=[x]), OPCODES)
    assert layout.places == 2
    assert len(layout.words) == 1000 * (4 + 3) + 1


def test_ops_are_taken_apart_by_their_own_rule():
    class Swish(ag.Elementwise):
        def forward(xp, x):
            return x * ag.sigmoid(x)

        def vjp_x(xp, grad, out, x):
            return grad

    a = ag.Node(0.7)
    outputs = [Swish(Swish(a)), ag.leaky_relu(-a, slope=0.1), ops.Sum(ops.Alias(a)), ops.Cast(a > 0, dtype="float64")]  # fmt: skip
    for player in PLAYERS:
        played = player(tape_of(outputs, leaves=[a]), buffers_of([a]))
        assert_same(played.play([], None, 0, 1)[0], [float(x) for x in outputs])


class Opaque(ag.Elementwise):
    def forward(xp, x):
        return math.exp(float(x))

    vjp_x = None


def unlucky():
    a, b, x = ag.Node(0.5), ag.Node([1.0, 2.0]), ag.Node(1.0)
    yes = a > 0.0
    return {
        "not a float64 scalar": ([a + ag.sum(b)], [a, b]),
        "Constant is not a float64 scalar": ([a + ag.constant(2)], [a]),
        "a leaf that is not the program's": ([a + x], [a]),
        "no operation on single numbers": ([ops.ExpandDims(a)], [a]),
        "Opaque cannot be taken apart": ([Opaque(a)], [a]),
        "an operation that no tape has": ([ops.BitwiseLeftShift(yes, yes)], [a]),
        "arithmetic on booleans": ([ops.Add(yes, yes)], [a]),
    }


@pytest.mark.parametrize("reason", unlucky())
def test_other_graphs_are_refused(reason):
    outputs, leaves = unlucky()[reason]
    with pytest.raises(ExecutorUnavailable, match=reason):
        tape_of(outputs, leaves=leaves)


# Playing it


def updating(case, a, b, x):
    return {
        "swapped": ({a: b, b: a}, [a, b]),
        "one from the other": ({a: a + b, b: a * 2.0}, [a + b]),
        "a constant": ({a: ag.constant(4.0)}, [a * b]),
        "an input": ({a: x}, [a * b]),
        "one value for both": ({a: a * b, b: a * b}, [a * b]),
        "old values asked for": ({a: a * 0.5 + x}, [a, x]),
        "read after its new value is known": ({a: b * 3.0}, [b * 3.0 + a]),
        "nothing": ({}, [ag.constant(1.5), a]),
        "itself": ({a: a}, [b]),
    }[case]


CASES = ["swapped", "one from the other", "a constant", "an input", "one value for both", "old values asked for", "read after its new value is known", "nothing", "itself"]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
@each_player
def test_new_values_are_computed_from_old_ones(case, player):
    with ag.Graph() as graph:
        a, b, x = ag.parameter(2.0), ag.parameter(3.0), scalar("x")
        updates, outputs = updating(case, a, b, x)
    buffers = buffers_of([a, b])
    data = np.array([0.25, -1.0, 7.0])
    order = np.array([2, 0, 1])
    played = player(tape_of(outputs, updates, [x], [a, b]), buffers)
    rows = played.play([data], order, 0, 3)
    for step, row in enumerate(rows):
        graph.forward(x=data[order[step]])
        assert row.tolist() == [float(y) for y in outputs]
        for leaf, value in {leaf: float(new) for leaf, new in updates.items()}.items():
            leaf.value = value
    assert [float(buffer) for buffer in buffers] == [float(a), float(b)]


@each_player
def test_two_runs_are_the_same(player):
    a = ag.Node(0.3)
    y = ag.sin(a * a) - a.exp()
    tape = tape_of([y], {a: a - 0.1 * y}, leaves=[a])
    first, second = (player(tape, buffers_of([a])).play([], None, 0, 50) for _ in range(2))
    assert first.tobytes() == second.tobytes()


@each_player
def test_a_long_chain_is_played_without_recursion(player):
    x = y = ag.Node(1.5)
    for _ in range(5000):
        y = y * 0.999
        y = y + 1e-3
    played = player(tape_of([y], leaves=[x]), buffers_of([x]))
    assert played.play([], None, 0, 1)[0, 0] == y.value


def test_parts_of_python_hand_on_what_later_ones_read(monkeypatch):
    monkeypatch.setattr(python_source, "OPERATIONS_A_PART", 3)
    a, b = ag.Node(0.5), ag.Node(2.0)
    shared = a * b
    y = ag.tanh(shared) * ag.exp(a - b) + shared * ag.maximum(a, shared)
    played = PythonTape(
        tape_of([y, shared], {a: y, b: a * shared}, leaves=[a, b]), buffers_of([a, b])
    )
    assert played.source.count("def part_") == 3
    assert_same(played.play([], None, 0, 1)[0], [y.value, shared.value])


def test_python_goes_carefully_where_floats_are_infinite():
    with ag.Graph():
        x, w = scalar("x"), ag.parameter(1.0)
        y = w / x
        tape = tape_of([y, ag.exp(y)], {w: w + 1.0}, [x], [w])
    buffers = buffers_of([w])
    rows = PythonTape(tape, buffers).play([np.array([0.0, 1.0])], None, 0, 2)
    assert rows.tolist() == [[math.inf, math.inf], [2.0, math.exp(2.0)]]
    assert buffers[0] == 3.0
    assert play_with_care(tape, [-0.0, 1.0]) == [-math.inf, 0.0]


# In a program


def program(executor):
    with ag.Graph() as graph:
        x, w = scalar("x"), ag.parameter(3.0, name="w")
        loss = (w * x - 1.0) * (w * x - 1.0)
        small = loss < 1.0
        dw = ag.gradients(loss, w)
    compiled = ag.compile(graph, [loss, small], {w: w - 0.1 * dw}, executor=executor)
    return compiled, w


@pytest.mark.parametrize("executor", ["auto", "numpy"])
def test_a_program_of_scalars_steps_and_scans(executor):
    compiled, w = program(executor)
    first, small = compiled(x=1.0)
    assert (float(first), bool(small), small.dtype) == (4.0, False, bool)
    losses, flags = compiled.scan({"x": np.ones(20)})
    assert losses.shape == (20,)
    assert flags.dtype == bool
    assert flags[-1]
    assert float(w) == pytest.approx(1.0, abs=0.02)
    assert "tape" in str(compiled.plan)
    assert "Mul" in compiled.source or "def step(v):" in compiled.source


def test_without_a_compiler_python_plays(monkeypatch):
    def missing():
        raise ExecutorUnavailable("no C compiler")

    monkeypatch.setattr(native, "interpreter", missing)
    compiled, _ = program("auto")
    assert "python tape" in str(compiled.plan)
    assert float(compiled(x=1.0)[0]) == 4.0


def test_what_numpy_computes_for_floats_is_as_silent_as_math():
    for op in ops.OPS.values():
        ours = op.__module__.startswith("autograd_lite.")
        if ours and op.elementwise and not op.variadic and not op.blocks_gradient:
            for value in (math.nan, math.inf, -math.inf, -0.0):
                x = ag.Node(value)
                inputs = [x] * len(op.input_names)
                with contextlib.suppress(ag.AutogradError):  # a required parameter
                    op(*inputs).backward()
