"""`xp` for arrays: the quick ways give what NumPy gives."""

import numpy as np
import pytest

from autograd_lite.core import arrays as xp

SPECIAL = np.array([1.5, -2.0, 0.0, -0.0, np.inf, -np.inf, np.nan, 1e-30] * 25)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("dtypes", ["ff", "dd", "fd", "df", "ee", "ll"])
@pytest.mark.parametrize("count", [8, 200])
def test_outer_products_of_any_size_are_products(dtypes, count):
    first, second = dtypes
    x = SPECIAL[:count].astype(first)[:, None]
    y = SPECIAL[-count:][::-1].astype(second)[None]
    found, expected = xp.matmul(x, y), np.multiply(x, y)
    assert found.dtype == expected.dtype
    assert found.flags.owndata
    assert found.flags.c_contiguous
    np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize(
    "shapes",
    [
        ((400, 1), (1, 90)),
        ((400, 1), (1,)),
        ((1,), (1, 90)),
        ((3, 400, 1), (1, 90)),
        ((2, 3), (3,)),
    ],
    ids=str,
)
def test_products_of_any_rank_are_numpys(shapes):
    x, y = (np.arange(1.0, 1 + np.prod(shape)).reshape(shape) for shape in shapes)
    np.testing.assert_array_equal(xp.matmul(x, y), x @ y)


@pytest.mark.parametrize("name", ["sum", "prod", "max", "min"])
@pytest.mark.parametrize("options", [{}, {"axis": 1}, {"axis": (0, 1), "keepdims": True}], ids=str)
def test_reductions_are_numpys(name, options):
    x = np.arange(6, dtype="float32").reshape(2, 3)
    found, expected = getattr(xp, name)(x, **options), getattr(np, name)(x, **options)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)


def test_a_sum_has_the_dtype_that_is_asked_for():
    assert xp.sum(np.ones(3, "float32"), dtype=np.float64).dtype == "float64"
