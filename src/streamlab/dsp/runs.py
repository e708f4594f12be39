"""Runs of true values, and a threshold with hysteresis; the state is carried from block to block."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["run_lengths", "schmitt"]

Array = NDArray[Any]


def run_lengths(mask: Array, before: Array) -> Array:
    """Return for each sample how many in a row have been true, it included.

    Parameters
    ----------
    mask : (channels, n) array of bool
    before : (channels,) array of int
        How many were true right before the block.

    Returns
    -------
    (channels, n) array of int
        0 where the mask is false; the last column is ``before`` of the next block.
    """
    places = np.arange(mask.shape[1])
    last_false = np.where(mask, -1 - before[:, np.newaxis], places)
    lengths: Array = places - np.maximum.accumulate(last_false, axis=1)
    return lengths


def schmitt(inside: Array, back: Array, before: Array) -> Array:
    """Return a state that turns on where ``inside`` is true and off where ``back`` is true (hysteresis).

    Where neither is true the state stays what it was; where both are, it is on.

    Parameters
    ----------
    inside, back : (channels, n) array of bool
    before : (channels,) array of bool
        The state right before the block.

    Returns
    -------
    (channels, n) array of bool
        The last column is ``before`` of the next block.
    """
    places = np.arange(1, inside.shape[1] + 1)
    last = np.maximum.accumulate(np.where(inside | back, places, 0), axis=1)  # 0: nothing said in this block
    told = np.concatenate([before[:, np.newaxis], inside], axis=1)
    state: Array = np.take_along_axis(told, last, axis=1)
    return state
