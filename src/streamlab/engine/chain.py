"""Chain: tier-1 nodes fused into one call. A frame goes through all of them before the next one starts."""

from streamlab.core.frame import DataFrame
from streamlab.core.node import ProcessingNode
from streamlab.engine.block import Lead
from streamlab.engine.step import Emissions, Step
from streamlab.errors import NodeError

__all__ = ["Chain"]


class Chain:
    """The nodes of a segment in order.

    Plain calls, no event loop: it runs wherever its segment was placed.
    """

    __slots__ = ("_last", "_measures", "lead", "steps")

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self._last = len(steps) - 1
        self.lead = Lead(steps)
        behind = steps[self.lead.size :]
        # The node behind the lead may have a batched form, which gets the block as it is.
        batched = bool(behind) and type(behind[0].node).measure is not ProcessingNode.measure
        self._measures = batched and not behind[0].skips

    def push(self, frames: tuple[DataFrame, ...], out: Emissions) -> None:
        """Send the frames of one input each through the chain; what leaves it is added to ``out``.

        Raises NodeError.
        """
        result = self.steps[0].call(frames)
        if self.lead.useful and isinstance(result, DataFrame):
            self.lead.learn(result)
        self._hand_on(0, result, out)

    def push_all(self, groups: list[tuple[DataFrame, ...]]) -> list[Emissions | NodeError]:
        """Push several, joined where that pays; a failure ends the list in place of its emissions."""
        done: list[Emissions | NodeError] = []
        at = 0
        while at < len(groups):
            count = self._joined_from(groups, at)
            try:
                if count > 1:
                    self._push_block([frames[0] for frames in groups[at : at + count]], done)
                else:
                    out: Emissions = []
                    self.push(groups[at], out)
                    done.append(out)
            except NodeError as error:
                done.append(error)
                break
            at += count
        return done

    def _joined_from(self, groups: list[tuple[DataFrame, ...]], at: int) -> int:
        """Return how many groups from ``at`` on make one block."""
        if not self.lead.useful:
            return 1
        end = min(len(groups), at + self.lead.room())
        count = 1
        while at + count < end and self.lead.joins(groups[at + count - 1][0], groups[at + count][0]):
            count += 1
        return count if count > 1 and groups[at][0].n == groups[at + 1][0].n else 1

    def _push_block(self, frames: list[DataFrame], done: list[Emissions | NodeError]) -> None:
        """Take frames through the lead as one, and on from there one by one; ``done`` gets what each gave.

        Raises NodeError.
        """
        apart, block = self.lead.run(frames)
        at = self.lead.size
        outlet = self.steps[at - 1].outlet
        read = outlet is not None and (outlet.taps or (at > self._last and outlet.edges))
        results = self.steps[at].measure(apart, block) if self._measures else None
        for index, frame in enumerate(apart):
            out: Emissions = [(outlet, frame)] if outlet is not None and read else []
            if at <= self._last:
                result = self.steps[at].call((frame,)) if results is None else results[index]
                self._hand_on(at, result, out)
            done.append(out)

    def flush(self, out: Emissions) -> None:
        """The stream has ended: let every node deliver its tail, through those behind it.

        Raises NodeError.
        """
        for at, step in enumerate(self.steps):
            try:
                tail = step.node.flush()
            except Exception as error:
                raise NodeError(step.id, error, phase="flush") from error
            self._hand_on(at, tail, out)

    def _hand_on(self, at: int, result: object, out: Emissions) -> None:
        """Take a node's result through the nodes behind it."""
        steps, last = self.steps, self._last
        while isinstance(result, DataFrame):
            step = steps[at]
            outlet = step.outlet
            if at == last:
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
