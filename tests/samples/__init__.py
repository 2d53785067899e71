"""What the ops are tested with: one row for each op, from which every per-op test derives.

A new op costs one row, in the file of its family, and no other line of test code.
"""

from samples import contraction, elementwise, indexing, network, reduction, shaping
from samples.common import FLOATS, NUMBERS, Case, Sample

FAMILIES = (contraction, elementwise, indexing, network, reduction, shaping)

SAMPLES: dict[str, Sample] = {
    name: sample for family in FAMILIES for name, sample in family.SAMPLES.items()
}

__all__ = ["FLOATS", "NUMBERS", "SAMPLES", "Case", "Sample"]
