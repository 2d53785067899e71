"""How files are written: whole or not at all, under names of their own, with nothing left behind."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import autograd_lite as ag
from autograd_lite import nn
from autograd_lite.errors import ConfigError
from autograd_lite.serialize import files
from autograd_lite.serialize.files import as_path, check_writable, make_folder, write

PLACE = "expected a place that can be written to"


def graph():
    with ag.Graph() as found:
        ag.exp(ag.parameter([1.0, 2.0]))
    return found


WRITERS = {
    "bytes": ("a.bin", lambda path: write(path, b"new")),
    "picture": ("a.svg", lambda path: graph().render(path)),
    "page": ("a.html", lambda path: graph().render(path)),
    "graph": ("a.json", lambda path: graph().render(path)),
    "weights": ("a.safetensors", lambda path: nn.save_model(nn.MLP([2, 2]), path)),
    "curves": ("a.png", lambda path: nn.Plot().save(path)),
    "history": ("history.json", lambda path: nn.save_history(nn.History(), path.parent)),
    "C": ("predict.c", lambda path: ag.compile(graph()).export_c(path.parent)),
}


@pytest.fixture(params=WRITERS)
def writer(request, tmp_path):
    name, function = WRITERS[request.param]
    return tmp_path / name, function


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def fail(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_old_file(writer, monkeypatch):
    path, save = writer
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(ConfigError, match=rf"{PLACE}\n  came:  \[Errno 28\]"):
        save(path)
    assert path.read_bytes() == b"old"
    assert not [name for name in names(path.parent) if name.startswith(".")]


def test_a_ctrl_c_leaves_the_old_file(writer, monkeypatch):
    path, save = writer
    path.write_bytes(b"old")

    def ctrl_c(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", ctrl_c)
    with pytest.raises(KeyboardInterrupt):
        save(path)
    assert path.read_bytes() == b"old"
    assert not [name for name in names(path.parent) if name.startswith(".")]


def test_drafts_of_killed_processes_are_removed(writer):
    path, save = writer
    left = [path.with_name(f".{number}-{path.name}") for number in (7, 10**18)]
    for draft in left:
        draft.write_bytes(b"half")
    others = [path.with_name(name) for name in (f".x-{path.name}", ".7-other", f"7-{path.name}")]
    for other in others:
        other.write_bytes(b"mine")
    save(path)
    assert not any(draft.exists() for draft in left)
    assert all(other.read_bytes() == b"mine" for other in others)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path / "nowhere" / "a.svg", r"a.svg: .*\n  came:  \[Errno 2\]"),
        (lambda path: (path / "a.svg").mkdir() or path / "a.svg", r"a.svg: .*\n  came:  "),
        (
            lambda path: path / "a\0.svg",
            r"a.{1,6}svg: .*\n  came:  .*embedded null (byte|character)",
        ),
        (lambda path: path / ("a" * 300 + ".svg"), r"\n  came:  \[Errno 36\]"),
        (lambda path: None, "path: expected a path: text, or .*\n  came:  NoneType"),
        (lambda path: 5, "path: expected a path: text, or .*\n  came:  int"),
    ],
)
def test_places_that_no_file_can_be_written_to(make, message, tmp_path):
    place = make(tmp_path)
    for save in (lambda path: write(path, b""), check_writable, graph().render):
        with pytest.raises(ConfigError, match=message) as told:
            save(place)
        assert Path(__file__).name in told.value.place


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real.svg", tmp_path / "link.svg"
    real.write_text("old")
    link.symlink_to(real)
    write(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


def test_what_is_no_file_is_written_to_as_it_is(tmp_path):
    link = tmp_path / "null"
    link.symlink_to(os.devnull)
    write(link, b"new")
    assert stat.S_ISCHR(link.stat().st_mode)
    with pytest.raises(ConfigError, match=r"\[Errno 28\]"):
        write("/dev/full", b"new")


def test_a_folder_is_made_and_looked_at(tmp_path):
    make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("")
    assert names(tmp_path / "a" / "b") == []
    for place in (tmp_path / "file", tmp_path / "file" / "c", "a\0"):
        with pytest.raises(ConfigError, match=PLACE):
            make_folder(place)
    assert as_path("a") == Path("a")


def test_threads_and_processes_write_one_file_at_a_time(tmp_path):
    path = tmp_path / "a.bin"
    code = (
        "import sys; from autograd_lite.serialize.files import write\n"
        "for n in range(40): write(sys.argv[1], bytes([n]) * 100_000)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, path])
    threads = [
        threading.Thread(
            target=lambda n=n: [write(path, bytes([n]) * 100_000) for _ in range(40)], daemon=True
        )
        for n in range(100, 103)
    ]
    for thread in threads:
        thread.start()
    seen = {len(set(path.read_bytes())) for _ in range(100) if path.exists()}
    for thread in threads:
        thread.join()
    assert other.wait() == 0
    assert seen <= {1}
    assert len(path.read_bytes()) == 100_000
    assert names(tmp_path) == ["a.bin"]


def test_a_draft_that_was_taken_for_an_old_one_is_made_again(tmp_path, monkeypatch):
    hold, taken = files._hold, []

    def remove(file):
        hold(file)
        if not taken:
            taken.append(file.name)
            Path(file.name).unlink()

    monkeypatch.setattr(files, "_hold", remove)
    write(tmp_path / "a", b"new")
    assert taken
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_draft_that_somebody_holds_is_left_alone(tmp_path):
    draft = tmp_path / ".5-a"
    with draft.open("xb") as file:
        files._hold(file)
        write(tmp_path / "a", b"new")
        assert names(tmp_path) == [".5-a", "a"]
    write(tmp_path / "a", b"new")
    assert names(tmp_path) == ["a"]


def test_without_locks_files_are_written_too(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "fcntl", None)
    (tmp_path / ".5-a").write_bytes(b"half")
    write(tmp_path / "a", b"new")
    assert names(tmp_path) == ["a"]
