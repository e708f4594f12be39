"""Inlets: where a segment's frames come from.

One edge, or several put together by zip, align, latest or merge.
"""

from collections.abc import Iterable
from typing import Protocol

from streamlab.core.channel import Receiver
from streamlab.core.channel_state import gravest, wait_ready
from streamlab.core.channel_waits import wait_any
from streamlab.core.frame import DataFrame
from streamlab.core.ports import Join
from streamlab.engine.align import Align
from streamlab.engine.patience import Patience
from streamlab.errors import EndOfStream

__all__ = ["Group", "Inlet", "Latest", "Merge", "Single", "Zip", "make_inlet"]

Group = tuple[DataFrame, ...]
"""One frame for each input port, in the order of the ports."""


class Inlet(Protocol):
    """What a runner reads from.

    It holds the slots of what it took until it hears that the group is done with or failed.
    """

    @property
    def receivers(self) -> tuple[Receiver, ...]:
        """The ends of the edges that it reads, in the order of the ports."""

    def poll(self) -> Group | None:
        """Return the next group if it can be put together now, else None. Raises EndOfStream."""

    async def wait(self) -> None:
        """Wait until ``poll`` may have more to say."""

    def done(self, count: int = 1) -> None:
        """Give back the slots of the ``count`` oldest groups taken."""

    def fail(self) -> None:
        """Give back the slots of the oldest group taken, counted as failed."""


class Single:
    """One edge."""

    __slots__ = ("_state", "receivers")

    def __init__(self, receiver: Receiver) -> None:
        self.receivers = (receiver,)
        self._state = receiver.state

    def poll(self) -> Group | None:
        """See :class:`Inlet`."""
        state = self._state
        if not state.queue and state.senders:
            return None
        return (self.receivers[0].take(),)

    async def wait(self) -> None:
        """See :class:`Inlet`."""
        await wait_ready((self._state,))

    def done(self, count: int = 1) -> None:
        """See :class:`Inlet`."""
        self._state.release(count)

    def fail(self) -> None:
        """See :class:`Inlet`."""
        self._state.fail()


class Zip:
    """Pairs frames of equal ``sequence_id``.

    Before all inputs have one, the early ones wait (they push back). A frame whose partner cannot come any
    more - a later one came instead, or ``deadline`` seconds went by - is dropped and counted, and the next
    group carries the gap. When one input has ended and nothing of it is left, the stream ends there, with
    the reason of that input (the gravest, if several have); what other inputs had beyond is dropped, and is
    no gap of this stream. A group's gap is the largest of its frames'.
    """

    __slots__ = ("_heads", "_lost", "_patience", "receivers")

    def __init__(self, receivers: tuple[Receiver, ...], deadline: float | None = None) -> None:
        self.receivers = receivers
        self._heads: list[DataFrame | None] = [None] * len(receivers)
        self._lost = [0] * len(receivers)
        self._patience = Patience(deadline)

    def poll(self) -> Group | None:
        """See :class:`Inlet`."""
        while True:
            self._fill()
            heads = [head for head in self._heads if head is not None]
            if len(heads) < len(self.receivers):
                if heads and self._patience.over:
                    for at, head in enumerate(self._heads):
                        if head is not None:
                            self._drop(at, head)
                    continue
                return None
            newest = max(head.sequence_id for head in heads)
            if all(head.sequence_id == newest for head in heads):
                return self._group(heads)
            for at, head in enumerate(heads):
                if head.sequence_id != newest:
                    self._drop(at, head)

    def _fill(self) -> None:
        """Take a frame from every input that has one to give. An input that is over ends the stream."""
        ends: list[EndOfStream] = []
        lost = max(self._lost)
        for at, receiver in enumerate(self.receivers):
            if self._heads[at] is None and receiver.ready:
                try:
                    self._heads[at] = receiver.take()
                except EndOfStream as ended:
                    ends.append(ended)
                    lost = max(lost, self._lost[at] + ended.gap)
        if ends:
            for at, head in enumerate(self._heads):
                if head is not None:
                    self._drop(at, head)
            raise EndOfStream(gravest(end.reason for end in ends), lost)
        if any(head is not None for head in self._heads):
            self._patience.begin()

    def _drop(self, at: int, head: DataFrame) -> None:
        self._lost[at] += head.advance + head.gap
        self._heads[at] = None
        self._patience.end()
        self.receivers[at].state.discard()

    def _group(self, heads: list[DataFrame]) -> Group:
        gap = max(head.gap + lost for head, lost in zip(heads, self._lost, strict=True))
        if any(self._lost):
            self._lost = [0] * len(heads)
        self._heads = [None] * len(heads)
        self._patience.end()
        return tuple(head if head.gap == gap else head.replace(gap=gap).seal() for head in heads)

    async def wait(self) -> None:
        """See :class:`Inlet`."""
        missing = [
            receiver for receiver, head in zip(self.receivers, self._heads, strict=True) if head is None
        ]
        await self._patience.wait(missing)

    def done(self, count: int = 1) -> None:
        """See :class:`Inlet`."""
        for receiver in self.receivers:
            receiver.state.release(count)

    def fail(self) -> None:
        """See :class:`Inlet`."""
        for receiver in self.receivers:
            receiver.state.fail()


class Latest:
    """Gives every frame of the first input, which sets the pace, with the newest frame of each of the others.

    Until each of the others has come once the first waits (it pushes back); with a ``deadline``, its frames
    are dropped and counted after so many seconds. An input beside the first that has ended keeps its last
    frame; one that ended without any, and the end of the first, end the stream. Frames that were overtaken,
    or never used, count as dropped; the gaps are those of the first input.
    """

    __slots__ = ("_head", "_lost", "_newest", "_patience", "_used", "receivers")

    def __init__(self, receivers: tuple[Receiver, ...], deadline: float | None = None) -> None:
        self.receivers = receivers
        self._newest: list[DataFrame | None] = [None] * len(receivers)
        self._used = [True] * len(receivers)
        self._head: DataFrame | None = None
        self._patience = Patience(deadline)
        self._lost = 0

    def poll(self) -> Group | None:
        """See :class:`Inlet`."""
        first, *others = self.receivers
        for at, receiver in enumerate(others, 1):
            self._refresh(at, receiver)
        while True:
            if self._head is None:
                if not first.ready:
                    return None
                self._head = self._next(first)
                self._patience.begin()
            if all(frame is not None for frame in self._newest[1:]):
                return self._group()
            if not self._patience.over:
                return None
            self._lost += self._head.advance + self._head.gap
            self._head = None
            self._patience.end()
            first.state.discard()

    def _refresh(self, at: int, receiver: Receiver) -> None:
        """Keep the newest frame of a slow input; its slot is free as soon as it is kept."""
        while receiver.state.queue:
            self._overtake(at)
            self._newest[at] = receiver.take()
            self._used[at] = False
            receiver.state.release()
        if self._newest[at] is None and receiver.state.senders == 0:
            if self._head is not None:
                self.receivers[0].state.discard()
            raise EndOfStream(receiver.state.reason, self._lost)

    def _next(self, first: Receiver) -> DataFrame:
        """Take the next frame of the first input. Its end is that of the stream."""
        try:
            return first.take()
        except EndOfStream as end:
            for at in range(1, len(self.receivers)):
                self._overtake(at)
            raise EndOfStream(end.reason, end.gap + self._lost) from None

    def _overtake(self, at: int) -> None:
        """A newer frame, or the end, comes: what was kept and never used is dropped after all."""
        if not self._used[at]:
            self._used[at] = True
            self.receivers[at].state.done -= 1
            self.receivers[at].state.dropped += 1

    def _group(self) -> Group:
        head, self._head = self._head, None
        self._patience.end()
        if head is not None and self._lost:
            head = head.replace(gap=head.gap + self._lost).seal()
            self._lost = 0
        self._used = [True] * len(self._used)
        group = (head, *self._newest[1:])
        return tuple(frame for frame in group if frame is not None)

    async def wait(self) -> None:
        """See :class:`Inlet`."""
        missing = [
            receiver
            for at, receiver in enumerate(self.receivers)
            if (self._head is None if at == 0 else receiver.state.senders > 0)
        ]
        await self._patience.wait(missing)

    def done(self, count: int = 1) -> None:
        """See :class:`Inlet`."""
        self.receivers[0].state.release(count)

    def fail(self) -> None:
        """See :class:`Inlet`."""
        self.receivers[0].state.fail()


class Merge:
    """Takes frames of several edges as they arrive, the order on each edge kept; they are numbered anew.

    Ends when all have ended.

    The inputs take turns where several have frames. Gaps stay on the frames that carry them; the stream's
    reason is the gravest of the inputs'.
    """

    __slots__ = ("_count", "_held", "_reasons", "_turn", "receivers")

    def __init__(self, receivers: tuple[Receiver, ...]) -> None:
        self.receivers = receivers
        self._count = 0
        self._turn = 0
        self._held: list[Receiver] = []
        self._reasons: dict[int, EndOfStream] = {}

    def poll(self) -> Group | None:
        """See :class:`Inlet`."""
        size = len(self.receivers)
        for step in range(size):
            at = (self._turn + step) % size
            receiver = self.receivers[at]
            if at in self._reasons or not receiver.ready:
                continue
            try:
                frame = receiver.take()
            except EndOfStream as ended:
                self._reasons[at] = ended
                continue
            self._turn = at + 1
            self._held.append(receiver)
            frame = frame.replace(sequence_id=self._count).seal()
            self._count += 1
            return (frame,)
        if len(self._reasons) == size:
            ends = self._reasons.values()
            raise EndOfStream(gravest(end.reason for end in ends), sum(end.gap for end in ends))
        return None

    async def wait(self) -> None:
        """See :class:`Inlet`."""
        await wait_any(receiver for at, receiver in enumerate(self.receivers) if at not in self._reasons)

    def done(self, count: int = 1) -> None:
        """See :class:`Inlet`."""
        for _ in range(count):
            self._held.pop(0).state.release()

    def fail(self) -> None:
        """See :class:`Inlet`."""
        self._held.pop(0).state.fail()


def make_inlet(receivers: Iterable[Receiver], join: Join | None, several_ports: bool) -> Inlet:
    """Return the inlet for a segment's edges, in the order of the head's ports."""
    listed = tuple(receivers)
    policy = join.policy if join is not None else "zip"
    if not several_ports:
        return Single(listed[0]) if len(listed) == 1 else Merge(listed)
    if join is not None and policy == "align":
        return Align(listed, join)
    if join is not None and policy == "latest":
        return Latest(listed, join.deadline)
    return Zip(listed, join.deadline if join is not None else None)
