"""One row for each op of `ops/trigonometry.py`."""

import numpy as np

import autograd_lite as ag
from samples.common import each_element, even, odd, reals

below_one = odd(-5, 5)
above_one = odd(11, 25)
within_a_quarter_turn = odd(-9, 9)  # the tangent has its poles at ±π/2

SAMPLES = {
    "Acos": each_element(np.arccos, ag.acos, below_one),
    "Acosh": each_element(np.arccosh, ag.acosh, above_one),
    "Asin": each_element(np.arcsin, ag.asin, below_one),
    "Asinh": each_element(np.arcsinh, ag.asinh, reals),
    "Atan": each_element(np.arctan, ag.atan, reals),
    "Atan2": each_element(np.arctan2, ag.atan2, reals, even),
    "Atanh": each_element(np.arctanh, ag.atanh, below_one),
    "Cos": each_element(np.cos, ag.cos, reals),
    "Cosh": each_element(np.cosh, ag.cosh, reals),
    "Sin": each_element(np.sin, ag.sin, reals),
    "Sinh": each_element(np.sinh, ag.sinh, reals),
    "Tan": each_element(np.tan, ag.tan, within_a_quarter_turn),
    "Tanh": each_element(np.tanh, ag.tanh, reals),
}
