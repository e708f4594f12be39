"""Counters: plain integers, always on."""

from dataclasses import dataclass

__all__ = ["EdgeMetrics", "NodeMetrics"]

SAMPLE_EVERY = 64
"""One frame in so many is timed."""


@dataclass(slots=True)
class NodeMetrics:
    """What a node did, in frames. ``frames_in == frames_out + dropped + failed + undelivered`` always holds.

    ``frames_in`` came to the node (for a source: were pulled from it), ``frames_out`` of them it finished,
    ``dropped`` found no partner at its join, ``failed`` raised, ``undelivered`` were in work when the run
    was cut off. ``emitted`` is what it put out - for a node that returns one frame for one, the same as
    ``frames_out``. ``busy`` is seconds per frame, from a sample of them.
    """

    frames_in: int = 0
    frames_out: int = 0
    dropped: int = 0
    failed: int = 0
    undelivered: int = 0
    emitted: int = 0
    timed: int = 0
    timed_seconds: float = 0.0

    def copy(self) -> "NodeMetrics":
        """Return the counters as they are now."""
        return NodeMetrics(
            self.frames_in, self.frames_out, self.dropped, self.failed, self.undelivered, self.emitted,
            self.timed, self.timed_seconds,
        )  # fmt: skip

    def passed(self, count: int) -> None:
        """Count frames that went through one to one."""
        self.frames_in += count
        self.frames_out += count
        self.emitted += count

    def took(self, count: int, seconds: float) -> None:
        """Count frames that were timed."""
        self.timed += count
        self.timed_seconds += seconds

    @property
    def busy(self) -> float:
        """Mean seconds of work per frame, from the frames that were timed."""
        return self.timed_seconds / self.timed if self.timed else 0.0


@dataclass(frozen=True, slots=True)
class EdgeMetrics:
    """What went over an edge, in frames: ``frames_in == frames_out + dropped + failed + undelivered``.

    ``frames_out`` were finished by the receiving segment, ``failed`` made it raise, ``undelivered`` had not
    arrived (or not been finished) when the stream ended. ``queued`` is how many are in it now, those in
    work included; ``trailing_gap`` counts samples lost after the last frame.
    """

    frames_in: int
    frames_out: int
    dropped: int
    failed: int
    undelivered: int
    queued: int
    capacity: int
    trailing_gap: int = 0
