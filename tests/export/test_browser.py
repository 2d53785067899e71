"""What a browser lacks is not needed: Pyodide has no threads, no processes, and not all modules."""

import subprocess
import sys

BROWSER = """
import os, subprocess, sys, threading

MISSING = (
    "fcntl", "_multiprocessing", "resource", "termios", "pty", "ssl", "lzma", "sqlite3", "curses",
    "readline", "pwd", "grp", "syslog",
)


def refused(*_, **__):
    raise OSError(138, "emscripten does not support processes.")


def no_thread(*_, **__):
    raise RuntimeError("can't start new thread")


sys.modules.update(dict.fromkeys(MISSING))
subprocess.Popen.__init__ = os.fork = refused
threading.Thread.start = no_thread
os.__dict__.pop("sched_getaffinity", None)
os.cpu_count = lambda: 1
os.environ["PATH"] = ""
"""
"""A Python without what Pyodide 0.27 and 314 lack, as far as a library notices."""

PROGRAM = """
import numpy as np
import autograd_lite as ag
from autograd_lite import nn

with ag.Graph() as g:
    x = ag.input(name="x", shape=(300, 300))
    w = ag.parameter(np.eye(300, dtype="f"), name="w")
    loss = ag.mean((x @ w - 2.0 * x) ** 2).named("loss")
    dw = ag.gradients(loss, w)
data = {"x": np.random.default_rng(0).normal(size=(600, 300)).astype("f")}
for executor in ("auto", "numpy"):
    losses = ag.compile(g, loss, {w: w - dw}, executor=executor).scan(data, batch_size=300)
    assert losses.shape == (2,) and losses[1] < losses[0]
program = ag.compile(g, loss, executor="numpy")
for path in ("graph.svg", "graph.html", "graph.dot"):
    assert g.render(path).stat().st_size
assert program.render("passes.html").stat().st_size
assert ag.jit(ag.grad(lambda x: x * x))(3.0) == 6.0
model = nn.MLP([4, 8, 3])
nn.fit(model, np.eye(4, dtype="f"), np.arange(4) % 3, batch_size=2, epochs=1, lr=0.1)
print("all")
"""


def test_graphs_pictures_pages_and_training_do_without(tmp_path):
    command = [sys.executable, "-c", BROWSER + PROGRAM]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout.split() == ["all"], done.stderr
