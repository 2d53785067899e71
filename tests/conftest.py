"""What every test stands on: Hypothesis' profiles, and signals as a terminal sends them.

The profile `quick` repeats itself exactly, as does `brief`, for what `quick` has already seen; `long` draws anew each time, and looks long and hard:
`HYPOTHESIS_PROFILE=long python -m pytest`.
"""

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("quick", max_examples=15, deadline=None, derandomize=True)
settings.register_profile(
    "long", max_examples=2000, deadline=None, suppress_health_check=list(HealthCheck)
)
settings.register_profile("brief", parent=settings.get_profile("quick"), max_examples=5)
settings.register_profile("medium", parent=settings.get_profile("long"), max_examples=100)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


@pytest.hookimpl(trylast=True)  # Hypothesis has marked its own by then
def pytest_collection_modifyitems(items):
    """Tests of many examples run without coverage, which doubles their time.

    Plain tests cover each branch, those of many examples where they are marked.
    """
    for item in items:
        if item.get_closest_marker("hypothesis") and not item.get_closest_marker("cover"):
            item.add_marker("no_cover")


@pytest.fixture(autouse=True, scope="session")
def a_ctrl_c_is_heard():
    """A parent that ignores Ctrl-C (nohup, some build servers) hands that down; undo it here."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def nothing_is_left_behind():
    """A test that leaves the engine, NumPy or Python changed fails, instead of those after it."""
    from unchanged import unchanged  # noqa: PLC0415 - coverage begins after this file is read

    with unchanged():
        yield
