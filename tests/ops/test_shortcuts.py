"""A shortcut of a rule says what the rule says, or leaves it to the rule."""

import numpy as np
import pytest

from autograd_lite import ops
from autograd_lite.core import arrays as xp

INF, NAN = np.inf, np.nan

# scores, and the gradient that arrives at their softmax
VECTORS = {
    "ordinary": ([0.5, -1.0, 2.0], [1.0, 0.0, -3.0]),
    "one": ([3.0], [2.0]),
    "none": ([], []),
    "one that is nearly 1": ([50.0, 0.0, 3.0], [1.0, 2.0, 3.0]),
    "large": ([1e4, 1e4 + 1, -1e4], [1.0, 2.0, 3.0]),
    "one of -∞": ([0.0, -INF, 1.0], [1.0, 2.0, 3.0]),
    "all of -∞": ([-INF, -INF], [1.0, 2.0]),
    "NaN": ([0.0, NAN], [1.0, 2.0]),
    "∞": ([0.0, INF], [1.0, 2.0]),
    "an infinite gradient": ([0.0, 1.0], [INF, 2.0]),
    "an infinite gradient where p is 0": ([0.0, -INF, 1.0], [1.0, INF, 2.0]),
}


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize(("scores", "grad"), VECTORS.values(), ids=VECTORS)
def test_the_gradient_of_the_softmax_of_a_vector_is_that_of_a_row(scores, grad, dtype):
    x, g = np.array(scores, dtype), np.array(grad, dtype)
    p = np.exp(x - np.max(x, initial=-INF)).astype(dtype)
    p = (p / p.sum()).astype(dtype)
    rule = ops.SoftMax.vjps[0]
    found, row = rule(xp, g, p, x, axis=-1), rule(xp, g[None], p[None], x[None], axis=-1)[0]
    assert found.dtype == dtype
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(found, row, rtol=32 * eps, atol=8 * eps)
