"""A small sample of the recorded experiment: no false alarm, no fault missed, the guilty named."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "gradient_check_experiment.py"
pytestmark = pytest.mark.skipif(
    not SCRIPT.exists(), reason="an installed package has no benchmarks beside its tests"
)
KINDS = [
    "factor 1.001", "sign", "transposed operand", "wrong axis", "clipped gradient", "second order",
    "dropped accumulation", "no un-broadcast", "un-broadcast by picking", "stale value",
]  # fmt: skip


@pytest.fixture(scope="module")
def experiment():
    spec = importlib.util.spec_from_file_location("gradient_check_experiment", SCRIPT)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


def test_correct_graphs_pass(experiment):
    outcomes = experiment.correct_graphs(150, first=10_000)
    assert outcomes["false"] == 0
    assert outcomes["undecided"] <= 0.05 * 150
    wide = experiment.correct_graphs(100, first=10_000, spread=6.0)
    assert wide["false"] == 0
    assert wide["undecided"] <= 0.05 * 100


def test_functions_that_do_what_their_graph_does_not_hold_are_found(experiment):
    assert experiment.hidden_faults(8, first=10_000) == {"found": 8}


def test_all_kinds_are_planted(experiment):
    assert set(experiment.FAULTS) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_faults_are_found_and_named(experiment, kind):
    assert experiment.planted(experiment.FAULTS[kind], 5, first=10_000) == {"found": 5}


def test_an_experiment_prints_its_figures(experiment, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["experiment", "--graphs", "2", "--faults", "1"])
    experiment.main()
    assert "false alarms   0 of 2" in capsys.readouterr().out
