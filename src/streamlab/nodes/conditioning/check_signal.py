"""CheckSignal: whether a signal can be trusted at all."""

from typing import Any

import numpy as np

from streamlab.core import DataFrame, Outcome, ProcessingNode, Samples, StreamInfo, Verdict, param
from streamlab.dsp.runs import run_lengths, runs_end
from streamlab.errors import ParamError
from streamlab.nodes._channels import missing_channels, not_over_time, rows_of

_FULL_SCALE = 1.0 - 2.0**-15
"""The largest value of 16 bits, which stands for the range: 32767 of 32768."""


class CheckSignal(ProcessingNode):
    """Look for overload, dropout, flat line, lost samples and values that are no number.

    Input    real (channels, n) over time    Output  the same frame, marked from the first fault on
    Kind     frame-wise                      State   the first fault, and runs that may become one
    Gaps     lost samples are a fault; runs begin anew behind them; passed on
    Settles  at once: each sample for itself
    Errors   ParamError without a sample rate, or for an unknown channel
    Source   latched like the overload indicator of IEC 61672-1:2013, 5.11

    Overload: ``overload_samples`` in a row at or beyond ``overload`` either way; without that the channel's
    range counts, where it is known (a WavFile knows it), so stand before Gain. Flat line: one value for
    ``flat`` seconds; of zeros it is a dropout. The first fault stays: all frames from there on carry it in
    their metadata as ``invalid``, through every node behind, and each verdict there becomes INVALID. The
    result is a Verdict: INVALID with the fault, PASS without, NOT_RUN without a sample.

    Example
    -------
    >>> node = CheckSignal(overload=1.0)
    >>> frame = node.process(DataFrame(payload={"mic": [0.1, 1.0, -0.2]}, sample_rate=10))
    >>> frame.metadata["invalid"]
    'overload on mic at 0.1 s'
    """

    overload: float | None = param(
        default=None,
        doc="Magnitude that is too much; by default the channel's range",
        unit="unit",
        gt=0,
        le=1e300,
    )
    overload_samples: int = param(default=1, doc="So many in a row make an overload", unit="samples", ge=1)
    flat: float | None = param(
        default=0.1, doc="One value for so long is a fault; null: never", unit="s", gt=0, le=1e6
    )
    channels: list[str] | None = param(
        default=None, doc="Channels to check; all when not given", min_length=1
    )

    _fault: tuple[str, str, float] | None = None  # what, channel, time
    _count = 0
    _last: Samples | None = None  # the last sample of each channel

    def configure(self, info: StreamInfo) -> None:
        """Find rows and limits."""
        self.stream_info(self, **{"in": info})
        self._rows = rows_of(info, self.channels)
        self._names = [info.names[row] for row in self._rows]
        ranges = [self._range(info, row) for row in self._rows]
        self._low, self._high = np.array(ranges).reshape(-1, 2).T[:, :, np.newaxis]
        self._rate = info.sample_rate or 1
        # So many samples that are like the one before them: one less than there are of that value.
        self._flat = max(1, round(self.flat * float(self._rate)) - 1) if self.flat is not None else 0
        self._begin()

    def process(self, frame: DataFrame) -> DataFrame:
        """Check the frame and pass it on, marked if a fault has been found."""
        self.follow(frame.info)
        if frame.gap:
            self._note(f"{frame.gap} samples lost", "", frame.start_sample - frame.gap)
            self._begin()
        if frame.n:
            self._check(frame.samples[self._rows], frame.start_sample)
        if self._fault is None or "invalid" in frame.metadata:
            return frame
        return frame.replace(metadata={**frame.metadata, "invalid": self._told()})

    def result(self) -> Verdict:
        """INVALID with the first fault, PASS without one."""
        if self._fault is not None:
            _, channel, time = self._fault
            return Verdict(Outcome.INVALID, self._told(), time=time, channel=channel, count=self._count)
        if not self._count:
            return Verdict(Outcome.NOT_RUN, "no sample arrived")
        return Verdict(Outcome.PASS, f"{self._count} samples without a fault", count=self._count)

    def reset(self) -> None:
        super().reset()
        self._fault, self._count = None, 0

    def _begin(self) -> None:
        self._last = None
        self._over: Samples = np.zeros(len(self._rows), dtype=np.int64)
        self._same: Samples = np.zeros(len(self._rows), dtype=np.int64)

    def _check(self, samples: Samples, start: int) -> None:
        self._count += samples.size
        if self._fault is not None:
            return
        found = []
        low, high = samples.min(axis=1), samples.max(axis=1)  # NaN where there is one
        if not (np.isfinite(low) & np.isfinite(high)).all():
            found.append(("no number", ~np.isfinite(samples), 1))
        if self._over.any() or (high >= self._high[:, 0]).any() or (low <= self._low[:, 0]).any():
            over = run_lengths((samples >= self._high) | (samples <= self._low), self._over)
            self._over = over[:, -1]
            found.append(("overload", over >= self.overload_samples, self.overload_samples))
        if self._flat:
            found += self._flat_lines(samples)
        places = [(*_first(where), what, length) for what, where, length in found if where.any()]
        if places:  # the one that is complete first
            column, row, what, length = min(places)
            if what == "flat line" and samples[row, column] == 0:
                what = "dropout"
            self._note(what, self._names[row], start + column + 1 - length)

    def _flat_lines(self, samples: Samples) -> list[tuple[str, Samples, int]]:
        same = np.empty(samples.shape, dtype=bool)
        np.equal(samples[:, 1:], samples[:, :-1], out=same[:, 1:])
        same[:, 0] = False if self._last is None else samples[:, 0] == self._last
        self._last = samples[:, -1].copy()
        ends = runs_end(same, self._same, self._flat)
        if ends is not None:
            self._same = ends
            return []
        lengths = run_lengths(same, self._same)
        self._same = lengths[:, -1]
        return [("flat line", lengths >= self._flat, self._flat + 1)]

    def _note(self, what: str, channel: str, position: int) -> None:
        if self._fault is None:
            self._fault = what, channel, float(position / self._rate)

    def _told(self) -> str:
        what, channel, time = self._fault or ("", "", 0.0)
        return f"{what}{channel and f' on {channel}'} at {time:g} s"

    def _range(self, info: StreamInfo, row: int) -> tuple[float, float]:
        if self.overload is not None:
            return -self.overload, self.overload
        low, high = info.channels[row].range or (-np.inf, np.inf)
        return low * _FULL_SCALE, high * _FULL_SCALE

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on."""
        info = inputs["in"]
        problems = [] if info is None else not_over_time(info, "a check of the signal")
        problems += missing_channels(info, params.channels)
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info


def _first(where: Samples) -> tuple[int, int]:
    """Return column and row of the earliest true value."""
    column = int(np.argmax(where.any(axis=0)))
    return column, int(np.argmax(where[:, column]))
