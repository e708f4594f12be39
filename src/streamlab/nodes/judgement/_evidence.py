"""What a verdict rests on besides the values: that nothing was lost, and that the signal could be trusted."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from streamlab.core import ChannelInfo, DataFrame, Outcome, ProcessingNode, Verdict

__all__ = ["Evidence", "Judge", "LostPolicy", "at", "shown", "time_of", "unit_of"]

LostPolicy = Literal["invalid", "ignore"]


@dataclass(slots=True)
class Evidence:
    """Counts what speaks against a verdict as frames come.

    ``lost`` samples are missing, ``partial`` intervals were left out, or those in which a filter or detector
    before was still ``settling`` (the frame's metadata say either), ``invalid`` is the first fault that a
    CheckSignal before has found, ``bad`` the first value that is not a number, with channel and time.
    """

    lost: int = 0
    partial: int = 0
    settling: int = 0
    invalid: str = ""
    bad: tuple[str, float | None] | None = None

    def takes(self, frame: DataFrame, rows: Sequence[int]) -> bool:
        """Note what the frame says of itself; whether the values of these channels are to be judged."""
        self.lost += frame.gap
        if not self.invalid and "invalid" in frame.metadata:
            self.invalid = str(frame.metadata["invalid"])
        if "partial" in frame.metadata:
            self.partial += 1
            return False
        settling = frame.metadata.get("settling")
        if settling is True or (settling and _any_of(frame, rows, settling)):
            self.settling += 1
            return False
        return True

    def not_a_number(self, channel: str, time: float | None) -> None:
        """Note a value that cannot be judged."""
        self.bad = self.bad or (channel, time)

    def settle(self, verdict: Verdict, lost: LostPolicy) -> Verdict:
        """Return the verdict as the evidence lets it stand."""
        if self.bad is not None:
            channel, time = self.bad
            reason = f"{channel}{at(time)} is not a number"
            return Verdict(Outcome.INVALID, reason, math.nan, "", time, channel, None, verdict.count)
        if self.invalid:
            return verdict.invalidated(f"{self.invalid}; {verdict.reason}")
        if verdict.outcome is Outcome.NOT_RUN:
            left_out = [
                f"{count} {what} intervals were left out"
                for count, what in ((self.partial, "partial"), (self.settling, "settling"))
                if count
            ]
            return replace(verdict, reason="; ".join([verdict.reason, *left_out]))
        if self.lost and lost == "invalid" and verdict.outcome is not Outcome.FAIL:
            return verdict.invalidated(f"{self.lost} samples were lost; of those that came, {verdict.reason}")
        return verdict


def _any_of(frame: DataFrame, rows: Sequence[int], quantities: Collection[str]) -> bool:
    return any(frame.info.channels[row].quantity in quantities for row in rows)


class Judge(ProcessingNode):
    """A node whose result is a Verdict, with the evidence that it rests on."""

    _noted: Evidence | None = None

    @property
    def _evidence(self) -> Evidence:
        if self._noted is None:
            self._noted = Evidence()
        return self._noted

    def ended(self, gap: int) -> None:
        """What was lost at the end cannot have passed either."""
        self._evidence.lost += gap

    def reset(self) -> None:
        super().reset()
        self._noted = None


def time_of(frame: DataFrame, column: int) -> float | None:
    """Return the time of a value in seconds of the stream, or None without a rate."""
    rate = frame.sample_rate
    ahead = column if frame.info.axis == "time" else 0
    return None if rate is None else float(Fraction(frame.start_sample + ahead) / rate)


def unit_of(channel: ChannelInfo) -> str:
    """Return a channel's unit with its reference: ``dB re 20 uPa``."""
    return f"{channel.unit} re {channel.reference}" if channel.reference else channel.unit


def shown(value: float, unit: str) -> str:
    """Return a value with its unit as a sentence has it; a plain number has none."""
    return f"{value:.6g}" if unit in ("", "1") else f"{value:.6g} {unit}"


def at(time: float | None) -> str:
    """Return a time as a sentence has it."""
    return "" if time is None else f" at {time:g} s"
