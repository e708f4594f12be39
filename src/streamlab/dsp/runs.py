"""Runs of true values, and a threshold with hysteresis; the state is carried from block to block."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["run_lengths", "runs_end", "schmitt"]

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


def runs_end(mask: Array, before: Array, length: int) -> Array | None:
    """Return the last column of :func:`run_lengths`, or None where a run may have come to ``length``.

    Much less work for the usual case that none has. A run of ``length`` covers a block of half that length on
    a grid, unless it begins before the block of samples.
    """
    count = mask.shape[1]
    if not mask.any():
        return np.zeros_like(before)
    half = max(1, length // 2)
    grid = mask[:, : count // half * half].reshape(len(mask), -1, half)
    whole = mask.all(axis=1)
    leading = before + np.where(whole, count, np.argmin(mask, axis=1))
    if grid.all(axis=2).any() or (leading >= length).any():
        return None
    trailing = np.argmin(mask[:, ::-1], axis=1)
    ends: Array = np.where(whole, before + count, trailing)
    return ends


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
