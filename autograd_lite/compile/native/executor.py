"""The executor that makes plans C, where there is a compiler."""

from __future__ import annotations

import sys

from autograd_lite.compile.executor import ExecutorUnavailable, Options
from autograd_lite.compile.fusion import is_fusible
from autograd_lite.compile.native.runner import NativeRunner
from autograd_lite.compile.plan import Plan

ADDRESS_BITS = 64


class NativeExecutor:
    """Runs every plan for which the machine has a C compiler."""

    name = "native"

    def can_fuse(self, op: object) -> bool:
        """Whether an op can be in a loop."""
        return is_fusible(op)

    def build(self, plan: Plan, options: Options) -> NativeRunner:
        """The plan, compiled; raises ExecutorUnavailable with one line of reason if it cannot."""
        if sys.maxsize < 2 ** (ADDRESS_BITS - 1) - 1:
            raise ExecutorUnavailable("native code is made for 64-bit Python only")
        return NativeRunner(plan, options)
