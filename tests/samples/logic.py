"""One row for each op of `ops/logic.py`."""

from math import inf, nan

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import autograd_lite as ag
from samples.common import NUMBERS, entrywise, few, flags


def truths(shape):
    return flags(shape) | few(shape)


def small(shape):
    return hnp.arrays(np.int64, shape, elements=st.integers(0, 5))


def bits(shape):
    return flags(shape) | hnp.arrays(np.int64, shape, elements=st.integers(-9, 9))


def special(shape):
    return hnp.arrays(np.float64, shape, elements=st.sampled_from([0.0, -0.0, 1.5, inf, -inf, nan]))


SAMPLES = {
    "BitwiseAnd": entrywise(np.bitwise_and, ag.bitwise_and, bits, bits),
    "BitwiseInvert": entrywise(np.invert, ag.bitwise_invert, bits),
    "BitwiseLeftShift": entrywise(np.left_shift, ag.bitwise_left_shift, bits, small),
    "BitwiseOr": entrywise(np.bitwise_or, ag.bitwise_or, bits, bits),
    "BitwiseRightShift": entrywise(np.right_shift, ag.bitwise_right_shift, bits, small),
    "BitwiseXor": entrywise(np.bitwise_xor, ag.bitwise_xor, bits, bits),
    "IsFinite": entrywise(np.isfinite, ag.isfinite, special),
    "IsInf": entrywise(np.isinf, ag.isinf, special),
    "IsNaN": entrywise(np.isnan, ag.isnan, special),
    "LogicalAnd": entrywise(np.logical_and, ag.logical_and, truths, truths, dtypes=NUMBERS),
    "LogicalNot": entrywise(np.logical_not, ag.logical_not, truths, dtypes=NUMBERS),
    "LogicalOr": entrywise(np.logical_or, ag.logical_or, truths, truths, dtypes=NUMBERS),
    "LogicalXor": entrywise(np.logical_xor, ag.logical_xor, truths, truths, dtypes=NUMBERS),
    "SignBit": entrywise(np.signbit, ag.signbit, special),
}
