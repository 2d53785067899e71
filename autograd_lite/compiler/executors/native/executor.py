"""The executor that makes plans C, where there is a compiler."""

import sys

from autograd_lite.compiler.executors.interface import BuildOptions, ExecutorUnavailable
from autograd_lite.compiler.executors.native import toolchain
from autograd_lite.compiler.executors.native.expressions import can_express
from autograd_lite.compiler.executors.native.parts import can_read_apart
from autograd_lite.compiler.executors.native.runner import NativeRunner
from autograd_lite.compiler.executors.native.source import CSource, write_source
from autograd_lite.compiler.executors.numpy.kernels import can_fuse
from autograd_lite.compiler.planning.plan import Plan
from autograd_lite.frontend.node import Node

ADDRESS_BITS = 64
QUICK, SLOW = 0.01, 0.15  # seconds: to load, to compile,
SLOW_LOOP, SLOW_LINE = 0.02, 0.0002  # and for each loop and line of it


class NativeExecutor:
    """Runs every plan for which the machine has a C compiler."""

    name = "native"

    def __init__(self) -> None:
        self._written: tuple[Plan, CSource] | None = None  # the last plan, and its C

    def can_fuse(self, node: Node) -> bool:
        """Whether a node can be in a loop."""
        return can_read_apart(node) or (can_fuse(node) and can_express(node))

    def build_seconds(self, plan: Plan) -> float:
        """How long `build` will take, roughly: nearly nothing if the plan has been compiled."""
        source = self._source(plan)
        kept = toolchain.is_compiled(source.text, source.kernels)
        if kept:
            return QUICK
        loops, lines = source.text.count("int64_t i0 = "), source.text.count("\n")
        return QUICK + SLOW + SLOW_LOOP * loops + SLOW_LINE * lines

    def compile(self, plan: Plan) -> None:
        """Compile the plan's C, as `build` does, and keep it; raises as that does."""
        source = self._source(plan)
        toolchain.load(source.text, source.kernels)

    def build(self, plan: Plan, options: BuildOptions) -> NativeRunner:
        """The plan, compiled; raises ExecutorUnavailable with one line of reason if it cannot."""
        if sys.maxsize < 2 ** (ADDRESS_BITS - 1) - 1:
            raise ExecutorUnavailable("native code is made for 64-bit Python only")
        return NativeRunner(plan, options, self._source(plan))

    def _source(self, plan: Plan) -> CSource:
        """The plan in C, which is written once."""
        if self._written is None or self._written[0] is not plan:
            self._written = plan, write_source(plan)
        return self._written[1]
