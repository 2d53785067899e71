"""Numbers that only outputs need are computed after the loop of a scan, and then alone."""

import numpy as np
import pytest

import autograd_lite as ag

ROWS = 5


def total(x):
    return ag.sum(x * x)


CASES = {
    "a number of numbers": (lambda x: [ag.log(total(x) + 1.0) * 2.0], 2),
    "a number that is kept and told": (lambda x: [s := total(x), ag.exp(-s)], 2),
    "a number with axes": (lambda x: [ag.log(ag.sum(x * x, keepdims=True))], 1),
    "in another shape": (lambda x: [ag.reshape(ag.log(total(x)), (1, 1)) + ag.constant(1.0)], 2),
    "numbers of two sums": (lambda x: [ag.log(total(x)) - total(x + 1.0) / 3.0], 3),
    "of another dtype": (lambda x: [total(x) > 2.0, ag.log(total(x)) > 0.0], 3),
    "a number that an array needs": (lambda x: [x * ag.log(total(x)), ag.exp(total(x))], 1),
    "not a number": (lambda x: [ag.log(x * x + 1.0)], 0),
    "not from the input alone": (lambda x: [ag.exp(x[0])], 1),
}


def loops(program):
    """The lines inside and after the loop of the scan."""
    scan = program.source.split("def step(X0")[1]
    before, _, after = scan.partition("    for n in range(stop - start):\n")
    lines = after.splitlines()
    inside = [x for x in lines if x.startswith("        ")]
    return before, inside, [x for x in lines if x not in inside]


@pytest.mark.parametrize("batch_size", [None, 1])
@pytest.mark.parametrize("name", CASES)
def test_numbers_are_computed_after_the_loop(name, batch_size):
    build, count = CASES[name]
    data = np.random.default_rng(0).normal(size=(ROWS, 4))
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4,) if batch_size is None else (1, 4), dtype="float64")
        outputs = build(x if batch_size is None else ag.reshape(x, (4,)))
    program = ag.compile(graph, outputs, executor="numpy")
    scanned = program.scan({"x": data})
    steps = [program(x=row if batch_size is None else row[None]) for row in data]
    for actual, expected in zip(scanned, zip(*steps, strict=True), strict=True):
        np.testing.assert_allclose(actual, np.stack(expected), rtol=1e-12)
        assert actual.dtype == expected[0].dtype
    if count:
        assert len(loops(program)[2]) == count, program.source
    else:
        assert "def step(X0" not in program.source


def test_what_an_update_needs_is_computed_in_the_step():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(4,), dtype="float64")
        w = ag.parameter(1.0)
        grown = ag.log(total(x)) + w
        told = ag.exp(total(x))
    program = ag.compile(graph, [grown, told], {w: grown}, executor="numpy")
    data = np.random.default_rng(0).normal(size=(ROWS, 4))
    values, exps = program.scan({"x": data})
    np.testing.assert_allclose(values, 1 + np.cumsum(np.log((data * data).sum(1))))
    np.testing.assert_allclose(exps, np.exp((data * data).sum(1)))
    _, inside, after = loops(program)
    assert any("log(" in line for line in inside)
    assert [line.strip().partition("(")[0] for line in after] == ["exp"]
