"""Pulse: rectangular pulses, such as those of a tacho."""

from collections.abc import Iterable
from typing import Any

from streamlab.core import Samples, param
from streamlab.dsp import signals
from streamlab.dsp.generate import exact_number
from streamlab.errors import Problem
from streamlab.nodes.generators._generator import Generator


class Pulse(Generator):
    """Make pulses of ``amplitude`` from 0, ``width`` seconds long, ``frequency`` of them a second.

    Input    a trigger: any frame            Output  that frame with (channels, frame_size) new samples
    Kind     sample-wise, generator          State   sample counter, exact phase
    Gaps     end here
    Errors   ParamError for pulses shorter than a sample or longer than their period

    Not band-limited: edges lie on samples, so a pulse is as many samples long as instants k / sample_rate
    fall into it: one more or less where ``width`` is no whole number of samples. The rate of the pulses is
    exact in the long run.

    Example
    -------
    >>> from streamlab.core import DataFrame
    >>> node = Pulse(frequency=2.0, width=0.125, sample_rate=16.0, frame_size=10, amplitude=5.0)
    >>> node.process(DataFrame(0, 0)).payload["main_channel"].tolist()
    [5.0, 5.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 5.0, 5.0]
    """

    frequency: float = param(default=25.0, doc="Pulses per second", unit="Hz", gt=0, le=5e8)
    width: float = param(default=0.001, doc="Length of a pulse", unit="s", gt=0, le=1e6)
    amplitude: float = param(
        default=1.0, doc="Height of a pulse, in the channels' unit", unit="unit", ge=-1e12, le=1e12, live=True
    )

    _pulses: signals.Pulse | None = None

    def make(self, start: int, out: Samples) -> None:
        if self._pulses is None:
            width, period = exact_number(self.width), 1 / exact_number(self.frequency)
            self._pulses = signals.Pulse(width, period, exact_number(self.sample_rate))
        self._pulses.block(start, out[0], amplitude=self.amplitude)
        out[1:] = out[0]

    def reset(self) -> None:
        super().reset()
        self._pulses = None

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """A pulse is at least a sample long, and over before the next one."""
        yield from super().check_params(params, given)
        width = exact_number(params.width)
        if width * exact_number(params.sample_rate) < 1:
            least = f"at least {1 / params.sample_rate:g} s"
            yield Problem("/width", "a pulse is shorter than a sample", least, f"{params.width:g} s")
        if width * exact_number(params.frequency) >= 1:
            most = f"below {1 / params.frequency:g} s"
            yield Problem("/width", "a pulse is not over before the next one", most, f"{params.width:g} s")
