"""Functions made of several ops: what NumPy says, and both derivatives of each."""

from itertools import permutations
from math import inf

import numpy as np
import pytest
from numeric import check_first_order, check_second_order
from samples import Case

import autograd_lite as ag
from autograd_lite import errors
from autograd_lite.functions import linalg as public_linalg
from autograd_lite.testing import check_gradients

ORDER = [2, 0, 1, 2]
PLACES = np.array([[1, 0], [2, 2]])


class Composition:
    """A function of arrays, told to the checks as if it were an op."""

    def __init__(self, name, function):
        self.name, self.function = name, function

    def __call__(self, *inputs):
        return self.function(ag, *inputs)

    def rules_for(self, count):
        return [True] * count


def joined(arrays):
    """Several results as one, so that one check looks at all of them."""
    return ag.concat([ag.reshape(x, (-1,)) for x in arrays])


# Each with the shapes of its inputs. Where NumPy has no function of this name and call, the
# second function is the reference; else it is the first one with NumPy as xp.
FUNCTIONS = {
    "concat": (lambda xp, x, y: xp.concat([x, y], axis=1), None, (2, 3), (2, 1)),
    "concat of all entries": (lambda xp, x, y: xp.concat([x, y], axis=None), None, (2, 3), (2,)),
    "concat of one array twice": (lambda xp, x: xp.concat([x, x * x]), None, (2, 3)),
    "unstack": (
        lambda xp, x: joined(xp.unstack(x, axis=1)),
        lambda x: np.moveaxis(x, 1, 0).ravel(),
        (2, 3),
    ),
    "split in parts": (
        lambda xp, x: xp.split(x, 2, axis=-1)[1] * 2,
        lambda x: np.split(x, 2, axis=-1)[1] * 2,
        (2, 4),
    ),
    "split at places": (
        lambda xp, x: joined(reversed(xp.split(x, [1, -1]))),
        lambda x: np.concatenate([p.ravel() for p in np.split(x, [1, -1])[::-1]]),
        (4, 2),
    ),
    "flip": (lambda xp, x: xp.flip(x), None, (2, 3)),
    "flip one axis": (lambda xp, x: xp.flip(x, axis=-1), None, (2, 3)),
    "roll as a vector": (lambda xp, x: xp.roll(x, 2), None, (2, 3)),
    "tile with more axes": (lambda xp, x: xp.tile(x, (2, 1, 2)), None, (2, 3)),
    "tile with fewer axes": (lambda xp, x: xp.tile(x, 2), None, (2, 3)),
    "repeat all entries": (lambda xp, x: xp.repeat(x, 2), None, (2, 3)),
    "repeat each so often": (
        lambda xp, x: xp.repeat(x, np.array([2, 0, 1]), axis=1),
        None,
        (2, 3),
    ),
    "moveaxis": (lambda xp, x: xp.moveaxis(x, 0, -1), None, (2, 3, 4)),
    "moveaxis of two": (lambda xp, x: xp.moveaxis(x, (0, 2), (1, 0)), None, (2, 3, 4)),
    "swapaxes of one": (lambda xp, x: xp.swapaxes(x, 1, -1) * 1, None, (2, 3)),
    "swapaxes": (lambda xp, x: xp.swapaxes(x, 0, -1), None, (2, 3, 4)),
    "broadcast_arrays": (
        lambda xp, x, y: xp.multiply(*xp.broadcast_arrays(x, y)),
        None,
        (2, 1),
        (2, 3),
    ),
    "broadcast_arrays to a shape of neither": (
        lambda xp, x, y: xp.multiply(*xp.broadcast_arrays(x, y)),
        None,
        (2, 1),
        (3,),
    ),
    "meshgrid": (lambda xp, x, y: xp.multiply(*xp.meshgrid(x, y)), None, (2,), (3,)),
    "meshgrid of one": (lambda xp, x: xp.meshgrid(x)[0] * 1, None, (3,)),
    "meshgrid by rows": (
        lambda xp, x, y, z: xp.stack(xp.meshgrid(x, y, z, indexing="ij")),
        None,
        (2,),
        (3,),
        (1,),
    ),
    "pad": (lambda xp, x: xp.pad(x, ((1, 0), (0, 2))), None, (2, 3)),
    "pad by the edge": (lambda xp, x: xp.pad(x, ((0, 0), (1, 2)), "edge"), None, (2, 3)),
    "pad by a mirror": (lambda xp, x: xp.pad(x, 1, mode="reflect"), None, (2, 3)),
    "diag": (lambda xp, x: xp.diag(x), None, (3,)),
    "diag aside": (
        lambda xp, x: xp.diag(x, offset=-1),
        lambda x: np.stack([np.diag(row, -1) for row in x]),
        (2, 3),
    ),
    "trace": (
        lambda xp, x: xp.trace(x, offset=1),
        lambda x: np.trace(x, 1, axis1=-2, axis2=-1),
        (2, 3, 3),
    ),
    "take": (lambda xp, x: xp.take(x, ORDER, axis=-1), None, (2, 3)),
    "take in a table": (lambda xp, x: xp.take(x, PLACES, axis=0), None, (3, 2)),
    "take from a vector": (lambda xp, x: xp.take(x, -1), None, (3,)),
    "take from all entries": (lambda xp, x: xp.take(x, ORDER), None, (2, 3)),
    "sort": (lambda xp, x: xp.sort(x, axis=0), None, (4, 2)),
    "sort downwards": (
        lambda xp, x: xp.sort(x, descending=True),
        lambda x: -np.sort(-x),
        (2, 5),
    ),
    "mask": (lambda xp, x: x[x > 0], None, (3, 4)),
    "mask of rows": (lambda xp, x: x[np.array([True, False, True])] * 2, None, (3, 2)),
    "mask of columns": (lambda xp, x: x[:, np.array([True, False, True])], None, (2, 3)),
    "mask and slice": (lambda xp, x: x[np.array([True, False, True]), 1:], None, (3, 3)),
    "mask, newaxis and place": (
        lambda xp, x: x[..., None, np.array([False, True, True]), 1],
        None,
        (2, 3, 2),
    ),
    "arrays, a list and a slice": (lambda xp, x: x[[1, 0], ::2, np.array([[2], [2]])], None, (2, 3, 3)),
    "places that are not zero": (
        lambda xp, x: x[xp.nonzero(x > 0)],
        lambda x: x[x > 0],
        (3, 3),
    ),
    "outer": (lambda xp, x, y: xp.outer(x, y), None, (2,), (3,)),
    "kron": (lambda xp, x, y: xp.kron(x, y), None, (2, 3), (1, 2)),
    "kron of ranks": (lambda xp, x, y: xp.kron(x, y), None, (2,), (2, 3, 1)),
    "vecdot": (
        lambda xp, x, y: xp.vecdot(x, y, axis=-2),
        lambda x, y: np.sum(x * y, axis=-2),
        (2, 3, 2),
        (3, 1),
    ),
    "tensordot over one axis": (lambda xp, x, y: xp.tensordot(x, y, axes=1), None, (2, 3), (3, 4)),
    "tensordot over two axes": (lambda xp, x, y: xp.tensordot(x, y), None, (2, 3, 4), (3, 4, 2)),
    "tensordot over named axes": (
        lambda xp, x, y: xp.tensordot(x, y, axes=((0, -1), (2, 0))),
        None,
        (2, 3, 4),
        (4, 3, 2),
    ),
    "tensordot over none": (lambda xp, x, y: xp.tensordot(x, y, axes=0), None, (2,), (3,)),
}  # fmt: skip

TEXTS = {
    "ij->ji": [(2, 3)],
    "ij": [(2, 3)],
    "ji": [(2, 3)],
    "ii": [(3, 3)],
    "ii->i": [(3, 3)],
    "iij->ji": [(3, 3, 2)],
    "iii->i": [(3, 3, 3)],
    "iijj->ij": [(2, 2, 3, 3)],
    "ij->": [(2, 3)],
    "...i->...": [(2, 3, 2)],
    "i...->...i": [(2, 3, 2)],
    "ij,jk": [(2, 3), (3, 2)],
    "ij , kj -> k": [(2, 3), (4, 3)],
    "ij,ij->ij": [(2, 3), (2, 3)],
    "i,j,k->kij": [(2,), (3,), (2,)],
    "...ij,...jk->...ik": [(2, 1, 2, 3), (4, 3, 2)],
    "...ij,jk": [(2, 2, 3), (3, 2)],
    "...,...->...": [(2, 1), (3,)],
    "ij,ij->j": [(1, 3), (2, 3)],
    "ij,jk,kl->il": [(2, 3), (3, 2), (2, 4)],
    "ij,jk,kl,lm->im": [(2, 3), (3, 2), (2, 4), (4, 2)],
    "bij,bjk,b->ik": [(2, 2, 3), (2, 3, 2), (2,)],
    "ii,ij,jk->k": [(2, 2), (2, 3), (3, 2)],
    "i,->i": [(3,), ()],
    "ab,cd->": [(2, 3), (2, 2)],
}
for text, sides in TEXTS.items():
    FUNCTIONS[f"einsum {text}"] = (
        lambda xp, *x, text=text: xp.einsum(text, *x) * 1,
        None,
        *sides,
    )

LINALG = {
    "inv of a stack": (lambda xp, x: xp.linalg.inv(x), None, (2, 3, 3)),
    "solve": (lambda xp, x, y: xp.linalg.solve(x, y), None, (3, 3), (3,)),
    "solve one vector for a stack": (
        lambda xp, x, y: xp.linalg.solve(x, y[:, 0]),
        None,
        (2, 3, 3),
        (3, 3),
    ),
    "solve in one dimension": (lambda xp, x, y: xp.linalg.solve(x, y), None, (1, 1), (1, 1)),
    "slogdet": (
        lambda xp, x: xp.add(*xp.linalg.slogdet(x)),
        None,
        (2, 3, 3),
    ),
    "upper cholesky": (
        lambda xp, x: xp.linalg.cholesky(x @ x.mT, upper=True),
        lambda x: np.linalg.cholesky(x @ x.mT).mT,
        (3, 3),
    ),
    "tall qr": (lambda xp, x: xp.linalg.qr(x).R * 1, None, (4, 3)),
    "wide qr": (lambda xp, x: xp.linalg.qr(x).R * 1, None, (2, 3)),
    "complete qr of a wide matrix": (
        lambda xp, x: xp.linalg.qr(x, mode="complete").Q * 1,
        None,
        (2, 3),
    ),
    "eigh": (
        lambda xp, x: xp.linalg.eigh(x + x.mT).eigenvectors ** 2,
        None,
        (3, 3),
    ),
    "eigvalsh": (lambda xp, x: xp.linalg.eigvalsh(x + x.mT), None, (2, 3, 3)),
    "svd": (
        lambda xp, x: xp.sum(xp.square(xp.linalg.svd(x).U), axis=-1) + xp.linalg.svd(x).Vh[0] ** 2,
        None,
        (3, 3),
    ),
    "reduced svd": (
        lambda xp, x: xp.linalg.svd(x, full_matrices=False).Vh ** 2,
        None,
        (4, 3),
    ),
    "svdvals": (lambda xp, x: xp.linalg.svdvals(x), None, (2, 3)),
    "rank": (
        lambda xp, x: x * xp.linalg.matrix_rank(x),
        None,
        (2, 3),
    ),
    "cross": (lambda xp, x, y: xp.linalg.cross(x, y), None, (2, 3), (2, 3)),
    "cross, broadcast": (
        lambda xp, x, y: xp.linalg.cross(x, y, axis=0),
        lambda x, y: np.cross(x, np.broadcast_to(y, (3, 2)), axis=0),
        (3, 2),
        (3, 1),
    ),
    **{
        f"power {n}": (lambda xp, x, n=n: xp.linalg.matrix_power(x, n) + x, None, (3, 3))
        for n in (-2, 0, 1, 2, 3, 6, 7)
    },
    **{
        f"vector norm {p}": (
            lambda xp, x, p=p: xp.linalg.vector_norm(x, axis=-1, ord=p),
            None,
            (2, 3),
        )
        for p in (1, 2, 3, 0.5, inf, -inf)
    },
    "number of entries": (
        lambda xp, x: x * xp.linalg.vector_norm(x, ord=0, keepdims=True),
        None,
        (2, 3),
    ),
    **{
        f"matrix norm {p}": (
            lambda xp, x, p=p: xp.linalg.matrix_norm(x, ord=p),
            None,
            (2, 3, 4),
        )
        for p in ("fro", "nuc", 1, -1, 2, -2, inf, -inf)
    },
    "matrix norm as a matrix": (
        lambda xp, x: xp.linalg.matrix_norm(x, ord=1, keepdims=True) * x,
        None,
        (2, 3),
    ),
    "re-exported": (
        lambda xp, x: xp.linalg.trace(xp.linalg.matmul(x, xp.linalg.matrix_transpose(x))),
        None,
        (2, 3),
    ),
}  # fmt: skip


def each(table):
    return pytest.mark.parametrize(
        ("name", "function", "reference", "shapes"),
        [(name, f, reference, shapes) for name, (f, reference, *shapes) in table.items()],
        ids=table,
    )


def spaced(seed, shape):
    """Entries of either sign, all different in size and away from 0."""
    rng = np.random.default_rng(seed)
    count = int(np.prod(shape))
    sizes = rng.permutation(count) / max(count, 8) + 0.25
    return (sizes * rng.choice((-1, 1), count)).reshape(shape)


def regular(seed, shape):
    """A matrix whose singular values are well apart from each other and from 0."""
    x = spaced(seed, shape) / 3
    if len(shape) > 1:
        count = min(shape[-2:])
        x[..., range(count), range(count)] += np.array([2.0, -3.5, 5.0])[:count]
    return x


@each(FUNCTIONS)
def test_function(name, function, reference, shapes):
    check_function(name, function, reference, [spaced(i, shape) for i, shape in enumerate(shapes)])


@each(LINALG)
def test_function_of_matrices(name, function, reference, shapes):
    inputs = [regular(i, shape) for i, shape in enumerate(shapes)]
    check_function(name, function, reference, inputs)


def check_function(name, function, reference, inputs):
    expected = function(np, *inputs) if reference is None else reference(*inputs)
    nodes = [ag.Node(x) for x in inputs]
    for actual in (function(ag, *inputs), function(ag, *nodes).value):
        assert np.shape(actual) == np.shape(expected)
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-14)
    composition = Composition(name, function)
    check_first_order(composition, Case(inputs), 5, 1 / 64)
    check_second_order(composition, Case(inputs), 6, 1 / 64)


def test_every_function_of_linalg_is_the_arrays_apis():
    standard = """cholesky cross det diagonal eigh eigvalsh inv matmul matrix_norm matrix_power
    matrix_rank matrix_transpose outer pinv qr slogdet solve svd svdvals tensordot trace vecdot
    vector_norm"""
    assert set(public_linalg.__all__) == set(standard.split())
    assert ag.linalg.__all__ == public_linalg.__all__
    for name in public_linalg.__all__:
        function = getattr(ag.linalg, name)
        assert function is getattr(ag.functions.linalg, name)
        assert ">>>" in function.__doc__


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        (ag.linalg.qr, "Q R"),
        (ag.linalg.eigh, "eigenvalues eigenvectors"),
        (ag.linalg.slogdet, "sign logabsdet"),
        (ag.linalg.svd, "U S Vh"),
        (ag.unique_all, "values indices inverse_indices counts"),
        (ag.unique_counts, "values counts"),
        (ag.unique_inverse, "values inverse_indices"),
    ],
    ids=["qr", "eigh", "slogdet", "svd", "unique_all", "unique_counts", "unique_inverse"],
)
def test_several_results_have_the_standards_names(call, fields):
    result = call(ag.Node(np.eye(2)))
    assert result._fields == tuple(fields.split())


@pytest.mark.parametrize("wide", [False, True])
def test_factors_give_the_matrix_again(wide):
    x = regular(0, (2, 3) if wide else (3, 2))
    q, r = ag.linalg.qr(ag.Node(x))
    u, s, vh = ag.linalg.svd(ag.Node(x), full_matrices=False)
    for product in (q @ r, (u * s) @ vh):
        np.testing.assert_allclose(product.value, x, rtol=1e-12, atol=1e-14)


def test_arrays_have_complete_factors():
    x = regular(0, (3, 2))
    q, r = ag.linalg.qr(x, mode="complete")
    u, s, vh = ag.linalg.svd(x)
    np.testing.assert_allclose(q @ r, x, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose((u[:, :2] * s) @ vh, x, rtol=1e-12, atol=1e-14)
    assert q.shape == u.shape == (3, 3)


def test_what_depends_on_values_is_plain():
    x = ag.Node([2.0, 0.0, 2.0])
    values = ag.unique_values(x)
    (values * [1.0, 5.0]).sum().backward()
    assert (values.value.tolist(), x.grad.tolist()) == ([0.0, 2.0], [5.0, 1.0, 0.0])
    assert ag.nonzero(x)[0].tolist() == [0, 2]
    with ag.Graph():
        later = ag.input(name="x", shape=(3,))
        with pytest.raises(errors.GraphError, match="Input 'x': expected a value"):
            ag.nonzero(later)


@pytest.mark.parametrize("function", [ag.nonzero, ag.unique_values, np.flatnonzero, np.argwhere])
def test_places_of_today_are_not_recorded(function):
    with ag.Graph():
        x = ag.parameter([0.0, 2.0], name="x")
        with pytest.raises(errors.GraphError, match=r"^(nonzero|unique_all): expected a result"):
            function(x)
    function(x)  # to look at it


def test_sums_by_einsum_follow_the_batch():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2, 3), requires_grad=True)
        w = ag.parameter(np.float32([1.0, 2.0, 3.0]), name="w")
        y = ag.einsum("...i,i->...", x, w)
        dw = ag.gradients(y, w, cotangent=y)
    rows = np.float32([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]])
    g.forward(x=rows)
    np.testing.assert_array_equal(y.value, rows @ w.value)
    np.testing.assert_array_equal(dw.value, y.value @ rows)


def test_places_can_be_a_node():
    x = ag.Node(spaced(0, (2, 3)))
    np.testing.assert_array_equal(ag.take(x, ag.constant(ORDER), axis=1).value, x.value[:, ORDER])


def test_gradient_of_an_einsum_is_one():
    x, y = ag.Node(np.ones((2, 3))), ag.Node(np.ones((3, 4)))
    dx, dy = ag.gradients(ag.sum(ag.einsum("ij,jk->ki", x, y)), [x, y])
    assert dx.op is dy.op is ag.ops.Einsum
    assert dx.params == {"subscripts": "ki,jk->ij"}


# Points where a derivative is a convention


def gradient_of(function, point):
    """The first and the second derivative along ones, by backward and by graph."""
    x = ag.Node(point)
    with np.errstate(all="ignore"):
        slope = ag.gradients(function(x), x)
        function(x).backward()
        first = x.grad.copy()
        np.testing.assert_array_equal(slope.value, first)
        slope.backward(np.ones(x.shape))
    return first, x.grad


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, inf, -inf])
def test_norm_of_the_zero_vector_has_the_gradient_zero(p):
    grad = gradient_once(lambda x: ag.linalg.vector_norm(x, ord=p), np.zeros(3))
    np.testing.assert_array_equal(grad, np.zeros(3))


@pytest.mark.parametrize("p", [1.5, 2, 3])
def test_norm_of_the_zero_vector_has_no_nan_at_second_order(p):
    for order in gradient_of(lambda x: ag.linalg.vector_norm(x, ord=p), np.zeros(3)):
        np.testing.assert_array_equal(order, np.zeros(3))


@pytest.mark.parametrize("p", [1.5, 2, 3])
def test_norm_of_a_vector_with_a_zero_in_it(p):
    first, second = gradient_of(lambda x: ag.linalg.vector_norm(x, ord=p), np.array([0.0, 2.0]))
    np.testing.assert_array_equal(first, [0.0, 1.0])
    assert np.isfinite(second).all()


@pytest.mark.parametrize("sizes", [*permutations([1e-9, 1.0, 1e9])], ids=str)
@pytest.mark.parametrize("axis", [0, 1])
def test_the_gradient_of_a_determinant_keeps_the_digits_of_small_rows_and_columns(axis, sizes):
    even = np.array([[1.0, 2.0, 3.0], [1.0, 0.5, -1.0], [3.0, 4.5, 1.0]])
    scale = np.expand_dims(sizes, axis)
    cofactors = np.linalg.inv(even).T * np.linalg.det(even)
    found = ag.grad(ag.linalg.det)(even * scale)
    np.testing.assert_allclose(found, cofactors / scale, rtol=1e-12)


def test_determinant_of_a_singular_matrix_has_its_cofactors_for_a_gradient():
    grad = gradient_once(ag.linalg.det, [[1.0, 2.0], [2.0, 4.0]])
    np.testing.assert_allclose(grad, [[4.0, -2.0], [-2.0, 1.0]], atol=1e-14)


def test_cofactors_of_matrices_without_rows_are_none():
    assert gradient_once(lambda x: ag.sum(ag.linalg.det(x)), np.zeros((2, 0, 0))).shape == (2, 0, 0)


def gradient_once(function, point):
    x = ag.Node(point)
    function(x).backward()
    return x.grad


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda x: ag.sum(ag.linalg.eigvalsh(x)), np.eye(3)),
        (lambda x: ag.linalg.matrix_norm(x, ord="nuc"), np.eye(3)),
        (lambda x: ag.linalg.matrix_norm(x, ord="fro"), np.eye(3) / np.sqrt(3)),
    ],
    ids=["eigenvalues", "nuclear norm", "Frobenius norm"],
)
def test_equal_eigenvalues_and_singular_values(function, expected):
    first, second = gradient_of(function, 2 * np.eye(3))
    np.testing.assert_allclose(first, expected, atol=1e-14)
    assert np.isfinite(second).all()


W = np.array([[1.0, 2.0], [3.0, 4.0]])


@pytest.mark.parametrize(
    "vectors",
    [
        lambda x: ag.linalg.eigh((x + x.mT) / 2).eigenvectors,
        lambda x: ag.linalg.svd(x).U,
        lambda x: ag.linalg.svd(x).Vh,
    ],
    ids=["eigenvectors", "U", "Vh"],
)
def test_a_vector_of_equal_values_has_no_gradient(vectors):
    """It jumps: no finite number says how it moves."""
    with np.errstate(all="ignore"):
        assert not np.isfinite(gradient_once(lambda x: ag.sum(W * vectors(x)), np.eye(2))).any()
        assert np.isfinite(
            gradient_once(lambda x: ag.sum(W * vectors(x)), np.diag([1.0, 2.0]))
        ).all()


@pytest.mark.parametrize("scale", [2.0**-500, 2.0**-200, 2.0**300, 2.0**500])
@pytest.mark.parametrize("shape", [(4, 2), (2, 4), (3, 3)], ids=str)
def test_the_gradient_of_a_pseudo_inverse_at_all_scales(shape, scale):
    """(c · x)⁺ is x⁺/c, and its gradient that at x, over c²."""
    x = regular(0, shape)
    once, scaled = (gradient_once(lambda x: ag.sum(ag.linalg.pinv(x)), y) for y in (x, x * scale))
    np.testing.assert_allclose(scaled * scale, once / scale, rtol=1e-9)


def test_singular_values_of_a_matrix_without_full_rank():
    first, second = gradient_of(
        lambda x: ag.linalg.svdvals(x)[0], np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    )
    np.testing.assert_array_equal(first, [[1.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
    assert np.isfinite(second).all()


@pytest.mark.parametrize("function", [ag.linalg.eigvalsh, ag.linalg.cholesky])
def test_the_gradient_is_in_the_triangle_that_is_read(function):
    x = regular(0, (3, 3))
    x = x @ x.T + np.triu(np.ones((3, 3)), 1)
    np.testing.assert_array_equal(function(ag.Node(x)).value, function(np.tril(x)))
    np.testing.assert_array_equal(function(x), getattr(np.linalg, function.__name__)(x))
    assert check_gradients(lambda x: ag.sum(function(x) ** 2), x)
    assert not np.triu(gradient_once(lambda x: ag.sum(function(x) ** 2), x), 1).any()


# What is refused

SINGULAR = [[1.0, 2.0], [2.0, 4.0]]
OBLONG = np.ones((2, 3))


def deferred(function, *shapes):
    with ag.Graph():
        inputs = [ag.input(name=f"x{i}", shape=s, dtype="float64") for i, s in enumerate(shapes)]
        return function(*inputs)


REFUSED = {
    "an integer to a negative power": (
        lambda: ag.constant(2) ** -1,
        errors.DTypeError,
        r"^Pow: expected a floating base where an exponent is negative\n  came:  x int64\[\]",
    ),
    "mode of a factorization": (
        lambda: ag.linalg.qr(np.eye(2), mode="r"),
        errors.OpCallError,
        '^qr: expected mode "reduced" or "complete"\n  came:  \'r\'',
    ),
    "power of a norm": (
        lambda: ag.linalg.vector_norm([1.0], ord="fro"),
        errors.OpCallError,
        "^vector_norm: expected ord as a number\n  came:  ord='fro'",
    ),
    "vectors of other lengths": (
        lambda: ag.vecdot(np.ones((2, 1)), ag.Node(np.ones(3))),
        errors.ShapeError,
        r"^vecdot: expected vectors of one length\n  came:  x float64\[2, 1\], y float64\[3\]",
    ),
    "an axis of tensordot named twice": (
        lambda: ag.tensordot(np.eye(2), np.eye(2), axes=((0, 0), (0, 1))),
        errors.ShapeError,
        "^tensordot: expected how many axes(.|\n)*an axis named twice",
    ),
    "inverse of a singular matrix": (
        lambda: ag.linalg.inv(ag.Node(SINGULAR)),
        errors.SingularError,
        r"^Inv: expected square matrices(.|\n)*x float64\[2, 2\] \(Singular matrix\)",
    ),
    "system with a singular matrix": (
        lambda: ag.linalg.solve(SINGULAR, [1.0, 2.0]),
        errors.SingularError,
        "^Solve: expected square matrices a, and b with as many rows, for which there is a result",
    ),
    "not positive definite": (
        lambda: ag.linalg.cholesky(-np.eye(2)),
        errors.SingularError,
        "^Cholesky: expected symmetric positive definite matrices",
    ),
    "gradient of ln 0": (
        ag.linalg.slogdet(ag.Node(SINGULAR)).logabsdet.backward,
        errors.SingularError,
        "^Inv: expected square matrices",
    ),
    "inverse of an oblong": (
        lambda: ag.linalg.inv(OBLONG),
        errors.ShapeError,
        "^Inv: expected square matrices in the last two axes(.|\n)*2 rows, but 3 columns",
    ),
    "inverse of a vector": (
        lambda: deferred(ag.linalg.inv, (2,)),
        errors.ShapeError,
        "^Inv: expected square matrices(.|\n)*matrices have two axes",
    ),
    "svd of a vector": (
        lambda: ag.linalg.svd([1.0, 2.0]),
        errors.ShapeError,
        "^SVD: expected matrices in the last two axes",
    ),
    "rows of a system": (
        lambda: deferred(ag.linalg.solve, (2, 2), (3,)),
        errors.ShapeError,
        "^Solve: expected (.|\n)*2 columns in a, but 3 rows in b",
    ),
    "a number for a vector": (
        lambda: ag.linalg.solve(np.eye(2), 1.0),
        errors.ShapeError,
        "^Solve: expected (.|\n)*b is a single number",
    ),
    "stacks of a system": (
        lambda: deferred(ag.linalg.solve, (2, 2, 2), (3, 2, 1)),
        errors.ShapeError,
        "^Solve: expected square matrices",
    ),
    "complete qr of a node": (
        lambda: ag.linalg.qr(ag.Node(OBLONG.T), mode="complete"),
        errors.OpCallError,
        r"^QR: expected the reduced(.|\n)*x float64\[3, 2\](.|\n)*reduced",
    ),
    "full svd of a node": (
        lambda: ag.linalg.svd(ag.Node(OBLONG)),
        errors.OpCallError,
        "^SVD: expected the reduced(.|\n)*full_matrices=False",
    ),
    "kind of a matrix norm": (
        lambda: ag.linalg.matrix_norm(OBLONG, ord=3),
        errors.OpCallError,
        "^matrix_norm: expected ord as one of fro, nuc, 1, -1, 2, -2, inf, -inf\n  came:  ord=3",
    ),
    "cross of two entries": (
        lambda: ag.linalg.cross([1.0, 2.0], [1.0, 2.0]),
        errors.ShapeError,
        "^cross: expected vectors of three elements along axis -1",
    ),
    "cross along an axis that is not there": (
        lambda: ag.linalg.cross([1.0, 2.0, 3.0], [1.0, 2.0, 3.0], axis=1),
        errors.ShapeError,
        "^cross: expected one axis that x has",
    ),
    "a frame of several values": (
        lambda: ag.pad(np.ones((2, 2)), ((1, 1), (0, 0)), constant_values=(1.0, 2.0)),
        errors.ShapeError,
        "^Pad: expected widths(.|\n)*one value is all there is",
    ),
    "diagonal of a vector": (
        lambda: ag.diagonal([1.0]),
        errors.ShapeError,
        "^Diagonal: expected at least two axes",
    ),
    "joined shapes": (
        lambda: ag.concat([np.ones((2, 3)), ag.Node(np.ones((2, 2)))]),
        errors.ShapeError,
        r"^Concat: expected arrays of one shape but(.|\n)*arrays float64\[2, 3\], arrays float64\[2, 2\]",
    ),
    "parts along an axis that is not there": (
        lambda: ag.split(np.ones(4), 2, axis=1),
        errors.ShapeError,
        r"^split: expected one axis that x has\n  came:  axis=1 for x float64\[4\]",
    ),
    "slices along an axis that is not there": (
        lambda: ag.unstack(ag.Node([1.0]), axis=-2),
        errors.ShapeError,
        "^unstack: expected one axis that x has",
    ),
    "axis flipped twice": (
        lambda: ag.flip(np.ones((2, 2)), axis=(0, -2)),
        errors.ShapeError,
        r"^flip: expected axes that x has, each once\n  came:  axis=\(0, -2\)",
    ),
    "axis that is not there": (
        lambda: ag.swapaxes(np.ones((2, 2)), 0, 2),
        errors.ShapeError,
        "^swapaxes: expected one axis that x has",
    ),
    "axes without a new place": (
        lambda: ag.moveaxis(np.ones((2, 2)), (0, 1), 0),
        errors.ShapeError,
        "^moveaxis: expected a new place for each axis(.|\n)*2 axes and 1 places",
    ),
    "axis to take from": (
        lambda: ag.take(np.ones(2), [0], axis=1),
        errors.ShapeError,
        "^take: expected one axis that x has",
    ),
    "diagonal of a number": (
        lambda: ag.diag(2.0),
        errors.ShapeError,
        "^Diag: expected at least one axis",
    ),
    "way of a grid": (
        lambda: ag.meshgrid([1.0], [2.0], indexing="yx"),
        errors.OpCallError,
        "^meshgrid: expected indexing .*\n  came:  'yx'",
    ),
    "broken power": (
        lambda: ag.linalg.matrix_power(np.eye(2), 0.5),
        errors.OpCallError,
        "^matrix_power: expected an integer power\n  came:  0.5",
    ),
    "unequal parts": (
        lambda: ag.split(np.ones(5), 2),
        errors.ShapeError,
        "^split: expected a number of parts that divides(.|\n)*2 parts of an axis of length 5",
    ),
    "no parts": (lambda: ag.split(np.ones(5), 0), errors.ShapeError, "^split: .*\n.*0 parts"),
    "arrays of a grid": (
        lambda: ag.broadcast_arrays(np.ones(2), np.ones(3)),
        errors.ShapeError,
        r"^BroadcastWith: expected shapes that broadcast together\n  came:  x float64\[2\], others float64\[3\]",
    ),
    "width of a frame": (
        lambda: ag.pad(ag.Node(np.ones(2)), (1, 2, 3)),
        errors.ShapeError,
        "^Pad: expected widths of 0 or more",
    ),
    "mode of a frame": (
        lambda: ag.pad(ag.Node(np.ones(2)), 1, "mirror"),
        errors.ShapeError,
        "^MirrorPad: expected a known mode(.|\n)*mode=mirror",
    ),
    "counts of repetitions": (
        lambda: ag.repeat(ag.Node(np.ones(3)), [1, 2]),
        errors.ShapeError,
        "^Repeat: expected an axis of x, and one count",
    ),
    "place that is not there": (
        lambda: ag.take(ag.Node(np.ones(3)), [0, 3]),
        errors.LabelError,
        "^GetItem: expected a subscript",
    ),
    "place along an axis that is not there": (
        lambda: ag.take_along_axis(np.ones((2, 3)), [[3], [0]]),
        errors.LabelError,
        "^TakeAlongAxis: expected integers within the axis",
    ),
    "a mask for places along an axis": (
        lambda: ag.take_along_axis(np.ones(2), [True, False]),
        errors.LabelError,
        "^TakeAlongAxis: expected integers within the axis",
    ),
    "mask of another length": (
        lambda: ag.Node(np.ones(3))[np.array([True, False])],
        errors.LabelError,
        "^GetItem: expected a subscript",
    ),
    "mask before there are values": (
        lambda: deferred(lambda x: x[x > 0], (3,)),
        errors.ShapeError,
        "^GetItem: expected a subscript(.|\n)*how many elements a mask picks is not known",
    ),
    "lengths of a product": (
        lambda: ag.outer(np.ones((2, 2)), np.ones(2)),
        errors.ShapeError,
        "^Einsum: expected operands whose axes(.|\n)*subscripts=i,j->ij .'i' for 2 axes",
    ),
    "deferred lengths of a product": (
        lambda: deferred(lambda x, y: ag.tensordot(x, y, axes=1), (2, 3), (2, 3)),
        errors.ShapeError,
        "^Einsum: expected operands whose axes(.|\n)*'b' is 3 and 2",
    ),
    "axes of tensordot": (
        lambda: ag.tensordot(np.ones(2), np.ones(2), axes=2),
        errors.ShapeError,
        r"^tensordot: expected how many axes(.|\n)*axes=2 for \[2\], \[2\]",
    ),
    "letter in one place": (
        lambda: ag.ops.Einsum(np.ones(2), np.ones(2), subscripts="i,j->i"),
        errors.ShapeError,
        "^Einsum: (.|\n)*a letter comes in one place only",
    ),
    "letter twice in one place": (
        lambda: deferred(lambda x, y: ag.ops.Einsum(x, y, subscripts="ii,i->i"), (2, 2), (2,)),
        errors.ShapeError,
        "^Einsum: (.|\n)*a letter comes twice in one place",
    ),
    **{
        f"einsum {text}": (
            lambda text=text, shapes=shapes: ag.einsum(text, *map(np.ones, shapes)),
            errors.ShapeError,
            f"^einsum: expected subscripts like 'ij,jk->ik'(.|\n)*{reason}",
        )
        for text, shapes, reason in [
            ("ij,jk->ik", [(2, 3)], "2 operands in it"),
            ("ij", [(2, 3, 4)], "'ij' for 3 axes"),
            ("ijk...", [(2, 3)], "'ijk...' for 2 axes"),
            ("i1", [(2, 3)], "'i1' has other signs"),
            ("i......", [(2, 3)], "has other signs than letters and one '...'"),
            ("ij->iji", [(2, 3)], "a letter twice in the result 'iji'"),
            ("ij->k", [(2, 3)], "a letter in the result 'k' that no operand has"),
            ("...i->i", [(2, 3)], "'...' in an operand but not in the result"),
            ("ij,jk", [(2, 3), (4, 5)], "'j' is 3 and 4"),
            ("ii", [(2, 3)], "'i' is 2 and 3"),
        ]
    },
}


@pytest.mark.parametrize(("call", "error", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_call(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_run_names_the_node_whose_matrix_became_singular():
    with ag.Graph() as g:
        x = ag.input(name="x", shape=(2, 2))
        ag.linalg.inv(x).named("inverse")
    with pytest.raises(errors.SingularError, match="^Inv 'inverse': expected square") as caught:
        g.forward(x=SINGULAR)
    assert caught.value.place == g["inverse"].place


# Functions that go along one axis: several, and what is no integer, are refused, not cut to one

ALONG_ONE = {
    "argmax": ag.argmax,
    "argsort": ag.argsort,
    "concat": lambda x, axis: ag.concat([x, x], axis=axis),
    "cross": lambda x, axis: ag.linalg.cross(x, x, axis=axis),
    "cumulative_prod": ag.cumulative_prod,
    "cumulative_sum": ag.cumulative_sum,
    "cumsum": np.cumsum,
    "diff": ag.diff,
    "quantile": lambda x, axis: np.quantile(x, 0.5, axis=axis),
    "repeat": lambda x, axis: ag.repeat(x, 2, axis=axis),
    "sort": ag.sort,
    "split": lambda x, axis: ag.split(x, 1, axis=axis),
    "stack": lambda x, axis: ag.stack([x, x], axis=axis),
    "swapaxes": lambda x, axis: ag.swapaxes(x, axis, 0),
    "take": lambda x, axis: ag.take(x, [0], axis=axis),
    "take_along_axis": lambda x, axis: ag.take_along_axis(x, x.value.astype(int), axis=axis),
    "trapezoid": lambda x, axis: np.trapezoid(x, axis=axis),
    "unstack": ag.unstack,
}


@pytest.mark.parametrize("axis", [(0, 1), (0, 0), "0", 3], ids=str)
@pytest.mark.parametrize("function", ALONG_ONE.values(), ids=ALONG_ONE)
def test_one_axis_is_one(function, axis):
    with pytest.raises(errors.AutogradError, match="axis|axes"):
        function(ag.Node(np.zeros((3, 3))), axis=axis)
