"""Calibrate: a transducer's sensitivity from the tone of a calibrator."""

from collections.abc import Iterable
from typing import Any

from streamlab.core import DataFrame, Outcome, ProcessingNode, StreamInfo, Verdict, param
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels, not_over_time
from streamlab.nodes.conditioning._steady_tone import ToneWatch
from streamlab.nodes.logic.rechunk import Rechunk
from streamlab.units import parse_reference


class Calibrate(ProcessingNode):
    """Find the sensitivity of a channel from a tone of known level. The result is a Verdict.

    Input    real (channels, n) over time, with a sample rate, such as volts
    Output   the same frame
    Kind     frame-wise                      State   blocks of ``interval``, the steady stretch so far
    Gaps     passed on; a steady stretch spans none
    Settles  when the tone has been steady for ``duration``; what comes before is not used
    Errors   ParamError without a sample rate or a level, or when it is not clear which channel it is
    Source   IEC 60942 (sound calibrators: 94 dB or 114 dB re 20 uPa), ISO 16063-21 (vibration)

    It takes the first stretch of ``duration`` in which every interval holds one tone near ``frequency``,
    with no more than ``rest`` of anything else, and the level stays within ``steady``. PASS: the value is
    the RMS of the tone over what it is known to be, in the channel's unit per unit (V/Pa), from the time
    given on; put it into Sensitivity. INVALID: there was no such stretch, with the reason, or a CheckSignal
    before has found a fault. NOT_RUN: not one interval came.

    Example
    -------
    >>> import numpy as np
    >>> from streamlab.core import ChannelInfo
    >>> tone = 0.05 * 1.0023745 * 2**0.5 * np.sin(2 * np.pi * 1000 * np.arange(48000) / 48000)
    >>> frame = DataFrame(payload={"mic": tone}, info=StreamInfo([ChannelInfo("mic", "V")], 48000))
    >>> node = Calibrate(level=94.0, duration=1.0)
    >>> frame is node.process(frame), str(node.result())
    (True, 'PASS: mic: 0.05 V/Pa; 94 dB re 20 uPa at 1000 Hz from 0 s on')
    """

    level: float | None = param(default=None, doc="Level of the tone", unit="dB", ge=-200, le=300)
    reference: str = param(default="20 uPa", doc="Reference of the level")
    rms: float | None = param(
        default=None, doc="RMS of the tone in unit, in place of level", unit="unit", gt=0, le=1e12
    )
    unit: str = param(default="m/s2", doc="Unit of rms", min_length=1)
    frequency: float = param(default=1000.0, doc="Frequency of the tone, within 2 %", unit="Hz", gt=0, le=1e9)
    channel: str | None = param(default=None, doc="Channel to calibrate; needed where there are several")
    duration: float = param(default=3.0, doc="Length of the steady stretch", unit="s", gt=0, le=1e6)
    interval: float = param(default=0.25, doc="Length of the intervals compared", unit="s", gt=0, le=1e6)
    steady: float = param(
        default=0.1, doc="Largest minus smallest level in the stretch, at most", unit="dB", gt=0, le=20
    )
    rest: float = param(
        default=0.05, doc="RMS of what is not the tone over that of the tone, at most", unit="1", gt=0, le=1
    )

    _fault = ""
    _watch: ToneWatch | None = None

    def configure(self, info: StreamInfo) -> None:
        """Find the channel; another stream begins anew."""
        self.stream_info(self, **{"in": info})
        self._row = 0 if self.channel is None else info.row(self.channel)
        self._info, rate = info.channels[self._row], float(info.sample_rate or 1)
        self._cut = Rechunk(size=max(1, round(self.interval * rate)), rest="drop")
        self._watch = ToneWatch(rate, self.frequency, self.duration, self.steady, self.rest)

    def process(self, frame: DataFrame) -> DataFrame:
        """Look at the frame and pass it on."""
        self.follow(frame.info)
        self._fault = self._fault or str(frame.metadata.get("invalid", ""))
        if self._watch is not None and self._watch.found is None:
            for block in self._cut.process(frame):
                self._watch.take(block, self._row)
        return frame

    def result(self) -> Verdict:
        """The sensitivity, or why there is none."""
        watch = self._watch
        if watch is None or not watch.blocks:
            return Verdict(Outcome.NOT_RUN, f"not one interval of {self.interval:g} s arrived")
        name, found = self._info.name, watch.found
        if found is None:
            why = f"{name}: no steady tone; {watch.why}"
            verdict = Verdict(Outcome.INVALID, why, channel=name, count=watch.blocks)
        else:
            known, unit, words = self._known()
            per = f"{self._info.unit or '1'}/{f'({unit})' if '/' in unit else unit}"
            value, time = found.rms / known, found.time
            told = f"{name}: {value:.5g} {per}; {words} at {found.frequency:.6g} Hz from {time:g} s on"
            verdict = Verdict(Outcome.PASS, told, value, per, time, name, count=watch.blocks)
        return verdict.invalidated(f"{self._fault}; {verdict.reason}") if self._fault else verdict

    def reset(self) -> None:
        super().reset()
        self._fault, self._watch = "", None

    def _known(self) -> tuple[float, str, str]:
        """Return RMS and unit of the calibrator's tone, and the two in words."""
        if self.level is None:
            return self.rms or 0.0, self.unit, f"{self.rms:g} {self.unit}"
        reference = parse_reference(self.reference)
        value = reference.value * 10.0 ** (self.level / 20.0)
        return value, reference.unit, f"{self.level:g} {reference.label}"

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; the tone has to fit into its rate and the intervals."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a calibration")
        problems += missing_channels(info, None if params.channel is None else [params.channel], "channel")
        if params.channel is None and len(info.names) != 1:
            have = f"one of {', '.join(info.names) or 'no channels'}"
            problems.append(
                Problem("/channel", "it is not said which channel is calibrated", have, "nothing")
            )
        if info.sample_rate is not None and params.frequency * 2.5 > info.sample_rate:
            most = f"at most {float(info.sample_rate / 2.5):g} Hz"
            problems.append(
                Problem("/frequency", "the tone is too high for the rate", most, f"{params.frequency:g} Hz")
            )
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """The tone is known, and intervals hold enough of it."""
        if (params.level is None) == (params.rms is None):
            found = "neither" if params.level is None else "both"
            yield Problem("/level", "it takes what the calibrator gives", "level or rms", found)
        try:
            parse_reference(params.reference)
        except ValueError as error:
            yield Problem("/reference", str(error))
        if params.interval * params.frequency < 8:
            least = f"at least {8 / params.frequency:g} s"
            yield Problem(
                "/interval", "an interval holds eight periods or more", least, f"{params.interval:g} s"
            )
        if params.duration < params.interval:
            yield Problem(
                "/duration",
                "it is shorter than an interval",
                f"{params.interval:g} s",
                f"{params.duration:g} s",
            )
