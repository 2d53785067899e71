"""Programs that lay out a DOT file: which there are, and how one is run without waiting forever."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from numbers import Real
from typing import Any, NamedTuple

from autograd_lite.draw.view import DrawError
from autograd_lite.errors import AutogradError

LONGEST = 1_000_000  # seconds that an engine may be given
DPI, MOST_INCHES = 120, 35  # at most 4,200 pixels each way, so that memory stays below 200 MB
PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
arguments = " ".join(sys.argv[2:])
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog="dot", args=arguments))
"""
WAYS = (
    "install Graphviz, for all forms (apt install graphviz, brew install graphviz, "
    "winget install graphviz); or pip install 'autograd-lite[draw]', for svg and png; "
    "or pip install pygraphviz, for svg, png and pdf. "
    "The forms svg, html, dot, mmd and json need nothing"
)


class EngineError(AutogradError, RuntimeError):
    """A form of picture that nothing installed here can write."""


class GraphvizEngine(NamedTuple):
    """A program that reads DOT and writes pictures."""

    name: str
    forms: tuple[str, ...]
    find: Callable[[], list[str] | None]  # the beginning of its command line, if it is here
    form_option: str


def _find_dot() -> list[str] | None:
    program = shutil.which("dot")
    return [program] if program else None


def _find_graphviz_pure() -> list[str] | None:
    """The program of the package graphviz-pure, beside this Python or on the path."""
    scripts = sysconfig.get_path("scripts")
    program = shutil.which("graphviz-pure", path=scripts) or shutil.which("graphviz-pure")
    return [program] if program else None


def _find_pygraphviz() -> list[str] | None:
    return [sys.executable, "-c", PYGRAPHVIZ] if find_spec("pygraphviz") else None


ENGINES = (
    GraphvizEngine("the program dot", ("svg", "png", "pdf"), _find_dot, "-T"),
    GraphvizEngine("the package graphviz-pure", ("svg", "png"), _find_graphviz_pure, "-T"),
    GraphvizEngine("the package pygraphviz", ("svg", "png", "pdf"), _find_pygraphviz, ""),
)


def check_timeout(timeout: Any) -> None:
    """Raise DrawError unless the timeout is a number of seconds, 0 or more."""
    number: Any = timeout
    if not (isinstance(timeout, Real) and 0 <= number <= LONGEST):
        raise DrawError(
            "timeout",
            expected=f"a number of seconds, up to {LONGEST:,}",
            came=repr(timeout),
            suggestion="timeout=60, for example",
        )


def run_engines(dot: str, form: str, timeout: float) -> bytes:
    """The picture by the first engine that can draw it, all of them within `timeout` seconds.

    Raises EngineError, which tells what was looked for and what each engine said.
    """
    deadline = time.monotonic() + timeout
    told = []
    for engine in ENGINES:
        if form not in engine.forms:
            told.append(f"{engine.name} does not write {form}")
            continue
        command = engine.find()
        if command is None:
            told.append(f"{engine.name} is not installed")
            continue
        options = [engine.form_option + form, *_options(form)]
        try:
            return run_program([*command, *options], dot.encode(), deadline - time.monotonic())
        except (OSError, subprocess.SubprocessError) as problem:
            told.append(f"{engine.name} failed: {_reason(problem, timeout)}")
    raise EngineError(
        f"render as {form}",
        expected=f"an engine that writes {form}",
        came="; ".join(told),
        suggestion=WAYS,
    )


def _options(form: str) -> list[str]:
    """A page of its own is white; pixels are capped."""
    if form == "svg":
        return []
    size = [f"-Gdpi={DPI}", f"-Gsize={MOST_INCHES},{MOST_INCHES}"] if form == "png" else []
    return ["-Gbgcolor=white", *size]


def run_program(command: list[str], text: bytes, timeout: float) -> bytes:
    """What a program writes when it is given a text; it is killed when its time is over.

    Files instead of pipes, because children of a killed program could keep a pipe open.
    """
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out:
        with tempfile.TemporaryFile() as complaints:
            given.write(text)
            given.seek(0)
            process = subprocess.Popen(  # noqa: S603 - a program of the user's, no shell
                command, stdin=given, stdout=out, stderr=complaints, start_new_session=True
            )
            try:
                process.wait(max(timeout, 0.0))
            except BaseException:
                _kill(process)
                raise
            complaints.seek(0)
            said = complaints.read()
        out.seek(0)
        picture = out.read()
    if process.returncode or not picture:
        raise subprocess.CalledProcessError(process.returncode, command, stderr=said)
    return picture


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End a program and what it has started."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:  # pragma: no cover - Windows
        process.kill()
    process.wait()


def _reason(problem: Exception, timeout: float) -> str:
    if isinstance(problem, subprocess.TimeoutExpired):
        return f"not done after {timeout:g} seconds (draw less with collapse=True, or timeout=)"
    if isinstance(problem, subprocess.CalledProcessError):
        said = problem.stderr.decode(errors="replace").strip().splitlines()
        return f"exit code {problem.returncode}, {said[-1][:200] if said else 'no message'}"
    return str(problem)
