"""Derivatives of plain functions: from a function to a function.

The arguments to differentiate are handed to the function as nodes, and what it did with them is
differentiated. Called with numbers, the result is numbers; called with nodes, as inside of another
transform, the result is nodes, so transforms nest to any order.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from autograd_lite.autodiff.call import Argnums, TrackedCall
from autograd_lite.autodiff.given import refuse_other_than_function, refuse_other_than_several
from autograd_lite.autodiff.gradients import agreeing
from autograd_lite.autodiff.trees import leaves_of, map_leaves, rebuild
from autograd_lite.errors import GradientError


def value_and_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., tuple[Any, Any]]:
    """The function that returns `f`'s value, a scalar, and its gradient.

    `argnums` says which positional arguments are differentiated, one or several; each may be a
    number, an array, or a nested tuple, list or dict of them, and so is its gradient. What `f`
    does not depend on has the gradient 0.

    >>> value_and_grad(lambda x: x * x)(3.0)
    (9.0, 6.0)
    >>> value_and_grad(lambda p: p["w"] * 2.0 + p["b"])({"w": 3.0, "b": 1.0})
    (7.0, {'w': 2.0, 'b': 1.0})

    Raises GradientError if `f` does not return a scalar, or takes a value out of the graph, as
    `math.exp(x)` does; DTypeError for arguments that are not floating.
    """
    refuse_other_than_function("value_and_grad", f)

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> tuple[Any, Any]:
        call = TrackedCall(f, args, options, argnums)
        output = call.scalar_output()
        return call.result(output), call.pull(output, None)

    return differentiated


def grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that returns the gradient of a scalar function; see `value_and_grad`.

    >>> grad(lambda x: x * x * x)(2.0), grad(grad(lambda x: x * x * x))(2.0)
    (12.0, 12.0)
    >>> grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (3.0, 2.0)
    """
    refuse_other_than_function("grad", f)
    both = value_and_grad(f, argnums)

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        return both(*args, **options)[1]

    return differentiated


def vjp(f: Callable[..., Any], *args: Any) -> tuple[Any, Callable[[Any], tuple[Any, ...]]]:
    """The value of `f(*args)` and the function from a cotangent to the gradients of all arguments.

    The cotangent has the form of the value; the product is cotangentᵀ · Jacobian.

    >>> value, pull = vjp(lambda x, y: x * y, 2.0, 3.0)
    >>> value, pull(10.0)
    (6.0, (30.0, 20.0))
    """
    refuse_other_than_function("vjp", f, "(f, x)")
    call = TrackedCall(f, args, {}, tuple(range(len(args))))

    def pull(cotangent: Any) -> tuple[Any, ...]:
        pairs = _paired("cotangent of vjp", call.output, cotangent)
        grads = [call.pull(output, part) for output, part in pairs]
        if len(grads) == 1:
            return grads[0]
        columns = zip(*map(leaves_of, grads), strict=True)
        return rebuild(args, [sum(column[1:], column[0]) for column in columns])

    return map_leaves(call.result, call.output), pull


def jvp(f: Callable[..., Any], args: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of `f(*args)` and its change along the tangents, Jacobian · tangents.

    Forwards where there is a way (see `forward`), else by reverse mode twice: uᵀJ is linear in u,
    and its derivative along the tangents is J · tangents (J. Townsend, "A new trick for
    calculating Jacobian vector products", 2017).

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 0.0))
    (6.0, 3.0)
    """
    refuse_other_than_function("jvp", f, "(f, (x,), (tangent,))")
    refuse_other_than_several("args of jvp", args)
    refuse_other_than_several("tangents of jvp", tangents)
    call = TrackedCall(f, tuple(args), {}, tuple(range(len(args))))
    pairs = _paired("tangents of jvp", call.tracked, leaves_of(tuple(tangents)))
    directions = [agreeing(t, x, f"tangent {i} of jvp") for i, (x, t) in enumerate(pairs)]
    changes = [call.push(output, directions) for output in leaves_of(call.output)]
    return map_leaves(call.result, call.output), rebuild(call.output, changes)


def jacobian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that returns all partial derivatives of a function.

    For an output of shape s and an argument of shape t the result has shape s + t. Where there are
    several outputs, each of them has its place in the result, and the arguments theirs in it.

    >>> import numpy as np
    >>> jacobian(lambda x: x * x)(np.array([1.0, 2.0])).tolist()
    [[2.0, 0.0], [0.0, 4.0]]
    >>> jacobian(lambda x: {"square": x * x, "double": 2.0 * x})(np.array(3.0))
    {'square': array(6.), 'double': array(2.)}
    """
    refuse_other_than_function("jacobian", f)

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        call = TrackedCall(f, args, options, argnums)
        return map_leaves(call.pull_all, call.output)

    return differentiated


def hessian(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """The function that returns the second derivatives of a scalar function, of shape t + t.

    With several arguments, the result has one part for each pair of them.

    >>> import numpy as np
    >>> hessian(lambda x: (x * x * x).sum())(np.array([1.0, 2.0])).tolist()
    [[6.0, 0.0], [0.0, 12.0]]
    """
    refuse_other_than_function("hessian", f)

    @wraps(f)
    def differentiated(*args: Any, **options: Any) -> Any:
        call = TrackedCall(f, args, options, argnums)
        return call.second(call.scalar_output())

    return differentiated


def hvp(f: Callable[..., Any], x: Any, v: Any) -> Any:
    """The Hessian of a scalar function at x times v, without the Hessian.

    >>> import numpy as np
    >>> hvp(lambda x: (x * x * x).sum(), np.array([1.0, 2.0]), np.array([1.0, 1.0])).tolist()
    [6.0, 12.0]
    """
    refuse_other_than_function("hvp", f, "(f, x, v)")
    call = TrackedCall(f, (x,), {}, 0)
    output = call.scalar_output()
    pairs = _paired("direction of hvp", call.tracked, v)
    return call.second_along(output, [agreeing(b, a, "direction of hvp") for a, b in pairs])


def _paired(subject: str, tree: Any, given: Any) -> list[tuple[Any, Any]]:
    """The leaves of two trees side by side; GradientError if there are not as many."""
    leaves, others = leaves_of(tree), leaves_of(given)
    if len(leaves) != len(others):
        raise GradientError(
            subject,
            expected=f"{len(leaves)} arrays, one for each there is",
            came=str(len(others)),
            suggestion="give it the form of what it belongs to",
        )
    return list(zip(leaves, others, strict=True))
