"""LogSweep: a sine whose frequency grows by the same ratio in the same time."""

from collections.abc import Iterable
from math import ceil
from typing import Any

from streamlab.core import Samples, param
from streamlab.dsp import signals
from streamlab.dsp.generate import exact_number
from streamlab.errors import Problem
from streamlab.nodes.generators._generator import Generator


class LogSweep(Generator):
    """Make a sweep: a sine that goes from one frequency to another, as long in each octave.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter
    Gaps     end here
    Errors   ParamError for a frequency above half the sample rate, or twice the same
    Source   A. Farina, AES 108, 2000; ISO 18233:2006, annex B

    The frequency is start * (stop / start)^(t / duration), t from ``begin`` on; before and behind is silence.
    Each octave, and each fraction of one, gets the same energy: a device that passes all frequencies alike
    gives the same level in every band of OctaveBands. Downwards where ``stop`` is the lower one.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> node = LogSweep(start=1.0, stop=2.0, duration=1.0, sample_rate=8.0, frame_size=10)
    >>> node.process(DataFrame(0, 0)).payload["main_channel"].round(2).tolist()
    [0.0, 0.73, 0.99, 0.44, -0.58, -0.98, -0.1, 0.96, 0.0, 0.0]
    """

    start: float = param(default=20.0, doc="Frequency at the beginning", unit="Hz", gt=0, le=5e8)
    stop: float = param(default=20_000.0, doc="Frequency at the end", unit="Hz", gt=0, le=5e8)
    duration: float = param(default=10.0, doc="Length of the sweep", unit="s", gt=0, le=1e6)
    begin: float = param(default=0.0, doc="When it begins", unit="s", ge=0, le=1e9)
    amplitude: float = param(
        default=1.0, doc="Peak value, in the channels' unit", unit="unit", ge=0, le=1e12, live=True
    )

    _sweep: signals.LogSweep | None = None

    def make(self, start: int, out: Samples) -> None:
        if self._sweep is None:
            self._sweep = signals.LogSweep(self.start, self.stop, self.duration, self.sample_rate)
        first = ceil(exact_number(self.begin) * exact_number(self.sample_rate))
        silent = min(max(0, first - start), out.shape[1])
        out[:, :silent] = 0.0
        row = out[0, silent:]
        self._sweep.block(max(start - first, 0), row, amplitude=self.amplitude)
        out[1:, silent:] = row

    def reset(self) -> None:
        super().reset()
        self._sweep = None

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Both frequencies are up to half the rate, and two."""
        yield from super().check_params(params, given)
        half = params.sample_rate / 2
        for name in ("start", "stop"):
            value = getattr(params, name)
            if value > half:
                what, most = f"{name} is above half the sample rate", f"at most {half:g} Hz"
                yield Problem(f"/{name}", what, most, f"{value:g} Hz", "raise sample_rate")
        if params.start == params.stop:
            found = f"{params.stop:g} Hz twice"
            yield Problem("/stop", "a sweep goes from one frequency to another", "two", found)
