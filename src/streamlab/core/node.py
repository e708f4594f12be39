"""ProcessingNode and Source: what the author of a node writes."""

import inspect
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self, dataclass_transform

from streamlab.core.channel import Sender
from streamlab.core.context import Context
from streamlab.core.frame import DataFrame
from streamlab.core.frame_run import FrameRun
from streamlab.core.info import StreamInfo
from streamlab.core.params import Param, ParamSet, param
from streamlab.errors import ChannelClosed, EndOfStream, ParamError, Problem

__all__ = ["Kind", "Output", "ProcessingNode", "Source", "Tier", "frames_of"]

Kind = Literal["sample-wise", "stream-wise", "frame-wise"]
Tier = Literal["process", "async process", "run", "source", "none"]
Output = DataFrame | Iterable[DataFrame] | None


def _tier(cls: "type[ProcessingNode]") -> Tier:
    """What the author wrote decides how the engine drives the node."""
    if hasattr(cls, "frames"):
        return "source"
    if cls.run is not ProcessingNode.run:
        return "run"
    if cls.process is ProcessingNode.process:
        return "none"
    return "async process" if inspect.iscoroutinefunction(cls.process) else "process"


@dataclass_transform(kw_only_default=True, field_specifiers=(param,))
class ProcessingNode:
    """A step of a measurement.

    Write ``process(frame)``; override the rest only where there is something to say.

    Its life: ``node = cls(**config)`` checks the parameters and opens nothing; ``on_create`` may open
    things; ``configure`` learns what the input is; ``process`` works; ``flush`` may return the partial
    tail; ``result`` a final value; ``reset`` forgets the stream for the next one; ``on_destroy`` closes.
    Every instance whose ``on_create`` succeeded meets ``on_destroy`` once.

    Class attributes
    ----------------
    kind
        "sample-wise": n samples in, n out, the header as it was; bits do not depend on how the stream is
        cut. "stream-wise": own frames whose concatenation does not depend on the cutting (1e-9).
        "frame-wise": each frame on its own.
    inputs, outputs
        Names of the ports. With several inputs ``process(a, b)`` gets one frame each; with several outputs
        it returns ``{port: frame}``.
    blocking
        The work is file or console input/output: the engine gives the node a thread.
    inplace
        The node may overwrite the frame it gets, where the engine proves that nobody else reads it.
    generator
        Makes samples from a trigger, so it may stand at the head of a graph and wait.
    renumbers
        Output frames are numbered from 0 by the engine instead of keeping the input's ``sequence_id``.
    job
        The number of the pool's job that the instance works on, set by the engine; a writer puts it in
        place of ``{job}`` in its path.
    context
        The graph that the instance belongs to, set by the engine before ``on_create``; a writer puts its hash
        into the file.
    """

    kind: ClassVar[Kind] = "frame-wise"
    inputs: ClassVar[tuple[str, ...]] = ("in",)
    outputs: ClassVar[tuple[str, ...]] = ("out",)
    blocking: ClassVar[bool] = False
    inplace: ClassVar[bool] = False
    generator: ClassVar[bool] = False
    renumbers: ClassVar[bool] = False

    param_set: ClassVar[ParamSet]
    tier: ClassVar[Tier] = "none"
    job: str = ""
    context: Context = Context()
    _followed: StreamInfo | tuple[StreamInfo, ...] | None = None

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        fields: dict[str, Param] = {}
        for base in reversed(cls.__mro__[1:]):
            inherited = base.__dict__.get("param_set")
            if inherited is not None:
                fields.update(inherited.fields)
        for name in inspect.get_annotations(cls):
            declared = cls.__dict__.get(name)
            if isinstance(declared, Param):
                fields[name] = declared
                delattr(cls, name)
        for name, declared in cls.__dict__.items():
            if isinstance(declared, Param):
                raise TypeError(
                    f"{cls.__name__}.{name}: a parameter has a type, as in {name}: float = param(...)"
                )
        cls.param_set = ParamSet(cls, fields, cls.check_params)
        cls.tier = _tier(cls)
        if "renumbers" not in cls.__dict__ and cls.kind == "stream-wise":
            cls.renumbers = True

    def __init__(self, **config: Any) -> None:
        self.__dict__.update(self.param_set.decode(config))

    @classmethod
    def of_checked(cls, config: Mapping[str, Any], values: Mapping[str, Any]) -> Self:
        """Make a node of parameters that were checked before: ``values`` is what ``config`` decodes to.

        They are taken as they are where the node type has no constructor of its own.
        """
        if cls.__init__ is not ProcessingNode.__init__:
            return cls(**config) if cls.param_set.fields else cls()
        node = cls.__new__(cls)
        node.__dict__.update(
            {name: value.copy() if type(value) in (list, dict) else value for name, value in values.items()}
        )
        return node

    # -- what an author may write

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Open what the node needs. ``config`` is the node's configuration as the graph has it."""

    # Typed so that an override names just the inputs that it has: (self, frame), or (self, a, b).

    def configure(self, *infos: Any, **_: Any) -> None:
        """Learn what the inputs are, a StreamInfo each.

        Called before the first frame and whenever one of them changes.
        """

    def process(self, *frames: Any, **_: Any) -> Any:
        """Turn a frame (one from each input) into one frame, several or None.

        ``{port: frames}`` with several outputs. May be ``async``.
        """
        raise TypeError(
            f"{type(self).__name__} has no process(): it works in a stream only, through run(rx, tx)"
        )

    def process_block(self, frames: Sequence[DataFrame]) -> DataFrame:
        """Answer several triggers at once, for generators that can.

        Returns one frame with the samples of all, one after the other, and the ``start_sample`` of the
        first; its bits are those of single answers.
        """
        raise TypeError(f"{type(self).__name__} has no process_block()")

    def overwrite(self, frame: DataFrame) -> None:
        """Do the work of ``process`` in the frame's own samples, for nodes with ``inplace``."""
        raise TypeError(f"{type(self).__name__} has no overwrite()")

    def measure(self, frames: FrameRun) -> Sequence[DataFrame]:
        """Do the work of ``process`` on several frames at once, for frame-wise nodes that can.

        They lie side by side in ``frames.block``, (channels, frames, n). One frame for one, with the same
        bits; ``frames.derive`` makes them only if somebody reads them.
        """
        raise TypeError(f"{type(self).__name__} has no measure()")

    def ended(self, gap: int) -> None:
        """Learn that ``gap`` samples were lost after the last frame of the stream, which is over now.

        Called before ``flush``, where the end is a regular one. Whoever states what was lost counts them.
        """

    def flush(self) -> Any:
        """Return what is left when the stream has ended (completed or stopped); as ``process`` does."""
        return None

    def result(self) -> Any:
        """Return a final value for the report, such as a Verdict or a total; None for nothing."""
        return None

    def reset(self) -> None:
        """Forget the stream: afterwards the node acts like a new one with the same parameters."""
        self._followed = None

    async def on_destroy(self) -> None:
        """Close what ``on_create`` opened. Called once, whatever happened since."""

    @classmethod
    def stream_info(
        cls, params: Any, **inputs: StreamInfo | None
    ) -> StreamInfo | Mapping[str, StreamInfo | None] | None:
        """Say what comes out, given what comes in (None: not known yet).

        Raise ParamError when it cannot work.

        Pure: used before anything is opened. ``params`` has the parameters as attributes. The default
        passes the input on.
        """
        return inputs.get(cls.inputs[0]) if cls.inputs and cls.kind != "stream-wise" else None

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Yield problems between parameters; ``given`` names those that the configuration sets."""
        return ()

    @classmethod
    def delay(cls, params: Any) -> int:
        """Say how many input frames the node may hold back before its first output."""
        return 0

    async def run(self, rx: Any, tx: Any) -> None:
        """Receive, process, send; close ``tx`` with the reason it ended.

        Override for full control over both channel ends.

        With several ports ``rx`` or ``tx`` is a mapping from port to channel end.
        """
        reason = "failed"
        try:
            reason = await self._pump(rx, tx)
        except ChannelClosed:
            reason = "completed"  # nobody reads any more: a quiet end
        except BaseException as error:
            reason = "failed" if isinstance(error, Exception) else "cancelled"
            raise
        finally:
            for sender in _ends(tx):
                sender.close(reason)

    # -- what the engine and direct users call

    def follow(self, *infos: StreamInfo) -> None:
        """Call ``configure`` if the input's info is not the one already known.

        First line of a ``process`` that needs it.
        """
        known = infos[0] if len(infos) == 1 else infos
        if known is not self._followed and known != self._followed:
            self.configure(*infos)
            self._followed = known

    def update(self, **changes: Any) -> None:
        """Change live parameters while the node runs, all or none.

        Raises ParamError when a value is refused or the parameter may not change.
        """
        fields = self.param_set.fields
        fixed = [name for name in changes if name in fields and not fields[name].live]
        if fixed:
            live = ", ".join(name for name, item in fields.items() if item.live) or "none"
            raise ParamError(
                [
                    Problem(
                        f"/{name}",
                        f"parameter {name!r} cannot change while running",
                        hint=f"live parameters: {live}",
                    )
                    for name in fixed
                ],
                title=type(self).__name__,
            )
        now = {name: getattr(self, name) for name in fields}
        defaults = {name for name, item in fields.items() if now[name] == item.default}
        values = self.param_set.decode(
            {name: value for name, value in now.items() if name not in defaults} | changes
        )
        self.__dict__.update({name: values[name] for name in changes})

    async def _pump(self, rx: Any, tx: Any) -> str:
        receivers = [rx[port] for port in self.inputs] if isinstance(rx, Mapping) else [rx]
        try:
            while True:
                await self._emit(self.process(*[await receiver.recv() for receiver in receivers]), tx)
        except EndOfStream as end:
            if end.reason in ("completed", "stopped"):
                if end.gap:
                    self.ended(end.gap)
                await self._emit(self.flush(), tx)
            return end.reason

    async def _emit(self, output: Any, tx: Any) -> None:
        if inspect.isawaitable(output):
            output = await output
        if isinstance(tx, Mapping):
            for port, frames in (output or {}).items():
                for frame in frames_of(frames):
                    await tx[port].send(frame)
        else:
            for frame in frames_of(output):
                await tx.send(frame)


class Source(ProcessingNode):
    """A node without inputs: ``frames`` yields from its own clock or file, pulled with back pressure.

    Set ``info`` in ``on_create`` once it is known what will come; with ``realtime`` true the engine
    releases each frame when its last sample is due.
    """

    inputs: ClassVar[tuple[str, ...]] = ()
    info: StreamInfo | None = None
    realtime: bool = False

    def frames(self) -> Iterator[DataFrame] | AsyncIterator[DataFrame]:
        """Yield the frames of the stream from its beginning: a generator or an async generator."""
        raise TypeError(f"{type(self).__name__} has no frames()")

    async def _pump(self, rx: Any, tx: Any) -> str:
        frames = self.frames()
        if isinstance(frames, AsyncIterator):
            async for frame in frames:
                await self._emit(frame, tx)
        else:
            for frame in frames:
                await self._emit(frame, tx)
        return "completed"


def frames_of(output: Output) -> Iterable[DataFrame]:
    """Return the frames of what a node returned: none, one or many. Raises TypeError for anything else."""
    if output is None:
        return ()
    if isinstance(output, DataFrame):
        return (output,)
    if isinstance(output, list | tuple):
        for item in output:
            if not isinstance(item, DataFrame):
                raise TypeError(
                    f"expected frames, found a {type(output).__name__} with a {type(item).__name__}"
                )
        return output
    raise TypeError(f"expected a frame, a list of frames or None, found {type(output).__name__}")


def _ends(tx: Any) -> Iterable[Sender]:
    return tx.values() if isinstance(tx, Mapping) else (tx,)


ProcessingNode.param_set = ParamSet(ProcessingNode, {}, ProcessingNode.check_params)
