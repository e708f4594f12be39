"""What files of arrays have beside the samples: where stretches begin, or when each frame was taken."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.core import StreamInfo
from streamlab.io._blocks import Block, is_continuous
from streamlab.io._columns import times_at
from streamlab.io._describe import Description

__all__ = ["chunk_rows", "facts", "is_layered", "lists", "point_name", "rows"]


def is_layered(info: StreamInfo) -> bool:
    """Whether each frame is a layer of points (a spectrum, bands) and not a stretch of rows."""
    return info.axis not in ("time", "none")


def point_name(info: StreamInfo) -> str:
    """Return what the places of a frame's points are called."""
    return "order" if info.axis == "order" else "frequency"


def lists(info: StreamInfo) -> dict[str, tuple[str, tuple[int, ...]]]:
    """Return the lists that grow with the samples: name, type and shape of a row.

    ``segments`` has a row per stretch without a gap: its position in the samples, its place on the stream's
    own axis in samples, its timestamp in microseconds. Streams whose samples do not follow one another at a
    rate have ``time`` in seconds (where there is a rate), ``start_sample`` and ``timestamp`` of each row or
    layer.
    """
    if is_continuous(info):
        return {"segments": ("int64", (3,))}
    time: dict[str, tuple[str, tuple[int, ...]]] = (
        {} if info.sample_rate is None else {"time": ("float64", ())}
    )
    return {**time, "start_sample": ("int64", ()), "timestamp": ("int64", ())}


def chunk_rows(info: StreamInfo, row: int) -> int:
    """Return how many rows or layers of so many bytes lie together: 10 s of signal, but 1 MB at most."""
    room = max(1, (1 << 20) // max(1, row))
    if is_continuous(info) and info.sample_rate is not None:
        room = min(room, max(256, round(10 * info.sample_rate)))
    return room


def rows(block: Block, begin: int) -> dict[str, NDArray[Any]]:
    """Return the rows that a block adds to the lists; ``begin`` is how many samples there were before."""
    info = block.info
    if is_continuous(info):
        row = np.array([[begin, block.start_sample, block.timestamp]])
        return {"segments": row} if block.fresh else {}
    starts = block.starts()
    added: dict[str, NDArray[Any]] = {"start_sample": starts, "timestamp": block.timestamps()}
    if info.sample_rate is not None:
        rate = info.sample_rate
        added["time"] = np.concatenate([times_at(int(start), 1, rate) for start in starts])
    lengths = 1 if is_layered(info) else [frame.n for frame in block.frames]
    return {name: np.repeat(values, lengths) for name, values in added.items()}


def facts(about: Description) -> dict[str, str | float | list[str]]:
    """Return what is known of the stream in words and numbers, each under a name of its own.

    Text in C ends at a NUL, which stands as its symbol here.
    """
    channels, date = about.info.channels, about.date
    told: dict[str, str | float | list[str]] = {}
    texts = {
        "names": list(about.info.names),
        "units": [channel.unit for channel in channels],
        "quantities": [channel.quantity for channel in channels],
        "references": [channel.reference for channel in channels],
    }
    for name, listed in texts.items():
        if name == "names" or any(listed):
            told[name] = [text.replace("\0", "\u2400") for text in listed]
    if about.info.sample_rate is not None:
        told["sample_rate"] = float(about.info.sample_rate)
    if date is not None:
        told["start"] = date.isoformat()
    if about.context.graph_hash:
        told["graph_hash"] = about.context.graph_hash
    return told
