"""NumPy's functions with the names and signatures of the standard.

NumPy's own dispatch decides: a function that is given arrays computes, one that is given a node
hands the call over to it (see `autograd_lite.frontend.protocols`). A wrapper only changes the
name, the signature and the summary; it takes whatever NumPy's function takes.
"""

import inspect
from collections.abc import Callable, Iterable, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from autograd_lite.frontend.array_api_signatures import read_signature, signatures
from autograd_lite.frontend.numpy_dispatch import counterpart

Function = Callable[..., Any]

UFUNC_PARTS = (
    "accumulate", "at", "identity", "nargs", "nin", "nout", "ntypes", "outer", "reduce",
    "reduceat", "signature", "types",
)  # fmt: skip


def wrapped_functions(
    source: ModuleType, chapter: Mapping[str, str], overrides: Iterable[Function] = ()
) -> dict[str, Function]:
    """Every function of a chapter of the standard: an override, NumPy's, or else the library's."""
    own = {function.__name__: function for function in overrides}
    found = {
        name: own.get(name) or getattr(source, name, None) or counterpart(source.__name__, name)
        for name in signatures(chapter)
    }
    return {
        name: wrapped(function, name, text, source.__name__)
        for name, text in signatures(chapter).items()
        if (function := found[name]) is not None
    }


def wrapped(function: Function, name: str, signature: str, module: str) -> Function:
    """The function under a name and a signature of the standard.

    >>> square = wrapped(np.square, "square", "(x, /)", "numpy")
    >>> float(square(3.0)), str(inspect.signature(square))
    (9.0, '(x, /)')
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    call.__module__ = f"autograd_lite.{module}"
    call.__signature__ = read_signature(signature)  # type: ignore[attr-defined]
    call.__doc__ = (
        f"{_summary(function)}\n\n"
        f"The signature is the array API standard's; a call as {module}.{name} takes it works, too."
    )
    if isinstance(function, np.ufunc):
        call.__dict__.update((part, getattr(function, part)) for part in UFUNC_PARTS)
    return call


def _summary(function: Function) -> str:
    """The first paragraph of a docstring that is not the signature over again."""
    paragraphs = (inspect.getdoc(function) or "").split("\n\n")
    return next((text for text in paragraphs if not text.startswith(function.__name__)), "")
