"""The first steady stretch of one tone in a channel, interval by interval."""

from dataclasses import dataclass, field
from math import log10

from streamlab.core import DataFrame
from streamlab.dsp.tone import Tone, fit_tone

__all__ = ["Stretch", "ToneWatch"]

_FREQUENCY = 0.02
"""How far off its frequency a calibrator may be; class 2 of IEC 60942 stays within that."""

_SHORT = "the tone lasts"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A steady tone: ``rms`` in the channel's unit, ``frequency`` in Hz, from ``time`` in seconds on."""

    rms: float
    frequency: float
    time: float


@dataclass(slots=True)
class ToneWatch:
    """Waits for ``duration`` seconds of one tone whose level stays within ``steady`` dB.

    ``frequency`` is where it should be, ``rest`` what else there may be at most, as RMS over that of the
    tone. ``why`` says what was wrong last.
    """

    rate: float
    frequency: float
    duration: float
    steady: float
    rest: float
    blocks: int = 0
    why: str = ""
    found: Stretch | None = None
    _tones: list[tuple[int, Tone]] = field(default_factory=list)  # position and tone of each interval so far

    def take(self, block: DataFrame, row: int) -> None:
        """Look at an interval; after a tone has been found there is nothing to look for."""
        if self.found is not None:
            return
        self.blocks += 1
        tones, size = self._tones, block.n
        if tones and block.start_sample != tones[-1][0] + size:
            tones.clear()
        tone = fit_tone(block.samples[row], self.rate)
        wrong = self._wrong(tone)
        if tone is None or wrong:
            self.why = wrong
            tones.clear()
            return
        tones.append((block.start_sample, tone))
        while (spread := _spread(tones)) > self.steady:
            self.why = f"the level moves by {spread:.2g} dB"
            del tones[0]
        if (len(tones) + 0.5) * size < self.duration * self.rate:
            lasted = len(tones) * size / self.rate
            if not self.why or self.why.startswith(_SHORT):  # what else was wrong says more
                self.why = f"{_SHORT} {lasted:g} s of {self.duration:g} s"
            return
        power = sum(one.rms**2 for _, one in tones) / len(tones)
        frequency = sum(one.frequency for _, one in tones) / len(tones)
        self.found = Stretch(power**0.5, frequency, tones[0][0] / self.rate)

    def _wrong(self, tone: Tone | None) -> str:
        if tone is None or tone.rest > 1.0:
            return f"there is no tone near {self.frequency:g} Hz"
        if abs(tone.frequency / self.frequency - 1.0) > _FREQUENCY:
            return f"the tone is at {tone.frequency:.4g} Hz and not at {self.frequency:g} Hz"
        return f"besides the tone there is {tone.rest:.0%} of something else" if tone.rest > self.rest else ""


def _spread(tones: list[tuple[int, Tone]]) -> float:
    levels = [20.0 * log10(tone.rms) for _, tone in tones]
    return max(levels) - min(levels)
