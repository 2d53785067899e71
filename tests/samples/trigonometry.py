"""One row for each op of `ops/trigonometry.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import entrywise, even, odd, reals

below_one = odd(-5, 5)
above_one = odd(11, 25)
within_a_quarter_turn = odd(-9, 9)  # the tangent has its poles at ±π/2

SAMPLES = {
    "Acos": entrywise(np.arccos, ag.acos, below_one),
    "Acosh": entrywise(np.arccosh, ag.acosh, above_one),
    "Asin": entrywise(np.arcsin, ag.asin, below_one),
    "Asinh": entrywise(np.arcsinh, ag.asinh, reals),
    "Atan": entrywise(np.arctan, ag.atan, reals),
    "Atan2": entrywise(np.arctan2, ag.atan2, reals, even),
    "Atanh": entrywise(np.arctanh, ag.atanh, below_one),
    "Cos": entrywise(np.cos, ag.cos, reals),
    "Cosh": entrywise(np.cosh, ag.cosh, reals),
    "Sin": entrywise(np.sin, ag.sin, reals),
    "Sinh": entrywise(np.sinh, ag.sinh, reals),
    "Tan": entrywise(np.tan, ag.tan, within_a_quarter_turn),
    "Tanh": entrywise(np.tanh, ag.tanh, reals),
}
