"""Where the values of functions lie, and the functions that are stretches of one channel."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, BinaryIO, Protocol

import numpy as np
from numpy.typing import NDArray

from streamlab.io._grouping import StoredChannel

__all__ = ["Place", "Stretches", "Values", "joined"]

_NEAR = Fraction(1, 20)  # of a sample: how far a stretch may begin from where a sample would be


class Values(Protocol):
    """Values that can be read: ``name`` of the function, and whether it was ``cut`` off."""

    name: str
    cut: bool

    def read(self, first: int, last: int) -> NDArray[Any]:
        """Return the values from ``first`` to before ``last``; fewer where there are no more."""


class Place:
    """Where the values of a function are: a file, the byte of the first, and how one value is stored.

    ``at`` is the sample that the first one is on the axis of its stream, where the file says so.
    """

    at: int | None = None

    def __init__(self, file: BinaryIO, begin: int, kind: np.dtype[Any], name: str, cut: bool) -> None:
        self.file, self.begin, self.kind, self.name, self.cut = file, begin, kind, name, cut

    def read(self, first: int, last: int, field: str = "y") -> NDArray[Any]:
        """Return values (``y``), or the abscissa (``x``) where that is stored with them."""
        size = self.kind.itemsize
        self.file.seek(self.begin + first * size)
        data = self.file.read((last - first) * size)
        values: NDArray[Any] = np.frombuffer(data, self.kind, len(data) // size)
        return values[field]


class Stretches:
    """The values of several functions, one behind the other."""

    def __init__(self, parts: Sequence[tuple[int, Values]]) -> None:
        self._begins, self._parts, at = [], [place for _, place in parts], 0
        for length, _ in parts:
            self._begins.append(at)
            at += length
        self._end = at
        self.name, self.cut = self._parts[0].name, any(place.cut for place in self._parts)

    def read(self, first: int, last: int) -> NDArray[Any]:
        """See :class:`Values`."""
        pieces = []
        at = max(0, bisect_right(self._begins, first) - 1)
        while at < len(self._parts) and self._begins[at] < last:
            begin = self._begins[at]
            end = self._begins[at + 1] if at + 1 < len(self._begins) else self._end
            pieces.append(self._parts[at].read(max(0, first - begin), min(last, end) - begin))
            at += 1
        return np.concatenate(pieces) if pieces else np.zeros(0)


def joined(channels: Iterable[StoredChannel]) -> list[StoredChannel]:
    """Return the channels, with those of one name, unit and rate that follow on each other as one.

    A recorder that writes as it goes leaves a function for every piece, and one behind every gap.
    """
    chains: dict[tuple[Any, ...], list[list[tuple[int, StoredChannel]]]] = {}
    order: list[list[tuple[int, StoredChannel]]] = []
    for one in channels:
        key = (one.info, one.rate, one.start is None)
        chain = chains.get(key, [[]])[-1]
        at = _position(chain[0][1], one) if chain else None
        if chain and at is not None and at >= chain[-1][0] + chain[-1][1].length:
            chain.append((at, one))
            continue
        new = [(0, one)]
        order.append(new)
        if one.axis == "time" and not len(one.gaps):
            chains.setdefault(key, []).append(new)
    return [_whole(chain) for chain in order]


def _position(first: StoredChannel, later: StoredChannel) -> int | None:
    """Return where a stretch begins on the axis of the first one, None where no sample would be."""
    if first.rate is None:
        return None
    if first.place.at is not None and later.place.at is not None:
        return int(later.place.at - first.place.at)
    begin, end = (one.offset if one.start is None else one.start for one in (first, later))
    exact = Fraction(end - begin, 10**6) * first.rate
    # Times are whole microseconds, which at a high rate is more than a part of a sample.
    doubt = max(_NEAR, min(Fraction(1, 2), 2 * first.rate / 10**6))
    return round(exact) if abs(exact - round(exact)) <= doubt else None


def _whole(chain: Sequence[tuple[int, StoredChannel]]) -> StoredChannel:
    first = chain[0][1]
    if len(chain) == 1:
        return first
    ends = [at + one.length for at, one in chain]
    gaps = [(end, at - end) for end, (at, _) in zip(ends, chain[1:], strict=False) if at > end]
    place = Stretches([(one.length, one.place) for _, one in chain])
    found = np.array(gaps, np.int64).reshape(-1, 2)
    return replace(first, length=ends[-1], gaps=found, place=place)
