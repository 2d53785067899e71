"""The C compiler and the cache: found, refused, replaced; nothing loaded that others can change."""

import ctypes
import os
import stat
import sys
import threading
import time

import numpy as np
import pytest

import autograd_lite as ag
from autograd_lite.compiler.executors import choice
from autograd_lite.compiler.executors.interface import ExecutorUnavailable
from autograd_lite.compiler.executors.native import cache, toolchain

SOURCE = "int answer(void) { return 42; }\n"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """A cache of the test's own, and a fresh look at compilers."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("CC", raising=False)
    toolchain._asked.cache_clear()
    yield tmp_path / "cache" / "autograd_lite"
    toolchain._asked.cache_clear()
    if cache._passing_folder.cache_info().currsize:
        cache._passing_folder().cleanup()
        cache._passing_folder.cache_clear()


@pytest.fixture
def compiler():
    try:
        return toolchain.find_compiler()
    except ExecutorUnavailable as reason:
        pytest.skip(str(reason))


def script(path, text):
    """A program of a few lines of shell."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return str(path)


def answer(library):
    return library.answer()


def test_compiled_once_and_kept(compiler, own_cache):
    assert not toolchain.is_compiled(SOURCE)
    assert answer(toolchain.load(SOURCE)) == 42
    assert toolchain.is_compiled(SOURCE)
    (kept,) = own_cache.iterdir()
    before = kept.stat().st_mtime_ns
    assert answer(toolchain.load(SOURCE)) == 42
    assert kept.stat().st_mtime_ns == before
    assert stat.S_IMODE(own_cache.stat().st_mode) == 0o700


def test_another_source_is_another_file(compiler, own_cache):
    toolchain.load(SOURCE)
    toolchain.load(SOURCE.replace("42", "43"))
    assert len(list(own_cache.glob("*.so"))) == 2


DOUBLING = "int twice(int);\nint answer(void) { return twice(21); }\n"
KERNEL = "int twice(int x) { return 2 * x; }\n"


@pytest.fixture
def compiled_files(compiler, monkeypatch, tmp_path):
    """How many files were compiled to objects since it was asked last."""
    noted = tmp_path / "noted"
    text = f'case "$*" in *" -c "*) echo >> {noted};; esac; exec {compiler.command[0]} "$@"'
    monkeypatch.setenv("CC", script(tmp_path / "mycc", text))

    def count():
        lines = noted.read_text() if noted.exists() else ""
        noted.write_text("")
        return len(lines)

    return count


def test_kernels_are_compiled_once_for_all_programs(compiled_files, own_cache):
    assert answer(toolchain.load(DOUBLING, [KERNEL])) == 42
    assert compiled_files() == 2
    (kernel,) = own_cache.glob("*.o")
    os.utime(kernel, (0, 0))
    assert answer(toolchain.load(DOUBLING.replace("21", "4"), [KERNEL])) == 8
    assert compiled_files() == 1
    assert kernel.stat().st_mtime > 0  # those that are used are not the oldest
    assert toolchain.is_compiled(DOUBLING, [KERNEL])
    assert not toolchain.is_compiled(DOUBLING, [KERNEL.replace("2", "3")])
    assert sorted(file.suffix for file in own_cache.iterdir()) == [".o", ".so", ".so"]


@pytest.mark.parametrize("damage", ["cut", "open"])
def test_a_damaged_kernel_is_compiled_again(damage, compiled_files, own_cache):
    toolchain.load(DOUBLING, [KERNEL])
    (kernel,) = own_cache.glob("*.o")
    if damage == "cut":
        kernel.write_bytes(kernel.read_bytes()[:-1])
    else:
        kernel.chmod(0o622)
    compiled_files()
    assert answer(toolchain.load(DOUBLING.replace("21", "4"), [KERNEL])) == 8
    assert compiled_files() == 2


@pytest.mark.parametrize(
    ("source", "kernel"), [("what?", KERNEL), (DOUBLING, "what?"), ("what?", "what?")]
)
def test_one_of_several_files_fails(source, kernel, compiler, own_cache):
    with pytest.raises(ExecutorUnavailable, match="failed: .*error") as told:
        toolchain.load(source, [kernel])
    assert "\n" not in str(told.value)
    assert list(own_cache.iterdir()) == []


def test_cc_names_the_compiler(compiler, monkeypatch, tmp_path):
    noted = tmp_path / "noted"
    wrapper = script(tmp_path / "mycc", f'echo "$@" >> {noted}; exec {compiler.command[0]} "$@"')
    monkeypatch.setenv("CC", f"{wrapper} -g0")
    assert answer(toolchain.load(SOURCE)) == 42
    assert "-g0" in noted.read_text()


def test_flags_that_are_refused_are_left_out(compiler, monkeypatch, tmp_path):
    refusing = f'case "$*" in *march*) exit 1;; esac; exec {compiler.command[0]} "$@"'
    monkeypatch.setenv("CC", script(tmp_path / "oldcc", refusing))
    assert answer(toolchain.load(SOURCE)) == 42
    assert "-march=native" not in toolchain.find_compiler().flags


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exit 1", "oldcc does not work"),
        ('case "$*" in *-E*) exit 0;; esac; echo broken >&2; exit 1', "oldcc failed: broken"),
        ('case "$*" in *-E*) exit 0;; esac; exit 1', "oldcc failed: nothing"),
        ("exit 0", "oldcc failed: nothing"),  # and makes no file
    ],
)
def test_a_compiler_that_fails(text, reason, monkeypatch, tmp_path):
    monkeypatch.setenv("CC", script(tmp_path / "oldcc", text))
    with pytest.raises(ExecutorUnavailable, match=reason) as told:
        toolchain.load(SOURCE)
    assert "\n" not in str(told.value)


def test_a_compiler_that_the_system_cannot_start(monkeypatch, tmp_path):
    damaged = tmp_path / "badcc"
    damaged.write_bytes(b"\x7fELF and nothing more")
    damaged.chmod(0o700)
    monkeypatch.setenv("CC", str(damaged))
    with pytest.raises(ExecutorUnavailable, match="does not run: .*Exec format error"):
        toolchain.load(SOURCE)


def test_a_compiler_that_hangs(monkeypatch, tmp_path):
    monkeypatch.setenv("CC", script(tmp_path / "slowcc", "exec sleep 5"))
    monkeypatch.setattr(toolchain, "PATIENCE", 0.05)
    with pytest.raises(ExecutorUnavailable, match="does not run"):
        toolchain.load(SOURCE)


def test_a_compiler_that_is_not_there(monkeypatch):
    monkeypatch.setenv("CC", "/no/such/cc")
    with pytest.raises(ExecutorUnavailable, match="CC names '/no/such/cc'"):
        toolchain.load(SOURCE)
    assert not toolchain.is_compiled(SOURCE)


def test_no_compiler_at_all(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolchain, "find_spec", lambda _: None)
    with pytest.raises(ExecutorUnavailable, match="no C compiler: install cc, or"):
        toolchain.load(SOURCE)


def test_ziglang_where_there_is_no_other(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(toolchain, "find_spec", lambda name: name)
    assert toolchain._command() == (sys.executable, "-m", "ziglang", "cc")


def test_posix_only(monkeypatch):
    monkeypatch.setattr(toolchain.os, "name", "nt")
    with pytest.raises(ExecutorUnavailable, match="POSIX"):
        toolchain.find_compiler()


def test_slow_compiling_is_told(compiler, monkeypatch, capsys):
    monkeypatch.setattr(toolchain, "WORTH_A_WORD", 0.0)
    toolchain.load(SOURCE)
    assert "autograd_lite: compiled 1 lines of C in" in capsys.readouterr().err


def test_quick_compiling_is_not(compiler, monkeypatch, capsys):
    monkeypatch.setattr(toolchain, "WORTH_A_WORD", 1000.0)
    toolchain.load(SOURCE)
    assert capsys.readouterr().err == ""


# The cache


def test_a_cache_that_cannot_be_made(compiler, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert answer(toolchain.load(SOURCE)) == 42
    folder = cache.code_folder()
    assert tmp_path not in folder.parents
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_cache_that_cannot_be_written(monkeypatch, own_cache):
    own_cache.mkdir(parents=True)
    monkeypatch.setattr(cache.os, "access", lambda *_: False)
    assert cache.code_folder() != own_cache


def test_a_user_without_a_home(monkeypatch):
    def homeless():
        raise RuntimeError("no home")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(cache.Path, "home", homeless)
    assert cache.is_private(cache.code_folder())


def test_the_usual_place(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setattr(cache.Path, "home", lambda: tmp_path)
    assert cache.code_folder() == tmp_path / ".cache" / "autograd_lite"


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702])
def test_a_cache_that_others_can_write(mode, own_cache):
    own_cache.mkdir(parents=True)
    own_cache.chmod(mode)
    assert cache.code_folder() != own_cache


def test_a_cache_in_a_folder_that_others_can_write(own_cache):
    own_cache.mkdir(parents=True)
    own_cache.parent.chmod(0o777)
    assert cache.code_folder() != own_cache
    own_cache.parent.chmod(0o1777)  # sticky: others cannot replace what is not theirs
    assert cache.code_folder() == own_cache


def test_a_cache_that_is_a_link(own_cache, tmp_path):
    own_cache.parent.mkdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    own_cache.symlink_to(tmp_path / "elsewhere")
    assert cache.code_folder() != own_cache


def test_a_cache_of_somebody_else(monkeypatch, own_cache):
    monkeypatch.setattr(cache, "_trusted_owners", lambda: {0 if os.geteuid() else 1})
    assert cache.code_folder() != own_cache


def test_code_that_others_can_change(compiler, own_cache):
    toolchain.load(SOURCE)
    (kept,) = own_cache.iterdir()
    kept.chmod(0o722)
    with pytest.raises(ExecutorUnavailable, match="can be changed by others"):
        toolchain.load(SOURCE)


def test_code_that_is_no_code(compiler, monkeypatch, own_cache):
    def refuse(_):
        raise OSError("not a library")

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    with pytest.raises(ExecutorUnavailable, match="cannot be kept or loaded: not a library"):
        toolchain.load(SOURCE)


def test_the_oldest_files_go(monkeypatch, tmp_path):
    monkeypatch.setattr(cache, "MOST_FILES", 2)
    for age, name in enumerate("abc"):
        (tmp_path / f"{name}.so").write_text(name)
        os.utime(tmp_path / f"{name}.so", (time.time() - age * 10,) * 2)
    (tmp_path / "new").write_text("d")
    cache.publish(tmp_path / "new", tmp_path / "d.so")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.so", "d.so"]


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", None])
def test_a_damaged_library_is_built_again(damage, compiler):
    toolchain.load(SOURCE)
    library = toolchain._library(SOURCE, compiler)
    whole = library.read_bytes()
    other = library.with_name("copy")  # the library that is loaded here is left alone
    other.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    other.chmod(0o700)
    other.replace(library)
    assert not toolchain.is_compiled(SOURCE)
    toolchain.load(SOURCE)
    assert toolchain.is_compiled(SOURCE)


def test_drafts_that_a_killed_process_left_are_swept(compiler, own_cache):
    toolchain.load(SOURCE)
    old, new = own_cache / "tmpold", own_cache / "tmpnew"
    for folder in (old, new):
        folder.mkdir()
        (folder / "program.c").write_text("")
    os.utime(old, (0, 0))
    toolchain.load(SOURCE + "int other;")
    assert (old.exists(), new.exists()) == (False, True)


def test_a_compiler_whose_name_cannot_be_read(monkeypatch):
    monkeypatch.setenv("CC", "cc '-O2")
    with pytest.raises(ExecutorUnavailable, match="CC cannot be read: No closing quotation"):
        toolchain.find_compiler()


@pytest.mark.parametrize("works", [True, False])
def test_a_long_program_is_compiled_beside_its_first_steps(works, compiler, monkeypatch, tmp_path):
    monkeypatch.setattr(choice, "LONG", 0.0)
    if not works:
        monkeypatch.setenv("CC", script(tmp_path / "cc", "exit 1"))
    with ag.Graph() as graph:
        x, w = ag.input(name="x", shape=(3,)), ag.parameter(np.ones(3, "float32"))
    program = ag.compile(graph, ag.sum(w * x), {w: w + x}, executor="auto", steps=10**9)
    first = program(x=np.ones(3, "float32"))
    for thread in threading.enumerate():
        if isinstance(thread, choice.Compiling):
            thread.join()
    assert [first, *program.scan({"x": np.ones((2, 3), "float32")}, batch_size=1)] == [3, 6, 9]
    told = (
        "native: NumPy took the first 1 steps" if works else "numpy: no native code: the compiler"
    )
    assert program.plan.executor.startswith(told)
