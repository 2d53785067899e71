"""Random numbers in array-API words: those of NumPy's Philox generator, bit for bit.

Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011: numbers are
what ten rounds of multiplying and mixing make of a counter and a key, here the seed.
"""

from math import prod

import numpy as np

from autograd_lite.core.op import Array, Xp
from autograd_lite.core.shapes import Shape

ROUNDS = 10
FACTORS = 0xD2E7470EE14C6C93, 0xCA5A826395121157
STEPS = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B  # what the two words of the key grow by
LOW = 0xFFFFFFFF  # the lower 32 bits of 64


def uniform(xp: Xp, shape: Shape, seed: Array) -> Array:
    """float32 numbers from 0 up to 1, told by the seed alone."""
    if isinstance(seed, np.ndarray | np.generic):
        return np.random.Generator(np.random.Philox(key=int(seed))).random(shape, dtype=np.float32)
    count = prod(shape)
    words = _words(xp, -(-count // 8), seed)
    halves = xp.reshape(xp.stack([words & _u64(xp, LOW), words >> _u64(xp, 32)], axis=-1), (-1,))
    draws = xp.astype(halves[:count] >> _u64(xp, 8), xp.float32) * 2.0**-24
    return xp.reshape(draws, shape)


def _words(xp: Xp, blocks: int, seed: Array) -> Array:
    """Four words of 64 bits for each block of a counter that begins at 1."""
    a = xp.astype(xp.arange(1, blocks + 1), xp.uint64)
    b = c = d = xp.zeros(blocks, dtype=xp.uint64)
    key, other = xp.astype(xp.reshape(seed, ()), xp.uint64), _u64(xp, 0)
    for _ in range(ROUNDS):
        (high, low), (high_c, low_c) = _product(xp, FACTORS[0], a), _product(xp, FACTORS[1], c)
        a, b, c, d = high_c ^ b ^ key, low_c, high ^ d ^ other, low
        key, other = key + _u64(xp, STEPS[0]), other + _u64(xp, STEPS[1])
    return xp.stack([a, b, c, d], axis=-1)


def _product(xp: Xp, factor: int, x: Array) -> tuple[Array, Array]:
    """The upper and the lower 64 bits of a product."""
    half, mask = _u64(xp, 32), _u64(xp, LOW)
    low, high = _u64(xp, factor & LOW), _u64(xp, factor >> 32)
    x_low, x_high = x & mask, x >> half
    first = low * x_high
    carry = (low * x_low >> half) + (first & mask) + (high * x_low & mask)
    upper = high * x_high + (first >> half) + (high * x_low >> half) + (carry >> half)
    return upper, _u64(xp, factor) * x


def _u64(xp: Xp, n: int) -> Array:
    return xp.asarray(n, dtype=xp.uint64)
