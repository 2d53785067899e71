"""Calls of the array API standard, drawn by Hypothesis: for each function, arguments it might take.

An argument is drawn by its name in the standard's signature, for the arrays drawn before it. Not
every call is a legal one: array-api-strict is the judge, and what it refuses is not compared.
"""

from dataclasses import dataclass, field
from functools import partial

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_lite.frontend.array_api_signatures import (
    FFT,
    FUNCTIONS,
    LINALG,
    read_signature,
    signatures,
)

INTEGERS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
FLOATS = ["float32", "float64"]
COMPLEX = ["complex64", "complex128"]


class DType(str):
    """The name of a dtype among the arguments of a call, where other texts are themselves."""

    __slots__ = ()


DTYPES = [DType(name) for name in [*FLOATS, *INTEGERS, "bool", *COMPLEX]]

CHAPTERS = {
    **signatures(FUNCTIONS),
    **{f"linalg.{name}": text for name, text in signatures(LINALG).items()},
    **{f"fft.{name}": text for name, text in signatures(FFT).items()},
}
NAMES = sorted(CHAPTERS)


@dataclass
class Call:
    """One call: the function's name, and its arguments as plain arrays, dtype names and numbers."""

    name: str
    args: list
    options: dict = field(default_factory=dict)

    def arrays(self):
        return [x for x in self._leaves() if isinstance(x, np.ndarray)]

    def dtypes(self):
        named = [str(x) for x in self._leaves() if isinstance(x, DType)]
        return {*named, *(a.dtype.name for a in self.arrays())}

    def _leaves(self):
        return leaves([self.args, *self.options.values()])


def leaves(value):
    return [y for x in value for y in leaves(x)] if isinstance(value, list | tuple) else [value]


# Arrays

shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)


def entries(dtype, *, tame=False):
    """Any entry of a dtype; a tame one is small, so that sums in another order agree."""
    kind = np.dtype(dtype).kind
    if kind in "iu":
        low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
        return (
            st.integers(max(low, -9), 9)
            if tame
            else st.integers(-9, 9).filter(lambda i: low <= i) | st.integers(low, high)
        )
    if kind == "b":
        return st.booleans()
    if kind == "c":
        parts = entries("float32", tame=tame)
        return st.builds(complex, parts, parts)
    quarters = st.integers(-16, 16).map(lambda i: i / 4)
    special = st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan])
    return quarters if tame else quarters | special | st.floats(width=32)


def arrays(dtype, shape, *, tame=False):
    return hnp.arrays(dtype, shape, elements=entries(dtype, tame=tame))


tame = partial(arrays, tame=True)


def matrices(dtype, shape):
    """Matrices that are far from singular."""

    def away(a):
        return a + 20 * np.eye(a.shape[-1], dtype=a.dtype) if a.shape[-1] == a.shape[-2] else a

    return arrays(dtype, shape, tame=True).map(away)


def positive(a):
    """Symmetric and positive definite, if it was far from singular."""
    return (a + np.swapaxes(a, -1, -2).conj()) / 2


# Arguments, by the name of the parameter; `x` is the first array

TAME = {
    "cumulative_prod", "cumulative_sum", "matmul", "mean", "prod", "std", "sum", "tensordot", "var",
    "vecdot",
}  # fmt: skip


KINDS = {
    "b": ["bool"],
    "i": INTEGERS,
    "bi": ["bool", *INTEGERS],
    "if": [*INTEGERS, *FLOATS],
    "f": FLOATS,
    "c": COMPLEX,
    "fc": [*FLOATS, *COMPLEX],
}
ACCEPTED = {
    **dict.fromkeys(["logical_and", "logical_not", "logical_or", "logical_xor"], "b"),
    **dict.fromkeys(["bitwise_left_shift", "bitwise_right_shift", "iinfo"], "i"),
    **dict.fromkeys(["bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_invert"], "bi"),
    **dict.fromkeys(["atan2", "copysign", "finfo", "hypot", "logaddexp", "nextafter", "signbit", "std", "var"], "f"),
    **dict.fromkeys(["fft.rfft", "fft.rfftn", "fft.ihfft"], "f"),
    **dict.fromkeys(["imag", "fft.irfft", "fft.irfftn", "fft.hfft", "fft.fft", "fft.ifft", "fft.fftn", "fft.ifftn"], "c"),
    **dict.fromkeys(["argmax", "argmin", "argsort", "ceil", "floor", "floor_divide", "max", "maximum", "min", "minimum"], "if"),
    **dict.fromkeys(["greater", "greater_equal", "less", "less_equal", "remainder", "sort", "trunc"], "if"),
    **dict.fromkeys(["acos", "acosh", "asin", "asinh", "atan", "atanh", "cos", "cosh", "divide", "exp", "expm1", "log", "log10"], "fc"),
    **dict.fromkeys(["log1p", "log2", "mean", "reciprocal", "sin", "sinh", "sqrt", "tan", "tanh", "conj", "real"], "fc"),
    **dict.fromkeys(["fft.fftshift", "fft.ifftshift", "linalg.vector_norm"], "fc"),
}  # fmt: skip
"""The kinds of dtypes that a function takes; those not here take any."""


def dtypes_for(name):
    names = KINDS.get(ACCEPTED.get(name))
    return [d for d in DTYPES if names is None or d in names]


@st.composite
def calls(draw, name):
    text = CHAPTERS[name]
    base = name.rpartition(".")[2]
    if base in WHOLE:
        return Call(name, *draw(WHOLE[base]()))
    args, options = [], {}
    dtype = draw(st.sampled_from(dtypes_for(name)))
    for p in read_signature(text).parameters.values():
        x = args[0] if args else None
        if p.kind is p.POSITIONAL_ONLY:
            args.append(draw(POSITIONAL[p.name](name, dtype, x)))
        elif p.default is p.empty or draw(st.booleans()):
            options[p.name] = draw(OPTIONS[p.name](name, x))
    return Call(name, args, options)


def first_array(name, dtype, x):
    flat = name in {"cumulative_prod", "cumulative_sum"}
    shape = (
        hnp.array_shapes(min_dims=1, max_dims=2 - flat, max_side=4)
        if flat or "fft" in name
        else shapes
    )
    return shape.flatmap(lambda shape: arrays(dtype, shape, tame=is_tame(name)))


def is_tame(name):
    return name in TAME or "." in name


def beside_it(name, dtype, x):
    """An array that broadcasts with x, or a number."""
    shape = st.sampled_from([x.shape, (), x.shape[-1:]])
    beside = shape.flatmap(lambda s: arrays(dtype, s, tame=is_tame(name)))
    if name in {"linalg.outer", "linalg.cross", "linalg.solve", "matmul", "vecdot", "tensordot"}:
        return beside
    return beside | entries(dtype, tame=True).map(lambda v: np.dtype(dtype).type(v).item())


def an_axis(x):
    return st.integers(-x.ndim, x.ndim - 1)


def some_axes(x):
    return st.lists(an_axis(x), unique=True, max_size=x.ndim).map(tuple)


def a_permutation(name, x):
    if name.startswith("fft."):
        return st.none() | an_axis(x).map(lambda axis: (axis,))
    return st.permutations(range(x.ndim)).map(tuple)


FOLD_SEVERAL = {
    "all", "any", "count_nonzero", "flip", "linalg.vector_norm", "max", "mean", "min", "prod",
    "std", "sum", "var",
}  # fmt: skip


def an_axis_for(name, x):
    if not x.ndim and name != "expand_dims":
        return st.sampled_from([None, ()] if name in FOLD_SEVERAL else [None])
    if name == "squeeze":
        ones = [i for i, n in enumerate(x.shape) if n == 1]
        return st.sampled_from([*ones, tuple(ones)])
    if name in FOLD_SEVERAL:
        return st.none() | an_axis(x) | some_axes(x)
    if name in {"argmax", "argmin", "cumulative_sum", "cumulative_prod", "repeat", "take"}:
        return st.none() | an_axis(x)
    if name == "expand_dims":
        return st.integers(-x.ndim - 1, x.ndim)
    return an_axis(x)


def target_shapes(name, x):
    if name == "reshape":
        return st.sampled_from([(-1,), (x.size,), (*x.shape, 1), (1, x.size)])
    return st.sampled_from([x.shape, (2, *x.shape), (1, 2, *x.shape)])


POSITIONAL = {
    "x": first_array,
    "x1": first_array,
    "x2": beside_it,
    "condition": lambda name, dtype, x: shapes.flatmap(lambda s: arrays("bool", s)),
    "from_": lambda name, dtype, x: st.sampled_from(DTYPES) | first_array(name, dtype, x),
    "to": lambda name, dtype, x: st.sampled_from(DTYPES),
    "type": lambda name, dtype, x: st.just(dtype) | first_array(name, dtype, x),
    "dtype": lambda name, dtype, x: st.sampled_from(DTYPES),
    "n": lambda name, dtype, x: st.integers(1 if "fft" in name else -2, 4),
}

OPTIONS = {
    "append": lambda name, x: st.just(x),
    "prepend": lambda name, x: st.none() | st.just(x),
    "axes": a_permutation,
    "axis": an_axis_for,
    "copy": lambda name, x: st.booleans(),
    "correction": lambda name, x: st.sampled_from([0.0, 1.0, 0.5, 1]),
    "d": lambda name, x: st.sampled_from([1.0, 0.5]),
    "descending": lambda name, x: st.booleans(),
    "device": lambda name, x: st.none(),
    "dtype": lambda name, x: st.none() | st.sampled_from(DTYPES),
    "fill_value": lambda name, x: st.sampled_from([0, 1, 2.5, True]),
    "full_matrices": lambda name, x: st.booleans(),
    "include_initial": lambda name, x: st.booleans(),
    "k": lambda name, x: st.integers(-3, 3),
    "keepdims": lambda name, x: st.booleans(),
    "max": lambda name, x: st.none() | st.integers(3, 6) | st.just(x[()] if x.ndim == 0 else x),
    "min": lambda name, x: st.none() | st.integers(0, 3),
    "mode": lambda name, x: st.sampled_from(["reduced", "complete"]),
    "n": lambda name, x: st.integers(1, 3),
    "norm": lambda name, x: st.sampled_from(["backward", "ortho", "forward"]),
    "offset": lambda name, x: st.integers(-3, 3),
    "ord": lambda name, x: st.sampled_from([1, 2, np.inf, -np.inf] if "vector" in name else ["fro", "nuc", 1, 2, np.inf]),
    "rtol": lambda name, x: st.none() | st.just(1e-3),
    "s": lambda name, x: st.none(),
    "shape": target_shapes,
    "shift": lambda name, x: st.integers(-3, 3),
    "stable": lambda name, x: st.just(True),
    "upper": lambda name, x: st.booleans(),
}  # fmt: skip


# Calls whose arguments hang together


def with_dtype(make, dtypes=DTYPES):
    return lambda: st.sampled_from(dtypes).flatmap(make)


def square_matrix(dtype, change=lambda a: a):
    stack = st.sampled_from([(2, 2), (3, 3), (1, 1), (2, 3, 3), (0, 2, 2)])
    return stack.flatmap(lambda s: matrices(dtype, s)).map(change)


def of_square(change=lambda a: a, **options):
    return with_dtype(
        lambda d: st.tuples(
            square_matrix(d, change).map(lambda a: [a]), st.fixed_dictionaries({}, optional=options)
        ),
        [*FLOATS, *COMPLEX],
    )


def of_matrix(**options):
    shapes = st.sampled_from([(2, 3), (3, 2), (2, 2), (2, 2, 3), (1, 3)])
    return with_dtype(
        lambda d: st.tuples(
            shapes.flatmap(lambda s: matrices(d, s)).map(lambda a: [a]),
            st.fixed_dictionaries({}, optional=options),
        ),
        [*FLOATS, *COMPLEX],
    )


def two(*pairs, options=None, dtypes=DTYPES, first=None):
    """Two arrays of the shapes of a pair."""

    def make(dtype):
        both = st.sampled_from(pairs).flatmap(
            lambda p: st.tuples((first or tame)(dtype, p[0]), tame(dtype, p[1]))
        )
        return st.tuples(both.map(list), st.fixed_dictionaries({}, optional=options or {}))

    return with_dtype(make, dtypes)


def several(axes, *, list_of=True):
    """Arrays of one shape in a list."""

    def make(dtype):
        shape = hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=3)
        many = shape.flatmap(lambda s: st.lists(arrays(dtype, s), min_size=1, max_size=3))
        return st.tuples(
            many.map(lambda m: [m] if list_of else m), st.fixed_dictionaries({}, optional=axes)
        )

    return with_dtype(make)


def picked(name, dtype):
    def make(shape):
        axis = st.integers(-len(shape), len(shape) - 1)
        return st.tuples(arrays(dtype, shape), axis).flatmap(
            lambda xa: st.tuples(places(name, *xa), st.just({"axis": xa[1]}))
        )

    return hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(make)


def places(name, x, axis):
    n = x.shape[axis]
    shape = (
        (2,)
        if name == "take"
        else tuple(2 if i == axis % x.ndim else m for i, m in enumerate(x.shape))
    )
    return hnp.arrays("int64", shape, elements=st.integers(-n, n - 1)).map(lambda i: [x, i])


def searched(dtype):
    row = arrays(dtype, st.integers(0, 5)).map(
        lambda a: a[~np.isnan(a)] if a.dtype.kind == "f" else a
    )
    other = arrays(dtype, shapes)
    side = st.fixed_dictionaries({}, optional={"side": st.sampled_from(["left", "right"])})
    with_sorter = row.flatmap(
        lambda a: st.sampled_from([{}, {"sorter": np.argsort(a, stable=True)}]).map(
            lambda s: (a if s else np.sort(a), s)
        )
    )
    return st.tuples(with_sorter, other, side).map(lambda t: ([t[0][0], t[1]], {**t[2], **t[0][1]}))


def options(**kinds):
    return st.fixed_dictionaries({}, optional=kinds)


def like_numbers():
    return st.sampled_from([0, 1, -2, 2.5, True, 10])


dtype_or_none = st.none() | st.sampled_from(DTYPES)
sizes = st.integers(0, 4)
small = st.tuples(sizes) | st.tuples(sizes, sizes) | st.just(()) | sizes


def plain(args, **kinds):
    return lambda: st.tuples(args.map(list), options(**kinds))


def tiled(dtype):
    return arrays(dtype, shapes).flatmap(
        lambda x: st.sampled_from([(2,), (1, 2), (2, 1, 2), ()]).map(lambda r: ([x, r], {}))
    )


def repeated(dtype):
    row = arrays(dtype, shapes)
    by_number = st.tuples(row, st.integers(0, 3), options(axis=st.just(0)))
    by_array = st.integers(0, 3).flatmap(
        lambda n: st.tuples(
            arrays(dtype, (n,)), hnp.arrays("int64", (n,), elements=st.integers(0, 2)), st.just({})
        )
    )
    return (by_number | by_array).map(lambda t: ([t[0], t[1]], t[2]))


def moved(dtype):
    def make(x):
        axis = an_axis(x)
        return st.tuples(axis, axis) | st.permutations(range(x.ndim)).map(
            lambda p: (tuple(range(x.ndim)), tuple(p))
        )

    x = hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(lambda s: arrays(dtype, s))
    return x.flatmap(lambda x: make(x).map(lambda sd: ([x, *sd], {})))


def rolled(dtype):
    def make(x):
        both = some_axes(x).flatmap(
            lambda axes: st.tuples(
                st.tuples(*[st.integers(-3, 3)] * len(axes)), st.just({"axis": axes})
            )
        )
        one = st.tuples(st.integers(-3, 3), options(axis=an_axis(x)) if x.ndim else st.just({}))
        return (one | both) if x.ndim else one

    return arrays(dtype, shapes).flatmap(
        lambda x: make(x).map(lambda t: ([x], {"shift": t[0], **t[1]}))
    )


def chosen(dtype):
    def make(shape):
        values = arrays(dtype, shape) | entries(dtype, tame=True)
        return st.tuples(arrays("bool", shape), arrays(dtype, shape), values)

    return shapes.flatmap(make).map(lambda t: (list(t), {}))


def clipped(dtype):
    def make(shape):
        kin = FLOATS if dtype in FLOATS else INTEGERS
        bound = (
            st.none()
            | st.tuples(st.sampled_from(kin), st.sampled_from([shape, ()])).flatmap(
                lambda kind: arrays(*kind, tame=True)
            )
            | entries(dtype, tame=True)
        )
        return st.tuples(arrays(dtype, shape).map(lambda x: [x]), options(min=bound, max=bound))

    return shapes.flatmap(make)


def contracted(dtype):
    pairs = [
        ((2, 3), (3, 2), 1),
        ((2, 3), (2, 3), 2),
        ((2,), (3,), 0),
        ((2, 3), (4, 3), ((1,), (1,))),
        ((2, 3, 2), (2, 3), ((0, 1), (0, 1))),
    ]

    def make(pair):
        return st.tuples(arrays(dtype, pair[0], tame=True), arrays(dtype, pair[1], tame=True)).map(
            lambda xy: (list(xy), {"axes": pair[2]})
        )

    return st.sampled_from(pairs).flatmap(make)


def powers(dtype):
    return st.tuples(square_matrix(dtype), st.integers(-2, 4)).map(lambda t: (list(t), {}))


WHOLE = {
    "arange": plain(st.tuples(st.integers(-5, 9)) | st.tuples(st.integers(-5, 5), st.integers(-5, 9)) | st.tuples(st.integers(-3, 3), st.floats(-3, 9), st.sampled_from([1, 2, 0.5])), dtype=st.none() | st.sampled_from([*FLOATS, "int32", "int64"])),
    "asarray": lambda: st.tuples(st.sampled_from([1, 2.5, True, [1, 2], [[1.0, 2.0]], [True]]).map(lambda v: [v]) | st.sampled_from(DTYPES).flatmap(lambda d: arrays(d, shapes)).map(lambda a: [a]), options(dtype=dtype_or_none, copy=st.sampled_from([None, True]))),
    "astype": with_dtype(lambda d: st.tuples(st.tuples(arrays(d, shapes, tame=True), st.sampled_from(DTYPES)).map(list), options(copy=st.booleans()))),
    "broadcast_arrays": several({}, list_of=False),
    "broadcast_shapes": plain(st.lists(st.sampled_from([(), (1,), (3,), (2, 1), (2, 3)]), min_size=1, max_size=3)),
    "cholesky": of_square(positive, upper=st.booleans()),
    "clip": with_dtype(clipped, [*FLOATS, *INTEGERS]),
    "concat": several({"axis": st.sampled_from([0, -1, None])}),
    "cross": two(((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (3,))),
    "det": of_square(),
    "diagonal": of_matrix(offset=st.integers(-2, 2)),
    "eig": of_square(positive),
    "eigh": of_square(positive),
    "eigvals": of_square(positive),
    "eigvalsh": of_square(positive),
    "empty": plain(st.tuples(small), dtype=dtype_or_none),
    "eye": plain(st.tuples(sizes) | st.tuples(sizes, st.none() | sizes), k=st.integers(-3, 3), dtype=dtype_or_none),
    "fftfreq": plain(st.tuples(st.integers(1, 5)), d=st.sampled_from([1.0, 0.5]), dtype=st.none() | st.sampled_from(FLOATS)),
    "from_dlpack": with_dtype(lambda d: arrays(d, shapes).map(lambda a: ([a], {}))),
    "full": plain(st.tuples(small, like_numbers()), dtype=dtype_or_none),
    "inv": of_square(),
    "isdtype": plain(st.tuples(st.sampled_from(DTYPES), st.sampled_from(["bool", "signed integer", "integral", "real floating", "numeric", ("bool", "complex floating")]))),
    "isin": two(((3,), (2,)), ((2, 2), (3,)), ((), (2,)), options={"invert": st.booleans()}),
    "linspace": plain(st.tuples(st.integers(-5, 5) | st.floats(-5, 5), st.integers(-5, 5), sizes), dtype=st.none() | st.sampled_from(FLOATS), endpoint=st.booleans()),
    "matmul": two(((2, 3), (3, 2)), ((3,), (3,)), ((2, 2, 3), (3, 1)), ((3,), (3, 2)), ((2, 3), (3,)), ((0, 3), (3, 2))),
    "matrix_norm": of_matrix(ord=st.sampled_from(["fro", "nuc", 1, 2, -1, np.inf]), keepdims=st.booleans()),
    "matrix_power": with_dtype(powers, FLOATS),
    "matrix_rank": of_matrix(rtol=st.just(1e-3)),
    "meshgrid": lambda: st.sampled_from(DTYPES).flatmap(lambda d: st.tuples(st.lists(arrays(d, st.integers(0, 3)), min_size=0, max_size=3), options(indexing=st.sampled_from(["xy", "ij"])))),
    "moveaxis": with_dtype(moved),
    "ones": plain(st.tuples(small), dtype=dtype_or_none),
    "outer": two(((2,), (3,)), ((0,), (1,))),
    "pinv": of_matrix(rtol=st.just(1e-3)),
    "qr": of_matrix(mode=st.sampled_from(["reduced", "complete"])),
    "repeat": with_dtype(repeated),
    "result_type": plain(st.lists(st.sampled_from(DTYPES) | st.sampled_from(DTYPES).flatmap(lambda d: arrays(d, ())), min_size=1, max_size=3)),
    "rfftfreq": plain(st.tuples(st.integers(1, 5)), d=st.sampled_from([1.0, 0.5]), dtype=st.none() | st.sampled_from(FLOATS)),
    "roll": with_dtype(rolled),
    "searchsorted": with_dtype(searched, [*FLOATS, *INTEGERS]),
    "slogdet": of_square(),
    "solve": two(((2, 2), (2,)), ((2, 2), (2, 3)), ((2, 3, 3), (2, 3, 1)), ((2, 2, 2), (2, 2)), dtypes=[*FLOATS, *COMPLEX], first=matrices),
    "stack": several({"axis": st.sampled_from([0, -1, 1])}),
    "svd": of_matrix(full_matrices=st.booleans()),
    "svdvals": of_matrix(),
    "take": with_dtype(lambda d: picked("take", d)),
    "take_along_axis": with_dtype(lambda d: picked("take_along_axis", d)),
    "tensordot": with_dtype(contracted),
    "tile": with_dtype(tiled),
    "trace": of_matrix(offset=st.integers(-2, 2), dtype=st.none()),
    "vecdot": two(((3,), (3,)), ((2, 3), (3,)), ((2, 3), (2, 3)), options={"axis": st.just(-1)}),
    "where": with_dtype(chosen),
    "zeros": plain(st.tuples(small), dtype=dtype_or_none),
}  # fmt: skip
