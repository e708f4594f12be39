"""Runners: what a segment's task does.

Push frames through a chain, await a node, or let it run (sources: see source_runner).
"""

import asyncio
import inspect
from time import monotonic
from typing import Any, NoReturn, Protocol

from streamlab.core.channel import Receiver
from streamlab.core.channel_state import gravest
from streamlab.engine.chain import Chain, Done
from streamlab.engine.joins import Group, Inlet, Single
from streamlab.engine.outlet import Outlet
from streamlab.engine.step import Emissions, Step
from streamlab.engine.threads import ThreadWorker
from streamlab.errors import ChannelClosed, EndOfStream, NodeError, StreamLabError

__all__ = [
    "MAX_HOP",
    "TURN_SECONDS",
    "AsyncRunner",
    "ChainAway",
    "ChainInThread",
    "ChainRunner",
    "FreeRunner",
    "Runner",
    "deliver",
]

TURN_SECONDS = 0.005
"""How long a segment may keep the event loop before it lets others have a turn. Real time, on any loop."""

MAX_HOP = 64
"""Frames that go to a worker in one hop at most."""


class Runner(Protocol):
    """One segment at work. ``run`` returns the reason why its stream ended, or raises NodeError."""

    steps: list[Step]
    receivers: tuple[Receiver, ...]
    outlets: list[Outlet]

    async def run(self) -> str:
        """Work until the stream ends."""


async def deliver(out: Emissions) -> None:
    """Hand emissions to their readers, waiting where there is no room.

    Raises ChannelClosed when an outlet has no reader left.
    """
    for outlet, frame in out:
        late = outlet.offer(frame)
        if late is not None:
            await outlet.settle(frame, late)


class ChainAway(Protocol):
    """A place other than the caller's loop where a chain does its work, several frames a hop."""

    async def push_all(self, groups: list[Group]) -> list[Done | NodeError]:
        """See :meth:`Chain.push_all`."""

    async def flush(self, gap: int) -> Emissions:
        """Return the tails of all nodes; ``gap`` samples were lost at the end. Raises NodeError."""


class ChainInThread:
    """A chain in a worker thread."""

    def __init__(self, chain: Chain, worker: ThreadWorker) -> None:
        self._chain = chain
        self._worker = worker

    async def push_all(self, groups: list[Group]) -> list[Done | NodeError]:
        """See :class:`ChainAway`."""
        done: list[Done | NodeError] = await self._worker.call(self._chain.push_all, groups)
        return done

    async def flush(self, gap: int) -> Emissions:
        """See :class:`ChainAway`."""
        out: Emissions = []
        await self._worker.call(self._chain.flush, out, gap)
        return out


class ChainRunner:
    """Pushes frames through a chain of plain calls, in the caller's loop or away."""

    def __init__(self, steps: list[Step], inlet: Inlet, where: Chain | ChainAway) -> None:
        self.steps = steps
        self.inlet = inlet
        self.receivers = inlet.receivers
        self.outlets = list(steps[-1].outlets.values())
        self.where = where
        self._taps = [outlet.taps for step in steps for outlet in step.outlets.values()]
        self._idle = False
        self._failure: NodeError | None = None  # met in a turn that somebody lent

    async def run(self) -> str:
        """See :class:`Runner`."""
        try:
            if isinstance(self.where, Chain):
                await self._inline(self.where)
            else:
                await self._away(self.where)
        except EndOfStream as end:
            return await self._finish(end)

    async def _inline(self, chain: Chain) -> NoReturn:
        inlet, push, lead = self.inlet, chain.push, chain.lead
        joinable = lead.joins and isinstance(self.inlet, Single)
        turn_ends = monotonic() + TURN_SECONDS
        while True:
            frames = self._poll()
            if frames is None:
                await self._rest()
                turn_ends = monotonic() + TURN_SECONDS
                continue
            if joinable and self.receivers[0].state.queue and (room := lead.room()) > 1:
                waiting = self.receivers[0].take_more(room - 1)
                await self._pass_on(chain.push_all([frames, *zip(waiting)]))
            else:
                out: Emissions = []
                try:
                    push(frames, out)
                except NodeError:
                    inlet.fail()
                    raise
                if out:
                    await deliver(out)
                inlet.done()
            if monotonic() > turn_ends:
                await asyncio.sleep(0)
                turn_ends = monotonic() + TURN_SECONDS

    async def _rest(self) -> None:
        """Wait for the next frame; meanwhile whoever brings it may do the work. Raises what fails in that."""
        self._idle = True
        try:
            await asyncio.sleep(0)  # a sender that has room needs no more than a turn, as in SourceRunner
            if self._failure is None:
                await self.inlet.wait()
        finally:
            self._idle = False
        if self._failure is not None:
            raise self._failure

    @property
    def is_end(self) -> bool:
        """Whether it has one edge to read from and none to write to."""
        return isinstance(self.inlet, Single) and not any(outlet.edges for outlet in self.outlets)

    def takes_turns(self) -> bool:
        """Whether whoever fills its edge may do its work too: it idles, and nobody reads what comes out."""
        return self._idle and self._failure is None and not any(self._taps)

    def use_turn(self, chain: Chain) -> None:
        """Do what waits on the edge in the caller's turn: there and back through the event loop costs more.

        What fails is raised in this segment's own task.
        """
        receiver, lead = self.receivers[0], chain.lead
        queue = receiver.state.queue
        try:
            while queue:
                if len(queue) == 1 or not lead.joins:
                    chain.push((receiver.take(),), [])
                    self.inlet.done()
                    continue
                frames = receiver.take_more(lead.room())
                for item in chain.push_all(list(zip(frames, strict=True))):
                    if isinstance(item, NodeError):
                        raise item
                    self.inlet.done(item[0])
        except NodeError as error:
            self.inlet.fail()
            self._failure = error
            receiver.state.wake_receiver()

    async def _away(self, chain: ChainAway) -> NoReturn:
        single = isinstance(self.inlet, Single)
        while True:
            frames = self._poll()
            if frames is None:
                await self.inlet.wait()
            else:
                groups = [frames]
                if single:
                    groups += [(frame,) for frame in self.receivers[0].take_more(MAX_HOP - 1)]
                await self._pass_on(await chain.push_all(groups))

    async def _pass_on(self, done: list[Done | NodeError]) -> None:
        """Hand on what several frames gave; each one's slot is free when its outputs are accepted."""
        for item in done:
            if isinstance(item, NodeError):
                self.inlet.fail()
                raise item
            count, out = item
            if out:
                await deliver(out)
            self.inlet.done(count)

    def _poll(self) -> Group | None:
        try:
            return self.inlet.poll()
        except (EndOfStream, ChannelClosed):
            raise
        except StreamLabError as error:
            raise NodeError(self.steps[0].id, error, phase="join") from error

    async def _finish(self, end: EndOfStream) -> str:
        if end.reason in ("completed", "stopped"):
            out: Emissions = []
            if isinstance(self.where, Chain):
                self.where.flush(out, end.gap)
            else:
                out = await self.where.flush(end.gap)
            await deliver(out)
        gap = end.gap
        for step in self.steps:
            gap += step.trailing_gap
            for outlet in step.outlets.values():
                outlet.close(end.reason, gap=gap)
        return end.reason


class AsyncRunner:
    """Awaits a node's ``process``, frame by frame."""

    def __init__(self, step: Step, inlet: Inlet) -> None:
        self.step = step
        self.steps = [step]
        self.inlet = inlet
        self.receivers = inlet.receivers
        self.outlets = list(step.outlets.values())

    async def run(self) -> str:
        """See :class:`Runner`."""
        step, inlet = self.step, self.inlet
        while True:
            try:
                frames = inlet.poll()
            except EndOfStream as end:
                return await self._finish(end)
            except ChannelClosed:
                raise
            except StreamLabError as error:
                raise NodeError(step.id, error, phase="join") from error
            if frames is None:
                await inlet.wait()
                continue
            try:
                result = await step.await_call(frames)
                out = self._sorted(result)
            except NodeError:
                inlet.fail()
                raise
            await deliver(out)
            inlet.done()

    async def _finish(self, end: EndOfStream) -> str:
        if end.reason in ("completed", "stopped"):
            try:
                if end.gap:
                    self.step.node.ended(end.gap)
                tail = self.step.node.flush()
                if inspect.isawaitable(tail):
                    tail = await tail
            except Exception as error:
                raise NodeError(self.step.id, error, phase="flush") from error
            await deliver(self._sorted(tail))
        for outlet in self.outlets:
            outlet.close(end.reason, gap=end.gap + self.step.trailing_gap)
        return end.reason

    def _sorted(self, result: Any) -> Emissions:
        step = self.step
        if len(step.outlets) > 1:
            return step.ports(result)
        outlet = step.outlet
        return [] if outlet is None else [(outlet, frame) for frame in step.frames(result)]


class FreeRunner:
    """Gives a node with its own ``run`` its channel ends, and tidies up behind it."""

    def __init__(self, step: Step, receivers: dict[str, Receiver]) -> None:
        self.step = step
        self.steps = [step]
        self.ports = receivers
        self.receivers = tuple(receivers.values())
        self.outlets = list(step.outlets.values())

    async def run(self) -> str:
        """See :class:`Runner`."""
        node, step = self.step.node, self.step
        cls = type(node)
        ins: Any = self.ports if len(cls.inputs) > 1 else next(iter(self.ports.values()), None)
        outs: Any = step.outlets if len(cls.outputs) > 1 else step.outlet
        for outlet in self.outlets:
            outlet.inherit = self._inherited
        try:
            await node.run(ins, outs)
        except ChannelClosed:
            pass  # nobody reads any more: a quiet end
        except EndOfStream as end:
            return self._tidy(end.reason)
        except Exception as error:
            for receiver in self.receivers:
                receiver.state.fail(receiver.state.taken)
            self._count()
            raise error if isinstance(error, NodeError) else NodeError(step.id, error, phase="run") from error
        except BaseException:
            self._count()
            raise
        return self._tidy("completed")

    def _tidy(self, reason: str) -> str:
        """The stream goes on with the gravest reason that its inputs ended with."""
        reason, _ = self._inherited(reason, 0)
        for outlet in self.outlets:
            outlet.close(reason)
        for receiver in self.receivers:
            receiver.close()
        self._count()
        return reason

    def _inherited(self, reason: str, gap: int) -> tuple[str, int]:
        """How the outputs end, given what the node says: no better than the inputs that have ended."""
        ended = [receiver.state for receiver in self.receivers if receiver.state.senders == 0]
        reason = gravest([reason, *(state.reason or "completed" for state in ended)])
        return reason, gap or max((state.trailing_gap for state in ended if not state.queue), default=0)

    def _count(self) -> None:
        """A node that drives its channels is counted by them."""
        metrics = self.step.metrics
        states = [receiver.state for receiver in self.receivers]
        metrics.frames_in = sum(state.received for state in states)
        metrics.failed = sum(state.failed for state in states)
        metrics.frames_out = sum(state.done for state in states)
        metrics.undelivered = metrics.frames_in - metrics.frames_out - metrics.failed
        metrics.emitted = sum(outlet.sent for outlet in self.outlets)
