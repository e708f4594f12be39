"""SourceRunner: pulls a source with back pressure, in the caller's loop or a worker.

As fast as it is read or in real time.
"""

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Iterator
from fractions import Fraction
from math import ceil
from time import monotonic
from typing import Any

from streamlab.core.channel import Receiver, Sender
from streamlab.core.frame import DataFrame
from streamlab.core.info import exact_rate
from streamlab.engine.chain import Chain
from streamlab.engine.outlet import Outlet
from streamlab.engine.pull import END, PullAway, take
from streamlab.engine.runners import MAX_HOP, TURN_SECONDS, ChainRunner, deliver
from streamlab.engine.step import Emissions, Step
from streamlab.errors import ChannelClosed, NodeError

__all__ = ["SourceRunner"]


_FRAMES = frozenset({DataFrame, type(DataFrame().seal())})


class SourceRunner:
    """Reserves room first, so that no frame is made that has nowhere to go.

    Releases frames when they are due where the source is ``realtime``.

    ``duration`` ends the stream after so many seconds of signal, cut to the sample; ``frames`` after so
    many frames.
    """

    def __init__(self, step: Step, away: PullAway | None, duration: float | None, frames: int | None) -> None:
        self.step = step
        self.steps = [step]
        self.receivers: tuple[Receiver, ...] = ()
        self.outlets = list(step.outlets.values())
        self._end: DataFrame | None = None
        self._reader: tuple[ChainRunner, Chain, Sender] | None = None
        self._away = away
        self._span = exact_rate(duration)
        self._frames_left = frames
        self._realtime = bool(getattr(step.node, "realtime", False))
        self._task: asyncio.Task[Any] | None = None
        self._stopping = False
        self._waiting = False
        self._enough = False
        self._start: int | None = None
        self._began = 0.0
        self._lossy = False
        self._turn_ends = 0.0

    def lend_turns(self, reader: ChainRunner, chain: Chain) -> None:
        """Learn of the only reader, an inline chain whose outputs go nowhere: it may work in our turn."""
        self._reader = (reader, chain, self.outlets[0].edges[0])

    def stop(self) -> None:
        """End the stream after the frames that were pulled."""
        self._stopping = True
        if self._waiting and self._task is not None:
            self._task.cancel()

    async def run(self) -> str:
        """Pull until the source is exhausted, stopped, or read by nobody."""
        self._task = task = asyncio.current_task()
        self._lossy = not any(outlet.pushes_back for outlet in self.outlets)
        self._turn_ends = monotonic() + TURN_SECONDS
        frames: Any = None
        failure: NodeError | None = None
        reason = "completed"
        try:
            frames = self._open()
            if isinstance(frames, AsyncIterator):
                await self._pull_awaiting(frames)
            else:
                await self._pull(frames)
        except ChannelClosed:
            reason = "completed"  # nobody reads any more: a quiet end
        except asyncio.CancelledError:
            if not self._stopping or task is None or task.cancelling() > 1:
                raise
        except NodeError as error:
            failure = error
            raise
        finally:
            await self._close(frames, failure)
        if self._stopping and task is not None:
            reason = "stopped"
            while task.cancelling():
                task.uncancel()
        for outlet in self.outlets:
            outlet.close(reason, gap=self.step.trailing_gap)
        return reason

    # -- the iterator

    def _open(self) -> Any:
        source: Any = self.step.node
        try:
            frames = source.frames()
            return frames if isinstance(frames, AsyncIterator) else iter(frames)
        except Exception as error:
            raise NodeError(self.step.id, error, phase="frames") from error

    async def _close(self, frames: Any, failure: NodeError | None) -> None:
        """End the generator now, so that its ``finally`` does not wait for the garbage collector.

        What that raises does not hide the ``failure`` that the run dies of.
        """
        try:
            if self._away is not None and not isinstance(frames, AsyncIterator):
                await self._away.end(frames)
                return
            close = getattr(frames, "aclose", None) or getattr(frames, "close", None)
            if close is not None and inspect.isawaitable(ending := close()):
                await ending
        except Exception as error:
            further = NodeError(self.step.id, error, phase="frames")
            if failure is None:
                raise further from error
            failure.others.append(further)

    async def _pull_awaiting(self, frames: AsyncIterator[Any]) -> None:
        while not (self._stopping or self._enough):
            await self._reserve()
            try:
                result = await self._interruptible(anext(frames))
            except StopAsyncIteration:
                return
            except Exception as error:
                raise self._failure(error) from error
            await self._emit(result)
            await self._let_others()

    async def _pull(self, frames: Iterator[Any]) -> None:
        single = self.outlets[0] if len(self.outlets) == 1 else None
        hurries = single is not None and self._may_hurry()
        while not (self._stopping or self._enough):
            lent = self._lend(frames) if hurries else None
            pulled = await self._pull_some(frames, single if hurries else None) if lent is None else lent
            last = pulled[-1] if pulled else None
            if last is END or isinstance(last, Exception):
                pulled.pop()
            if single is None or not hurries or not self._emit_all(single, pulled):
                for result in pulled:
                    await self._emit(result)
            if last is END:
                return
            if isinstance(last, Exception):
                raise self._failure(last) from last
            await self._let_others()

    async def _pull_some(self, frames: Iterator[Any], several: Outlet | None) -> list[Any]:
        """Pull an item, or as many as ``several`` has slots for now."""
        await self._reserve()
        room = 1 if several is None else 1 + several.reserve_more(MAX_HOP - 1)
        if self._away is None:
            return take(frames, room, self._turn_ends)
        return await self._away.take(frames, room)

    def _lend(self, frames: Iterator[Any]) -> list[Any] | None:
        """Pull, and have the reader work on it at once, until the turn ends or the reader has no time.

        Returns what was pulled and is not for it: an end, an error, no plain frames. None: it has no time.
        """
        if self._reader is None:
            return None
        reader, chain, edge = self._reader
        if not reader.takes_turns() or edge.closed or self.outlets[0].taps:
            return None
        self.outlets[0].cancel_reservations()
        step, state = self.step, edge.state
        reader.use_turn(chain)
        while reader.takes_turns() and state.free > 0 and not self._stopping:
            pulled = take(frames, min(state.free, MAX_HOP), self._turn_ends)
            if not _FRAMES.issuperset(map(type, pulled)):
                return pulled
            accepted = step.accept_sources(pulled)
            if self._start is None:
                self._begin(accepted[0])
            self._end = accepted[-1]
            step.metrics.frames_in += len(accepted)
            step.metrics.frames_out += len(accepted)
            state.put_quietly(accepted)
            reader.use_turn(chain)
            if monotonic() > self._turn_ends:
                break
        return []

    async def _let_others(self) -> None:
        """Give others a turn now and then; where nothing pushes back its readers need one every time."""
        if self._lossy or monotonic() > self._turn_ends:
            await asyncio.sleep(0)
            self._turn_ends = monotonic() + TURN_SECONDS

    def _failure(self, error: Exception) -> NodeError:
        self.step.metrics.frames_in += 1
        self.step.metrics.failed += 1
        if isinstance(error, NodeError):
            return error
        return NodeError(self.step.id, error, phase="frames")

    # -- room downstream

    async def _reserve(self) -> None:
        for outlet in self.outlets:
            if outlet.holds:
                outlet.cancel_reservations()  # of a pull that gave nothing for this output
            if outlet.try_reserve():
                continue
            await asyncio.sleep(
                0
            )  # readers that have work need no more than a turn: cheaper than to be woken
            if self._stopping or not outlet.try_reserve():
                await self._interruptible(outlet.reserve())

    def _may_hurry(self) -> bool:
        """Whether several frames may be pulled in one go: a limit or a clock looks at each."""
        return not self._realtime and self._frames_left is None and self._span is None

    async def _interruptible(self, wait: Awaitable[Any]) -> Any:
        """Wait in a way that ``stop`` may cut short: nothing is in hand that would be lost."""
        if self._stopping:
            if inspect.iscoroutine(wait):
                wait.close()
            raise asyncio.CancelledError
        self._waiting = True
        try:
            return await wait
        finally:
            self._waiting = False

    # -- what was pulled

    async def _emit(self, result: Any) -> None:
        step = self.step
        several = len(step.outlets) > 1
        out: Emissions = (
            step.ports(result) if several else [(self.outlets[0], frame) for frame in step.frames(result)]
        )
        for outlet, frame in out:
            if self._enough and not several:
                return
            cut = self._cut(frame)
            if cut is None:
                continue
            if self._realtime:
                await self._pace(cut)
            step.metrics.frames_in += 1
            try:
                await deliver([(outlet, cut)])
            except BaseException:
                step.metrics.undelivered += 1
                raise
            step.metrics.frames_out += 1
            if self._frames_left is not None:
                self._frames_left -= 1
                self._enough = self._frames_left <= 0

    def _emit_all(self, outlet: Outlet, pulled: list[Any]) -> bool:
        """Hand on frames that every reader has slots for; False, and nothing is done, if it is not so."""
        if not pulled:
            return True
        if not _FRAMES.issuperset(map(type, pulled)) or not outlet.takes(len(pulled)):
            return False
        frames = self.step.accept_sources(pulled)
        if self._start is None:
            self._begin(frames[0])
        self._end = frames[-1]
        metrics = self.step.metrics
        metrics.frames_in += len(frames)
        outlet.offer_all(frames)
        metrics.frames_out += len(frames)
        return True

    def _begin(self, frame: DataFrame) -> None:
        self._start = frame.start_sample
        self._began = asyncio.get_running_loop().time()

    @property
    def seconds(self) -> float:
        """Seconds of signal that were handed on so far."""
        frame = self._end
        if frame is None or frame.sample_rate is None:
            return 0.0
        return float(Fraction(frame.start_sample + frame.advance - (self._start or 0)) / frame.sample_rate)

    def _cut(self, frame: DataFrame) -> DataFrame | None:
        """Keep track of the position in the stream.

        Cut the frame at the wanted duration, None when it lies behind that.
        """
        rate = frame.sample_rate
        if rate is None:
            return frame
        if self._start is None:
            self._begin(frame)
        if self._span is not None:
            begin = frame.start_sample - (self._start or 0)
            end = begin + frame.advance
            limit = ceil(self._span * rate)
            self._enough = end >= limit
            if begin >= limit:
                return None
            if end > limit and frame.advance == frame.n:
                frame = frame.replace(samples=frame.samples[:, : limit - begin]).seal()
        self._end = frame
        return frame

    async def _pace(self, frame: DataFrame) -> None:
        """Wait until the last sample of the frame is due."""
        delay = self._began + self.seconds - asyncio.get_running_loop().time()
        if delay > 0 and frame.sample_rate is not None:
            await self._interruptible(asyncio.sleep(delay))
