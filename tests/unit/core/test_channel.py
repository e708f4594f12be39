"""The channel against a simple model: every operation in any order, every policy, cancelled at any point."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from streamlab import DataFrame, StreamInfo
from streamlab.core.channel import Sender, channel
from streamlab.core.channel_state import POLICIES, REASONS
from streamlab.errors import ChannelClosed, EdgeOverflow, EndOfStream, WouldBlock

INFO = StreamInfo(["x"])
GRAVITY = ("", "completed", "stopped", "cancelled", "failed")


@dataclass
class Item:
    """A frame as the model sees it."""

    number: int
    advance: int
    gap: int

    def frame(self) -> DataFrame:
        samples = np.zeros((1, self.advance))
        return DataFrame.from_samples(samples, INFO, sequence_id=self.number, gap=self.gap).seal()


@dataclass
class End:
    """A sender, and what the model knows of it."""

    sender: Sender
    open: bool = True
    held: int = 0


@dataclass
class Waiting:
    end: End
    item: Item
    task: asyncio.Task[None]


@dataclass
class Model:
    capacity: int
    policy: str
    queue: deque[Item] = field(default_factory=deque)
    taken: int = 0
    reserved: int = 0
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("sent", "received", "done", "dropped", "failed"), 0)
    )
    lost_head: int = 0
    lost_tail: int = 0
    gap_at_end: int = 0
    reason: str = ""
    open: bool = True
    loose: bool = False

    @property
    def free(self) -> int:
        return self.capacity - len(self.queue) - self.taken - self.reserved

    def put(self, item: Item) -> None:
        self.counts["sent"] += 1
        item.gap += self.lost_tail
        self.lost_tail = 0
        self.queue.append(item)

    def offer(self, item: Item) -> None:
        """A send to an edge that does not wait."""
        if self.policy in ("drop_oldest", "latest"):
            while len(self.queue) >= (1 if self.policy == "latest" else self.capacity):
                oldest = self.queue.popleft()
                self.lost_head += oldest.advance + oldest.gap
                self.counts["dropped"] += 1
        elif self.free <= 0:
            if self.policy == "error":
                raise EdgeOverflow
            self.counts["sent"] += 1
            self.counts["dropped"] += not self.loose
            self.lost_tail += item.advance + item.gap
            return
        self.put(item)

    def take(self) -> Item:
        item = self.queue.popleft()
        item.gap += self.lost_head
        self.lost_head = 0
        self.counts["received"] += 1
        self.taken += 1
        return item

    def finish(self, what: str, count: int) -> None:
        self.taken -= count
        self.counts[what] += count


class ChannelMachine(RuleBasedStateMachine):
    """Runs the real channel on a loop that is turned by hand, and the model beside it."""

    @initialize(capacity=st.integers(1, 3), policy=st.sampled_from(["block", "block", *POLICIES]))
    def begin(self, capacity: int, policy: Any) -> None:
        self.loop = asyncio.new_event_loop()
        sender, self.rx = channel(capacity, policy)
        self.model = Model(capacity, policy)
        self.ends = [End(sender)]
        self.waiting: deque[Waiting] = deque()
        self.receiving: asyncio.Task[DataFrame] | None = None
        self.count = 0

    def teardown(self) -> None:
        if not hasattr(self, "loop"):
            return
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.turn()
        self.loop.close()

    def turn(self) -> None:
        async def turns() -> None:
            for _ in range(6):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())

    def item(self, advance: int, gap: int) -> Item:
        self.count += 1
        return Item(self.count, advance, gap)

    def settle(self) -> None:
        """Let the real channel come to rest and the model follow: slots to those who wait, in their order."""
        self.turn()
        model = self.model
        while self.waiting and (model.policy != "block" or model.free > 0 or not model.open):
            first = self.waiting.popleft()
            assert first.task.done(), "a sender was not woken"
            if not model.open:
                assert isinstance(first.task.exception(), ChannelClosed)
            else:
                assert first.task.exception() is None
                model.offer(first.item)
        assert not any(item.task.done() for item in self.waiting), "a sender was woken out of turn"
        self.settle_receiver()

    def settle_receiver(self) -> None:
        task, model = self.receiving, self.model
        if task is None:
            return
        if not model.open:
            assert isinstance(task.exception(), ChannelClosed)
        elif model.queue:
            self.same(task.result(), model.take())
        elif not any(end.open for end in self.ends):
            self.ended(task.exception())
        else:
            assert not task.done()
            return
        self.receiving = None

    def same(self, frame: DataFrame, item: Item) -> None:
        assert (frame.sequence_id, frame.advance, frame.gap) == (item.number, item.advance, item.gap)
        assert frame.sealed

    def ended(self, error: BaseException | None) -> None:
        assert isinstance(error, EndOfStream)
        assert error.reason == (self.model.reason or "completed")
        assert error.gap == self.model.gap_at_end + self.model.lost_head + self.model.lost_tail

    def expected_error(self, end: End) -> type[Exception] | None:
        return ChannelClosed if not (end.open and self.model.open) else None

    # -- sending

    @rule(data=st.data(), advance=st.integers(0, 3), gap=st.integers(0, 2))
    def try_send(self, data: Any, advance: int, gap: int) -> None:
        end, item, model = data.draw(st.sampled_from(self.ends)), self.item(advance, gap), self.model
        frame, error = item.frame(), self.expected_error(end)
        if error is None and model.policy == "block":
            error = WouldBlock if self.waiting or model.free <= 0 else None
        if error is None:
            try:
                model.offer(item)
            except EdgeOverflow:
                error = EdgeOverflow
        if error is None:
            end.sender.try_send(frame)
        else:
            with pytest.raises(error):
                end.sender.try_send(frame)
        self.settle()

    @rule(data=st.data(), advance=st.integers(0, 3), gap=st.integers(0, 2))
    def send(self, data: Any, advance: int, gap: int) -> None:
        end, item, model = data.draw(st.sampled_from(self.ends)), self.item(advance, gap), self.model
        task = self.loop.create_task(end.sender.send(item.frame()))
        error = self.expected_error(end)
        if error is None and model.policy == "block":
            if end.held:
                end.held -= 1
                model.reserved -= 1
                model.put(item)
            elif self.waiting or model.free <= 0:
                self.waiting.append(Waiting(end, item, task))
            else:
                model.put(item)
        elif error is None:
            try:
                model.offer(item)
            except EdgeOverflow:
                error = EdgeOverflow
        self.settle()
        if task.done():
            assert type(task.exception()) is (error or type(None))

    @precondition(lambda self: self.waiting)
    @rule(data=st.data(), free_first=st.booleans())
    def cancel_a_send(self, data: Any, free_first: bool) -> None:
        one = data.draw(st.sampled_from(list(self.waiting)))
        if free_first and self.model.taken:  # granted and cancelled in one turn of the loop
            self.rx.release()
            self.model.finish("done", 1)
        one.task.cancel()
        self.waiting.remove(one)
        self.settle()
        assert one.task.cancelled()

    @rule(data=st.data())
    def try_reserve(self, data: Any) -> None:
        end, model = data.draw(st.sampled_from(self.ends)), self.model
        if error := self.expected_error(end):
            with pytest.raises(error):
                end.sender.try_reserve()
            return
        blocks = model.policy == "block"
        granted = not blocks or (not self.waiting and model.free > 0)
        assert end.sender.has_room == granted
        assert end.sender.try_reserve() == granted
        if granted and blocks:
            end.held += 1
            model.reserved += 1

    @rule(data=st.data(), advance=st.integers(0, 3))
    def commit(self, data: Any, advance: int) -> None:
        end = data.draw(st.sampled_from(self.ends))
        if not end.held:
            return
        item = self.item(advance, 0)
        if error := self.expected_error(end):
            with pytest.raises(error):
                end.sender.commit(item.frame())
            return
        end.sender.commit(item.frame())
        end.held -= 1
        self.model.reserved -= 1
        self.model.put(item)
        self.settle()

    @rule(data=st.data())
    def cancel_reservation(self, data: Any) -> None:
        end = data.draw(st.sampled_from(self.ends))
        end.sender.cancel_reservation()
        self.model.reserved -= bool(end.held)
        end.held -= bool(end.held)
        self.settle()

    @rule(data=st.data())
    def clone(self, data: Any) -> None:
        end = data.draw(st.sampled_from(self.ends))
        if error := self.expected_error(end):
            with pytest.raises(error):
                end.sender.clone()
        elif len(self.ends) < 4:
            self.ends.append(End(end.sender.clone()))

    @rule(data=st.data(), reason=st.sampled_from(REASONS), gap=st.integers(0, 2))
    def close_a_sender(self, data: Any, reason: str, gap: int) -> None:
        end, model = data.draw(st.sampled_from(self.ends)), self.model
        end.sender.close(reason, gap=gap)
        if end.open:
            end.open = False
            model.reserved -= end.held
            end.held = 0
            model.gap_at_end += gap
            model.reason = max(model.reason, reason, key=GRAVITY.index)
            closed = [item for item in self.waiting if item.end is end]
            self.waiting = deque(item for item in self.waiting if item.end is not end)
            self.settle()
            for item in closed:
                assert isinstance(item.task.exception(), ChannelClosed)
        assert end.sender.closed

    # -- receiving

    @precondition(lambda self: self.receiving is None)
    @rule()
    def recv(self) -> None:
        self.receiving = self.loop.create_task(self.rx.recv())
        self.model.finish("done", self.model.taken)
        self.settle()

    @precondition(lambda self: self.receiving is not None)
    @rule(data=st.data(), send_first=st.booleans())
    def cancel_the_recv(self, data: Any, send_first: bool) -> None:
        assert self.receiving is not None
        task, self.receiving = self.receiving, None
        end = data.draw(st.sampled_from(self.ends))
        room = self.model.policy not in ("block", "error") or (self.model.free > 0 and not self.waiting)
        if send_first and room and self.expected_error(end) is None and not end.held:
            # Woken and cancelled in one turn of the loop.
            item = self.item(1, 0)
            end.sender.try_send(item.frame())
            self.model.offer(item)
        task.cancel()
        self.settle()
        assert task.cancelled()

    @precondition(lambda self: self.receiving is None)
    @rule(keep=st.booleans())
    def receive_now(self, keep: bool) -> None:
        model, get = self.model, self.rx.take if keep else self.rx.try_recv
        if keep and not model.open:
            return
        if not keep:
            model.finish("done", model.taken if model.open else 0)
        if not model.open:
            with pytest.raises(ChannelClosed):
                get()
        elif model.queue:
            self.same(get(), model.take())
        elif any(end.open for end in self.ends):
            if (
                not keep and self.waiting
            ):  # the slots are given back, and their frames come with the next turn
                self.rx.release(0)
            with pytest.raises(WouldBlock):
                get()
        else:
            with pytest.raises(EndOfStream) as caught:
                get()
            self.ended(caught.value)
        self.settle()

    @rule(what=st.sampled_from(["done", "failed", "dropped"]), data=st.data())
    def finish_frames(self, what: str, data: Any) -> None:
        count = data.draw(st.integers(0, self.model.taken))
        ways = {"done": self.rx.release, "failed": self.rx.state.fail, "dropped": self.rx.state.discard}
        ways[what](count)
        self.model.finish(what, count)
        self.settle()

    @precondition(lambda self: self.count > 5)
    @rule()
    def close_the_receiver(self) -> None:
        self.rx.close()
        if self.model.open:
            self.model.finish("done", self.model.taken)
            self.model.queue.clear()
            self.model.open = False
        self.settle()

    @precondition(lambda self: self.count > 3)
    @rule()
    def loosen(self) -> None:
        self.rx.state.loosen()
        if self.model.policy == "block":
            self.model.policy, self.model.loose = "drop_newest", True
        self.settle()

    # -- what is always so

    @invariant()
    def the_statistics_are_true(self) -> None:
        found, model = self.rx.statistics(), self.model
        assert self.ends[0].sender.statistics() == found
        assert (found.queued, found.taken, found.reserved) == (len(model.queue), model.taken, model.reserved)
        assert {name: getattr(found, name) for name in model.counts} == model.counts
        settled = sum(model.counts[name] for name in ("done", "dropped", "failed"))
        assert found.undelivered == model.counts["sent"] - settled
        assert found.waiting_senders == len(self.waiting)
        assert found.open_senders == sum(end.open for end in self.ends)
        assert (found.receiver_open, found.reason) == (model.open, model.reason)
        assert (found.policy, found.capacity) == (model.policy, model.capacity)
        if model.policy == "block":
            assert 0 <= found.queued + found.taken + found.reserved <= model.capacity


TestChannelMachine = pytest.mark.contract("B1", "B3", "B6")(ChannelMachine.TestCase)
