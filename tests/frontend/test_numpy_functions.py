"""Both derivatives of the functions that NumPy has and the standard has not."""

import inspect

import autograd.numpy as hips
import numpy as np
import pytest
from autograd import elementwise_grad
from autograd.core import primitive_vjps
from numeric import check_first_order, check_second_order
from samples import Case

import autograd_lite as ag
import autograd_lite.numpy as anp

V = np.array([0.5, -1.25, 2.0])

# Each with the shapes of its inputs, whose elements are different and away from 0.
FUNCTIONS = {
    "angle": (lambda x: np.angle(x) * x, (3,)),
    "append": (lambda x, y: np.append(x, y, axis=0), (2, 3), (1, 3)),
    "append, flat": (np.append, (2, 3), (2,)),
    "array_split": (lambda x: np.array_split(x, 2, axis=1)[0] * 2, (2, 3)),
    "array_split at places": (lambda x: np.array_split(x, [1], axis=1)[1] * 2, (2, 3)),
    "atleast_3d": (lambda x: np.atleast_3d(x) * 2, (2, 3)),
    "average": (lambda x, y: np.average(x, axis=0, weights=y + 4.0), (2, 3), (2,)),
    "cbrt": (np.cbrt, (2, 3)),
    "column_stack": (lambda x, y: np.column_stack([x, y]), (2,), (2, 3)),
    "cross": (np.cross, (2, 3), (2, 3)),
    "cross, along other axes": (lambda x, y: np.cross(x, y, 0, -1, 0), (3, 2), (2, 3)),
    "deg2rad": (np.deg2rad, (3,)),
    "degrees": (np.degrees, (3,)),
    "diagonal": (lambda x: np.diagonal(x, 1, 2, 0), (2, 2, 3)),
    "dsplit": (lambda x: np.dsplit(x, 2)[1] * 2, (2, 1, 4)),
    "dstack": (lambda x, y: np.dstack([x, y]), (2,), (1, 2, 2)),
    "exp2": (np.exp2, (2, 3)),
    "fabs": (np.fabs, (2, 3)),
    "fftshift": (np.fft.fftshift, (2, 3)),
    "fliplr": (np.fliplr, (2, 3)),
    "flipud": (np.flipud, (2, 3)),
    "float_power": (lambda x: np.float_power(x, 3.0), (2, 3)),
    "fmax": (np.fmax, (2, 3), (3,)),
    "fmax with NaN": (lambda x: np.fmax(x, [0.1, np.nan, 9.0]), (2, 3)),
    "fmin": (np.fmin, (2, 3), (3,)),
    "full_like": (lambda x, y: np.full_like(x, y) * x, (2, 3), ()),
    "gradient": (lambda x: np.gradient(x, 2.0, axis=0), (4, 2)),
    "gradient, ends of order 2": (lambda x: np.gradient(x, edge_order=2), (5,)),
    "gradient along both axes": (lambda x: np.multiply(*np.gradient(x, 1.0, 0.5)), (2, 3)),
    "hsplit": (lambda x: np.hsplit(x, 3)[2] * 2, (2, 3)),
    "ifftshift": (lambda x: np.fft.ifftshift(x, axes=1), (2, 3)),
    "linspace": (lambda x, y: np.linspace(x, y, 4), (2,), ()),
    "linspace, open": (lambda x: np.linspace(x, 2.0, 3, endpoint=False, axis=-1), (2,)),
    "linspace of one": (lambda x: np.linspace(x, 2.0, 1), (2,)),
    "logaddexp2": (np.logaddexp2, (2, 3), (3,)),
    "matvec": (getattr(np, "matvec", None), (2, 3), (3,)),
    "median": (lambda x: np.median(x, axis=1) ** 2, (2, 4)),
    "nan_to_num": (lambda x: np.nan_to_num(x * [1.0, np.nan, np.inf], posinf=3.0), (2, 3)),
    "nanmax": (lambda x: np.nanmax(np.where(V > 0, x, np.nan), axis=1), (2, 3)),
    "nanmean": (lambda x: np.nanmean(np.where(V > 0, x, np.nan), axis=1), (2, 3)),
    "nansum": (lambda x: np.nansum(np.where(V > 0, x, np.nan), axis=0), (2, 3)),
    "pad with the mean": (lambda x: np.pad(x, (1, 2), "mean") ** 2, (2, 3)),
    "pad with the largest": (lambda x: np.pad(x, 1, "maximum") ** 2, (2, 3)),
    "partition": (lambda x: np.partition(x, 1) ** 2, (2, 3)),
    "polyval": (np.polyval, (3,), (2,)),
    "ptp": (lambda x: np.ptp(x, axis=1), (2, 3)),
    "quantile": (lambda x: np.quantile(x, [0.3, 0.8], axis=0) ** 2, (4, 2)),
    "rad2deg": (np.rad2deg, (3,)),
    "rollaxis": (lambda x: np.rollaxis(x, 2, 1), (2, 3, 4)),
    "rot90": (np.rot90, (2, 3)),
    "rot90 twice": (lambda x: np.rot90(x, 2), (2, 3)),
    "select": (lambda x, y: np.select([x > 0.3, x > -0.3], [x * y, y], 2.0), (2, 3), (3,)),
    "sinc": (np.sinc, (2, 3)),
    "trapezoid": (np.trapezoid, (2, 3), (3,)),
    "vdot": (np.vdot, (2, 3), (3, 2)),
    "vecmat": (getattr(np, "vecmat", None), (2,), (2, 3)),
    "vsplit": (lambda x: np.vsplit(x, [1])[1] * 2, (2, 3)),
    "einsum of lists": (lambda x, y: np.einsum(x, [0, 1], y, [1], [0]), (2, 3), (3,)),
    "norm over two axes": (lambda x: np.linalg.norm(x, 1, (0, 2), keepdims=True), (2, 3, 2)),
    "eigvalsh of the upper triangle": (lambda x: np.linalg.eigvalsh(x, "U"), (3, 3)),
    "qr, the triangle alone": (lambda x: np.linalg.qr(x, "r") ** 2, (3, 2)),
    "svd, the values alone": (lambda x: np.linalg.svd(x, compute_uv=False), (3, 2)),
}  # fmt: skip


class Composition:
    """A function of arrays, told to the checks as if it were an op."""

    def __init__(self, name, function):
        self.name, self.function = name, function

    def __call__(self, *inputs):
        return self.function(*inputs)

    def rules_for(self, count):
        return [True] * count


def spaced(seed, shape):
    rng = np.random.default_rng(seed)
    count = int(np.prod(shape))
    sizes = rng.permutation(count) / max(count, 8) + 0.25
    return np.array((sizes * rng.choice((-1, 1), count)).reshape(shape)) * 1.7


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_function(name):
    function, *shapes = FUNCTIONS[name]
    if function is None:
        pytest.skip("this NumPy is older than the function")
    inputs = [spaced(i, shape) for i, shape in enumerate(shapes)]
    np.testing.assert_allclose(function(*map(ag.Node, inputs)).value, function(*inputs), rtol=1e-12)
    check_first_order(Composition(name, function), Case(inputs), 5, 1 / 64)
    check_second_order(Composition(name, function), Case(inputs), 6, 1 / 64)


@pytest.mark.parametrize("x", [0.0, 1e-300, 1e-9, 1e-3, 0.15, 0.16, 1.0, -2.5])
def test_slopes_of_sinc_near_its_centre(x):
    z = np.pi * x
    if abs(z) < 0.1:
        first = np.pi * (-z / 3 + z**3 / 30 - z**5 / 840)
        second = np.pi**2 * (-1 / 3 + z**2 / 10 - z**4 / 168)
    else:
        first = np.pi * (np.cos(z) - np.sin(z) / z) / z
        second = -(np.pi**2) * np.sin(z) / z - 2 * np.pi * first / z
    slope = ag.grad(np.sinc)
    np.testing.assert_allclose(slope(x), first, rtol=1e-10, atol=1e-300)
    np.testing.assert_allclose(ag.grad(slope)(x), second, rtol=1e-9)


def test_what_is_told_of_nodes_alone():
    x = ag.Node([1.0, np.inf, -np.inf])
    assert not np.iscomplexobj(x)
    assert np.isrealobj(x)
    assert np.isposinf(x).value.tolist() == [False, True, False]
    assert np.isneginf(x).value.tolist() == [False, False, True]
    assert np.isclose(x, [1.0, np.inf, 0.0]).value.tolist() == [True, True, False]
    assert np.allclose(ag.Node([np.nan]), [np.nan], equal_nan=True)
    assert not np.array_equal(x, [1.0])
    assert np.array_equal(ag.Node([np.nan]), [np.nan], equal_nan=True)
    assert np.flatnonzero(x > 0).tolist() == [0, 1]
    assert np.argwhere(x > 0).tolist() == [[0], [1]]
    assert np.nan_to_num(ag.constant([1, 2])).value.tolist() == [1, 2]


# HIPS autograd, whose functions are all here

COMPLEX = {"fft", "fft2", "fftn", "ifft", "ifft2", "ifftn", "irfft", "irfft2", "irfftn", "rfft", "rfft2", "rfftn", "eig"}  # fmt: skip
OWN = {"make_diagonal", "truncate_pad", "untake"}  # that NumPy does not dispatch


def public(function):
    name = getattr(function, "__name__", "_")
    found = any(hasattr(part, name) for part in (np, np.linalg, np.fft))
    return found and not name.startswith("_") and name not in COMPLEX | OWN


def test_every_real_function_of_hips_autograd_is_here():
    from autograd_lite.frontend.numpy_dispatch import counterpart  # noqa: PLC0415
    from autograd_lite.frontend.numpy_functions import NUMPY_FUNCTIONS  # noqa: PLC0415
    from autograd_lite.numpy import overrides  # noqa: PLC0415

    names = {function.__name__ for function in primitive_vjps if public(function)}
    here = {name for _, name in NUMPY_FUNCTIONS}
    missing = [
        name
        for name in names - here
        if name not in {f.__name__ for f in overrides.FUNCTIONS}
        and not (counterpart("numpy", name) or counterpart("numpy.linalg", name))
    ]
    assert len(names) > 90
    assert sorted(missing) == []


SAME = ["exp2", "deg2rad", "radians", "degrees", "rad2deg", "sinc"]


@pytest.mark.parametrize("name", SAME)
def test_slopes_are_those_of_hips_autograd(name):
    x = spaced(3, (2, 3))
    node = ag.Node(x)
    getattr(anp, name)(node).backward(np.ones(x.shape))
    np.testing.assert_allclose(node.grad, elementwise_grad(getattr(hips, name))(x), rtol=1e-12)


def test_each_function_has_a_word_to_say():
    from autograd_lite.frontend.numpy_functions import NUMPY_FUNCTIONS  # noqa: PLC0415

    assert all(inspect.getdoc(function) for function in NUMPY_FUNCTIONS.values())


def test_a_node_is_not_sorted_in_its_place():
    with pytest.raises(ag.errors.GraphError, match=r"^node.sort: (.|\n)*write np.sort\(node\)"):
        ag.Node([2.0, 1.0]).sort()


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.sum(x, 0),
        lambda x: np.sum(x, axis=0),
        lambda x: np.sum(axis=0, a=x),
        lambda x: np.sum(x, 0, None),
        lambda x: np.sum(x, axis=0, out=None),
        lambda x: np.cumsum(x, axis=0)[-1],
        lambda x: np.broadcast_arrays(x, np.ones((2, 3)))[0].sum(axis=0),
        lambda x: np.cumsum(np.cumsum(x[0]) - np.cumsum(x[0]), axis=0) + np.sum(x, axis=0),
    ],
)
def test_one_call_however_its_arguments_are_given(call):
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(call(ag.Node(x)).value, x.sum(axis=0))
    np.testing.assert_array_equal(call(ag.Node(x)).value, x.sum(axis=0))  # as found before
