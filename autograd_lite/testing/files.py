"""The checks of all that a user's file defines: what `autograd-lite check FILE.py::name` runs."""

import inspect
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

from autograd_lite.core.op import Op
from autograd_lite.errors import AutogradError, ConfigError
from autograd_lite.frontend.node import Node, NodeGraph
from autograd_lite.frontend.suggestions import checks_call
from autograd_lite.testing.check import check_gradients
from autograd_lite.testing.op_check import check_op, need_hypothesis
from autograd_lite.testing.report import Report


class Finding(NamedTuple):
    """What came of checking one name of a file."""

    name: str
    ok: bool
    text: str
    report: Report | None = None  # there is none for an op

    def __str__(self) -> str:
        return f"{self.name}: {'passed' if self.ok else 'FAILED'}\n{self.text}".rstrip()


@checks_call
def check_file(target: str, *, order: int = 1) -> tuple[list[Finding], int]:
    """Check what `FILE.py` or `FILE.py::name` defines; the findings, and 0 or 1 for a process.

    Ops are tested with `check_op`, which needs Hypothesis. Nodes, graphs and functions that can be
    called without arguments, and that return a node or a graph, go to `check_gradients`.

    Raises ConfigError if there is no such file or name, or nothing in it to check.
    """
    path, _, name = str(target).partition("::")
    module = load(path)
    with users_code(path):
        chosen = {name: pick(module, path, name)} if name else dict(candidates(module))
    if not chosen:
        raise ConfigError(
            path,
            expected="an op, a graph, a node, or a function without arguments that returns one",
            came="none of them",
            suggestion="define one, or name it: FILE.py::name",
        )
    findings = [check_thing(path, key, thing, order=order) for key, thing in chosen.items()]
    return findings, 0 if all(finding.ok for finding in findings) else 1


@checks_call
def report_to_draw(findings: Sequence[Finding]) -> Report | None:
    """The report whose picture says most: the first that failed, else the first there is."""
    reports = [finding.report for finding in findings if finding.report is not None]
    return next((report for report in reports if not report.ok), next(iter(reports), None))


def load(path: str) -> ModuleType:
    """The file as a module, its folder being searched for what it imports."""
    stem = Path(path).stem
    name = f"checked_{stem}" if stem in sys.modules else stem  # a user's numpy.py is not NumPy
    spec, is_there = spec_from_file_location(name, path), False
    with suppress(OSError):  # a name that is too long
        is_there = Path(path).is_file()
    if spec is None or spec.loader is None or not is_there:
        raise ConfigError(
            str(path),
            expected="a Python file",
            came="no such file" if spec is not None else "a name without .py",
            suggestion="write FILE.py::name, with the path from this folder to the file",
        )
    module = sys.modules[name] = module_from_spec(spec)
    sys.path.insert(0, str(Path(path).resolve().parent))
    try:
        with users_code(path):
            spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module


@contextmanager
def users_code(path: str) -> Iterator[None]:
    """Tell what a user's file raises, or that it ends the process, as a ConfigError with the line.

    What the library itself raises without it stays what it is. Nor may it close the streams that
    results are printed on.
    """
    try:
        yield
        _refuse_closed_streams(path)
    except AutogradError:
        raise
    except (Exception, SystemExit) as problem:
        steps = traceback.walk_tb(problem.__traceback__)
        name = Path(path).name
        lines = [line for frame, line in steps if Path(frame.f_code.co_filename).name == name]
        if not lines and not isinstance(problem, SyntaxError):
            raise
        line = f", at line {lines[-1]}" if lines else ""
        raise ConfigError(
            path,
            expected="code that runs to its end",
            came=f"{type(problem).__name__}: {problem}{line}",
            suggestion="call it in Python to see how it comes there",
            place=path,
        ) from problem


def _refuse_closed_streams(path: str) -> None:
    if any(stream is not None and stream.closed for stream in (sys.stdout, sys.stderr)):
        raise ConfigError(
            path,
            expected="code that leaves sys.stdout and sys.stderr open",
            came="a closed one",
            suggestion="take the line out that closes it",
            place=path,
        )


def pick(module: ModuleType, path: str, name: str) -> Any:
    """The thing of that name; ConfigError if there is none that can be checked."""
    thing = getattr(module, name, None)
    if thing is not None and is_checkable(thing):
        return thing
    known = ", ".join(key for key, _ in candidates(module)) or "nothing"
    raise ConfigError(
        f"{path}::{name}",
        expected=f"something that can be checked; there is {known}",
        came="no such name" if thing is None else repr(thing),
        suggestion="name an op, a graph, a node, or a function without arguments",
    )


def candidates(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """What a file itself defines and can be checked, in the order of the file."""
    for name, thing in vars(module).items():
        is_own = getattr(thing, "__module__", None) in (module.__name__, None) or isinstance(
            thing, Node | NodeGraph
        )
        if is_own and not name.startswith("_") and is_checkable(thing):
            yield name, thing


def is_checkable(thing: Any) -> bool:
    """Whether it is an op, a computed node, a graph, or a function without arguments."""
    if isinstance(thing, Node):
        return bool(thing.inputs)
    if isinstance(thing, type):
        return issubclass(thing, Op) and hasattr(thing, "vjps")
    is_function = inspect.isfunction(thing) and not inspect.signature(thing).parameters
    return is_function or isinstance(thing, NodeGraph)


def check_thing(path: str, name: str, thing: Any, *, order: int) -> Finding:
    """The finding on one thing of a file; a mistake in it is told like a failure."""
    if isinstance(thing, type):
        need_hypothesis()
    try:
        with users_code(path):
            if isinstance(thing, type):
                return Finding(name, True, check_op(thing) or "every property of an op holds")
            report = check_gradients(thing, order=order)
    except AutogradError as problem:
        if Path(path).name not in problem.place:  # it is about the whole of what was made there
            problem.place = f"{path}::{name}"
        return Finding(name, False, str(problem))
    return Finding(name, report.ok, str(report), report)
