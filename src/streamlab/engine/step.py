"""Step: one node at work.

Counts, numbers, seals and hands on; what differs from frame to frame and nothing else.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from time import perf_counter
from typing import Any, NoReturn

from streamlab.core.frame import DataFrame
from streamlab.core.frame_run import FrameRun
from streamlab.core.info import StreamInfo
from streamlab.core.node import ProcessingNode, frames_of
from streamlab.core.samples import same
from streamlab.engine.metrics import SAMPLE_EVERY, NodeMetrics
from streamlab.engine.outlet import Outlet
from streamlab.engine.spec import NodeSpec
from streamlab.errors import NodeError

__all__ = ["Emissions", "Step"]

log = logging.getLogger("streamlab")

Emissions = list[tuple[Outlet, DataFrame]]
"""Frames with where they go, in order."""


class _Track:
    """Where the stream of an output port is: the next number, the next position, samples lost since."""

    __slots__ = ("lost", "next_id", "next_start")

    def __init__(self) -> None:
        self.next_id = 0
        self.next_start: int | None = None
        self.lost = 0


class Step:
    """A node instance in a running segment.

    ``outlets`` maps its output ports to where their frames go outside the segment; inside a fused segment
    only subscriptions hang on them. ``mixed``: several streams were merged before it, so positions jump.
    """

    __slots__ = (
        "_continuous", "_failing", "_follows", "_infos", "_renumbers", "_track", "_tracks", "blocks", "fresh",
        "id", "inplace", "metrics", "node", "outlet", "outlets", "process", "reason", "skips", "spec",
    )  # fmt: skip

    def __init__(
        self, spec: NodeSpec, node: ProcessingNode, outlets: dict[str, Outlet], mixed: bool = False
    ) -> None:
        cls = spec.cls  # a node in a worker process is another object here
        self.spec = spec
        self.id = spec.id
        self.node = node
        self.process = node.process
        self.outlets = outlets
        self.outlet = next(iter(outlets.values()), None)
        self.skips = spec.on_error == "skip"
        self.blocks = cls.process_block is not ProcessingNode.process_block
        self.inplace = cls.inplace
        self.fresh = cls.kind == "sample-wise"  # what it returns is nobody else's yet
        self._follows = (
            cls.configure is not ProcessingNode.configure
            or cls.stream_info.__func__ is not ProcessingNode.stream_info.__func__  # type: ignore[attr-defined]
        )
        self._renumbers = cls.renumbers
        # A one-to-one node hands the gap on with the header; whoever makes frames of its own has it found
        # from their position.
        self._continuous = cls.kind != "sample-wise" and cls.tier != "run" and not mixed
        self.begin()

    def begin(self) -> None:
        """A stream begins: nothing of one before is known."""
        self.metrics = NodeMetrics()
        self.reason = ""
        self._infos: Any = None
        self._track = _Track()
        several = len(self.outlets) > 1
        self._tracks = {port: _Track() for port in self.outlets} if several else None
        self._failing = 0

    # -- one frame

    def call(self, frames: tuple[DataFrame, ...]) -> Any:
        """Run ``process``; what it raises becomes a NodeError, or None where the node skips."""
        metrics = self.metrics
        metrics.frames_in += 1
        try:
            if len(frames) > 1:
                frames = _with_metadata_of_all(frames, self.node.inputs)
            if self._follows:
                infos = frames[0].info if len(frames) == 1 else tuple([frame.info for frame in frames])
                if infos is not self._infos and infos != self._infos:
                    self._configure(infos)
            if metrics.frames_in % SAMPLE_EVERY:
                result = self.process(*frames)
            else:
                start = perf_counter()
                result = self.process(*frames)
                metrics.timed_seconds += perf_counter() - start
                metrics.timed += 1
        except Exception as error:
            self.failed(error, frames)
            return None
        metrics.frames_out += 1
        if self._failing:
            self._recovered()
        return result

    def overwrite(self, frame: DataFrame) -> DataFrame | None:
        """As ``call``, in the samples of a frame that nobody else reads."""
        metrics = self.metrics
        metrics.frames_in += 1
        try:
            if self._follows and frame.info is not self._infos:
                self._configure(frame.info)
            self.node.overwrite(frame)
        except Exception as error:
            self.failed(error, (frame,))
            return None
        metrics.frames_out += 1
        if self._failing:
            self._recovered()
        return frame

    # -- several frames as one

    def measure(self, frames: FrameRun) -> Sequence[DataFrame]:
        """Let a frame-wise node answer several frames at once. Raises NodeError."""
        metrics = self.metrics
        metrics.frames_in += len(frames)
        try:
            if self._follows and frames.info is not self._infos:
                self._configure(frames.info)
            results = self.node.measure(frames)
        except Exception as error:
            self.fail_all(error, frames[0], len(frames))
        metrics.frames_out += len(frames)
        return results

    async def await_call(self, frames: tuple[DataFrame, ...]) -> Any:
        """As ``call``, for a ``process`` that awaits."""
        metrics = self.metrics
        metrics.frames_in += 1
        try:
            if len(frames) > 1:
                frames = _with_metadata_of_all(frames, self.node.inputs)
            if self._follows:
                infos = frames[0].info if len(frames) == 1 else tuple([frame.info for frame in frames])
                if infos is not self._infos and infos != self._infos:
                    self._configure(infos)
            result = await self.process(*frames)
        except Exception as error:
            self.failed(error, frames)
            return None
        except BaseException:
            metrics.undelivered += 1
            raise
        metrics.frames_out += 1
        if self._failing:
            self._recovered()
        return result

    def _configure(self, infos: Any) -> None:
        """Tell the node what comes now.

        Its ``stream_info`` says no in the user's words before ``configure`` stumbles.
        """
        listed: tuple[StreamInfo, ...] = infos if isinstance(infos, tuple) else (infos,)
        node = self.node
        try:
            type(node).stream_info(node, **dict(zip(type(node).inputs, listed, strict=True)))
            node.follow(*listed)
        except NodeError:
            raise
        except Exception as error:
            raise NodeError(self.id, error, phase="configure") from error
        self._infos = infos

    def _failure(self, error: Exception, frame: DataFrame, count: int = 1) -> NodeError:
        """Count frames, of which this is the first, as failed, and return what the run dies of."""
        self.metrics.failed += count
        if isinstance(error, NodeError):
            error.sequence_id = frame.sequence_id
            return error
        return NodeError(self.id, error, sequence_id=frame.sequence_id)

    def fail_all(self, error: Exception, first: DataFrame, count: int) -> NoReturn:
        """Count frames that failed together. Raises NodeError."""
        raise self._failure(error, first, count)

    def failed(self, error: Exception, frames: tuple[DataFrame, ...]) -> None:
        """Count a failure.

        Raises NodeError, or leaves the frame out and logs the first of a burst where the node skips.
        """
        failure = self._failure(error, frames[0])
        if not self.skips:
            raise failure
        if not self._failing:
            log.warning("%s; the frame is skipped, as will be those that fail after it", failure)
        self._failing += 1
        if not self._renumbers:
            for track in self._all_tracks():
                track.lost += frames[0].advance + frames[0].gap

    def _recovered(self) -> None:
        log.warning("node %r works again after %d skipped frames", self.id, self._failing)
        self._failing = 0

    # -- what comes out

    def accept(self, frame: DataFrame, track: _Track | None = None) -> DataFrame:
        """Make an output frame ready for its readers: numbered, its gap marked, sealed."""
        return self.accept_open(frame, track).seal()

    def accept_run(self, frames: Sequence[DataFrame]) -> Sequence[DataFrame]:
        """As ``accept`` for one frame after the other; those of a run are still made only when asked for."""
        track = self._track
        if not isinstance(frames, FrameRun) or self._renumbers or track.lost:
            return [self.accept(frame) for frame in frames]
        self.metrics.emitted += len(frames)
        if self._continuous:
            if track.next_start is not None:
                frames.gap = max(frames.gap, frames.starts.start - track.next_start)
            track.next_start = frames.starts.stop
        return frames

    def accept_sources(self, frames: Sequence[DataFrame]) -> list[DataFrame]:
        """As ``accept`` for frames that a source gave one after the other."""
        track = self._track
        if self._renumbers or track.lost or not self._continuous:
            return [self.accept(frame) for frame in frames]
        self.metrics.emitted += len(frames)
        accepted = []
        due = track.next_start
        for frame in frames:
            start, span = frame.start_sample, frame.span
            if due is not None and start - due > frame.gap:
                frame = frame.replace(gap=start - due)
            advance = frame.samples.shape[1] if span is None else span
            if advance:
                due = start + advance
            accepted.append(frame.seal())
        track.next_start = due
        return accepted

    def accept_open(self, frame: DataFrame, track: _Track | None = None) -> DataFrame:
        """As ``accept``, but not sealed: for the one reader that may overwrite it."""
        self.metrics.emitted += 1
        track = track or self._track
        if self._renumbers:
            if frame.sequence_id != track.next_id:
                frame = frame.replace(sequence_id=track.next_id)
            track.next_id += 1
        if self._continuous or track.lost:
            frame = self._mark_gap(frame, track)
        return frame

    def _mark_gap(self, frame: DataFrame, track: _Track) -> DataFrame:
        gap = frame.gap + track.lost
        track.lost = 0
        if self._continuous:
            if track.next_start is not None:
                gap = max(gap, frame.start_sample - track.next_start)
            if frame.advance:
                track.next_start = frame.start_sample + frame.advance
        return frame if gap == frame.gap else frame.replace(gap=gap)

    def ports(self, result: Any) -> list[tuple[Outlet, DataFrame]]:
        """Sort the result of a node with several outputs by port.

        Raises NodeError for what is not a mapping of ports.
        """
        if result is None:
            return []
        tracks: Mapping[str, _Track] = self._tracks or {}
        try:
            named = [(port, self.outlets[port], frames_of(frames)) for port, frames in result.items()]
            return [
                (outlet, self.accept(frame, tracks[port]))
                for port, outlet, frames in named
                for frame in frames
            ]
        except (AttributeError, KeyError) as error:
            expected = f"a mapping with the ports {list(self.outlets)}"
            raise NodeError(self.id, error, message=f"expected {expected}, found {result!r:.80}") from None
        except TypeError as error:
            raise NodeError(self.id, error) from error

    def frames(self, result: Any) -> list[DataFrame]:
        """Return the frames of the result of a node with one output, ready for readers.

        Raises NodeError for anything else.
        """
        try:
            return [self.accept(frame) for frame in frames_of(result)]
        except TypeError as error:
            raise NodeError(self.id, error) from error

    @property
    def trailing_gap(self) -> int:
        """Samples lost after the last frame that came out."""
        return max(track.lost for track in self._all_tracks())

    def stand_for(self, metrics: NodeMetrics, trailing_gap: int) -> None:
        """Show the counters of the same node where it really works, in another process."""
        self.metrics = metrics
        for track in self._all_tracks():
            track.lost = trailing_gap

    def _all_tracks(self) -> Iterable[_Track]:
        return (self._track,) if self._tracks is None else self._tracks.values()


def _with_metadata_of_all(frames: tuple[DataFrame, ...], ports: tuple[str, ...]) -> tuple[DataFrame, ...]:
    """Give the first frame of a joined group the metadata of all.

    The first port wins, a conflict is kept as ``port.key``.
    """
    first, *others = frames
    merged: dict[str, Any] = {}
    for port, frame in zip(ports[1:], others, strict=True):
        if frame.metadata is first.metadata or same(frame.metadata, first.metadata):
            continue
        merged = merged or dict(first.metadata)
        for key, value in frame.metadata.items():
            if not same(merged.setdefault(key, value), value):
                merged[f"{port}.{key}"] = value
    return (first.replace(metadata=merged).seal(), *others) if merged else frames
