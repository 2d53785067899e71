"""One row for each op of `ops/logic.py`."""

from math import inf, nan

import numpy as np

import autograd_lite as ag
from samples.common import NUMBERS, arrays_of, each_element, few, flags


def truths(shape):
    return flags(shape) | few(shape)


small = arrays_of(range(6))
whole = arrays_of(sorted(range(-9, 10), key=abs))
special = arrays_of([0.0, -0.0, 1.5, inf, -inf, nan])


def bits(shape):
    return flags(shape) | whole(shape)


SAMPLES = {
    "BitwiseAnd": each_element(np.bitwise_and, ag.bitwise_and, bits, bits),
    "BitwiseInvert": each_element(np.invert, ag.bitwise_invert, bits),
    "BitwiseLeftShift": each_element(np.left_shift, ag.bitwise_left_shift, bits, small),
    "BitwiseOr": each_element(np.bitwise_or, ag.bitwise_or, bits, bits),
    "BitwiseRightShift": each_element(np.right_shift, ag.bitwise_right_shift, bits, small),
    "BitwiseXor": each_element(np.bitwise_xor, ag.bitwise_xor, bits, bits),
    "IsFinite": each_element(np.isfinite, ag.isfinite, special),
    "IsInf": each_element(np.isinf, ag.isinf, special),
    "IsNaN": each_element(np.isnan, ag.isnan, special),
    "LogicalAnd": each_element(np.logical_and, ag.logical_and, truths, truths, dtypes=NUMBERS),
    "LogicalNot": each_element(np.logical_not, ag.logical_not, truths, dtypes=NUMBERS),
    "LogicalOr": each_element(np.logical_or, ag.logical_or, truths, truths, dtypes=NUMBERS),
    "LogicalXor": each_element(np.logical_xor, ag.logical_xor, truths, truths, dtypes=NUMBERS),
    "SignBit": each_element(np.signbit, ag.signbit, special),
}
