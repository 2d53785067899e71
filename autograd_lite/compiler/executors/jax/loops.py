"""Many steps in one call: the loop around a step, which stays on the device."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import prod
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from autograd_lite.compiler.executors.jax.step import TracedStep

Array = Any
Rows = Callable[[Any, Array], list[Array]]
"""What a step of a number is fed, of data on the device."""

LONGEST = 2**14  # steps that one call takes
OUTPUT_BYTES = 2**20  # of outputs that one call gives; one step's may be more

_counted = {"allow_negative_indices": False}  # steps and rows are counted from 0
_index = partial(lax.dynamic_index_in_dim, **_counted)
_slice = partial(lax.dynamic_slice_in_dim, **_counted)
_update = partial(lax.dynamic_update_index_in_dim, **_counted)

BLOCKS = (64, 8, 1)  # steps that a GPU takes without asking the host whether to go on


class Stretch(NamedTuple):
    """The steps from the first on, up to the last, which is not taken any more."""

    first: int
    last: int
    block: int  # steps in a block of fixed length


class Loops:
    """Loops of one step, each compiled when it is first needed.

    A loop is told its first and last step as numbers, so one loop serves all lengths. Off CPUs,
    where the host is asked after each step of such a loop, it goes in blocks of a fixed length,
    and what is left in shorter ones.
    """

    def __init__(self, step: TracedStep, *, in_blocks: bool) -> None:
        self._step, self._blocks = step, BLOCKS if in_blocks else (1,)
        self._outputs = [x.spec for x in step.draft.outputs]
        largest = sum(prod(shape) * dtype.itemsize for shape, dtype in self._outputs)
        self.longest = max(min(OUTPUT_BYTES // max(largest, 1), LONGEST), 1)
        self._loops: dict[Any, Callable[..., Any]] = {}

    def calls(self, first: int, last: int) -> Iterator[Stretch]:
        """The calls in which these steps are taken."""
        while first < last:
            now = min(last - first, self.longest)
            block = next(n for n in self._blocks if n <= now)
            end = first + now // block * block
            yield Stretch(first, end, block)
            first = end

    def __call__(
        self, rows: Rows, leaves: Sequence[Array], fixed: Any, call: Stretch
    ) -> tuple[list[Array], list[Array], Array]:
        """(leaves, outputs with room for more, how many labels were outside) after a call.

        The arrays of the leaves are used up. `fixed` are the constants and the data.
        """
        key = rows, call.block
        if key not in self._loops:
            steps = partial(self._steps, (rows, call.block))
            self._loops[key] = jax.jit(steps, donate_argnums=0)
        found: tuple[list[Array], list[Array], Array]
        found = self._loops[key](leaves, fixed, call.first, call.last)
        return found

    def _steps(
        self, key: tuple[Rows, int], leaves: list[Array], fixed: Any, first: Array, last: Array
    ) -> Any:
        """The loop, to be traced; constants and data do not change in it."""
        (rows, block), (constants, data) = key, fixed

        def one(_: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
            i, leaves, collected, outside = state
            new, outputs, count = self._step(leaves, constants, rows(data, i))
            put = partial(_update, index=i - first, axis=0)
            kept = [put(x, y) for x, y in zip(collected, outputs, strict=True)]
            return i + 1, new, kept, outside + count

        def several(_: Any, state: tuple[Any, ...]) -> tuple[Any, ...]:
            return lax.fori_loop(0, block, one, state)

        collected = [jnp.zeros((self.longest, *shape), dtype) for shape, dtype in self._outputs]
        state = first, list(leaves), collected, self._step.none_outside()
        count = (last - first) // block
        return lax.fori_loop(0, count, one if block == 1 else several, state)[1:]


# How steps find their rows


def row_of_a_step(data: tuple[list[Array], Array | None], i: Array) -> list[Array]:
    """One row for each step, in the order of the steps or in one that is told."""
    arrays, order = data
    place = i if order is None else order[i]
    return [_index(x, place, keepdims=False) for x in arrays]


def rows_of_a_batch(size: int, data: tuple[list[Array], Array | None], i: Array) -> list[Array]:
    """So many rows for each step, in the order of the steps or in one that is told."""
    arrays, order = data
    if order is None:
        return [_slice(x, i * size, size) for x in arrays]
    places = _slice(order, i * size, size)
    return [x[places] for x in arrays]


def as_it_lies(shapes: Any, data: tuple[list[Array], list[Array]], i: Array) -> list[Array]:
    """The next elements for each step, of memory in which the data begin somewhere."""
    found = []
    for shape, memory, begin in zip(shapes, *data, strict=True):
        count = np.int64(prod(shape))
        part = _slice(memory, begin + i.astype(np.int64) * count, int(count))
        found.append(part.reshape(shape))
    return found
