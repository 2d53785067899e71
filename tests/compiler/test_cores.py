"""How many cores are free, from what a system tells about them; nothing here is timed."""

import os

import pytest

from autograd_lite.compiler.executors import cores
from autograd_lite.compiler.executors.cores import Cores, Look


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine of four cores, of which this process may use two; the clock is set by hand."""
    monkeypatch.setattr(cores, "own_cores", lambda: {0, 2})
    monkeypatch.setattr(cores, "STATISTICS", tmp_path / "stat")
    clock = {"time": 0.0, "own": 0.0}
    monkeypatch.setattr(cores, "perf_counter", lambda: clock["time"])
    monkeypatch.setattr(cores, "process_time", lambda: clock["own"])

    def passes(seconds, own, busy):
        """Time: what this process computed in it, and all of them on its cores."""
        clock["time"] += seconds
        clock["own"] += own
        passes.ticks += busy * 100
        user, nice = int(passes.ticks) // 2, 5000
        lines = [f"cpu{n} {user} {nice} 0 99 99 0 0 0 0 0" for n in (0, 2)]
        lines += ["cpu 1 2 3 4 5 6 7 8 9 10", "cpu1 99999 0 0 0 0 0 0 0 0 0", "intr 5"]
        (tmp_path / "stat").write_text("\n".join(lines))

    passes.ticks = 0
    passes(1, 0, 0)
    return passes


def test_free_cores_are_those_that_others_do_not_use(machine):
    found = Cores()
    assert found.free() == 2
    for own, busy, free in ((1, 1, 2), (2, 2, 2), (1, 2, 1), (0, 2, 1), (1, 1.4, 2), (1, 1.6, 1)):
        machine(1, own, busy)
        assert found.free() == free, (own, busy)


def test_a_look_is_good_for_a_moment(machine):
    found = Cores()
    machine(cores.WINDOW / 2, 0, 2 * cores.WINDOW)
    assert found.free() == 2
    machine(cores.WINDOW, 0, 2 * cores.WINDOW)
    assert found.free() == 1


def test_where_nothing_is_told_all_cores_are_free(machine, monkeypatch, tmp_path):
    monkeypatch.setattr(cores, "STATISTICS", tmp_path / "nowhere")
    found = Cores()
    machine(1, 1.5, 2)
    assert found.free() == 2


def test_a_real_look():
    assert Look.now().time <= Look.now().time
    assert 1 <= cores.CORES.free() <= len(cores.own_cores())


@pytest.mark.parametrize(
    ("named", "quota", "expected"),
    [("3", "", 3), ("many", "", 2), ("", "max 100000", 2), ("", "150000 100000", 2),
     ("", "50000 100000", 1), ("8", "50000 100000", 8), ("0", "", 2)],
)  # fmt: skip
@pytest.mark.usefixtures("machine")
def test_how_many_threads_are_allowed(named, quota, expected, monkeypatch, tmp_path):
    monkeypatch.setenv("OMP_NUM_THREADS", named)
    monkeypatch.setattr(cores, "QUOTA", tmp_path / "cpu.max")
    if quota:
        (tmp_path / "cpu.max").write_text(quota)
    assert cores.allowed() == expected


def test_threads_tell_of_themselves(monkeypatch):
    monkeypatch.setattr(cores.CORES, "free", lambda: 1)
    threads = cores.Threads(2)
    assert threads.notes == ["Threads: 2 of 2, all that are allowed"]
    assert threads.count() == 1
    assert threads.notes == ["Threads: 1 of 2, as others use the other cores"]
    assert cores.Threads(1).notes == []


def test_own_cores(monkeypatch):
    assert cores.own_cores()
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert cores.own_cores() == set(range(os.cpu_count()))
