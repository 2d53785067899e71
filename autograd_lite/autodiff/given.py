"""What a transform may be given: a function, which is looked at before it is called."""

from typing import Any

from autograd_lite.errors import OpCallError


def refuse_other_than_function(transform: str, f: Any, call: str = "(f)(x)") -> None:
    """Raise OpCallError for a node, or anything else that cannot be called."""
    if not callable(f):
        raise OpCallError(
            transform,
            expected="a function",
            came=repr(f),
            suggestion=f"write ag.{transform}{call}; for nodes there is ag.gradients(y, x)",
        )


def refuse_other_than_several(subject: str, given: Any) -> None:
    """Raise OpCallError for what is no sequence: an array, a node or a number by itself."""
    if not isinstance(given, tuple | list):
        raise OpCallError(
            subject,
            expected="a tuple, with one for each argument of the function",
            came=type(given).__name__,
            suggestion="write (x,) for x alone",
        )
