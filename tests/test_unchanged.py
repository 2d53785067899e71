"""A test that leaves something behind fails itself, and the next one finds all as it was."""

import signal
import sys

import numpy as np
import pytest
from unchanged import STATE, unchanged

import autograd_lite as ag
from autograd_lite.core.context import context

LEAKS = {
    "the engine's context": lambda: context.set(context.get()._replace(scope="a block")),
    "NumPy's error state": lambda: np.seterr(divide="print"),
    "the trace function": lambda: sys.settrace(None if sys.gettrace() else lambda *_: None),
    "the profile function": lambda: sys.setprofile(lambda *_: None),
    "the handler of SIGINT": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),
    "the handler of SIGTERM": lambda: signal.signal(signal.SIGTERM, lambda *_: None),
    "the handler of SIGALRM": lambda: signal.signal(signal.SIGALRM, signal.SIG_IGN),
}


@pytest.mark.parametrize("name", STATE)
def test_what_is_left_behind_is_told_and_mended(name):
    before = STATE[name][0]()
    with pytest.raises(AssertionError, match=f"leaves behind\n{name}: "), unchanged():
        LEAKS[name]()
    assert STATE[name][0]() == before


def test_what_is_as_it_was_is_no_leak():
    with unchanged(), np.errstate(all="raise"), ag.no_grad():
        assert context.get().mode
