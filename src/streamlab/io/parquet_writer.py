"""ParquetWriter: a table of what passes, packed, for data frames and databases."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from streamlab.core import DataFrame, StreamInfo, param
from streamlab.io._arrow_table import Number, TableMaker
from streamlab.io._blocks import Block, BlockWriter, is_continuous
from streamlab.io._columns import lead_names
from streamlab.io._files import OutputFile
from streamlab.io._need import need
from streamlab.io._sink import Sink


class ParquetWriter(BlockWriter):
    """Write frames to a Parquet file: a column per channel, a row per sample. For results and features.

    Input    any real frame                  Output  the same frame
    Kind     frame-wise, blocking            State   the open file, one row group of frames
    Gaps     a jump in time; counted as ``missing`` in the result
    Errors   FileError naming the file: folder missing, no permission, disk full, file exists, pyarrow not
             installed; FrameError for complex samples

    The columns before the channels are ``time`` in seconds on the stream's own axis (``timestamp`` in UTC
    where the stream has no rate) and, for spectra and bands, ``frequency`` or ``order``: a row per point.
    Unit, quantity and reference stand at each field; exact rate, start and the graph's hash in the schema's
    metadata, under ``streamlab``. A row group is written when it has ``row_group`` samples, whatever its
    channels. **The index of the file stands at its end: a file that was not finished cannot be read.**
    Where that matters, record to Arrow or W64 and convert.

    Example
    -------
    >>> import os, pyarrow.parquet, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> node = ParquetWriter(path=os.path.join(folder.name, "take.parquet"))
    >>> frame = node.process(DataFrame(payload={"mic": [0.5, 1.0]}, sample_rate=4))
    >>> node.flush()
    >>> pyarrow.parquet.read_table(node.result()["path"]).to_pydict()
    {'time': [0.0, 0.25], 'mic': [0.5, 1.0]}
    >>> folder.cleanup()
    """

    paced = False

    encoding: Number = param(default="float64", doc="How a sample is stored")
    compression: Literal["none", "snappy", "zstd"] = param(default="zstd", doc="How columns are packed")
    row_group: int = param(
        default=1 << 22, doc="Samples per row group, all channels together", ge=1, le=1 << 26
    )

    _writer: Any = None

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Look whether the file can be written; it is opened with the first frame."""
        need("pyarrow.parquet", self.path)
        await super().on_create(config)

    def begin(self, file: OutputFile, info: StreamInfo) -> None:
        self.block_values = self.row_group
        super().begin(file, info)

    def open(self, file: OutputFile, frame: DataFrame) -> None:
        arrow, parquet = need("pyarrow", self.path), need("pyarrow.parquet", self.path)
        columns = lead_names(frame.info)
        self._table = TableMaker(arrow, replace(self.about, columns=columns), self.encoding)
        self._sink = Sink(file)
        # Neighbouring samples have their first bytes in common, which packs well once they are sorted; the
        # times and places of points come again and again.
        repeated = [] if is_continuous(frame.info) else list(columns)
        self._writer = parquet.ParquetWriter(
            self._sink,
            self._table.schema,
            compression=self.compression,
            use_dictionary=repeated,
            use_byte_stream_split=[name for name in self._table.schema.names if name not in repeated],
        )
        self._sink.settle()

    def put(self, file: OutputFile, block: Block) -> None:
        batch = self._table.batch(block)
        self._writer.write_batch(batch, row_group_size=batch.num_rows)
        self._sink.settle()

    def close(self, file: OutputFile) -> None:
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()
            self._sink.settle()
