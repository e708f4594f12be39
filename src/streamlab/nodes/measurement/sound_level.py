"""SoundLevel: what a sound level meter shows."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.generate import exact_number
from streamlab.dsp.soundlevel import SoundLevelMeter, SoundLevels
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import not_over_time
from streamlab.nodes._clockwork import Clockwork
from streamlab.nodes.measurement._intervals import IntervalFrames, too_short
from streamlab.nodes.measurement._metrics import no_level, problems_with, reference_for, table_row
from streamlab.nodes.measurement._symbols import (
    MeterPlan,
    described,
    meters_for,
    parse_symbol,
    symbol_problems,
)
from streamlab.nodes.measurement._weighted import cannot_weight

_SETTLING = ("last", "lowest", "exceeded")
"""Parts of a meter that are too low until its detector has settled."""


class SoundLevel(ProcessingNode):
    """Measure sound levels per interval and of the whole: LAeq, LAFmax, LCpeak, LAF90 and their like.

    Input    real (channels, n) over time in Pa, V, FS or without unit, at 2500 Hz or more
    Output   (channels x levels, k) in dB: ``name.LAeq``, one column per interval, at 1 / interval Hz
    Kind     stream-wise                     State   filters, detectors, sums, distribution of levels
    Gaps     filters and detectors begin anew; an interval that lost samples is left out: a gap in the output,
             ``missing`` in the result
    Settles  within 0.7 s with F and 5.1 s with S, the node's ``settling``
    Errors   ParamError for a stream that is no sound, a symbol that is none, a reference in another unit
    Source   IEC 61672-1:2013, 3 and 5; ISO 1996-1:2016, 3.1.3 (levels exceeded)

    A symbol has the frequency weighting A, C or Z, then ``eq`` (level of the mean square), ``E`` (exposure,
    re 1 s) or ``peak`` (the crest of the signal, between its samples too), or the time weighting F, S or I.
    With that alone it is the level at the end of the interval, with ``max`` or ``min`` its extremes, with a
    number the level exceeded for so many percent of the time, from levels every 10 ms. Meets class 1
    electrical design goals (software part): ``streamlab conformance`` shows it.

    After the start and each gap the detector begins in silence and settles for five time constants and its
    filter, 0.7 s with F and 5.1 s with S. What is too low until then, LAF itself, LAFmin and LAF90, is named
    as ``settling`` in the metadata of an interval that begins before, and no limit judges it there; of the
    whole LAFmin and LAF90 leave that time out and are NaN without another. An interval that the stream enters
    late or leaves early comes in a frame of its own, with its seconds as ``partial`` in the metadata. The
    result is ``{channel: {symbol: level, "units": {symbol: unit}, "duration": seconds, "missing":
    samples}}``.

    Example
    -------
    >>> import numpy as np
    >>> tone = np.sqrt(2) * np.sin(2 * np.pi * 1000 * np.arange(96000) / 48000)
    >>> node = SoundLevel(interval=1.0, levels=["LAeq"], reference="20 uPa")
    >>> frames = node.process(DataFrame(payload={"mic": tone}, sample_rate=48000))
    >>> round(float(frames[-1].payload["mic.LAeq"][-1]), 2)
    93.98
    """

    kind = "stream-wise"

    interval: float = param(default=1.0, doc="Length of an interval", unit="s", gt=0, le=1e6)
    levels: list[str] = param(
        default=["LAeq", "LAFmax", "LCpeak", "LAF10", "LAF90"],
        doc="Symbols of the levels, in this order",
        min_length=1,
    )
    reference: str | None = param(
        default=None, doc="Reference of levels, such as '20 uPa'; by default that of the unit (ISO 1683)"
    )

    _frames: IntervalFrames | None = None
    _lost = 0  # samples at the end of the stream

    def configure(self, info: StreamInfo) -> None:
        """Set up a meter for each pair of weightings."""
        out = self.stream_info(self, **{"in": info}) or info
        symbols = [parse_symbol(text) for text in self.levels]
        references = [reference_for(self.reference, channel) for channel in info.channels]
        zero = np.array([[reference.value] for reference in references])
        self._rate, self._names, self._symbols = info.sample_rate or Fraction(1), info.names, symbols
        self._described = [
            [described(channel, symbol, reference) for symbol in symbols]
            for channel, reference in zip(info.channels, references, strict=True)
        ]
        self._plans = meters_for(symbols)
        self._meters = [self._meter(plan, len(info.names), zero) for plan in self._plans]
        self._frames = IntervalFrames(out, Clockwork(self._rate), self._meters[0].grid)

    def process(self, frame: DataFrame) -> list[DataFrame]:
        """Return the intervals that this frame completes."""
        self.follow(frame.info)
        if frame.n == 0 or self._frames is None:
            return []
        self._frames.clock.note(frame, self._meters[0].next)
        return self._made([meter.feed(frame.samples, frame.start_sample) for meter in self._meters])

    def ended(self, gap: int) -> None:
        self._lost += gap

    def flush(self) -> list[DataFrame]:
        return [] if self._frames is None else self._made([meter.rest() for meter in self._meters])

    def result(self) -> dict[str, dict[str, Any]] | None:
        """The levels over the whole stream, by channel; None without a sample."""
        totals = [] if self._frames is None else [meter.totals() for meter in self._meters]
        known = [one for one in totals if one is not None]
        if not known:
            return None
        for one in known:
            one.lowest[np.isposinf(one.lowest)] = np.nan  # lower than nothing yet
        values = self._values(known)
        seconds, missing = float(int(known[0].count[0]) / self._rate), self._meters[0].missing + self._lost
        return {
            name: table_row(values[row, :, 0].tolist(), self._described[row])
            | {"duration": seconds, "missing": missing}
            for row, name in enumerate(self._names)
        }

    def reset(self) -> None:
        super().reset()
        self._lost, self._frames = 0, None

    @property
    def settling(self) -> float:
        """Seconds until all meters have settled; 0 before the stream is known."""
        return 0.0 if self._frames is None else max(meter.settling for meter in self._meters)

    def _meter(self, plan: MeterPlan, channels: int, zero: Samples) -> SoundLevelMeter:
        chosen = [self._symbols[place] for place in plan.places]
        return SoundLevelMeter(
            channels,
            self._rate,
            exact_number(self.interval),
            reference=zero,
            weighting=plan.weighting,
            time=plan.time,
            peak_weighting=plan.peak,
            shares=[one.percent for one in chosen if one.part == "exceeded"],
        )

    def _made(self, parts: list[SoundLevels | None]) -> list[DataFrame]:
        known = [one for one in parts if one is not None]
        if not known or self._frames is None:
            return []
        values = self._values(known)
        flat, first = values.reshape(-1, values.shape[2]), known[0]
        return self._frames.columns(flat, first.first, first.start, first.count, self._unsettled(known))

    def _unsettled(self, parts: list[SoundLevels]) -> list[tuple[str, ...]]:
        """Return for each interval the symbols that its meter had not settled for."""
        waiting: list[tuple[str, ...]] = []
        for at in range(len(parts[0].count)):
            places = {
                place
                for plan, levels in zip(self._plans, parts, strict=True)
                for place in plan.places
                if not levels.settled[at] and self._symbols[place].part in _SETTLING
            }
            waiting.append(tuple(self._symbols[place].text for place in sorted(places)))
        return waiting

    def _values(self, parts: list[SoundLevels]) -> Samples:
        """Return (channels, symbols, k), in the order of the symbols."""
        values = np.empty((len(self._names), len(self._symbols), len(parts[0].count)))
        for plan, levels in zip(self._plans, parts, strict=True):
            exceeded = iter(levels.exceeded.swapaxes(0, 1))
            for place in plan.places:
                part = self._symbols[place].part
                values[:, place] = next(exceeded) if part == "exceeded" else getattr(levels, part)
        return values

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """A value per level, channel and interval."""
        info = inputs["in"]
        if info is None:
            return None
        symbols = [parse_symbol(text) for text in params.levels]
        problems = not_over_time(info, "a sound level") + too_short(info, params.interval)
        problems += problems_with(params.reference, [], info.channels) + no_level(info.channels, "/levels")
        for weighting in sorted({one.weighting for one in symbols}):
            problems += cannot_weight(weighting, info, list(range(len(info.names))), "/levels")
        if problems:
            raise ParamError(problems, title=cls.__name__)
        channels = [
            described(channel, symbol, reference_for(params.reference, channel))
            for channel in info.channels
            for symbol in symbols
        ]
        return StreamInfo(channels, 1 / exact_number(params.interval))

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Symbols are levels, each once."""
        return [*symbol_problems(params.levels), *problems_with(params.reference, (), ())]
