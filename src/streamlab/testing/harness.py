"""One node without an engine: feed it frames, get what it makes."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, channel, node_class
from streamlab.core.node import frames_of
from streamlab.errors import EndOfStream

__all__ = ["NodeRun", "cut", "drive_node", "join", "run_node"]

_FOREVER = 1 << 30  # a capacity that nothing fills

Inputs = DataFrame | tuple[DataFrame, ...]


@dataclass
class NodeRun:
    """What a node made: its frames (by port with several outputs), its result, how its stream ended."""

    ports: dict[str, list[DataFrame]] = field(default_factory=dict)
    result: Any = None
    reason: str = ""

    @property
    def outputs(self) -> list[DataFrame]:
        """The frames of the first output."""
        return next(iter(self.ports.values()), [])

    def __iter__(self) -> Iterator[DataFrame]:
        return iter(self.outputs)

    def __len__(self) -> int:
        return len(self.outputs)

    def __getitem__(self, index: int) -> DataFrame:
        return self.outputs[index]


def run_node(
    node: ProcessingNode | type[ProcessingNode] | str,
    frames: Iterable[Inputs] = (),
    *,
    config: Mapping[str, Any] | None = None,
    limit: int | None = None,
) -> NodeRun:
    """Drive a node through its life outside a running loop; see :func:`drive_node`."""
    return asyncio.run(drive_node(node, frames, config=config, limit=limit))


async def drive_node(
    node: ProcessingNode | type[ProcessingNode] | str,
    frames: Iterable[Inputs] = (),
    *,
    config: Mapping[str, Any] | None = None,
    limit: int | None = None,
) -> NodeRun:
    """Drive a node as the engine would: on_create, its frames, flush, result, on_destroy.

    Parameters
    ----------
    node
        An instance, a class or the name of a type; the last two are made with ``config``.
    frames
        What comes in, a tuple per call with several inputs. Frames are sealed before the node sees them, and
        what it makes is sealed, too.
    config
        The configuration, as a graph has it.
    limit
        Take so many frames from a source and stop; an endless one needs it.

    Raises what the node raises; ``on_destroy`` has been called then.
    """
    given = dict(config or {})
    if isinstance(node, str):
        node = node_class(node)
    if isinstance(node, type):
        node = node(**given)
    await node.on_create(given)
    run = NodeRun({port: [] for port in node.outputs or ("out",)})
    try:
        if node.tier == "source":
            await _pull(node, run, limit)
        elif node.tier == "run":
            await _connect(node, frames, run)
        else:
            await _feed(node, frames, run)
        run.result = node.result()
    finally:
        await node.on_destroy()
    return run


async def _pull(node: Any, run: NodeRun, limit: int | None) -> None:
    frames = node.frames()
    try:
        if isinstance(frames, AsyncIterator):
            async for frame in frames:
                _accept(node, run, frame)
                if limit is not None and len(run) >= limit:
                    break
        else:
            for frame in islice(frames, limit):
                _accept(node, run, frame)
    finally:
        close = getattr(frames, "aclose", None) or getattr(frames, "close", None)
        closing = close() if close is not None else None
        if inspect.isawaitable(closing):
            await closing
    run.reason = "completed"


async def _feed(node: ProcessingNode, frames: Iterable[Inputs], run: NodeRun) -> None:
    for item in frames:
        group = tuple(frame.seal() for frame in _group(item))
        node.follow(*[frame.info for frame in group])
        output = node.process(*group)
        _accept(node, run, await output if inspect.isawaitable(output) else output)
    output = node.flush()
    _accept(node, run, await output if inspect.isawaitable(output) else output)
    run.reason = "completed"


async def _connect(node: ProcessingNode, frames: Iterable[Inputs], run: NodeRun) -> None:
    """Give a node that has its own ``run`` both channel ends."""
    ways_in = {port: channel(_FOREVER) for port in node.inputs}
    ways_out = {port: channel(_FOREVER) for port in run.ports}
    for item in frames:
        for (sender, _), frame in zip(ways_in.values(), _group(item), strict=True):
            sender.try_send(frame.seal())
    for sender, _ in ways_in.values():
        sender.close()
    receivers = {port: receiver for port, (_, receiver) in ways_in.items()}
    senders = {port: sender for port, (sender, _) in ways_out.items()}
    rx = next(iter(receivers.values())) if len(receivers) == 1 else receivers
    tx = next(iter(senders.values())) if len(senders) == 1 else senders
    await node.run(rx, tx)
    for port, (_, receiver) in ways_out.items():
        try:
            while True:
                run.ports[port].append((await receiver.recv()).seal())
        except EndOfStream as end:
            run.reason = end.reason


def _group(item: Inputs) -> tuple[DataFrame, ...]:
    return item if isinstance(item, tuple) else (item,)


def _accept(node: ProcessingNode, run: NodeRun, output: Any) -> None:
    by_port = output if isinstance(output, Mapping) else {next(iter(run.ports)): output}
    for port, frames in by_port.items():
        for frame in frames_of(frames):
            number = len(run.ports[port])
            named = (
                frame.replace(sequence_id=number) if node.renumbers and frame.sequence_id != number else frame
            )
            run.ports[port].append(named.seal())


def cut(frame: DataFrame, sizes: Iterable[int]) -> list[DataFrame]:
    """Cut a frame over time into pieces of these sizes, what is left over in a last one.

    The pieces have the positions and times that a source would have given them; a gap stays before the first.
    A frame that is not over time stays in one piece.
    """
    if frame.info.axis != "time":
        return [frame]
    pieces, begin = [], 0
    rate = frame.sample_rate
    ends = []
    for size in sizes:
        begin += size
        ends.append(min(begin, frame.n))
    if not ends or ends[-1] < frame.n:
        ends.append(frame.n)
    begin = 0
    for number, end in enumerate(ends):
        later = (
            0
            if rate is None
            else (frame.start_sample + begin) * 10**6 // rate - frame.start_sample * 10**6 // rate
        )
        piece = DataFrame.from_samples(
            frame.samples[:, begin:end].copy(),
            frame.info,
            timestamp=frame.timestamp + later,
            sequence_id=frame.sequence_id + number,
            start_sample=frame.start_sample + begin,
            gap=0 if number else frame.gap,
            metadata=frame.metadata,
        )
        pieces.append(piece)
        begin = end
    return pieces


def join(frames: Sequence[DataFrame]) -> DataFrame:
    """Join frames of one stream over time; header and metadata are those of the first.

    Raises ValueError without a frame, or when the streams differ.
    """
    if not frames:
        raise ValueError("expected at least one frame to join, found none")
    infos = {frame.info for frame in frames}
    if len(infos) > 1:
        raise ValueError(f"frames to join are of one stream; found {', '.join(map(repr, infos))}")
    return frames[0].replace(samples=np.concatenate([frame.samples for frame in frames], axis=1))
