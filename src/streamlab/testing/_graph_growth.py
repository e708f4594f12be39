"""How a drawn graph goes on: what may stand behind a stream, and which streams may be joined."""

import math
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from fractions import Fraction

from hypothesis import strategies as st

from streamlab.core.ports import FILLS
from streamlab.dsp.interpolate import HALF_WIDTH
from streamlab.testing._graph_builder import MAX_CAPACITY, UNITS, Document, GraphBuilder, Stream

__all__ = ["GraphGrowth"]

FACTORS = st.floats(-4, 4, allow_subnormal=False)
DEADLINES = (0.001, 1.0)
CONFIGS: dict[str, st.SearchStrategy[Document]] = {
    "Gain": st.fixed_dictionaries({"gain": FACTORS}) | st.fixed_dictionaries({"gain_db": FACTORS}),
    "Offset": st.fixed_dictionaries({"offset": FACTORS}),
    "Delay": st.fixed_dictionaries({"samples": st.integers(0, 20)}),
    "RemoveDc": st.fixed_dictionaries({"cutoff": st.sampled_from([0.1, 1.0])}),
    "Limit": st.fixed_dictionaries({"upper": FACTORS}),
    "PassRun": st.fixed_dictionaries({"factor": FACTORS}),
    "Slow": st.fixed_dictionaries({"seconds": st.sampled_from([0.0, 0.003, 1.0])}),
}


class GraphGrowth(GraphBuilder):
    """A graph that grows a node at a time; each way adds the streams that come of it."""

    def grow(self) -> None:
        """Add a node behind one of the streams, or two; the newest ones most often."""
        stream = self.streams[-1 - self.draw(st.integers(0, len(self.streams) - 1))]
        ways: list[Callable[[Stream], None]] = [*[self._one_to_one] * 4, self._split, self._zip]
        if stream.timed and not stream.held:
            ways.append(self._cut_anew)
        if stream.timed and stream.even:
            ways.append(self._align)
        if stream.cut == (stream.rate, stream.size):
            ways.append(self._overdub)
        if self.kit and self.kinds is None:
            ways += [self._fork, self._hold_back, self._repeat]
        if self.lossy:
            ways += [self._fail, self._latest, self._merge]
        self.draw(st.sampled_from(ways))(stream)

    # -- one stream

    def _one_to_one(self, stream: Stream) -> None:
        kit = ("Pass", "PassAsync", "PassRun", "Recorder", "Judge", "Slow")
        timed = ("Delay", "RemoveDc") if stream.timed else ()
        type = self.wanted("Gain", "Offset", "Select", "Limit", "Collect", "Statistics", *timed, *kit)
        channel = self.pick(*stream.channels)
        config: Document = dict(self.draw(CONFIGS[type])) if type in CONFIGS else {}
        if type in ("Gain", "Offset", "Delay", "RemoveDc"):
            # One number may only be added to channels of one unit.
            apart = type == "Offset" and len(set(stream.units)) > 1
            config["channels"] = [channel[0]] if apart or self.rarely() else None
        elif type in ("Limit", "Select"):
            config |= {"value": channel[0]} if type == "Limit" else {"keep": [channel[0]]}
        stream = replace(stream, end=self.node(type, (stream, ""), **config))
        if type == "Select":
            stream = replace(stream, channels=(channel,))
        elif type == "Statistics":
            stream = replace(_measured(stream, ("mean", "RMS")), timed=False)
            stream = replace(stream, cut=("statistics", stream.cut))
        self.streams.append(stream)

    def _split(self, stream: Stream) -> None:
        """Add a node that parts the channels."""
        if len(stream.channels) > 1:
            first, *rest = self.draw(st.permutations(stream.channels))
            id = self.node("Split", (stream, ""), a=[first[0]], b=[name for name, _ in rest])
            self.streams.append(replace(stream, end=f"{id}.a", channels=(first,)))
            self.streams.append(replace(stream, end=f"{id}.b", channels=tuple(rest)))

    def _overdub(self, stream: Stream) -> None:
        """Add a generator that makes further channels, as many samples as come."""
        self.generator(stream, (stream, ""), keeps=True)

    def _cut_anew(self, stream: Stream) -> None:
        """Add a node that makes frames of its own, numbered anew."""
        interval = self.pick("0.004", "0.01", "0.1")
        if self.draw(st.booleans()):
            size, type = self.draw(st.integers(1, 16)), self.wanted("Rechunk", "Recut")
            id = self.node(type, (stream, ""), **{"size" if type == "Rechunk" else "frame_size": size})
            self._renumbered(replace(stream, end=id, size=size), (type, size), size / stream.rate)
        elif set(stream.units) <= set(UNITS) and Fraction(interval) * stream.rate >= 1:
            choice = st.lists(st.sampled_from(["RMS", "peak", "crest", "Leq"]), min_size=1, unique=True)
            metrics = self.draw(choice)
            id = self.node("Level", (stream, ""), interval=float(interval), metrics=metrics)
            level = replace(_measured(stream, metrics), end=id, rate=1 / Fraction(interval))
            self._renumbered(level, ("level", interval), Fraction(interval))

    def _repeat(self, stream: Stream) -> None:
        if not stream.held:
            count = self.draw(st.integers(0, 3))
            id = self.node("Repeat", (stream, ""), count=count)
            # The same samples come again and again: that is no time axis.
            again = replace(stream, end=id, timed=False)
            self._renumbered(again, ("repeat", count), Fraction(0))

    def _renumbered(self, stream: Stream, how: Hashable, lag: Fraction) -> None:
        cut = (how, stream.cut, stream.ends)
        self.streams.append(replace(stream, cut=cut, late=0, lag=stream.lag + lag, thinned=False))

    def _hold_back(self, stream: Stream) -> None:
        count = self.draw(st.integers(0, 12))
        if not stream.thinned and stream.late + count < MAX_CAPACITY:
            id = self.node("HoldBack", (stream, ""), count=count)
            self.streams.append(replace(_later(stream, count), end=id, held=True))

    def _fork(self, stream: Stream) -> None:
        mode = self.pick("both", "both", "turns")
        if mode == "both":
            id = self.node("Fork", (stream, ""), mode=mode)
            self.streams += [replace(stream, end=f"{id}.{port}") for port in "ab"]
        elif not stream.thinned:
            id = self.node("Fork", (stream, ""), mode=mode)
            half = replace(_later(stream, 1), thinned=True)
            self.streams += [
                replace(half, end=f"{id}.{port}", ends=(stream.ends, mode, port)) for port in "ab"
            ]

    # -- two streams

    def _partner(self, stream: Stream, fits: Callable[[Stream], bool]) -> Stream | None:
        """Draw a stream to join with.

        A join ends with the first of its inputs, and with it those who only feed it: a trigger input must
        not end before its triggers.
        """
        triggered = [item for item in self.streams if "triggers" in item.roots | stream.roots]
        others = [
            item
            for item in self.streams
            if fits(item) and (item not in triggered or item.roots == stream.roots)
        ]
        return self.draw(st.sampled_from(others)) if others else None

    def _both(self, first: Stream, second: Stream, needs: int | Sequence[int], join: Document | None) -> str:
        type = self.wanted("Mix", "AddBoth")
        config = {"gain_a": self.draw(FACTORS)} if type == "Mix" else {}
        return self.node(type, (first, "a"), (second, "b"), needs=needs, join=join, **config)

    def _zip(self, stream: Stream) -> None:
        """Add what belongs together: frames of the same number and length."""

        def fits(item: Stream) -> bool:
            pairs = not (item.thinned and stream.thinned) or item.ends == stream.ends
            return item.cut == stream.cut and item.units == stream.units and pairs

        other = self._partner(stream, fits)
        if other is None:
            return
        join: Document | None = {"policy": "zip"} if self.draw(st.booleans()) else None
        if self.lossy and self.rarely():
            join = {"policy": "zip", "deadline": self.pick(*DEADLINES)}
        late = max(stream.late, other.late)
        id = self._both(stream, other, late + 1, join)
        self.streams.append(
            replace(
                stream,
                end=id,
                ends=stream.ends if stream.ends == other.ends else ("zip", stream.ends, other.ends),
                roots=stream.roots | other.roots,
                late=late,
                lag=max(stream.lag, other.lag),
                even=stream.even and other.even,
                thinned=stream.thinned or other.thinned,
                held=stream.held or other.held,
            )
        )

    def _align(self, stream: Stream) -> None:
        """Add what belongs to the same time, whatever its rate."""
        other = self._partner(stream, lambda item: item.timed and item.even and item.units == stream.units)
        if other is None:
            return
        fill, grid = self.pick(*FILLS), self.pick(None, 500)
        rate = Fraction(grid or stream.rate)
        # How far interpolation looks ahead, in samples of the slower axis.
        ahead = (HALF_WIDTH if fill == "resample" else 1) / min(stream.rate, other.rate, rate)
        lag = max(stream.lag, other.lag) + ahead
        needs = [math.ceil(lag / item.seconds) + 2 for item in (stream, other)]
        if max(needs) <= MAX_CAPACITY:
            join: Document = {"policy": "align", "fill": fill} | ({"rate": grid} if grid else {})
            id = self._both(stream, other, needs, join)
            aligned = replace(stream, end=id, rate=rate, cut=id, ends=id, roots=stream.roots | other.roots)
            size = max(1, round(stream.size * rate / stream.rate))
            self.streams.append(replace(aligned, size=size, late=0, lag=lag, thinned=False, held=False))

    # -- what may lose frames

    def _fail(self, stream: Stream) -> None:
        """Add a node that fails at some frames, or leaves before the end."""
        type = self.pick("Failing", "FailingAsync", "FailingRun", "EarlyClose")
        first, times = self.draw(st.integers(0, 10)), self.draw(st.integers(1, 5))
        if type == "EarlyClose":
            id = self.node(type, (stream, ""), count=first)
        else:
            on_error = self.pick("skip", "skip", "fail")
            id = self.node(type, (stream, ""), first=first, times=times, on_error=on_error)
        self.streams.append(replace(stream, end=id, ends=(id, stream.ends), thinned=True))

    def _latest(self, stream: Stream) -> None:
        other = self._partner(stream, lambda item: item.units == stream.units and item.size == stream.size)
        if other is not None:
            join: Document = {"policy": "latest"}
            if self.draw(st.booleans()):
                join["deadline"] = self.pick(*DEADLINES)
            id = self.node(
                "AddBoth", (stream, "a"), (other, "b"), needs=max(stream.late, other.late) + 1, join=join
            )
            self.streams.append(replace(stream, end=id, cut=id, ends=id, roots=stream.roots | other.roots))

    def _merge(self, stream: Stream) -> None:
        alike = (stream.channels, stream.rate, stream.size)
        other = self._partner(stream, lambda item: (item.channels, item.rate, item.size) == alike)
        if other is not None and other is not stream:
            type = self.wanted("Gain", "Collect", "Pass", "Recorder")
            id = self.node(type, (stream, ""), (other, ""), join={"policy": "merge"})
            mixed = replace(stream, end=id, cut=id, ends=id, roots=stream.roots | other.roots)
            self.streams.append(replace(mixed, timed=False))


def _measured(stream: Stream, numbers: Sequence[str]) -> Stream:
    """The stream of some numbers for each channel, one of each a frame; only like numbers may be added."""
    channels = tuple(
        (f"{name}.{what}", f"{what} {unit}") for name, unit in stream.channels for what in numbers
    )
    return replace(stream, channels=channels, size=1)


def _later(stream: Stream, count: int) -> Stream:
    return replace(stream, late=stream.late + count, lag=stream.lag + count * stream.seconds)
