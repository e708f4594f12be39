"""Blocks of a stream as Arrow tables, which Arrow IPC and Parquet files share."""

from collections.abc import Mapping
from typing import Any, Literal

from streamlab.core import ChannelInfo
from streamlab.errors import FrameError
from streamlab.io._blocks import Block
from streamlab.io._columns import lead_columns
from streamlab.io._describe import Description

__all__ = ["KEY", "Number", "TableMaker"]

KEY = b"streamlab"
"""The name of the stream's description among a schema's metadata."""

Number = Literal["float64", "float32"]


class TableMaker:
    """Makes record batches of blocks: the columns of time and place, then one per channel.

    A channel's column has its name; unit, quantity and reference are metadata of the field. The description
    of the stream is metadata of the schema, under ``streamlab``.
    """

    def __init__(self, arrow: Any, about: Description, number: Number) -> None:
        info = about.info
        self._arrow = arrow
        self._number: Any = getattr(arrow, number)()
        moment = arrow.timestamp("us", tz="UTC") if info.sample_rate is None else arrow.float64()
        lead = dict(
            zip(about.columns, (moment, arrow.float64() if info.points else arrow.int64()), strict=False)
        )
        fields = [arrow.field(name, kind, metadata=_lead_metadata(name)) for name, kind in lead.items()]
        fields += [
            arrow.field(channel.name, self._number, metadata=_metadata(channel)) for channel in info.channels
        ]
        self.schema: Any = arrow.schema(fields, metadata={KEY: about.to_json()})
        self._types = list(lead.values())

    def batch(self, block: Block) -> Any:
        """Return a block as a record batch. Raises FrameError for complex samples."""
        samples = block.samples
        if samples.dtype.kind == "c":
            raise FrameError("a table has no complex numbers; take their magnitude first")
        array = self._arrow.array
        columns = [array(column, kind) for column, kind in zip(lead_columns(block), self._types, strict=True)]
        if self._number.bit_width == 32:
            samples = samples.astype("float32")
        columns += [array(row, self._number) for row in samples]
        return self._arrow.RecordBatch.from_arrays(columns, schema=self.schema)


def _lead_metadata(name: str) -> Mapping[str, str] | None:
    unit = {"time": "s", "frequency": "Hz"}.get(name.rstrip("_"))
    return {"unit": unit} if unit else None


def _metadata(channel: ChannelInfo) -> Mapping[str, str] | None:
    told = {"unit": channel.unit, "quantity": channel.quantity, "reference": channel.reference}
    return {key: text for key, text in told.items() if text} or None
