"""check_file: what `autograd-lite check FILE.py::name` does."""

import sys
from io import StringIO

import pytest

from autograd_lite import errors, ops
from autograd_lite.testing import check_file, check_op, report_to_draw

GOOD = """
import autograd_lite as ag

class Cube(ag.Elementwise):
    "x³."
    def forward(xp, x):
        return x * x * x
    def vjp_x(xp, grad, out, x):
        return grad * 3 * x * x

def loss():
    return ag.sum(Cube(ag.Node([0.5, 2.0])))

def with_arguments(x):
    return x

with ag.Graph() as graph:
    end = ag.tanh(ag.parameter(0.5))

_hidden = end
leaf = ag.Node(1.0)
"""
BAD = GOOD.replace("* 3 *", "* 2 *")


@pytest.fixture(autouse=True)
def forget():
    known, modules = dict(ops.OPS), set(sys.modules)
    yield
    ops.OPS.clear()
    ops.OPS.update(known)
    for name in set(sys.modules) - modules:
        if name.startswith("users_"):
            del sys.modules[name]


@pytest.fixture
def write(tmp_path):
    def write_file(text):
        path = tmp_path / "users_file.py"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write_file


def test_all_that_a_file_defines_is_checked(write):
    findings, code = check_file(write(GOOD))
    assert code == 0
    assert [finding.name for finding in findings] == ["Cube", "loss", "graph", "end"]
    assert str(findings[0]) == "Cube: passed\nevery property of an op holds"
    assert "checks of Sum: all right" in str(findings[1])


def test_a_fault_is_found_and_told(write):
    path = write(BAD)
    findings, code = check_file(f"{path}::loss", order=2)
    assert code == 1
    assert str(findings[0]).startswith("loss: FAILED")
    assert findings[0].report.rows[0].node.op.name == "Cube"
    assert "from users_file import Cube" in findings[0].text
    findings, code = check_file(f"{path}::Cube")
    assert code == 1
    assert findings[0].report is None
    assert "op Cube: expected the derivative" in findings[0].text


def test_the_first_failure_is_what_is_drawn(write):
    findings, _ = check_file(write(BAD))
    assert report_to_draw(findings) is findings[1].report
    assert report_to_draw(findings[2:]) is findings[2].report
    assert report_to_draw(findings[:1]) is None


def test_an_op_is_not_accused_where_hypothesis_is_missing(write, monkeypatch):
    monkeypatch.setattr("autograd_lite.testing.op_check.find_spec", lambda _: None)
    for call in (lambda: check_file(write(GOOD)), lambda: check_op(ops.Tanh)):
        with pytest.raises(errors.ConfigError, match=r'pip install "autograd-lite\[testing\]"'):
            call()
    findings, _ = check_file(f"{write(GOOD)}::loss")
    assert findings[0].ok


def test_what_is_said_of_a_thing_as_a_whole_has_its_name_for_a_place(write):
    path = write("import autograd_lite as ag\nwith ag.Graph() as g:\n    ag.constant(1.0)\n")
    (finding,), _ = check_file(f"{path}::g")
    assert not finding.ok
    assert f"at:    {path}::g" in finding.text


def test_a_file_may_not_close_the_streams(write, monkeypatch):
    monkeypatch.setattr(sys, "stdout", StringIO())
    with pytest.raises(errors.ConfigError, match=r"leaves sys\.stdout and sys\.stderr open"):
        check_file(f"{write('import sys; sys.stdout.close(); x = 1')}::x")


MISTAKES = {
    "no such file": ("nowhere.py", "expected a Python file\n  came:  no such file"),
    "no name": ("{}::nothing", "there is Cube, loss, graph, end\n  came:  no such name"),
    "not to be checked": ("{}::with_arguments", "came:  <function with_arguments"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_told(write, name):
    target, message = MISTAKES[name]
    with pytest.raises(errors.ConfigError, match=message):
        check_file(target.format(write(GOOD)))


@pytest.mark.parametrize(
    ("target", "message"), [("{}", "none of them"), ("{}::x", "there is nothing")]
)
def test_a_file_without_anything_to_check(write, target, message):
    with pytest.raises(errors.ConfigError, match=message):
        check_file(target.format(write("x = 1")))
