"""What the ops are tested with: one row for each op, from which every per-op test derives.

A new op costs one row, in the file of its family, and no other line of test code; a file with
rows is found by itself.
"""

from importlib import import_module
from pkgutil import iter_modules

from autograd_lite import ops
from samples.common import FLOATS, NUMBERS, Case, Sample, with_one_output

FAMILIES = [import_module(f"samples.{module.name}") for module in iter_modules(__path__)]

SAMPLES: dict[str, Sample] = {
    name: sample for family in FAMILIES for name, sample in getattr(family, "SAMPLES", {}).items()
}

OPS = {name: with_one_output(op) for name, op in ops.OPS.items()}

__all__ = ["FLOATS", "NUMBERS", "OPS", "SAMPLES", "Case", "Sample", "with_one_output"]
