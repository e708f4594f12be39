"""What may be in a frame: rows of numbers of one length, checked and brought to float64 or complex128."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from streamlab.core.info import StreamInfo
from streamlab.core.params import shown
from streamlab.errors import FrameError

__all__ = ["Samples", "as_row", "checked", "same", "same_row", "stack"]

Samples = NDArray[Any]
"""A (channels, n) block or one of its rows: float64, or complex128 on a frequency or order axis."""

_COMPLEX_AXES = ("frequency", "order")


def as_row(name: str, values: ArrayLike, info: StreamInfo) -> Samples:
    """Return the values of one channel as a row of shape (n,). Raises FrameError for what is not numbers."""
    try:
        row = np.asarray(values)
    except (ValueError, TypeError) as error:
        raise FrameError(f"channel {name!r}: expected numbers, found {shown(values)}") from error
    if row.ndim != 1:
        raise FrameError(f"channel {name!r}: expected one row of numbers, found shape {row.shape}")
    if row.dtype.kind == "c":
        if info.axis not in _COMPLEX_AXES:
            raise FrameError(
                f"channel {name!r}: complex samples belong on a frequency or order axis, not on {info.axis!r}"
            )
        return row.astype(np.complex128, copy=False)
    if row.dtype.kind not in "fiub" and row.size:
        raise FrameError(f"channel {name!r}: expected numbers, found {row.dtype} ({shown(values)})")
    return row.astype(np.float64, copy=False)


def stack(payload: Mapping[str, ArrayLike], info: StreamInfo) -> Samples:
    """Return the channels as one new (channels, n) block. Raises FrameError when their lengths differ."""
    rows = [as_row(name, values, info) for name, values in payload.items()]
    lengths = {row.shape[0] for row in rows}
    if len(lengths) > 1:
        found = ", ".join(f"{name}: {row.shape[0]}" for name, row in zip(payload, rows, strict=True))
        raise FrameError(f"all channels of a frame share one length; found {found}")
    return np.stack(rows)


def checked(samples: Any, info: StreamInfo) -> Samples:
    """Return a block as a frame may have it, copied only if need be. Raises FrameError if it does not fit."""
    try:
        array = np.asarray(samples)
    except (ValueError, TypeError) as error:
        raise FrameError(f"expected a block of numbers, found {shown(samples)}") from error
    if array.ndim != 2 or array.shape[0] != len(info.names):
        raise FrameError(
            f"expected samples of shape ({len(info.names)}, n) for {info!r}, found {array.shape}"
        )
    if array.dtype.kind == "c":
        if info.axis not in _COMPLEX_AXES:
            raise FrameError(f"complex samples belong on a frequency or order axis, not on {info.axis!r}")
        array = array.astype(np.complex128, copy=False)
    elif array.dtype.kind in "fiub":
        array = array.astype(np.float64, copy=False)
    else:
        raise FrameError(f"expected float64 samples, found {array.dtype}")
    if array.shape[1] > 1 and array.strides[1] != array.itemsize:
        array = np.ascontiguousarray(array)
    return array


def same_row(row: Samples, values: Any) -> bool:
    """Whether a row holds these values, NaN equal to NaN; what is not numbers is simply not the same."""
    try:
        found = np.asarray(values)
    except (ValueError, TypeError):
        return False
    return found.dtype.kind in "fiubc" and np.array_equal(row, found, equal_nan=True)


def same(one: Any, other: Any) -> bool:
    """Whether two pieces of metadata are equal, arrays included, NaN equal to NaN; always a bool."""
    if one is other:
        return True
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        if type(one) is not type(other) or one.dtype.kind not in "fiubc":
            return type(one) is type(other) and np.array_equal(one, other)
        return same_row(one, other)
    if isinstance(one, list | tuple) and type(one) is type(other):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other or (one != one and other != other))
