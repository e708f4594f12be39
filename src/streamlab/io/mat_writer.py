"""MatWriter: what passes, for MATLAB, Octave and SciPy."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from streamlab.core import DataFrame, param
from streamlab.errors import FrameError
from streamlab.io._arrow_table import Number
from streamlab.io._beside import chunk_rows, facts, is_layered, lists, point_name, rows
from streamlab.io._blocks import Block, BlockWriter
from streamlab.io._files import OutputFile
from streamlab.io._mat5 import Mat5File
from streamlab.io._mat73 import Mat73File
from streamlab.io._need import need


class MatWriter(BlockWriter):
    """Write frames to a MAT file, version 5 or 7.3.

    Input    any real frame                  Output  the same frame
    Kind     frame-wise, blocking            State   the open file, up to half a second of frames; in version
             5 the time of each frame, where they do not follow one another at a rate
    Gaps     a column in ``segments``; counted as ``missing`` in the result
    Errors   FileError naming the file: folder missing, no permission, disk full, file exists, h5py not
             installed (7.3), the 2 GB of a variable full (5), frames off the time axis of different lengths;
             FrameError for complex samples

    ``data`` is channels x n; ``names``, ``units``, ``quantities`` and ``references`` are cells of text, one
    per channel; ``fs`` is the rate in Hz. ``segments`` has a column per stretch without a gap: its position
    in ``data`` counted from 0, its place on the stream's own axis in samples, its timestamp in microseconds.
    Spectra and bands are channels x points x frames, with ``time`` in seconds and ``timestamp`` of each
    frame, and ``frequency`` or ``order`` of each point. ``streamlab`` is all of it as JSON.

    Version 5 is read by everything and needs nothing installed; after a kill it holds all up to the last
    half second, but no ``segments``. Version 7.3 has no limit of 2 GB, and is whole at every moment.

    Example
    -------
    >>> import os, scipy.io, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> node = MatWriter(path=os.path.join(folder.name, "take.mat"))
    >>> frame = node.process(DataFrame(payload={"mic": [0.5, 1.0]}, sample_rate=4))
    >>> node.flush()
    >>> told = scipy.io.loadmat(node.result()["path"])
    >>> told["data"].tolist(), told["fs"].item()
    ([[0.5, 1.0]], 4.0)
    >>> folder.cleanup()
    """

    version: Literal["5", "7.3"] = param(default="5", doc="Version of the format")
    encoding: Number = param(default="float64", doc="How a sample is stored")

    _mat5: Mat5File | None = None
    _mat73: Mat73File | None = None
    _count = 0

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Look whether the file can be written; it is opened with the first frame."""
        if self.version == "7.3":
            need("h5py", self.path)
        await super().on_create(config)

    def open(self, file: OutputFile, frame: DataFrame) -> None:
        info = frame.info
        self._mat5 = self._mat73 = None
        self._beside: dict[str, list[NDArray[Any]]] = {}
        self._count, self._points = 0, frame.n
        before: dict[str, Any] = {"streamlab": self.about.to_json()}
        before |= {"fs" if name == "sample_rate" else name: fact for name, fact in facts(self.about).items()}
        if info.points:
            before[point_name(info)] = np.array(info.points)[:, None]
        shape = (len(info.names), frame.n) if is_layered(info) else (len(info.names),)
        kind = np.dtype(self.encoding).newbyteorder("<").str
        if self.version == "5":
            self._mat5 = Mat5File(file, before, shape, kind)
            return
        room = chunk_rows(info, np.dtype(kind).itemsize * int(np.prod(shape)))
        grows = {name: more[0] if more else 1 for name, (_, more) in lists(info).items()}
        self._mat73 = Mat73File(need("h5py", self.path), file, before, grows, shape, kind, room)

    def put(self, file: OutputFile, block: Block) -> None:
        info = block.info
        if is_layered(info):
            self.one_size(file, block, self._points)
            columns = block.layers.transpose(0, 2, 1)
        else:
            columns = block.samples.T
        if columns.dtype.kind == "c":
            raise FrameError("a MAT file that grows has no complex numbers; take their magnitude first")
        beside = rows(block, self._count)
        if self._mat73 is not None:
            self._mat73.put(columns, beside)
        elif self._mat5 is not None:
            self._mat5.put(columns)
            for name, values in beside.items():  # MATLAB counts with doubles: width x n
                self._beside.setdefault(name, []).append(np.atleast_2d(values.T).astype(np.float64))
        self._count += len(columns)

    def close(self, file: OutputFile) -> None:
        if self._mat73 is not None:
            self._mat73.close()
        elif self._mat5 is not None and self._failed is None:
            self._mat5.close({name: np.hstack(parts) for name, parts in self._beside.items()})
        self._mat5 = self._mat73 = None
