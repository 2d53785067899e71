"""What a test may not leave behind: it would fail others, far from where it happened."""

import signal
import sys
from contextlib import contextmanager
from functools import partial

import numpy as np

from autograd_lite.core.context import context

HANDLED = [number for number in signal.Signals if number.name in {"SIGINT", "SIGTERM", "SIGALRM"}]
STATE = {
    "the engine's context": (context.get, context.set),
    "NumPy's error state": (np.geterr, lambda before: np.seterr(**before)),
    "the trace function": (sys.gettrace, sys.settrace),
    "the profile function": (sys.getprofile, sys.setprofile),
} | {
    f"the handler of {number.name}": (
        partial(signal.getsignal, number),
        partial(signal.signal, number),
    )
    for number in HANDLED
}
"""How each thing is read, and set again."""


@contextmanager
def unchanged():
    """Fail, and mend it, if what runs within leaves something changed."""
    formers = {name: read() for name, (read, _) in STATE.items()}
    yield
    left = []
    for name, (read, write) in STATE.items():
        before, after = formers[name], read()
        if after != before and not is_coverage(after):
            write(before)
            left.append(f"{name}: {after!r}, not {before!r}")
    if left:
        raise AssertionError("\n".join(["this test leaves behind", *left]))


def is_coverage(trace):
    """Whether coverage traces, which begins anew after a test without it."""
    return type(getattr(trace, "__self__", trace)).__module__.startswith("coverage")
