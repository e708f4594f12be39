"""Chain: tier-1 nodes fused into one call. A frame goes through all of them before the next one starts."""

from streamlab.core.frame import DataFrame
from streamlab.engine.step import Emissions, Step
from streamlab.errors import NodeError

__all__ = ["Chain"]


class Chain:
    """The nodes of a segment in order.

    Plain calls, no event loop: it runs wherever its segment was placed.
    """

    __slots__ = ("_last", "steps")

    def __init__(self, steps: list[Step]) -> None:
        self.steps = steps
        self._last = len(steps) - 1

    def push(self, frames: tuple[DataFrame, ...], out: Emissions) -> None:
        """Send the frames of one input each through the chain; what leaves it is added to ``out``.

        Raises NodeError.
        """
        self._hand_on(0, self.steps[0].call(frames), out)

    def push_all(self, groups: list[tuple[DataFrame, ...]]) -> list[Emissions | NodeError]:
        """Push several, one after the other; a failure ends the list in place of its emissions."""
        done: list[Emissions | NodeError] = []
        for frames in groups:
            out: Emissions = []
            try:
                self.push(frames, out)
            except NodeError as error:
                done.append(error)
                break
            done.append(out)
        return done

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
            frame = step.accept(result)
            outlet = step.outlet
            if outlet is not None and (outlet.taps or (at == last and outlet.edges)):
                out.append((outlet, frame))
            if at == last:
                return
            at += 1
            result = steps[at].call((frame,))
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
