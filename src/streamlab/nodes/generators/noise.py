"""Noise: white, pink or brown, from a seed."""

from typing import Literal

from streamlab.core import Samples, param
from streamlab.dsp.generate import BrownNoise, PinkNoise, WhiteNoise
from streamlab.nodes.generators._generator import Generator


class Noise(Generator):
    """Make normal noise: white (flat), pink (-3.01 dB per octave) or brown (-6.02 dB), one for each channel.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   the random stream; reset begins anew from the seed
    Gaps     end here                        Errors  ParamError on bad parameters

    ``rms`` is the expected value over the whole band. The samples depend on seed, color and channel, not on
    ``frame_size``; equal seeds give equal noise, so give two Noise nodes different ones. Pink keeps its slope
    within 0.06 dB from 1e-5 of the sample rate upwards, brown within 0.05 dB from 1e-4; below, they are flat.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> frame = Noise(rms=0.1, seed=1, frame_size=48000).process(DataFrame(0, 0))
    >>> round(float(frame.samples.std()), 2)
    0.1
    """

    color: Literal["white", "pink", "brown"] = param(
        default="white", doc="Spectrum: flat, or falling by 3.01 or 6.02 dB/octave"
    )
    rms: float = param(
        default=1.0, doc="Root mean square, in the channels' unit", unit="unit", ge=0, le=1e12, live=True
    )
    seed: int = param(default=0, doc="Where the random stream begins", ge=0, le=(1 << 63) - 1)

    _noise: WhiteNoise | PinkNoise | BrownNoise | None = None

    def make(self, start: int, out: Samples) -> None:
        if self._noise is None:
            self._noise = _KINDS[self.color](len(self.channels), self.seed)
        self._noise.block(out)
        out *= self.rms

    def reset(self) -> None:
        super().reset()
        self._noise = None


_KINDS: dict[str, type[WhiteNoise] | type[PinkNoise] | type[BrownNoise]] = {
    "white": WhiteNoise,
    "pink": PinkNoise,
    "brown": BrownNoise,
}
