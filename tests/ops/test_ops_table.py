"""The table of operations: every op says what it computes, and what its derivative is."""

import pytest

import autograd_lite as ag
from autograd_lite.cli.command import main
from autograd_lite.ops import OPS
from autograd_lite.ops.table import WIDEST, Entry, clipped, table

LIBRARY = {name: op for name, op in OPS.items() if op.__module__.startswith("autograd_lite.")}


def test_every_op_of_the_library_has_its_formulas():
    missing = [
        f"{name}.{fact}"
        for name, op in LIBRARY.items()
        for fact in ("formula", "derivative")
        if not getattr(op, fact)
    ]
    assert missing == []


def test_derivatives_are_told_of_what_is_differentiable():
    for name, op in LIBRARY.items():
        assert (Entry.of(op).differentiable_in == "-") == (op.derivative == "none"), name


def test_every_op_is_documented():
    assert [name for name, op in LIBRARY.items() if not (op.__doc__ or "").strip()] == []


def test_the_command_lists_all(capsys):
    assert main(["ops"]) == 0
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["op", "formula", "derivative", "differentiable", "in", "kinks"]
    names = [line.split()[0] for line in lines]
    assert names == sorted(OPS)


def test_the_command_tells_of_one(capsys):
    assert main(["ops", "Stack"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("Stack(*arrays, axis=0)\n\nArrays of one shape")
    assert "differentiable in:  *arrays" in text


def test_an_unknown_name_is_answered_with_the_closest(capsys):
    assert main(["ops", "Sofmax"]) == 2
    assert "try:   SoftMax, for example" in capsys.readouterr().err


def test_an_op_without_inputs_and_without_docstring():
    known = dict(OPS)

    class Three(ag.Op):
        def forward(xp):
            return 3.0

    assert Entry.of(Three) == ("Three", "", "", "-", "")
    assert table([Three]).splitlines()[1].split() == ["Three", "-"]
    OPS.clear()
    OPS.update(known)


@pytest.mark.parametrize("length", [WIDEST, WIDEST + 1, 500])
def test_long_texts_are_clipped(length):
    text = clipped("x" * length)
    assert len(text) <= WIDEST
    assert text.endswith("…") == (length > WIDEST)
