"""Nested tuples, lists and dicts of values, taken apart and put together again.

None stands for nothing: it stays where it is, and is none of the values.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from typing import Any

_NESTED = (tuple, list, dict)


def leaves_of(tree: Any) -> list[Any]:
    """The values in a nested container, in order; a value alone is its own only leaf.

    >>> leaves_of({"w": [1.0, 2.0], "b": (3.0,)})
    [1.0, 2.0, 3.0]
    """
    if not isinstance(tree, _NESTED):
        return [] if tree is None else [tree]
    return [leaf for part in _parts(tree) for leaf in leaves_of(part)]


def rebuild(tree: Any, leaves: Iterable[Any]) -> Any:
    """A container of the same form with other values.

    >>> rebuild({"w": [1.0, 2.0], "b": (3.0,)}, [10, 20, 30])
    {'w': [10, 20], 'b': (30,)}
    """
    return _rebuild(tree, iter(leaves))


def map_leaves(function: Callable[[Any], Any], tree: Any) -> Any:
    """The container with a function applied to each value.

    >>> map_leaves(abs, (-1.0, [2.0]))
    (1.0, [2.0])
    """
    if isinstance(tree, _NESTED):
        return rebuild(tree, map(function, leaves_of(tree)))
    return None if tree is None else function(tree)


def _parts(tree: Any) -> Iterable[Any]:
    return tree.values() if isinstance(tree, dict) else tree


def _rebuild(tree: Any, leaves: Iterator[Any]) -> Any:
    if not isinstance(tree, _NESTED):
        return None if tree is None else next(leaves)
    if isinstance(tree, dict):
        own = {} if type(tree) is dict else copy(tree)  # an OrderedDict, or another of its sort
        own.update((key, _rebuild(part, leaves)) for key, part in tree.items())
        return own
    parts = [_rebuild(part, leaves) for part in tree]
    is_named = hasattr(tree, "_fields")  # a NamedTuple takes its parts one by one
    return type(tree)(*parts) if is_named else type(tree)(parts)
