"""Checks that tell a wrong derivative from a wrong engine, and name the guilty node.

`strategies`, for property tests of your own, needs Hypothesis: import it by itself.
"""

from autograd_lite.testing.check import check_gradients
from autograd_lite.testing.files import Finding, check_file, report_to_draw
from autograd_lite.testing.op_check import check_op
from autograd_lite.testing.report import CheckFailed, Report
from autograd_lite.testing.rows import Row, Verdict

__all__ = [
    "CheckFailed", "Finding", "Report", "Row", "Verdict", "check_file", "check_gradients",
    "check_op", "report_to_draw",
]  # fmt: skip
