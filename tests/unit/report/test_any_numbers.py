"""Whatever numbers a stream has, there is a plot of it."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from fonts import open_fonts
from streamlab import Graph
from streamlab.core import ChannelInfo, DataFrame, Outcome, StreamInfo, Verdict
from streamlab.nodes.judgement.limit import Limit
from streamlab.nodes.judgement.mask import Mask
from streamlab.report.document import Document, Stream
from streamlab.report.plots.figures import Drawn, drawn_plots
from streamlab.report.stretch import Judging, Stretch

ODD = (0.0, -0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 1e300, -1e300, 1e-300, 1e308, 5e-324, 85.0)


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    open_fonts()


def odd_stream(seed: int) -> tuple[Stream, Verdict]:
    """Draw a stream of some axis, unit and length, with gaps and marks, and judges of it."""
    random = np.random.default_rng(seed)

    def pick(*choices: Any) -> Any:
        return choices[int(random.integers(len(choices)))]

    axis, unit = pick("time", "none", "frequency", "band", "order"), pick("dB", "Pa", "1", "", "m/s2")
    size, channels = 1 if axis == "none" else pick(1, 2, 5, 40), int(random.integers(1, 12))
    points: Any = ()
    if axis in ("frequency", "order"):
        points = pick(0.0, 1.0, 100.0) + np.arange(size) * pick(1e-3, 1.0, 50.0)
    elif axis == "band":
        points = 1000.0 * 10 ** (0.1 * (np.arange(size) - 2))
    names = [ChannelInfo(f"c{at}.x", unit, pick("", "Leq", "RMS", "power")) for at in range(channels)]
    info = StreamInfo(names, pick(None, 1, 10, 48000, 1e-4), axis, points)
    upper = pick(85.0, 0.0, 1e300, -1e300, 1e-9)
    judges = [Judging("lim", "Limit", Limit(value="x", upper=upper))]
    if axis in ("frequency", "band"):
        upper, lower = [[10.0, 3.0], [1000.0, 5.0]], [[20.0, -3.0], [500.0, -3.0]]
        judges.append(Judging("mask", "Mask", Mask(upper=upper, lower=lower, floating=pick(False, True))))
    kept: Stretch | None = None
    at = pick(0, 5, 10**12)
    for _ in range(int(random.integers(1, 30))):
        shape = channels, size
        samples = pick(
            random.standard_normal(shape) * pick(1.0, 1e-12, 1e6),
            random.choice(ODD, shape),
            np.full(shape, pick(*ODD)),
            60 + 10 * random.standard_normal(shape),
        )
        gap = pick(0, 0, 0, 3)
        frame = DataFrame.from_samples(
            samples, info, start_sample=at + gap, gap=gap, span=None if axis == "time" else pick(1, 512),
            metadata=pick({}, {}, {"partial": 0.5}, {"settling": True}, {"invalid": "x"}),
        ).seal()  # fmt: skip
        kept = kept or Stretch(frame, judges, image=True)
        kept.take(frame)
        at = frame.start_sample + frame.advance
    kept.settle()
    kept.lose(pick(0, 7))
    outcome, time = pick(*Outcome), pick(None, 0.0, 1e9)
    verdict = Verdict(outcome, "", pick(*ODD), "dB", time, "c0.x", 1.0, 3, pick(None, 1.0, 1000.0))
    return Stream("n", "out", ("lim",), tuple(judges), 1, "completed", (kept,)), verdict


def plots_of(seed: int) -> list[Drawn]:
    stream, verdict = odd_stream(seed)
    report: Any = SimpleNamespace(results={"lim": verdict, "mask": verdict})
    return drawn_plots(Document(Graph("odd"), None, report, streams=[stream]))


@pytest.mark.contract("W44")
@pytest.mark.parametrize("seed", range(10))
def test_whatever_numbers_come_there_is_a_plot(seed: int) -> None:
    assert [plot.trouble for plot in plots_of(seed) if plot.trouble] == []


@pytest.mark.long
@pytest.mark.contract("W44")
def test_whatever_numbers_come_there_is_a_plot_of_a_thousand() -> None:
    found = {seed: plot.trouble for seed in range(10, 1010) for plot in plots_of(seed) if plot.trouble}
    assert found == {}
