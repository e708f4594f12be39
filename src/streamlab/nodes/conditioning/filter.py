"""Filter: low-pass, high-pass, band-pass, band-stop and notch filters of the classical families."""

from collections.abc import Iterable
from typing import Any, Literal

from streamlab.core import DataFrame, ProcessingNode, Samples, StreamInfo, param
from streamlab.dsp.design import Family, design_notch, design_sos, settling
from streamlab.dsp.sos import SosFilter
from streamlab.errors import ParamError, Problem
from streamlab.nodes._channels import missing_channels, not_over_time, rows_of
from streamlab.nodes._through import through

Response = Literal["lowpass", "highpass", "bandpass", "bandstop", "notch"]

_BANDS = ("bandpass", "bandstop")


class Filter(ProcessingNode):
    """Filter channels by a Butterworth, Chebyshev, Bessel or elliptic filter, or a notch.

    Input    real (channels, n) over time, with a sample rate
    Output   same shape, unit unchanged; the phase of the filter is in it
    Kind     sample-wise                     State   two numbers per section and channel
    Gaps     passed on; behind one the filter begins anew and settles again
    Settles  by 60 dB within the seconds of the node's ``settling``, known with the stream
    Errors   ParamError without a sample rate, for an edge that is not below half of it, parts that do not fit
    Source   A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing", 3rd ed., 7.3

    Second-order sections from the bilinear transform, warped so that the edges are exact: there the filter is
    down by 3.01 dB (Butterworth, Bessel), by ``ripple`` (Chebyshev I, elliptic) or by ``attenuation``
    (Chebyshev II). A low-pass or high-pass has a ``cutoff``, a band-pass or band-stop ``low`` and ``high``
    (and twice the order), a notch takes out ``cutoff`` with the bandwidth cutoff / q. After the start and
    each gap what the filter still has of the beginning has fallen by 60 dB within the seconds of the node's
    ``settling``: for a Butterworth filter of order 2 and more about 0.8 order / cutoff, or 2.1 order /
    (high - low). ``start: steady`` begins as if the first sample had always been there, so that a high-pass
    does not ring from an offset. A value that is not a number stays in the state of its channel: all are NaN
    until a gap.

    Example
    -------
    >>> node = Filter(response="highpass", cutoff=10.0, start="steady")
    >>> frame = node.process(DataFrame(payload={"x": [5.0, 5.0, 5.0]}, sample_rate=1000))
    >>> abs(frame.payload["x"]).max() < 1e-9
    np.True_
    """

    kind = "sample-wise"

    response: Response = param(default="lowpass", doc="What passes")
    family: Family = param(default="butterworth", doc="Family of the filter; a notch has none")
    cutoff: float | None = param(
        default=None, doc="Edge of a low-pass or high-pass, centre of a notch", unit="Hz", gt=0, le=1e9
    )
    low: float | None = param(default=None, doc="Lower edge of a band", unit="Hz", gt=0, le=1e9)
    high: float | None = param(default=None, doc="Upper edge of a band", unit="Hz", gt=0, le=1e9)
    order: int = param(default=4, doc="Order of the low-pass that the filter is made of", ge=1, le=24)
    ripple: float | None = param(
        default=None, doc="Largest loss in the pass band (Chebyshev I, elliptic)", unit="dB", gt=0, le=60
    )
    attenuation: float | None = param(
        default=None, doc="Least loss in the stop band (Chebyshev II, elliptic)", unit="dB", gt=0, le=300
    )
    q: float = param(default=30.0, doc="Centre of a notch over its bandwidth", unit="1", gt=0, le=1e6)
    start: Literal["zero", "steady"] = param(
        default="zero", doc="What came before the first sample: zeros, or that sample for ever"
    )
    channels: list[str] | None = param(
        default=None, doc="Channels to filter; all when not given", min_length=1
    )

    settling = 0.0  # seconds, known with the stream

    def configure(self, info: StreamInfo) -> None:
        """Design the filter for the stream's rate."""
        self.stream_info(self, **{"in": info})
        rate = float(info.sample_rate or 1)
        self._rows = None if self.channels is None else rows_of(info, self.channels)
        sections = _design(self, rate)
        self.settling = settling(sections) / rate
        count = len(info.names) if self._rows is None else len(self._rows)
        self._kernel = SosFilter(sections, count, start=self.start)

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame filtered."""
        self.follow(frame.info)
        if frame.gap:
            self._kernel.reset()
        return frame.with_samples(through(self._kernel, frame.samples, self._rows))

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; a filter needs a rate, and edges below half of it."""
        info = inputs["in"]
        if info is None:
            return None
        problems = not_over_time(info, "a filter") + missing_channels(info, params.channels)
        if info.sample_rate is not None and not problems:
            edge = "high" if params.response in _BANDS else "cutoff"
            value = getattr(params, edge)
            if value >= info.sample_rate / 2:
                most = f"below {float(info.sample_rate / 2):g} Hz"
                what = f"{edge} is not below half the sample rate"
                problems.append(Problem(f"/{edge}", what, most, f"{value:g} Hz"))
            else:
                try:
                    _design(params, float(info.sample_rate))
                except ValueError as error:
                    problems.append(Problem("/low" if edge == "high" else "/cutoff", str(error)))
        if problems:
            raise ParamError(problems, title=cls.__name__)
        return info

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """A filter has the edges of its response, in order, and the losses of its family."""
        needed = ("low", "high") if params.response in _BANDS else ("cutoff",)
        for name in ("cutoff", "low", "high"):
            value = getattr(params, name)
            if name in needed and value is None:
                yield Problem(f"/{name}", f"a {params.response} needs {name}", "a frequency in Hz", "nothing")
            elif name not in needed and value is not None:
                has = " and ".join(needed)
                yield Problem(f"/{name}", f"a {params.response} has no {name}", has, f"{value:g} Hz")
        if needed == ("low", "high") and None not in (params.low, params.high) and params.low >= params.high:
            yield Problem("/low", "low is not below high", f"below {params.high:g} Hz", f"{params.low:g} Hz")
        if params.response == "notch":
            return
        losses = {"ripple": params.ripple, "attenuation": params.attenuation}
        try:  # at an edge that is always fine
            design_sos(params.family, "lowpass", 1.0, 10.0, order=params.order, **losses)
        except ValueError as error:
            yield Problem("/ripple" if "ripple" in str(error) else "/attenuation", str(error))


def _design(params: Any, rate: float) -> Samples:
    if params.response == "notch":
        return design_notch(params.cutoff, rate, q=params.q)
    edges = (params.low, params.high) if params.response in _BANDS else params.cutoff
    losses = {"ripple": params.ripple, "attenuation": params.attenuation}
    return design_sos(params.family, params.response, edges, rate, order=params.order, **losses)
