"""ArrowWriter: record what passes as an Arrow IPC stream."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from streamlab.core import DataFrame, param
from streamlab.io._arrow_table import Number, TableMaker
from streamlab.io._blocks import Block, BlockWriter
from streamlab.io._columns import lead_names
from streamlab.io._files import OutputFile
from streamlab.io._need import need
from streamlab.io._sink import Sink


class ArrowWriter(BlockWriter):
    """Write frames to an Arrow IPC file: a column per channel, a row per sample. The simple recorder.

    Input    any real frame                  Output  the same frame
    Kind     frame-wise, blocking            State   the open file, up to half a second of frames
    Gaps     a jump in time; counted as ``missing`` in the result
    Errors   FileError naming the file: folder missing, no permission, disk full, file exists, pyarrow not
             installed; FrameError for complex samples

    The columns before the channels are ``time`` in seconds on the stream's own axis (``timestamp`` in UTC
    where the stream has no rate) and, for spectra and bands, ``frequency`` or ``order``: a row per point.
    Unit, quantity and reference stand at each field; exact rate, start and the graph's hash in the schema's
    metadata, under ``streamlab``. A file called ``.arrow`` or ``.feather`` is in the file format, with an
    index at its end; any other is a stream. After a kill both are whole up to the last half second: a
    stream opens as it is, the file format as a stream behind its first 8 bytes.

    Example
    -------
    >>> import os, pyarrow, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> node = ArrowWriter(path=os.path.join(folder.name, "take.arrows"))
    >>> frame = node.process(DataFrame(payload={"mic": [0.5, 1.0]}, sample_rate=4))
    >>> node.flush()
    >>> with pyarrow.OSFile(node.result()["path"]) as file:
    ...     pyarrow.ipc.open_stream(file).read_all().to_pydict()
    {'time': [0.0, 0.25], 'mic': [0.5, 1.0]}
    >>> folder.cleanup()
    """

    encoding: Number = param(default="float64", doc="How a sample is stored")

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Look whether the file can be written; it is opened with the first frame."""
        need("pyarrow", self.path)
        await super().on_create(config)

    _writer: Any = None

    def open(self, file: OutputFile, frame: DataFrame) -> None:
        arrow = need("pyarrow", self.path)
        columns = lead_names(frame.info)
        self._table = TableMaker(arrow, replace(self.about, columns=columns), self.encoding)
        self._sink = Sink(file)
        indexed = file.path.suffix in (".arrow", ".feather")
        make = arrow.ipc.new_file if indexed else arrow.ipc.new_stream
        self._writer = make(self._sink, self._table.schema)
        self._sink.settle()

    def put(self, file: OutputFile, block: Block) -> None:
        self._writer.write_batch(self._table.batch(block))
        self._sink.settle()

    def close(self, file: OutputFile) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            self._sink.settle()
