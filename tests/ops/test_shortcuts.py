"""A shortcut gives what its rule gives, over the whole range of floats, or leaves it to the rule."""

import numpy as np
import pytest

from autograd_lite import ops
from autograd_lite.core import arrays as xp

SCALES = {"float32": (0, 5, 18, 30), "float64": (0, 40, 150, 250)}
LABEL = np.array(2)

RULES = {  # its op, the rule, and the other inputs and the parameters for a vector of six
    "erf": (ops.Erf, "forward", (), {}),
    "erfc": (ops.Erfc, "forward", (), {}),
    "norm": (ops.VectorNorm, "forward", (), {"axis": None, "keepdims": False, "power": 2}),
    "norm, kept": (ops.VectorNorm, "forward", (), {"axis": (0,), "keepdims": True, "power": 2}),
    "slope of norm": (ops.VectorNorm, "vjp_x", (), {"axis": None, "keepdims": False, "power": 2}),
    "slope of prod": (ops.Prod, "vjp_x", (), {"axis": None, "keepdims": False}),
    "slope of softmax": (ops.SoftMax, "vjp_x", (), {"axis": -1}),
    "cross entropy": (ops.CrossEntropyWithLabels, "forward", (LABEL,), {"axis": -1}),
    "slope of cross entropy": (ops.CrossEntropyWithLabels, "vjp_logits", (LABEL,), {"axis": -1}),
    "take along": (ops.TakeAlongAxis, "forward", (np.array([3, -1, 3]),), {"axis": 0}),
    "add along": (ops.AddAlongAxis, "forward", (np.arange(6) // 2, np.ones(6)), {"axis": 0}),
    "roll": (ops.Roll, "forward", (), {"shift": 8, "axis": None}),
    "slope of det": (ops.Det, "vjp_x", (), {}),
    "at labels": (ops.ScatterAdd, "forward", (np.arange(6) % 4, np.ones((6, 4))), {}),
}


def test_every_rule_with_a_shortcut_is_in_the_table():
    rules = {
        (op, name)
        for op in ops.OPS.values()
        for name in ("forward", *(f"vjp_{x}" for x in op.input_names))
        if hasattr(getattr(op, name, None), "shortcut")
    }
    assert rules == {(op, name) for op, name, *_ in RULES.values()}


def values_of(op, name, x, others, params):
    """What the rule is called with, for numbers x."""
    if op is ops.Det:
        x = np.append(x, x[:3] * np.array([1, -2, 3], x.dtype)).reshape(3, 3)
    if name == "forward":
        return (x, *others)
    out = np.asarray(op.forward(xp, x, *others, **params))
    grad = np.arange(1.0, 1 + out.size, dtype=out.dtype).reshape(out.shape)
    return (grad, out, x, *others)


@pytest.mark.parametrize("dtype", SCALES)
@pytest.mark.parametrize(("op", "name", "others", "params"), RULES.values(), ids=RULES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_shortcut_gives_what_the_rule_gives(op, name, others, params, dtype):
    rule = getattr(op, name)
    random, taken = np.random.default_rng(0), 0
    for scale in SCALES[dtype]:
        for spread in (0.0, 1.0):  # all of one size, or of all sizes up to it
            sizes = 10.0 ** (scale * (1 - spread * random.uniform(0, 2, 6)))
            x = (random.normal(size=6) * sizes).astype(dtype)
            values = values_of(op, name, x, others, params)
            found = rule.shortcut(*values, **params)
            if found is not None:
                taken += scale == 0
                expected = rule.__wrapped__(xp, *values, **params)
                largest = np.max(np.abs(expected), initial=0.0, where=np.isfinite(expected))
                eps = np.finfo(dtype).eps
                np.testing.assert_allclose(found, expected, rtol=300 * eps, atol=eps * largest)
                assert np.asarray(found).dtype == dtype
    assert taken
