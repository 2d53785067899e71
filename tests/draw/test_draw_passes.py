"""What the compiler did as a page: passes side by side, steps with their code, memory over time."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler.executors.interface import ExecutorUnavailable
from autograd_lite.draw.memory import buffers, memory_svg
from autograd_lite.draw.passes import code_of_steps, passes_text, stages_of


def program(executor="numpy", **options):
    rng = np.random.default_rng(0)
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(16,), dtype="float64")
        y = ag.input(name="<y>", shape=(), dtype="int64")
        w1 = ag.parameter(rng.standard_normal((16, 64)), name="w1")
        w2 = ag.parameter(rng.standard_normal((64, 3)), name="w2")
        p = ag.softmax(ag.vdot(ag.sigmoid(ag.vdot(x, w1)), w2))
        loss = (ag.log(ag.aref(p, y)) * -1).named("loss")
        d1, d2 = ag.gradients(loss, [w1, w2])
    updates = {w1: w1 - 0.1 * d1, w2: w2 - 0.1 * d2}
    return ag.compile(graph, loss, updates=updates, executor=executor, **options)


def test_what_a_pass_took_away_and_put_in():
    stages = {stage.name: stage for stage in stages_of(program().drafts)}
    asked, safe = stages["specialise"], stages["safe_forms"]
    assert not asked.came
    assert "Log" in {node.op.name for node in asked.goes}
    assert {"LogSumExp", "Max", "PickGradient"} & {node.op.name for node in safe.came}
    assert {"red", "green"} <= set(safe.colours().values())
    assert not stages["results"].goes


def test_what_is_equal_is_joined():
    with ag.Graph() as graph:
        x = ag.input(name="x", shape=(3,), dtype="float64")
        y = ag.sum(ag.exp(x) * ag.tanh(x)) + ag.sum(ag.exp(x) * ag.tanh(x) * 2.0)
    program = ag.compile(graph, y, executor="numpy", passes=["common"])
    first, *_ = stages_of(program.drafts)
    assert sorted(node.op.name for node in first.joined) == ["Exp", "Mul", "Tanh"]
    assert set(first.colours().values()) >= {"blue"}


def test_the_page_of_passes(tmp_path):
    path = program().render(tmp_path / "passes.html")
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)=|<script", text)
    assert "default-src 'none'" in text
    assert "{{" not in text
    for told in ("0. specialise", "Logarithms and gradients that would overflow", "nothing to do", "&lt;y&gt;", "its code", "Work space of", "Kept:"):  # fmt: skip
        assert told in text
    assert text.count("<svg") == text.count("</svg>") >= 5
    figures = len(program().drafts)
    assert text.count("<figure") == figures
    assert program().render(tmp_path / "last.svg").read_text().startswith("<svg")


def test_a_pass_of_ones_own_and_numbers_alone():
    def mine(draft):
        return draft

    assert "<h3>1. mine</h3><p></p>" in passes_text(program(passes={"mine": mine}))
    with ag.Graph() as graph:
        y = ag.log(1.0 + ag.input(name="u", shape=(), dtype="float64"))
    text = passes_text(ag.compile(graph, y))  # played from a tape: there are no steps
    assert "operations by" in text
    assert "Work space" not in text


@pytest.mark.parametrize(("executor", "code"), [("numpy", ".dot("), ("native", "/* %")])
def test_each_step_has_its_code(executor, code):
    try:
        built = program(executor)
        source, plan = built.source, built.plan
    except ExecutorUnavailable as reason:
        pytest.skip(str(reason))
    found = code_of_steps(plan, source)
    assert sorted(found) == list(range(len(plan.steps)))
    assert code in found[0]
    assert all("plan_scan" not in lines for lines in found.values())


def test_values_lie_beside_each_other_while_they_live():
    plan = program().plan
    found = buffers(plan)
    assert found
    for i, a in enumerate(found):
        assert a.first <= a.last < len(plan.steps)
        assert a.offset + a.size <= plan.arena_bytes
        for b in found[:i]:
            in_time = a.first <= b.last and b.first <= a.last
            in_space = a.offset < b.offset + b.size and b.offset < a.offset + a.size
            assert not (in_time and in_space) or a.first == b.last


def test_the_chart_of_memory():
    plan = program().plan
    svg = memory_svg(plan)
    ET.fromstring(svg)  # noqa: S314 - our own file
    assert f"Work space of {plan.arena_bytes:,} bytes over {len(plan.steps)} steps" in svg
    assert svg.count("<title>") == len(buffers(plan))
    with ag.Graph() as graph:
        y = ag.sum(ag.reshape(ag.exp(ag.input(name="x", shape=(2, 50_000))), (-1,))) * 2.0
    assert "<title>" in memory_svg(ag.compile(graph, y, executor="numpy").plan)
    empty = memory_svg(ag.compile(graph, graph["x"], executor="numpy").plan)
    ET.fromstring(empty)  # noqa: S314 - our own file
