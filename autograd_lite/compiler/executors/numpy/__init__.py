"""The NumPy executor: generated straight-line Python that calls NumPy, better with SciPy."""

from autograd_lite.compiler.executors.interface import BuildOptions
from autograd_lite.compiler.executors.numpy.kernels import can_fuse
from autograd_lite.compiler.executors.numpy.runner import NumPyRunner
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.frontend.node import Node


class NumPyExecutor:
    """Runs every plan, on every machine."""

    name = "numpy"

    def can_fuse(self, node: Node) -> bool:
        """Whether a node can be in a loop over tiles."""
        return can_fuse(node)

    def build(self, plan: Plan, options: BuildOptions) -> NumPyRunner:
        """The plan as generated Python."""
        return NumPyRunner(plan, options)
