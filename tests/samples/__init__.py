"""What the ops are tested with: one row for each op, from which every per-op test derives.

A new op costs one row, in the file of its family, and no other line of test code.
"""

from samples import (
    activation,
    classification,
    comparison,
    contraction,
    convolution,
    decomposition,
    diagonals,
    elementwise,
    exponential,
    indexing,
    joining,
    linalg,
    logic,
    network,
    pooling,
    reduction,
    rounding,
    scan,
    searching,
    selection,
    shaping,
    sorting,
    special,
    trigonometry,
)
from samples.common import FLOATS, NUMBERS, Case, Sample

FAMILIES = (
    activation,
    classification,
    comparison,
    contraction,
    convolution,
    decomposition,
    diagonals,
    elementwise,
    exponential,
    indexing,
    joining,
    linalg,
    logic,
    network,
    pooling,
    reduction,
    rounding,
    scan,
    searching,
    selection,
    shaping,
    sorting,
    special,
    trigonometry,
)

SAMPLES: dict[str, Sample] = {
    name: sample for family in FAMILIES for name, sample in family.SAMPLES.items()
}

__all__ = ["FLOATS", "NUMBERS", "SAMPLES", "Case", "Sample"]
