"""NumPy's random bits on a device: the masks of dropout are the same, bit for bit."""

from math import prod
from typing import Any

import jax
import jax.numpy as jnp

MULTIPLIERS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
STEPS = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B  # by which the key moves from round to round
ROUNDS = 10
LOW, HALF = 0xFFFFFFFF, 32
HALVES_A_BLOCK = 8  # a block is four words of 64 bits, and a float32 is drawn from half a word


def random_float32(shape: tuple[int, ...], key: Any) -> jax.Array:
    """Numbers in [0, 1), those of `np.random.Generator(np.random.Philox(key=key))`, float32.

    Philox4x64 on a counter that begins at 1, with a key whose second half is 0; of a word the low
    half comes first, and of a half the upper 24 bits count. Source: Salmon and others, "Parallel
    random numbers: as easy as 1, 2, 3", 2011.
    """
    count = prod(shape)
    blocks = -(-count // HALVES_A_BLOCK)
    zeros = jnp.zeros(blocks, jnp.uint64)
    words = jnp.arange(1, blocks + 1, dtype=jnp.uint64), zeros, zeros, zeros
    keys = jnp.asarray(key).astype(jnp.uint64).reshape(()), jnp.uint64(0)
    for _ in range(ROUNDS):
        words = _mixed(words, keys)
        keys = keys[0] + jnp.uint64(STEPS[0]), keys[1] + jnp.uint64(STEPS[1])
    whole = jnp.stack(words, axis=1).reshape(-1)
    halves = jnp.stack([whole & jnp.uint64(LOW), whole >> jnp.uint64(HALF)], axis=1)
    upper = halves.reshape(-1)[:count] >> jnp.uint64(8)
    return (upper.astype(jnp.float32) * jnp.float32(2.0**-24)).reshape(shape)


def _mixed(words: tuple[Any, ...], keys: tuple[Any, ...]) -> tuple[Any, ...]:
    """One round: two wide products, whose halves change places."""
    (a, b, c, d), (first, second) = words, keys
    (high_a, low_a), (high_c, low_c) = (
        _wide_product(factor, x) for factor, x in zip(MULTIPLIERS, (a, c), strict=True)
    )
    return high_c ^ b ^ first, low_c, high_a ^ d ^ second, low_a


def _wide_product(constant: int, x: Any) -> tuple[Any, Any]:
    """The upper and the lower 64 bits of a product of numbers of 64 bits."""
    mask, half = jnp.uint64(LOW), jnp.uint64(HALF)
    low, high = jnp.uint64(constant & LOW), jnp.uint64(constant >> HALF)
    x_low, x_high = x & mask, x >> half
    lowest, one, other = low * x_low, high * x_low, low * x_high
    carry = (lowest >> half) + (one & mask) + (other & mask)
    upper = high * x_high + (one >> half) + (other >> half) + (carry >> half)
    return upper, jnp.uint64(constant) * x
