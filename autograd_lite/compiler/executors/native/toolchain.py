"""The C compiler of this machine: found, asked what it can, and used.

Compiled code is kept under the hash of everything that shaped it: the source, the flags, and what
the compiler says of itself and of this processor. A program is a library; the kernels that it is
linked with, which are the same for many programs, are kept as objects of their own. What is not
there yet is compiled by several compilers side by side.
"""

import ctypes
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from autograd_lite.compiler.executors.interface import ExecutorUnavailable
from autograd_lite.compiler.executors.native.cache import code_folder, is_private, is_whole, publish

USUAL_NAMES = ("cc", "gcc", "clang")
FLAGS = (
    "-std=gnu11",
    "-O3",
    "-march=native",
    "-mprefer-vector-width=512",
    "-fopenmp-simd",  # `#pragma omp simd` alone; no OpenMP runtime
    "-fno-math-errno",  # sqrt is an instruction
    "-fno-trapping-math",  # a comparison may be computed for elements that do not need it
    "-ffp-contract=off",  # x*y - x*y is 0, as in NumPy; where fma is wanted, the code says so
    "-fno-strict-aliasing",  # work space holds values of one type after another
    "-fwrapv",  # integers wrap around, as in NumPy
    "-fno-builtin-sin",  # else sin and cos of one x become sincos, which is no vector function
    "-fno-builtin-cos",
    "-fno-builtin-sinf",
    "-fno-builtin-cosf",
    "-fPIC",
    "-w",
)
LIBRARIES = ("-shared", "-Wl,-Bsymbolic", "-lm", "-pthread")  # symbolic: its own names first
OBJECT = "-c"
PATIENCE = 300  # seconds for one run of a compiler
WORTH_A_WORD = 1.0  # seconds of compiling from which the user is told


@dataclass(frozen=True)
class CCompiler:
    """A C compiler, the flags it accepts, and its description of itself and the processor."""

    command: tuple[str, ...]
    flags: tuple[str, ...]
    identity: str


def load(source: str, kernels: Sequence[str] = ()) -> ctypes.CDLL:
    """The source, linked with kernels, as a library, made now or by an earlier process.

    Raises ExecutorUnavailable, with one line of reason, if there is no compiler or it fails.
    """
    compiler = find_compiler()
    library = _library(source, compiler, kernels)
    try:
        if not is_whole(library):
            _compile(compiler, source, kernels, library)
        if not is_private(library):
            raise ExecutorUnavailable(f"{library} can be changed by others")
        return ctypes.CDLL(str(library))
    except OSError as problem:
        raise ExecutorUnavailable(f"compiled code cannot be kept or loaded: {problem}") from problem


def is_compiled(source: str, kernels: Sequence[str] = ()) -> bool:
    """Whether the source needs no compiling any more."""
    try:
        return is_whole(_library(source, find_compiler(), kernels))
    except (ExecutorUnavailable, OSError):
        return False


def _library(source: str, compiler: CCompiler, kernels: Sequence[str] = ()) -> Path:
    return _kept(compiler, (source, *kernels, *LIBRARIES), ".so")


def _kept(compiler: CCompiler, parts: Sequence[str], ending: str) -> Path:
    """Where the file is kept that is compiled from these texts and arguments."""
    about = (*parts, *compiler.command, *compiler.flags, compiler.identity)
    return code_folder() / f"{sha256(chr(0).join(about).encode()).hexdigest()}{ending}"


def find_compiler() -> CCompiler:
    """The compiler that CC names, else the machine's own, else the one of the ziglang package."""
    if os.name != "posix":
        raise ExecutorUnavailable("native code is made on POSIX systems only")
    return _asked(_command())


def _command() -> tuple[str, ...]:
    try:
        named = shlex.split(os.environ.get("CC", ""))
    except ValueError as problem:
        raise ExecutorUnavailable(f"CC cannot be read: {problem}") from problem
    if named:
        if shutil.which(named[0]) is None:
            raise ExecutorUnavailable(f"CC names {named[0]!r}, and there is no such program")
        return tuple(named)
    found = next(filter(None, map(shutil.which, USUAL_NAMES)), None)
    if found is not None:
        return (found,)
    if find_spec("ziglang") is not None:
        return (sys.executable, "-m", "ziglang", "cc")
    raise ExecutorUnavailable("no C compiler: install cc, or the package ziglang")


@lru_cache(maxsize=8)
def _asked(command: tuple[str, ...]) -> CCompiler:
    """The compiler with those of the flags that it accepts."""
    flags: tuple[str, ...] = FLAGS
    answer = _macros(command, flags)
    if answer is None:
        flags = tuple(flag for flag in FLAGS if _macros(command, (flag,)) is not None)
        answer = _macros(command, flags)
    if answer is None:
        raise ExecutorUnavailable(f"the compiler {command[0]} does not work")
    return CCompiler(command, flags, answer)


def _macros(command: tuple[str, ...], flags: tuple[str, ...]) -> str | None:
    """What the compiler predefines: its version and each feature of the processor."""
    run = _run([*command, *flags, "-dM", "-E", "-x", "c", os.devnull])
    return run.stdout if run.returncode == 0 else None


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    with ExitStack() as stack:
        return _ended(_begun(command, stack))


def _begun(command: list[str], stack: ExitStack) -> subprocess.Popen[str]:
    """A compiler at work, which is not left behind when the stack is closed."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own compiler
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env={**os.environ, "LC_ALL": "C"},
        )
    except OSError as problem:
        raise ExecutorUnavailable(f"the compiler {command[0]} does not run: {problem}") from problem
    stack.enter_context(process)
    stack.callback(process.kill)
    return process


def _ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    command: list[str] = process.args  # type: ignore[assignment]
    try:
        said, complained = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired as problem:
        raise ExecutorUnavailable(f"the compiler {command[0]} does not run: {problem}") from problem
    return subprocess.CompletedProcess(command, process.returncode, said, complained)


def _compile(compiler: CCompiler, source: str, kernels: Sequence[str], library: Path) -> None:
    """Make the library, the kernels that are not there yet compiled beside the source."""
    began = time.perf_counter()
    kept = {_kept(compiler, (text, OBJECT), ".o"): text for text in kernels}
    missing = [path for path in kept if not (is_whole(path) and is_private(path))]
    for path in kept.keys() - missing:
        path.touch()  # so that it is not the oldest
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        texts = {Path(folder, path.name): kept[path] for path in missing}
        program, product = Path(folder, "program.o"), Path(folder, "program.so")
        _make_objects(compiler, {program: source, **texts})
        for path in missing:
            publish(Path(folder, path.name), path)
        _make(compiler, [str(program), *map(str, kept), *LIBRARIES], product)
        product.chmod(0o700)
        publish(product, library)
    seconds = time.perf_counter() - began
    if seconds > WORTH_A_WORD and sys.stderr is not None:  # a daemon has none
        lines = sum(text.count("\n") for text in (source, *texts.values()))
        print(f"autograd_lite: compiled {lines} lines of C in {seconds:.1f} s", file=sys.stderr)  # noqa: T201


def _make_objects(compiler: CCompiler, texts: Mapping[Path, str]) -> None:
    """Compile texts to objects, side by side."""
    with ExitStack() as stack:
        begun = []
        for product, text in texts.items():
            path = product.with_suffix(".c")
            path.write_text(text, encoding="ascii")
            begun.append(_begun(_command_for(compiler, [OBJECT, str(path)], product), stack))
        for product, process in zip(texts, begun, strict=True):
            _check(_ended(process), product)


def _make(compiler: CCompiler, arguments: Sequence[str], product: Path) -> None:
    _check(_run(_command_for(compiler, arguments, product)), product)


def _command_for(compiler: CCompiler, arguments: Sequence[str], product: Path) -> list[str]:
    return [*compiler.command, *compiler.flags, "-o", str(product), *arguments]


def _check(run: subprocess.CompletedProcess[str], product: Path) -> None:
    """Raise ExecutorUnavailable, with the first line that was said, if there is no product."""
    if run.returncode != 0 or not product.exists():
        said = next(iter(run.stderr.strip().splitlines()), "nothing")
        raise ExecutorUnavailable(f"the compiler {run.args[0]} failed: {said}")
