"""The array API standard, version 2024.12, on one page: every function with its signature.

https://data-apis.org/array-api/2024.12; `isin`, `broadcast_shapes`, `eig` and `eigvals` are of the
version after it. The functions of `autograd_lite.numpy` have these signatures; by these names the
library's function for one of NumPy's is found.
"""

import ast
from collections.abc import Iterator, Mapping
from inspect import Parameter, Signature
from itertools import repeat

VERSION = "2024.12"
VERSIONS = ("2021.12", "2022.12", "2023.12", VERSION)
"""The versions whose functions are all here; each has those of the one before."""

FUNCTIONS: Mapping[str, str] = {
    # creation
    "(obj, /, *, dtype=None, device=None, copy=None)": "asarray",
    "(start, /, stop=None, step=1, *, dtype=None, device=None)": "arange",
    "(shape, *, dtype=None, device=None)": "empty ones zeros",
    "(x, /, *, dtype=None, device=None)": "empty_like ones_like zeros_like",
    "(n_rows, n_cols=None, /, *, k=0, dtype=None, device=None)": "eye",
    "(x, /, *, device=None, copy=None)": "from_dlpack",
    "(shape, fill_value, *, dtype=None, device=None)": "full",
    "(x, /, fill_value, *, dtype=None, device=None)": "full_like",
    "(start, stop, /, num, *, dtype=None, device=None, endpoint=True)": "linspace",
    "(*arrays, indexing='xy')": "meshgrid",
    "(x, /, *, k=0)": "tril triu",
    # dtypes
    "(x, dtype, /, *, copy=True, device=None)": "astype",
    "(from_, to, /)": "can_cast",
    "(type, /)": "finfo iinfo",
    "(dtype, kind)": "isdtype",
    "(*arrays_and_dtypes)": "result_type",
    # element by element; matrix_transpose, nonzero and the sets share the signature
    "(x, /)": (
        "abs acos acosh asin asinh atan atanh bitwise_invert ceil conj cos cosh exp expm1 floor "
        "imag isfinite isinf isnan log log10 log1p log2 logical_not negative positive real "
        "reciprocal round sign signbit sin sinh sqrt square tan tanh trunc "
        "matrix_transpose nonzero unique_all unique_counts unique_inverse unique_values"
    ),
    "(x1, x2, /)": (
        "add atan2 bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift bitwise_xor "
        "copysign divide equal floor_divide greater greater_equal hypot less less_equal logaddexp "
        "logical_and logical_or logical_xor matmul maximum minimum multiply nextafter not_equal "
        "pow remainder subtract"
    ),
    "(x, /, min=None, max=None)": "clip",
    "(condition, x1, x2, /)": "where",
    # shape and order
    "(*arrays)": "broadcast_arrays",
    "(*shapes)": "broadcast_shapes",
    "(x, /, shape)": "broadcast_to",
    "(arrays, /, *, axis=0)": "concat stack",
    "(x, /, axis)": "expand_dims squeeze",
    "(x, /, *, axis=None)": "flip",
    "(x, source, destination, /)": "moveaxis",
    "(x, /, axes)": "permute_dims",
    "(x, repeats, /, *, axis=None)": "repeat",
    "(x, /, shape, *, copy=None)": "reshape",
    "(x, /, shift, *, axis=None)": "roll",
    "(x, repetitions, /)": "tile",
    "(x, /, *, axis=0)": "unstack",
    # picking, searching, sorting
    "(x, indices, /, *, axis=None)": "take",
    "(x, indices, /, *, axis=-1)": "take_along_axis",
    "(x1, x2, /, *, side='left', sorter=None)": "searchsorted",
    "(x1, x2, /, *, invert=False)": "isin",
    "(x, /, *, axis=-1, descending=False, stable=True)": "argsort sort",
    # reductions
    "(x, /, *, axis=None, keepdims=False)": "all any argmax argmin count_nonzero max mean min",
    "(x, /, *, axis=None, dtype=None, keepdims=False)": "prod sum",
    "(x, /, *, axis=None, correction=0.0, keepdims=False)": "std var",
    "(x, /, *, axis=None, dtype=None, include_initial=False)": "cumulative_prod cumulative_sum",
    "(x, /, *, axis=-1, n=1, prepend=None, append=None)": "diff",
    # products
    "(x1, x2, /, *, axes=2)": "tensordot",
    "(x1, x2, /, *, axis=-1)": "vecdot",
}

LINALG: Mapping[str, str] = {
    "(x, /)": "det eig eigh eigvals eigvalsh inv matrix_transpose slogdet svdvals",
    "(x1, x2, /)": "matmul outer solve",
    "(x, /, *, upper=False)": "cholesky",
    "(x1, x2, /, *, axis=-1)": "cross vecdot",
    "(x, /, *, offset=0)": "diagonal",
    "(x, /, *, keepdims=False, ord='fro')": "matrix_norm",
    "(x, n, /)": "matrix_power",
    "(x, /, *, rtol=None)": "matrix_rank pinv",
    "(x, /, *, mode='reduced')": "qr",
    "(x, /, *, full_matrices=True)": "svd",
    "(x1, x2, /, *, axes=2)": "tensordot",
    "(x, /, *, offset=0, dtype=None)": "trace",
    "(x, /, *, axis=None, keepdims=False, ord=2)": "vector_norm",
}

FFT: Mapping[str, str] = {
    "(x, /, *, n=None, axis=-1, norm='backward')": "fft hfft ifft ihfft irfft rfft",
    "(x, /, *, s=None, axes=None, norm='backward')": "fftn ifftn irfftn rfftn",
    "(n, /, *, d=1.0, dtype=None, device=None)": "fftfreq rfftfreq",
    "(x, /, *, axes=None)": "fftshift ifftshift",
}


def signatures(chapter: Mapping[str, str]) -> dict[str, str]:
    """The signature of each function of a chapter, by its name.

    >>> signatures(FFT)["fftshift"]
    '(x, /, *, axes=None)'
    """
    return {name: text for text, names in chapter.items() for name in names.split()}


def read_signature(text: str) -> Signature:
    """The signature that a text of the tables above stands for.

    >>> read_signature("(x, /, *, axis=-1)").parameters["axis"].default
    -1
    """
    function = ast.parse(f"lambda {text[1:-1]}: 0", mode="eval").body
    return Signature(list(_parameters(function.args)))  # type: ignore[attr-defined]


def _parameters(arguments: ast.arguments) -> Iterator[Parameter]:
    plain = [*arguments.posonlyargs, *arguments.args]
    required = repeat(None, len(plain) - len(arguments.defaults))
    kinds: list[object] = [Parameter.POSITIONAL_ONLY] * len(arguments.posonlyargs)
    kinds += [Parameter.POSITIONAL_OR_KEYWORD] * len(arguments.args)
    for argument, kind, default in zip(plain, kinds, [*required, *arguments.defaults], strict=True):
        yield _parameter(argument, kind, default)
    if arguments.vararg is not None:
        yield _parameter(arguments.vararg, Parameter.VAR_POSITIONAL, None)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _parameter(argument, Parameter.KEYWORD_ONLY, default)


def _parameter(argument: ast.arg, kind: object, default: ast.expr | None) -> Parameter:
    value = Parameter.empty if default is None else ast.literal_eval(default)
    return Parameter(argument.arg, kind, default=value)  # type: ignore[arg-type]
