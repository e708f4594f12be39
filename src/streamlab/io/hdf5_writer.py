"""Hdf5Writer: record what passes to HDF5."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from streamlab.core import DataFrame, StreamInfo, param
from streamlab.io._arrow_table import Number
from streamlab.io._beside import chunk_rows, facts, is_layered, lists, point_name, rows
from streamlab.io._blocks import Block, BlockWriter
from streamlab.io._files import OutputFile
from streamlab.io._hdf5_disk import CHUNK_CACHE, Hdf5Disk
from streamlab.io._need import need


class Hdf5Writer(BlockWriter):
    """Write frames to an HDF5 file, which opens in any program, also after a kill.

    Input    any frame                       Output  the same frame
    Kind     frame-wise, blocking            State   the open file, up to half a second of frames
    Gaps     a row in ``segments``; counted as ``missing`` in the result
    Errors   FileError naming the file: folder missing, no permission, disk full, file exists, h5py not
             installed, a stream off the time axis whose frames have different lengths

    ``samples`` is (channels, n); its attributes have ``names``, ``units``, ``quantities``, ``references``,
    ``sample_rate`` in Hz, ``start`` (a date, where the stream has one) and ``graph_hash``. ``segments`` has
    a row per stretch without a gap: its position in ``samples``, its place on the stream's own axis in
    samples, its timestamp in microseconds. Spectra and bands are (channels, frames, points), with ``time``
    in seconds and ``timestamp`` of each frame, and ``frequency`` or ``order`` of each point. The exact
    rate and the rest stand in the attribute ``streamlab`` of the file, as JSON. The file needs HDF5 1.8 or
    later; it is whole at every moment, and holds what came up to half a second before a kill.

    Example
    -------
    >>> import h5py, os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> node = Hdf5Writer(path=os.path.join(folder.name, "take.h5"))
    >>> frame = node.process(DataFrame(payload={"mic": [0.5, 1.0]}, sample_rate=4))
    >>> node.flush()
    >>> with h5py.File(node.result()["path"]) as file:
    ...     file["samples"][:].tolist(), float(file["samples"].attrs["sample_rate"])
    ([[0.5, 1.0]], 4.0)
    >>> folder.cleanup()
    """

    encoding: Number = param(default="float64", doc="How a sample is stored")

    _hdf5: Any = None
    _disk: Hdf5Disk | None = None

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Look whether the file can be written; it is opened with the first frame."""
        need("h5py", self.path)
        await super().on_create(config)

    def open(self, file: OutputFile, frame: DataFrame) -> None:
        h5py = need("h5py", self.path)
        info, channels = frame.info, len(frame.info.names)
        disk = self._disk = Hdf5Disk(file)
        # The oldest form that has an object header with a checksum; newer ones refuse to open after a kill.
        self._hdf5 = h5py.File(disk, "w", libver=("v108", "v108"), rdcc_nbytes=CHUNK_CACHE)
        kind: np.dtype[Any] = np.dtype(self.encoding)
        if frame.samples.dtype.kind == "c":
            kind = np.dtype(np.complex64 if kind.itemsize == 4 else np.complex128)
        self._layered = is_layered(info)
        points = (frame.n,) if self._layered else ()
        room = chunk_rows(info, kind.itemsize * channels * int(np.prod(points)))
        # Headers are put down in the order of creation: a stretch is known before its samples are.
        self._lists = {
            name: self._hdf5.create_dataset(
                name, (0, *more), number, maxshape=(None, *more), chunks=(512, *more)
            )
            for name, (number, more) in lists(info).items()
        }
        self._store = self._hdf5.create_dataset(
            "samples", (channels, 0, *points), kind,
            maxshape=(max(1, channels), None, *points), chunks=(max(1, channels), room, *points),
        )  # fmt: skip
        self._describe(info)
        self._commit()

    def put(self, file: OutputFile, block: Block) -> None:
        if self._layered:
            self.one_size(file, block, self._store.shape[2])
            samples = block.layers.transpose(1, 0, 2)
        else:
            samples = block.samples
        begin = self._store.shape[1]
        self._store.resize(begin + samples.shape[1], axis=1)
        self._store[:, begin:] = samples
        for name, values in rows(block, begin).items():
            dataset = self._lists[name]
            dataset.resize(len(dataset) + len(values), axis=0)
            dataset[-len(values) :] = values
        self._commit()

    def _commit(self) -> None:
        if self._disk is not None:
            self._hdf5.flush()
            self._disk.commit()

    def close(self, file: OutputFile) -> None:
        disk, hdf5 = self._disk, self._hdf5
        self._disk = self._hdf5 = None
        if disk is not None and hdf5 is not None:
            hdf5.close()
            if disk.failure is None:
                disk.commit()

    def _describe(self, info: StreamInfo) -> None:
        self._hdf5.attrs["streamlab"] = self.about.to_json()
        self._store.attrs.update(facts(self.about))
        axes = ("channel", "time", point_name(info))
        for place, name in enumerate(axes[: self._store.ndim]):
            self._store.dims[place].label = name
        if info.points:
            points = self._hdf5.create_dataset(point_name(info), data=np.array(info.points))
            points.attrs["units"] = "1" if info.axis == "order" else "Hz"
