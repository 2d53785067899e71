"""The NumPy executor: generated straight-line Python that calls NumPy, better with SciPy."""

from __future__ import annotations

from autograd_lite.compile.executor import Options
from autograd_lite.compile.fusion import is_fusible
from autograd_lite.compile.numpy_executor.runner import NumPyRunner
from autograd_lite.compile.plan import Plan


class NumPyExecutor:
    """Runs every plan, on every machine."""

    name = "numpy"

    def can_fuse(self, op: object) -> bool:
        """Whether an op can be in a loop over tiles."""
        return is_fusible(op)

    def build(self, plan: Plan, options: Options) -> NumPyRunner:
        """The plan as generated Python."""
        return NumPyRunner(plan, options)
