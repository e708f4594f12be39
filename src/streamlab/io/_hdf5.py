"""HDF5 files: those of ours, and any other whose datasets have a rate, or a time beside them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import StreamInfo
from streamlab.errors import FileError
from streamlab.io._beside import is_layered
from streamlab.io._blocks import is_continuous
from streamlab.io._describe import Description
from streamlab.io._grouping import StoredChannel, grouped
from streamlab.io._hdf5_data import attribute, check_dataset, datasets, open_hdf5, read_slice, text_of
from streamlab.io._hdf5_finds import channels_in, is_time, rate_of, start_of, time_axis, time_beside
from streamlab.io._labels import clean
from streamlab.io._rows import Rows
from streamlab.io._segments import gaps_of
from streamlab.io._time_axis import EvenAxis
from streamlab.io.recording import MAX_CHANNELS, NO_GAPS, Recording, StoredStream, rate_name, steps

__all__ = ["Hdf5Recording", "Place", "read_places"]

_PIECE = 1 << 16  # values of a channel that are read at once
_BYTES = 1 << 28  # that are held at once


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values of a channel are: a dataset, its axis of time, and which line of the other axis."""

    data: Any
    axis: int = 0
    line: int = 0


class Hdf5Recording(Recording):
    """An HDF5 file that is open for reading.

    ``dataset`` names a dataset or a group, ``rate`` is that of datasets which have none.
    """

    title = "an HDF5 file"
    library = "h5py"

    _file: Any = None

    def __init__(self, path: Path, dataset: str | None = None, rate: Fraction | None = None) -> None:
        self._dataset, self._rate = dataset, rate
        super().__init__(path)

    def open(self) -> Iterable[StoredStream]:
        file = self._file = open_hdf5(self.path)
        self._members: dict[str, Sequence[Place]] = {}
        about = Description.from_json(text_of(attribute(file, "streamlab"), whole=True))
        if about is not None and self._dataset is None:
            self.facts = about.facts()
            stream = self._recorded(file, about)
            if stream is not None:
                return [stream]
        return self._found(file)

    def blocks(
        self, stream: StoredStream, rows: Sequence[int], first: int, last: int, multiple: int
    ) -> Iterator[tuple[int, NDArray[Any]]]:
        places = [self._members[stream.name][row] for row in rows]
        yield from read_places(self.path, stream, places, first, last)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    # -- a file of ours

    def _recorded(self, file: Any, about: Description) -> StoredStream | None:
        """Return the stream that a file of ours holds; None where it is something else after all."""
        import h5py

        data, info = file.get("samples"), about.info
        if not isinstance(data, h5py.Dataset) or data.ndim < 2 or data.shape[0] != len(info.names):
            return None
        check_dataset(data, self.path)
        if is_layered(info):
            return self._layer(about, data)
        listed = file.get("segments")
        if not is_continuous(info) or not isinstance(listed, h5py.Dataset) or data.ndim != 2:
            return None
        if listed.ndim != 2 or listed.shape[1] != 3 or listed.dtype.kind != "i":
            raise FileError(self.path, "is damaged: its segments are not as they should be")
        check_dataset(listed, self.path)
        first, length, gaps = gaps_of(self.path, listed[:], data.shape[1], about.start_sample)
        start, offset = about.place(first - about.start_sample)
        stream = StoredStream(rate_name(info.sample_rate), info, length, start, offset, gaps)
        self._members[stream.name] = [Place(data, 1, line) for line in range(len(info.names))]
        return stream

    def _layer(self, about: Description, data: Any) -> StoredStream:
        """Return the one frame of a file of spectra."""
        info = about.info
        if data.ndim != 3 or data.shape[1] != 1 or data.shape[2] != len(info.points):
            message = f"holds {data.shape[1]} {info.axis} frames over time, which are no stream of samples"
            raise FileError(self.path, message, hint="read it with h5py, or play what it was made of")
        start, offset = about.place()
        alone = StreamInfo(info.channels, None, info.axis, info.points)
        stream = StoredStream(info.axis, alone, len(info.points), start, offset)
        self._members[stream.name] = [Place(data, 2, line) for line in range(len(info.names))]
        return stream

    # -- any other file

    def _found(self, file: Any) -> Iterator[StoredStream]:
        tables = dict(datasets(file, self.path, self._dataset or "/"))
        if not tables:
            have = ", ".join(clean(name) for name in list(dict(datasets(file, self.path)))[:20])
            what = f"has no dataset {clean(self._dataset)!r}" if self._dataset else "has no datasets"
            raise FileError(self.path, what, hint=f"datasets: {have}" if have else "")
        channels: list[StoredChannel] = []
        times: dict[str, tuple[EvenAxis, bool]] = {}
        for name, data in tables.items():
            channels += self._channels(name, data, tables, times)
            if len(channels) > MAX_CHANNELS:
                raise FileError(self.path, f"has more than {MAX_CHANNELS} channels")
        if not channels:
            hint = "; ".join(self.notes[:3]) or "choose one by `dataset`"
            raise FileError(self.path, "has no datasets of numbers over time", hint=hint)
        for stream, members in grouped(channels):
            self._members[stream.name] = [one.place for one in members]
            yield stream

    def _channels(
        self, name: str, data: Any, tables: Mapping[str, Any], times: dict[str, tuple[EvenAxis, bool]]
    ) -> list[StoredChannel]:
        """Return the channels of a dataset; none, with a note, where it has no numbers or no rate."""
        if data.dtype.kind not in "fiub" or data.ndim not in (1, 2) or not data.size:
            return []
        if is_time(name, data) and len(tables) > 1:
            return []
        check_dataset(data, self.path)
        axis, infos = channels_in(name, data)
        count = data.shape[axis]
        group = clean(name.rpartition("/")[0].strip("/"))
        homes = [data, data.parent, data.file]
        rate, start, offset, length, gaps = rate_of(homes), start_of(homes), 0, count, NO_GAPS
        beside = None if rate is not None else time_beside(name, count, tables)
        if beside is not None:
            if beside not in times:
                times[beside] = time_axis(self.path, beside, tables[beside])
            found, absolute = times[beside]
            rate, length, gaps = found.rate, found.length, found.gaps
            start, offset = (found.micro, 0) if absolute else (None, found.micro)
        rate = rate or self._rate
        if rate is None:
            text = f"{clean(name)!r} is left out: it has no rate and no time beside it; give `rate`"
            self.notes = [*self.notes, text] if len(self.notes) < 20 else self.notes
            return []
        return [
            StoredChannel(info, rate, length, Place(data, axis, line), start, offset, gaps, group=group)
            for line, info in enumerate(infos)
        ]


def read_places(
    path: Path, stream: StoredStream, places: Sequence[Place], first: int, last: int
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Yield positions and values, as ``Recording.blocks`` does, of channels that lie in datasets."""
    lie = Rows(stream.gaps)
    chunk = max(place.data.chunks[place.axis] if place.data.chunks else 1 for place in places)
    lines = {place.data.id.id: place.data.size // max(1, place.data.shape[place.axis]) for place in places}
    widest = max(1, sum(lines.values()))
    size = max(1, min(max(_PIECE // len(places), chunk), _BYTES // (8 * widest)))
    begin = lie.at(first)
    # A chunk is unpacked as a whole: parts end where chunks do.
    for part in steps(begin - begin % size, lie.at(last), 1, size, size):
        part = range(max(begin, part.start), part.stop)
        yield from lie.pieces(part.start, _values(path, places, part))


def _values(path: Path, places: Sequence[Place], part: range) -> NDArray[Any]:
    """Return the values of channels, (places, n); lines of one dataset are read together."""
    kind = np.result_type(np.float64, *(place.data.dtype for place in places))
    values: NDArray[Any] = np.empty((len(places), len(part)), kind)
    together: dict[int, list[int]] = {}
    for row, place in enumerate(places):
        together.setdefault(place.data.id.id, []).append(row)
    time = slice(part.start, part.stop)
    for rows in together.values():
        data, axis = places[rows[0]].data, places[rows[0]].axis
        lines = [places[row].line for row in rows]
        line = slice(min(lines), max(lines) + 1)
        taken = [one - line.start for one in lines]
        if data.ndim == 1:
            values[rows] = read_slice(data, (time,), path)
        elif data.ndim == 3:
            values[rows] = read_slice(data, (line, slice(0, 1), time), path)[taken, 0]
        elif axis:
            values[rows] = read_slice(data, (line, time), path)[taken]
        else:
            values[rows] = read_slice(data, (time, line), path)[:, taken].T
    return values
