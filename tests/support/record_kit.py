"""Streams to record, and what a file of them should hold. Used by the tests of writers and readers."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from streamlab.core import ChannelInfo, DataFrame, StreamInfo

START = 1_763_560_000_123_456
"""A date in microseconds: 2025-11-19, 13:46:40.123456 UTC."""

MIXED = StreamInfo(
    [
        ChannelInfo("mic, left", "Pa", "sound pressure", "20 uPa", sensitivity=0.05, range=(-20.0, 20.0)),
        ChannelInfo("Überlast °C", "°C", "temperature"),
        ChannelInfo("time", "V"),
    ],
    "5000.024",
)
"""Names and units that give formats trouble, at a rate that is no whole number."""


def stream(
    samples: Any,
    info: StreamInfo,
    sizes: Sequence[int] = (),
    *,
    start: int = 0,
    timestamp: int = 0,
    lost: Sequence[int] = (),
) -> list[DataFrame]:
    """Cut samples (channels, n) into frames of these sizes, ``lost[k]`` samples missing before frame k."""
    samples, frames, at, position = np.asarray(samples, dtype=float), [], 0, start
    sizes = [*sizes, samples.shape[1] - sum(sizes)] if sum(sizes) < samples.shape[1] else list(sizes)
    for number, size in enumerate(sizes):
        gap = lost[number] if number < len(lost) else 0
        position += gap
        since = 0 if info.sample_rate is None else (position - start) * 10**6 // info.sample_rate
        frames.append(
            DataFrame.from_samples(
                samples[:, at : at + size].copy(), info,
                timestamp=timestamp + int(since), sequence_id=number, start_sample=position, gap=gap,
            )
        )  # fmt: skip
        at, position = at + size, position + size
    return frames


def positions(frames: Sequence[DataFrame]) -> list[int]:
    """Return where each sample lies on the stream's own axis."""
    return [frame.start_sample + k for frame in frames for k in range(frame.n)]


def times(frames: Sequence[DataFrame]) -> list[float]:
    """Return when each sample was taken in seconds, correctly rounded from the exact time."""
    rate = frames[0].sample_rate
    assert rate is not None
    return [float(Fraction(position) / rate) for position in positions(frames)]


def together(frames: Sequence[DataFrame]) -> np.ndarray:
    """Return all samples, (channels, n)."""
    return np.concatenate([frame.samples for frame in frames], axis=1)


def layers(info: StreamInfo, count: int, points: int, step: int = 480, seed: int = 0) -> list[DataFrame]:
    """Return ``count`` spectra, one every ``step`` samples."""
    rng, rate = np.random.default_rng(seed), info.sample_rate or Fraction(1)
    return [
        DataFrame.from_samples(
            rng.standard_normal((len(info.names), points)), info,
            timestamp=START + int(k * step * 10**6 // rate), sequence_id=k, start_sample=k * step, span=step,
        )
        for k in range(count)
    ]  # fmt: skip


def random_streams(*, names: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[list[DataFrame]]:
    """Return a strategy for streams over time: any rate, cutting, names, units, values and gaps."""
    texts = names if names is not None else st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
    rates = st.builds(Fraction, st.integers(1, 10**6), st.integers(1, 1000))

    @st.composite
    def build(draw: Any) -> list[DataFrame]:
        chosen = draw(st.lists(texts, min_size=1, max_size=4, unique=True))
        units = draw(st.lists(st.sampled_from(["", "Pa", "m/s2", "°C", "dB"]), min_size=4, max_size=4))
        info = StreamInfo(
            [ChannelInfo(name, unit) for name, unit in zip(chosen, units, strict=False)], draw(rates)
        )
        sizes = draw(st.lists(st.integers(0, 40), min_size=1, max_size=8))
        lost = draw(st.lists(st.just(0) | st.integers(0, 10**6), min_size=len(sizes), max_size=len(sizes)))
        count = sum(sizes)
        seed = draw(st.integers(0, 2**32 - 1))
        values = np.random.default_rng(seed).standard_normal((len(chosen), count))
        special = draw(st.lists(st.floats(width=64), max_size=3))
        values.ravel()[: len(special)] = special[: values.size]
        start = draw(st.integers(0, 10**9))
        return stream(
            values, info, sizes, start=start, timestamp=draw(st.just(0) | st.just(START)), lost=lost
        )

    return build()
