"""MAT files: those of ours, and any other whose variables have a rate, or a time beside them."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core.info import exact_rate
from streamlab.errors import FileError, FrameError
from streamlab.io._blocks import is_continuous
from streamlab.io._describe import Description
from streamlab.io._grouping import StoredChannel, grouped
from streamlab.io._hdf5 import Place, read_places
from streamlab.io._labels import channel_of, clean, is_time_name
from streamlab.io._mat_tree import Tree, names_in, read_mat5, read_mat73
from streamlab.io._segments import gaps_of
from streamlab.io._stamps import TICKS
from streamlab.io._time_axis import EvenAxis, TimeAxis, plain_rate
from streamlab.io.recording import MAX_CHANNELS, NO_GAPS, Recording, StoredStream, rate_name

__all__ = ["MatRecording"]

_RATES = (
    "fs",
    "sr",
    "samplerate",
    "sample_rate",
    "sampling_rate",
    "samplingrate",
    "sampling_frequency",
    "samplefreq",
)
_STEPS = ("dt", "delta_t", "increment", "ts", "sample_interval", "sampling_interval")
_DOUBT = Fraction(1, 10**13)  # of an increment, which is a double
_SEGMENTS = 1 << 20


class MatRecording(Recording):
    """A MAT file of version 5 or 7.3 that is open for reading; ``rate`` is for variables that have none."""

    title = "a MAT file"
    library = "h5py"

    _file: Any = None

    def __init__(self, path: Path, rate: Fraction | None = None) -> None:
        self._rate = rate
        super().__init__(path)

    def open(self) -> Iterable[StoredStream]:
        with self.path.open("rb") as file:
            self._turned = file.read(10) == b"MATLAB 7.3"  # HDF5 has the axes the other way round
        if self._turned:
            self._file, tree = read_mat73(self.path)
        else:
            tree, note = read_mat5(self.path)
            self.notes = [note] if note else []
        self._members: dict[str, Sequence[Place]] = {}
        top = tree.get("", {})
        about = Description.from_json(top["streamlab"]) if isinstance(top.get("streamlab"), str) else None
        if about is not None and is_continuous(about.info):
            stream = self._recorded(top, about)
            if stream is not None:
                self.facts = about.facts()
                return [stream]
        return self._found(tree)

    def blocks(
        self, stream: StoredStream, rows: Sequence[int], first: int, last: int, multiple: int
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        places = [self._members[stream.name][row] for row in rows]
        yield from read_places(self.path, stream, places, first, last)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    # -- a file of ours

    def _recorded(self, top: dict[str, Any], about: Description) -> StoredStream | None:
        data, info, axis = top.get("data"), about.info, 0 if self._turned else 1
        if data is None or isinstance(data, str) or data.ndim != 2 or data.shape[1 - axis] != len(info.names):
            return None
        listed = top.get("segments")
        if listed is None or isinstance(listed, str):
            self.notes = ["was not finished: where samples are missing is not known"]
            first, length, gaps = about.start_sample, data.shape[axis], NO_GAPS
        else:
            if listed.size > _SEGMENTS * 3 or listed.ndim != 2 or listed.shape[axis - 1] != 3:
                raise FileError(self.path, "is damaged: its segments are not as they should be")
            rows = np.asarray(listed[:])
            rows = rows if self._turned else rows.T
            first, length, gaps = gaps_of(self.path, rows, data.shape[axis], about.start_sample)
        start, offset = about.place(first - about.start_sample)
        stream = StoredStream(rate_name(info.sample_rate), info, length, start, offset, gaps)
        self._members[stream.name] = [Place(data, axis, line) for line in range(len(info.names))]
        return stream

    # -- any other file

    def _found(self, tree: Tree) -> Iterator[StoredStream]:
        channels: list[StoredChannel] = []
        for group, inside in tree.items():
            for name, data in inside.items():
                if (
                    not isinstance(data, str)
                    and data.ndim == 2
                    and data.size > 1
                    and not _is_time(name, data)
                ):
                    channels += self._channels(tree, group, name, data)
                if len(channels) > MAX_CHANNELS:
                    raise FileError(self.path, f"has more than {MAX_CHANNELS} channels")
        if not channels:
            have = ", ".join(list(names_in(tree))[:20])
            hint = f"give `rate`; variables: {have}" if have else ""
            raise FileError(self.path, "has no variables of numbers with a rate", hint=hint)
        for stream, members in grouped(channels):
            self._members[stream.name] = [one.place for one in members]
            yield stream

    def _channels(self, tree: Tree, group: str, name: str, data: Any) -> list[StoredChannel]:
        axis = 0 if data.shape[0] >= data.shape[1] else 1
        count, lines = data.shape[axis], data.shape[1 - axis]
        rate = _rate(tree[group])
        found = None if rate is not None else self._beside(tree[group], count)
        length, offset, gaps = count, 0, NO_GAPS
        if found is not None:
            rate, length, offset, gaps = found.rate, found.length, found.micro, found.gaps
        rate = rate or _rate(tree.get("", {})) or self._rate
        if rate is None:
            text = f"{clean(name)!r} is left out: it has no rate and no time beside it; give `rate`"
            self.notes = [*self.notes, text] if len(self.notes) < 20 else self.notes
            return []
        plain = channel_of(name)
        names = [plain.name] if lines == 1 else [f"{plain.name} {number}" for number in range(1, lines + 1)]
        return [
            StoredChannel(
                type(plain)(one, plain.unit),
                rate,
                length,
                Place(data, axis, line),
                None,
                offset,
                gaps,
                group=clean(group),
            )
            for line, one in enumerate(names)
        ]

    def _beside(self, inside: dict[str, Any], count: int) -> EvenAxis | None:
        """Return the axis of the variable in the same struct that is the time of so many samples."""
        times = [
            (name, data)
            for name, data in inside.items()
            if not isinstance(data, str) and data.size == count and _is_time(name, data)
        ]
        if not times:
            return None
        name, data = times[0]
        tick = TICKS.get(channel_of(name).unit, Fraction(1))
        axis = TimeAxis(self.path, lambda row: f"{clean(name)!r}, value {row + 1}", tick=tick)
        axis.add(np.asarray(data[:], dtype=np.float64).ravel())
        return axis.finish()


def _is_time(name: str, data: Any) -> bool:
    plain = channel_of(name)
    fits = data.ndim == 2 and 1 in data.shape and data.size > 1
    return fits and is_time_name(plain.name) and (not plain.unit or plain.unit in TICKS)


def _rate(inside: dict[str, Any]) -> Fraction | None:
    scalars = {
        name.lower(): data for name, data in inside.items() if not isinstance(data, str) and data.size == 1
    }
    for names in (_RATES, _STEPS):
        for name in names:
            value = float(np.asarray(scalars[name][:]).ravel()[0]) if name in scalars else 0.0
            if not isfinite(value) or value <= 0:
                continue
            if names is _RATES:
                try:
                    return exact_rate(value)
                except FrameError:
                    continue
            exact = Fraction(value)
            return plain_rate(1 / (exact * (1 + _DOUBT)), 1 / (exact * (1 - _DOUBT)))
    return None
