"""Recorder: keeps, while a graph runs, what its report will show."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from streamlab.core import DataFrame
from streamlab.core.lifecycle import State
from streamlab.engine import AsyncPipeline, Report
from streamlab.engine.spec import GraphSpec
from streamlab.engine.subscription import output_of
from streamlab.report.document import Document, Stream
from streamlab.report.facts import InputHashes
from streamlab.report.streams import Watched, watched_streams
from streamlab.report.stretch import Judging, Stretch

__all__ = ["Recorder"]

_MOST_STRETCHES = 4
"""Changes of a stream's description that are followed; what comes later is not shown."""


class Recorder:
    """Reads along where a graph is judged, measured or recorded, in bounded memory.

    Made before the pipeline starts; afterwards ``document`` has everything for the page. What it keeps does
    not grow with the length of the stream, and it changes nothing in the run.

    Parameters
    ----------
    pipeline
        Not started yet.
    source
        The graph's file, where it came from one.

    Raises
    ------
    NotRunning
        When the pipeline was started already.
    """

    def __init__(self, pipeline: AsyncPipeline, *, source: str | Path | None = None) -> None:
        self._pipeline = pipeline
        self._source = None if source is None else Path(source)
        self._started: datetime | None = None
        self._hashes = InputHashes(pipeline.graph, pipeline.spec, self._source)
        watched, self._left_out = watched_streams(pipeline.spec)
        self._taps: list[_StreamTap] = []
        for one in watched:
            several = len(pipeline.spec.nodes[one.node].cls.outputs) > 1
            name = one.name if several else one.node
            if output_of(pipeline.spec, name) != (one.node, one.port):  # another node has this name
                self._left_out.append(one)
                continue
            tap = _StreamTap(one, pipeline.spec)
            pipeline.tap(name, tap)
            self._taps.append(tap)
        pipeline.listen(self._moved)

    def _moved(self, old: State, new: State) -> None:
        if new == "starting":
            self._started = datetime.now(UTC)
            self._hashes.begin()

    def document(self, report: Report | None = None) -> Document:
        """Return what there is to show of the run, which has ended."""
        report = self._pipeline.report if report is None else report
        return Document(
            graph=self._pipeline.graph,
            spec=self._pipeline.spec,
            report=report,
            source=self._source,
            started=self._started,
            streams=[tap.stream() for tap in self._taps],
            left_out=[one.name for one in self._left_out],
            files=self._hashes.end(wait=report.reason in ("completed", "stopped") and not report.errors),
        )


class _StreamTap:
    """Takes the frames of one output. It always has room, and what fails in it stays with it."""

    has_room = never_waits = True

    def __init__(self, watched: Watched, spec: GraphSpec) -> None:
        nodes = spec.nodes
        self._watched = watched
        self._image = nodes[watched.node].type_name == "Spectrogram"
        self._judges = [
            Judging(name, nodes[name].type_name, nodes[name].params)
            for name in watched.readers
            if nodes[name].type_name in ("Limit", "Mask", "NofM")
        ]
        self._stretches: list[Stretch] = []
        self._frames = 0
        self._too_many = 0
        self._reason = ""
        self._trouble = ""

    def offer(self, frame: DataFrame) -> bool:
        """Take the frame."""
        if not self._trouble:
            try:
                self._take(frame)
            except Exception as error:  # a plot that fails must not end the run; the page says so
                self._trouble = f"{type(error).__name__}: {error}"
        return True

    async def send(self, frame: DataFrame) -> None:
        """Take the frame."""
        self.offer(frame)

    def close(self, reason: str = "completed", *, gap: int = 0) -> None:
        """The stream has ended."""
        self._reason = reason
        if self._stretches and not self._trouble:
            try:
                self._stretches[-1].lose(gap)
            except Exception as error:
                self._trouble = f"{type(error).__name__}: {error}"

    def _take(self, frame: DataFrame) -> None:
        self._frames += 1
        if not frame.info.names:
            return
        if not self._stretches or frame.info is not self._stretches[-1].info:
            if len(self._stretches) == _MOST_STRETCHES:
                self._too_many += 1
                return
            if self._stretches:
                self._stretches[-1].settle()
            self._stretches.append(Stretch(frame, self._judges, image=self._image))
        self._stretches[-1].take(frame)

    def stream(self) -> Stream:
        """Return what was kept."""
        stretches: Sequence[Stretch] = self._stretches
        for one in stretches:
            one.settle()
        return Stream(
            node=self._watched.node,
            port=self._watched.port,
            readers=self._watched.readers,
            judges=tuple(self._judges),
            frames=self._frames,
            reason=self._reason,
            stretches=tuple(one for one in stretches if one.columns or one.curves),
            trouble=self._trouble
            or (
                f"{self._too_many} frames came after the stream had changed too often"
                if self._too_many
                else ""
            ),
        )
