"""Chain: tier-1 nodes fused into one call. A frame goes through all of them before the next one starts."""

from collections.abc import Sequence

from streamlab.core.frame import DataFrame
from streamlab.core.frame_run import FrameRun
from streamlab.core.node import ProcessingNode
from streamlab.engine.block import Lead
from streamlab.engine.outlet import Outlet
from streamlab.engine.step import Emissions, Step
from streamlab.errors import NodeError

__all__ = ["Chain", "Done"]

Done = tuple[int, Emissions]
"""So many inputs are done with, oldest first, once these frames are where they go."""


class Chain:
    """The nodes of a segment in order.

    Plain calls, no event loop: it runs wherever its segment was placed.
    """

    __slots__ = ("_forks", "_last", "_measures", "lead", "steps")

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self._last = len(steps) - 1
        self._forks = len(steps[-1].outlets) > 1
        self.lead = Lead(steps)
        behind = steps[self.lead.size :]
        # The node behind the lead may have a batched form, which gets the block as it is.
        batched = bool(behind) and type(behind[0].node).measure is not ProcessingNode.measure
        self._measures = batched and not behind[0].skips

    def begin(self) -> None:
        """A stream begins: nothing of one before is known."""
        self.lead.begin()
        for step in self.steps:
            step.begin()

    def push(self, frames: tuple[DataFrame, ...], out: Emissions) -> None:
        """Send the frames of one input each through the chain; what leaves it is added to ``out``.

        Raises NodeError.
        """
        lead = self.lead
        if lead.size and lead.knows(frames[0]):
            self._leave(lead.one(frames[0]).seal(), out)
            return
        lead.settle()
        result = self.steps[0].call(frames)
        if lead.size and isinstance(result, DataFrame):
            lead.learn(frames[0], result)
        self._hand_on(0, result, out)

    def push_all(self, groups: Sequence[tuple[DataFrame, ...]]) -> list[Done | NodeError]:
        """Push several, joined where that pays; a failure ends the list in place of what would be done."""
        done: list[Done | NodeError] = []
        lead, at, end = self.lead, 0, len(groups)
        joins = lead.joins and len(groups[0]) == 1
        try:
            while at < end:
                count = min(lead.room(), end - at) if joins and lead.knows(groups[at][0]) else 1
                waiting = [frames[0] for frames in groups[at : at + count]]
                if count > 1:
                    count = lead.joined(waiting)
                if count > 1:
                    self._push_run(lead.run(waiting[:count]), done)
                else:
                    out: Emissions = []
                    self.push(groups[at], out)
                    done.append((1, out))
                at += count
        except NodeError as error:
            done.append(error)
        return done

    def _leave(self, frame: DataFrame, out: Emissions) -> None:
        """Take a frame on that has left the lead."""
        at, last = self.lead.size, self._last
        outlet = self.steps[at - 1].outlet
        if outlet is not None and (outlet.taps or (at > last and outlet.edges)):
            out.append((outlet, frame))
        if (
            at == last
            and self._measures
            and frame.n
            and frame.span is None
            and not _read(self.steps[at].outlet)
        ):
            self.steps[at].accept_run(self.steps[at].measure(FrameRun.of(frame)))  # no answer is made
        elif at <= last:
            self._hand_on(at, self.steps[at].call((frame,)), out)

    def _push_run(self, frames: FrameRun, done: list[Done | NodeError]) -> None:
        """Take the frames that have left the lead on from there; ``done`` gets what each gave.

        Raises NodeError.
        """
        at, last = self.lead.size, self._last
        outlet = self.steps[at - 1].outlet
        read = outlet if outlet is not None and (outlet.taps or (at > last and outlet.edges)) else None
        if at > last:
            _give(read, frames, done)
            return
        results = self.steps[at].measure(frames) if self._measures else None
        if results is not None and at == last and read is None:
            outlet = self.steps[last].outlet
            _give(
                outlet if _read(outlet) else None,
                self.steps[last].accept_run(results),
                done,
            )
            return
        for index, frame in enumerate(frames):
            out: Emissions = [(read, frame)] if read is not None else []
            result = self.steps[at].call((frame,)) if results is None else results[index]
            self._hand_on(at, result, out)
            done.append((1, out))

    def flush(self, out: Emissions, gap: int = 0) -> None:
        """The stream has ended: let every node deliver its tail, through those behind it.

        ``gap`` samples were lost after the last frame; what a node lost there comes on top for those behind.
        Raises NodeError.
        """
        for at, step in enumerate(self.steps):
            try:
                if gap:
                    step.node.ended(gap)
                tail = step.node.flush()
            except Exception as error:
                raise NodeError(step.id, error, phase="flush") from error
            self._hand_on(at, tail, out)
            gap += step.trailing_gap

    def _hand_on(self, at: int, result: object, out: Emissions) -> None:
        """Take a node's result through the nodes behind it."""
        steps, last = self.steps, self._last
        while isinstance(result, DataFrame):
            step = steps[at]
            outlet = step.outlet
            if at == last:
                if self._forks:
                    break  # a frame without the name of a port
                frame = step.accept(result)
                if outlet is not None and (outlet.edges or outlet.taps):
                    out.append((outlet, frame))
                return
            behind = steps[at + 1]
            at += 1
            if outlet is not None and outlet.taps:
                frame = step.accept(result)
                out.append((outlet, frame))
                result = behind.call((frame,))
            elif behind.inplace and step.fresh and not result.sealed:
                result = behind.overwrite(step.accept_open(result))
            else:
                result = behind.call((step.accept(result),))
        if result is not None:
            self._hand_on_many(at, result, out)

    def _hand_on_many(self, at: int, result: object, out: Emissions) -> None:
        """As above for a list of frames, or a mapping of ports."""
        step = self.steps[at]
        if len(step.outlets) > 1:  # a fork, so nothing is fused behind it
            out += step.ports(result)
            return
        outlet = step.outlet
        for frame in step.frames(result):
            if outlet is not None and (outlet.taps or (at == self._last and outlet.edges)):
                out.append((outlet, frame))
            if at != self._last:
                self._hand_on(at + 1, self.steps[at + 1].call((frame,)), out)


def _read(outlet: Outlet | None) -> bool:
    return outlet is not None and bool(outlet.taps or outlet.edges)


def _give(outlet: Outlet | None, frames: Sequence[DataFrame], done: list[Done | NodeError]) -> None:
    """Say where each frame goes; frames that nobody reads are not even made."""
    if outlet is None:
        done.append((len(frames), []))
    else:
        done += [(1, [(outlet, frame)]) for frame in frames]
