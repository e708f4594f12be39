"""The parts of a drawn graph and where its streams begin."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from streamlab.core import node_class
from streamlab.core.channel_state import POLICIES
from streamlab.core.node import Kind
from streamlab.testing import nodes as kit_nodes

__all__ = ["MAX_CAPACITY", "UNITS", "Document", "GraphBuilder", "Stream"]

TRIGGERS_PER_SECOND = 250
MAX_CAPACITY = 64
MAX_FRAMES = 40
NAMES = ("x", "left", "right", "µ", "a.b", "1/3")
UNITS = ("", "Pa", "V")

Document = dict[str, Any]


@dataclass(frozen=True)
class Stream:
    """What is known of an output.

    Streams of one ``cut`` have frames of the same lengths under the same numbers, as far as both go;
    ``ends`` says where they stop and what is missing, so that what is cut anew from equals is equal.
    ``size`` is the usual length of a frame, ``late`` how many frames the stream may be behind its source
    and ``lag`` the same in seconds. ``roots`` is what makes it begin.

    ``timed``: a time axis that a level can be measured on; ``even``: timestamps are those of the samples;
    ``thinned``: some numbers are missing; ``held``: frames come late, so nothing may count them anew.
    """

    end: str
    channels: tuple[tuple[str, str], ...]
    rate: Fraction
    size: int
    cut: Hashable
    ends: Hashable
    roots: frozenset[str]
    late: int = 0
    lag: Fraction = Fraction(0)
    timed: bool = True
    even: bool = True
    thinned: bool = False
    held: bool = False

    @property
    def units(self) -> tuple[str, ...]:
        return tuple(unit for _, unit in self.channels)

    @property
    def seconds(self) -> Fraction:
        """Length of a frame."""
        return Fraction(max(1, self.size)) / self.rate


class GraphBuilder:
    """A graph in the making, as ``draw`` says; the parameters are those of ``valid_graphs``.

    ``streams`` are the outputs that something may be connected to.
    """

    def __init__(
        self, draw: Any, kit: bool, lossy: bool, kinds: Collection[Kind] | None, executors: Sequence[str]
    ) -> None:
        self.draw = draw
        self.kit = kit
        self.lossy = lossy
        self.kinds = kinds
        self.executors = executors
        self.nodes: list[Document] = []
        self.edges: list[Document] = []
        self.streams: list[Stream] = []
        self.triggers: Document | None = None

    # -- the parts of a document

    def pick(self, *choices: Any) -> Any:
        """Draw one of these."""
        return self.draw(st.sampled_from(choices))

    def rarely(self) -> bool:
        """Draw what is mostly false."""
        return bool(self.draw(st.integers(0, 7)) == 7)

    def node(
        self,
        type: str,
        *inputs: tuple[Stream, str],
        needs: int | Sequence[int] = 1,
        join: Document | None = None,
        on_error: str = "",
        **config: Any,
    ) -> str:
        """Add a node with an edge from each (stream, port) that holds at least what it ``needs``.

        Parameters of None are left out. Returns its id.
        """
        id = f"{type.lower()}{self.pick('', ' ', '.', '/', '~', 'é')}{len(self.nodes)}"
        entry: Document = {"id": id, "type": type}
        if config := {key: value for key, value in config.items() if value is not None}:
            entry["config"] = config
        if join is not None:
            entry["join"] = join
        if on_error:
            entry["on_error"] = on_error
        if self.rarely():
            entry["isolate"] = True
        if self.rarely():
            entry["executor"] = self.pick(*self.executors)
        self.nodes.append(entry)
        least = [needs] * len(inputs) if isinstance(needs, int) else needs
        for (stream, port), need in zip(inputs, least, strict=True):
            self._edge(stream.end, f"{id}.{port}" if port else id, need)
        return id

    def _edge(self, source: str, target: str, needs: int) -> None:
        entry: Document = {"from": source, "to": target}
        if needs > 1:
            entry["metadata"] = {"needs": needs}
        if needs > 1 or self.rarely():
            entry["capacity"] = self.draw(st.integers(needs, max(needs, MAX_CAPACITY)))
        if self.lossy and self.rarely():
            entry["policy"] = self.pick(*POLICIES)
        self.edges.append(entry)

    def document(self) -> Document:
        """Return the graph, its nodes and connections in any order."""
        nodes = self.draw(st.permutations(self.nodes)) if self.rarely() else self.nodes
        edges = self.draw(st.permutations(self.edges)) if self.rarely() else self.edges
        settings: Document = {}
        if self.draw(st.booleans()):
            settings["channel_capacity"] = self.draw(st.integers(1, MAX_CAPACITY) | st.just("auto"))
        if self.rarely():
            settings["fuse"] = False
        if self.rarely():
            settings["executor"] = self.pick(*self.executors)
        document: Document = {"version": 1, "name": "drawn", "pipeline_config": settings}
        if self.triggers is not None:
            document["metadata"] = {"triggers": self.triggers}
        return document | {"nodes": list(nodes), "connections": list(edges)}

    def wanted(self, *types: str) -> str:
        """Draw a type of those that the caller wants in the graph; the first is always among them."""
        known = {name: getattr(kit_nodes, name) for name in types if hasattr(kit_nodes, name)}
        allowed = [
            name
            for name in types
            if (self.kit or name not in known)
            and (self.kinds is None or (known.get(name) or node_class(name)).kind in self.kinds)
        ]
        return str(self.pick(*(allowed or types[:1])))

    # -- where streams begin

    def heads(self) -> None:
        """Add sources, nodes that wait for triggers, or both."""
        way = self.pick("sources", "sources", "triggers", "both")
        if way != "sources":
            size = self.pick(0, 4) if way == "triggers" else 0
            count = self.draw(st.integers(0, MAX_FRAMES))
            self.triggers = {"count": count, "size": size, "rate": TRIGGERS_PER_SECOND}
            self._triggered(size)
        for _ in range(self.draw(st.integers(0 if way == "triggers" else 1, 2))):
            if self.triggers is not None and way == "triggers":
                self._triggered(self.triggers["size"])
            elif self.kit and self.draw(st.booleans()):
                self._ticks()
            else:
                self._clocked()

    def _ticks(self) -> None:
        size, count = self.pick(4, 8, 12), self.draw(st.integers(0, MAX_FRAMES))
        rate, channels = Fraction(self.pick(250, 125) * size), self._channels()
        holes = self.draw(st.lists(st.integers(0, 10), max_size=2, unique=True)) if self.rarely() else []
        config = {"count": count, "frame_size": size, "sample_rate": float(rate), "channels": channels}
        if self.rarely():
            config |= {"period": self.pick(0.0, 0.004, 0.3), "awaits": True}
        id = self.node("Ticks", **config, lost_before=holes or None)
        ends = (count, tuple(sorted(holes)))
        made = tuple((name, "") for name in channels)
        self.streams.append(Stream(id, made, rate, size, (rate, size), ends, frozenset([id])))

    def _clocked(self) -> None:
        """Add a Clock and a generator or two that it drives."""
        frame_rate, count = self.pick(250, 125), self.draw(st.integers(0, MAX_FRAMES))
        id = self.node("Clock", rate=float(frame_rate), frames=count)
        tick = Stream(id, (), Fraction(frame_rate), 1, (), (count, ()), frozenset([id]))
        for _ in range(self.draw(st.integers(1, 2))):
            size = self.pick(4, 8, 12)
            self.generator(replace(tick, rate=Fraction(frame_rate * size), size=size), (tick, ""))

    def _triggered(self, size: int) -> None:
        """Add a node that waits for triggers, which bring so many samples of channel x."""
        per_frame = size or self.pick(4, 8, 12)
        rate = Fraction(TRIGGERS_PER_SECOND * per_frame)
        stream = Stream("", (("x", ""),), rate, per_frame, (), "triggers", frozenset(["triggers"]))
        if size and self.draw(st.booleans()):
            id = self.node(self.wanted("Gain", "Pass"))
            self.streams.append(replace(stream, end=id, cut=(rate, per_frame)))
        else:  # what a trigger brings is not known before it comes: make a channel of its name
            self.generator(stream, known=("x",) if size else ())

    def _channels(self) -> list[str]:
        names: list[str] = self.draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
        return names

    def generator(
        self, like: Stream, *inputs: tuple[Stream, str], known: Sequence[str] = (), keeps: bool = False
    ) -> None:
        """Add a generator of frames like these; what comes in stays beside them if it ``keeps`` that."""
        channels, unit = list(dict.fromkeys([*known, *self._channels()])), self.pick(*UNITS)
        shape = {
            "sample_rate": float(like.rate),
            "frame_size": like.size,
            "channels": channels,
            "unit": unit,
        }
        if self.draw(st.booleans()):
            frequency = self.draw(st.integers(0, int(like.rate * 500))) / 1000  # up to half the rate
            id = self.node("SineGenerator", *inputs, **shape, frequency=frequency)
        else:
            color, seed = self.pick("white", "pink"), self.draw(st.integers(0, 9))
            id = self.node("Noise", *inputs, **shape, color=color, seed=seed)
        brought = [item for item in like.channels if keeps and item[0] not in channels]
        made = (*brought, *((name, unit) for name in channels))
        # It counts the samples that it makes: behind a gap they are not those of its timestamps.
        self.streams.append(
            replace(like, end=id, channels=made, cut=(like.rate, like.size), even=like.even and not keeps)
        )
