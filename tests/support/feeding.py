"""A source that feeds arrays into a graph, so that a recording in any format can go through the engine."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

import streamlab
from streamlab.core import ChannelInfo, DataFrame, Source, StreamInfo
from streamlab.engine import Report
from streamlab.testing.nodes import registered
from streams import chain


@contextmanager
def feeding(samples: np.ndarray, info: StreamInfo, frame_size: int = 1000) -> Iterator[None]:
    """Make a node type ``Feed`` known that gives samples (channels, n) in frames of one size."""

    class Feed(Source):
        async def on_create(self, config: Any) -> None:
            self.info = info

        def frames(self) -> Iterable[DataFrame]:
            for number, at in enumerate(range(0, samples.shape[1], frame_size)):
                part = samples[:, at : at + frame_size].copy()
                yield DataFrame.from_samples(part, info, sequence_id=number, start_sample=at)

    with registered(Feed):
        yield


def run_chain(
    samples: np.ndarray,
    rate: float,
    unit: str,
    *nodes: dict[str, Any],
    frame_size: int = 1000,
    **options: Any,
) -> Report:
    """Run one channel ``x`` through a chain of nodes in the engine; return the report."""
    info = StreamInfo([ChannelInfo("x", unit)], rate)
    with feeding(samples[np.newaxis], info, frame_size):
        return streamlab.run(chain({"id": "feed", "type": "Feed"}, *nodes), **options)
