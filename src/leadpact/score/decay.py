"""Decay: points that fade by half, in whole numbers, so that every machine finds the same.

An amount is whole 4,096ths of a hundredth of a point. What is left of it after a while is read off
a table of 2^-f, straight between two neighbours: less than 4 in a thousand million off.
"""

from functools import cache
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from leadpact.compiled import compiled

Ints = NDArray[np.int64]

FINE = 12
"""An amount has so many bits below a hundredth of a point."""
MOST = 1 << 46
"""An amount grows no larger, whatever happens."""
_STEPS, _ONE = 4096, 30
_BITS = 256


@cache
def table() -> Ints:
    """2^-(n/4096) for n from 0 to 4096, in 2^30ths."""
    root = 1 << (_BITS - 1)  # 2^-1
    for _halving in range(_STEPS.bit_length() - 1):
        root = isqrt(root << _BITS)
    left, found = 1 << _BITS, []
    for _step in range(_STEPS + 1):
        found.append((left >> (_BITS - _ONE - 1)) + 1 >> 1)
        left = left * root >> _BITS
    return np.array(found, np.int64)


@compiled
def faded(amount: int, passed: int, half: int, powers: Ints) -> int:
    """What is left of an amount after `passed` µs, where half of it fades in `half` ms (0: none)."""
    if half == 0 or amount == 0:
        return amount
    halvings = passed // 1000 // half
    if halvings > 48:
        return 0
    place = ((passed // 1000 % half) << 20) // half
    near, over = place >> 8, place & 255
    weight = (powers[near] * (256 - over) + powers[near + 1] * over) >> 8
    left = ((amount >> 15) * weight + (((amount & 32767) * weight) >> 15)) >> 15
    return left >> halvings  # type: ignore[no-any-return]


@compiled
def hundredths(amount: int) -> int:
    """An amount in hundredths of a point, rounded half up."""
    return (amount + 2048) >> 12
