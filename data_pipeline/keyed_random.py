"""Random numbers that are a pure function of their keys, vectorised over a batch.

The generator is SplitMix64's mixing function (Steele, Lea, Flood: Fast splittable pseudorandom number generators,
OOPSLA 2014) applied to one key after the other. It depends on no library's version, no call order and no batch size:
image 17 of epoch 3 draws the same numbers wherever it stands.
"""

import numpy as np
from numpy.typing import ArrayLike

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, SplitMix64's increment


def _mixed(bits: np.ndarray) -> np.ndarray:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def random_bits(*keys: ArrayLike) -> np.ndarray:
    """64 random bits (uint64) for each element of the broadcast non-negative integer `keys`; their order matters."""
    with np.errstate(over="ignore"):  # arithmetic modulo 2^64 is meant
        state = np.zeros(np.broadcast_shapes(*(np.shape(key) for key in keys)), np.uint64)
        for key in keys:
            state = _mixed((state ^ np.asarray(key).astype(np.uint64)) + _GOLDEN)
        return _mixed(state + _GOLDEN)


def uniform(*keys: ArrayLike) -> np.ndarray:
    """Random float64 in [0, 1), uniform on the multiples of 2^-53, for each element of the broadcast `keys`."""
    return (random_bits(*keys) >> np.uint64(11)) * 2.0**-53


def normal(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Standard normal numbers of two independent uniform ones each, by Box and Muller's formula."""
    return np.sqrt(-2 * np.log1p(-one)) * np.cos(2 * np.pi * other)
