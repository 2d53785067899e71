"""Linear algebra: `from autograd_lite import linalg`, then `linalg.solve(a, b)` and the like."""

from typing import TYPE_CHECKING

from autograd_lite.functions.linalg import *  # noqa: F403
from autograd_lite.functions.linalg import __all__ as __all__  # noqa: PLC0414 - the same names

if not TYPE_CHECKING:
    from autograd_lite.functions.linalg import __getattr__ as __getattr__  # noqa: PLC0414
