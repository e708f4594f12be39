"""The conformance sweep: a node keeps what its kind promises, whatever way the stream is cut.

For the author of a node: ``check_node("MyNode", {"gain": 2.0})`` in a test is all it takes. Each check raises
AssertionError with the node, the promise and what was found instead.
"""

import re
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, ProcessingNode, Samples, StreamInfo, node_class
from streamlab.testing.harness import NodeRun, cut, join, run_node

__all__ = ["PRIMES", "check_cutting", "check_node", "check_parameters", "example_frames"]

PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53)
TOLERANCE = 1e-9

Config = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
Node = type[ProcessingNode] | str


def example_frames(cls: type[ProcessingNode], samples: int = 500) -> tuple[DataFrame, ...]:
    """Return a stretch of signal for each input: two channels, ``left`` and ``right``, in Pa at 1000 Hz."""
    info = StreamInfo([ChannelInfo("left", "Pa"), ChannelInfo("right", "Pa")], 1000)
    time = np.arange(samples) / 1000
    frames = []
    for number, _ in enumerate(cls.inputs):
        noise = np.random.default_rng(number).standard_normal((2, samples))
        signal = noise + np.array([[3.0], [1.5]]) * np.sin(2 * np.pi * 37.0 * time)
        frames.append(
            DataFrame.from_samples(signal, info, timestamp=5_000_000, metadata={"origin": "conformance"})
        )
    return tuple(frames)


def check_node(node: Node, config: Config | None = None, frames: Sequence[DataFrame] | None = None) -> None:
    """Sweep a node: its parameters, then everything that its kind promises.

    Parameters
    ----------
    node
        A node class, or the name of a type.
    config
        A configuration that works, or a function that makes one (a writer needs a new path each time).
    frames
        One long frame per input that suits the node; by default :func:`example_frames`.
    """
    cls, config = _class(node), config or {}
    check_parameters(cls)
    if cls.tier == "source":
        _check_source(cls, config)
        return
    given = example_frames(cls) if frames is None else tuple(frames)
    if cls.generator:
        _check_generator(cls, config, given[0].info)
        return
    _check_handed_over(cls, config, given)
    for sizes in ([given[0].n], [1] * given[0].n, [*PRIMES, *PRIMES[::-1]], [given[0].n - 1]):
        check_cutting(cls, config, sizes, given)
    _check_empty_frames(cls, config, given)
    _check_reset(cls, config, given)
    _check_description(cls, config, given)
    _check_other_channels(cls, config, given)


# -- parameters


def check_parameters(node: Node) -> None:
    """Check the rules of parameters and of the docstring, which the editor and the reference live on."""
    cls = _class(node)
    hints = typing.get_type_hints(cls)
    for name, item in cls.param_set.fields.items():
        what = f"{cls.__name__}.{name}"
        _expect(bool(item.doc.strip()), f"{what} has a description")
        kinds = {hints[name], *typing.get_args(hints[name])} - {NoneType}
        below = item.ge is not None or item.gt is not None
        above = item.le is not None or item.lt is not None
        if float in kinds:
            _expect(bool(item.unit), f"{what} has a unit (1 for a ratio)")
            _expect((below and above) or bool(item.unbounded), f"{what} has bounds, or a reason why not")
        elif int in kinds:
            _expect(below or bool(item.unbounded), f"{what} has a lower bound")
        if not item.required:
            _expect(_valid(cls, name, item.default), f"{what}: its default is a valid value")
    _expect(
        bool(cls.param_set.json_schema()["properties"]) or not cls.param_set.fields,
        f"{cls.__name__} has a schema",
    )
    text = cls.__doc__ or ""
    for heading in ("Input", "Output", "Kind", "Errors", "Gaps"):
        _expect(
            re.search(rf"(^|\s\s){heading}\s\s+\S", text, re.MULTILINE) is not None,
            f"{cls.__name__}: docstring says {heading}",
        )
    _expect(">>>" in text, f"{cls.__name__}: docstring has an example that runs")


def _valid(cls: type[ProcessingNode], name: str, value: Any) -> bool:
    model = cls.param_set.model
    try:
        model.__pydantic_validator__.validate_assignment(model.model_construct(), name, value)
    except ValueError:
        return False
    return True


# -- kinds


def check_cutting(
    node: Node, config: Config, sizes: Iterable[int], frames: Sequence[DataFrame] | None = None
) -> None:
    """Check that a cut stream gives what the whole one gives.

    Sample-wise: the same bits, header and metadata frame by frame. Stream-wise: the same samples to 1e-9,
    at the same positions. Frame-wise: each frame gives what it gives alone.
    """
    cls = _class(node)
    whole = example_frames(cls) if frames is None else tuple(frames)
    groups = list(zip(*(cut(frame, sizes) for frame in whole), strict=True))
    run = _run(cls, config, groups)
    if cls.kind == "frame-wise":
        alone = [frame for group in groups for frame in _run(cls, config, [group])]
        _same_frames(cls, run.outputs, alone, "a frame gives what it gives alone")
    else:
        expected = _run(cls, config, [whole])
        exact = cls.kind == "sample-wise"
        _same_stream(
            cls, run.outputs, expected.outputs, exact, f"a stream cut into {len(groups)} gives the whole one"
        )
        _expect(
            _close(run.result, expected.result), f"{cls.__name__}: the result does not depend on the cutting"
        )
        if exact:
            _same_headers(cls, run.outputs, [group[0] for group in groups])
    for frame in run:
        origin = frame.metadata.get("origin")
        _expect(origin == whole[0].metadata.get("origin"), f"{cls.__name__}: metadata passes through")


def _check_empty_frames(cls: type[ProcessingNode], config: Config, whole: Sequence[DataFrame]) -> None:
    groups = list(zip(*(cut(frame, [7, 0, 100, 0, 0, 3]) for frame in whole), strict=True))
    empty = tuple(frame.replace(samples=frame.samples[:, :0]) for frame in whole)
    with_empty = _run(cls, config, [empty, *groups])
    without = _run(cls, config, [group for group in groups if group[0].n])
    told = "an empty frame changes nothing"
    full = [frame for frame in with_empty if frame.n]
    if cls.kind == "frame-wise":
        _same_frames(cls, full, [frame for frame in without if frame.n], told)
    else:
        _same_stream(cls, full, without.outputs, cls.kind == "sample-wise", told)
    if not any(isinstance(item, list) for item in (with_empty.result, without.result)):
        numbers = {
            "frames",
            "bytes",
            "path",
            "missing",
        }  # what a writer counts and where it writes may differ
        _expect(_close(with_empty.result, without.result, numbers), f"{cls.__name__}: {told} in the result")


def _check_handed_over(cls: type[ProcessingNode], config: Config, whole: Sequence[DataFrame]) -> None:
    """Frames that a caller still owns are not written to, and what was handed over is not written later."""
    groups = list(zip(*(cut(frame, [50] * 10) for frame in whole), strict=True))
    before = [[frame.samples.copy() for frame in group] for group in groups]
    node = cls(**_config(config))
    made: list[tuple[Samples, Samples]] = []
    for group in groups:
        node.follow(*[frame.info for frame in group])
        for frame in _listed(node.process(*group)):
            made.append((frame.samples, frame.samples.copy()))
    _listed(node.flush())
    if not cls.inplace:
        for group, copies in zip(groups, before, strict=True):
            for frame, copy in zip(group, copies, strict=True):
                _expect(np.array_equal(frame.samples, copy), f"{cls.__name__}: inputs are not modified")
    for samples, copy in made:
        same = np.array_equal(samples, copy, equal_nan=True)
        _expect(same, f"{cls.__name__}: what was handed over is not written later")


def _check_reset(cls: type[ProcessingNode], config: Config, whole: Sequence[DataFrame]) -> None:
    groups = list(zip(*(cut(frame, [61] * 8) for frame in whole), strict=True))
    used = cls(**_config(config))
    for group in groups[:3]:  # stopped in the middle: nothing is flushed
        used.follow(*[frame.info for frame in group])
        used.process(*group)
    used.reset()
    again, new = run_node(used, groups), _run(cls, config, groups)
    _same_frames(cls, again.outputs, new.outputs, "after reset() a node is as new")
    if not isinstance(new.result, list):
        _expect(_close(again.result, new.result, {"path"}), f"{cls.__name__}: reset() forgets the result")


def _check_description(cls: type[ProcessingNode], config: Config, whole: Sequence[DataFrame]) -> None:
    """What stream_info says is what comes."""
    node = cls(**_config(config))
    infos = dict(zip(cls.inputs, (frame.info for frame in whole), strict=True))
    said = cls.stream_info(node, **infos)
    cls.stream_info(node, **dict.fromkeys(infos))  # nothing known yet: no error
    if isinstance(said, StreamInfo):
        for frame in _run(cls, config, [tuple(whole)]):
            _expect(frame.info == said, f"{cls.__name__}: stream_info says {said!r}, found {frame.info!r}")


def _check_other_channels(cls: type[ProcessingNode], config: Config, whole: Sequence[DataFrame]) -> None:
    """A sample-wise node that works on some channels leaves the others as they are."""
    if cls.kind != "sample-wise" or "channels" not in cls.param_set.fields:
        return
    name = whole[0].channels[0]
    (out,) = run_node(cls, [tuple(whole)], config={**_config(config), "channels": [name]}).outputs
    for other in whole[0].channels[1:]:
        same = np.array_equal(out.payload[other], whole[0].payload[other])
        _expect(same, f"{cls.__name__}: channel {other!r} passes untouched")


def _check_source(cls: type[ProcessingNode], config: Config) -> None:
    limit = 50
    first = run_node(cls, config=_config(config), limit=limit)
    _expect(len(first) > 0, f"{cls.__name__}: the example gives frames")
    node = cls(**_config(config))
    handed = [(frame.samples, frame.samples.copy()) for frame in run_node(node, limit=limit)]
    _expect(
        all(np.array_equal(*pair) for pair in handed),
        f"{cls.__name__}: what was handed over is not written later",
    )
    node.reset()
    _same_frames(cls, run_node(node, limit=limit).outputs, first.outputs, "a source begins anew")
    origin, at = first[0].timestamp, first[0].start_sample - first[0].gap  # a recording may begin with a gap
    for number, frame in enumerate(first):
        rate = frame.sample_rate
        _expect(frame.sequence_id == number, f"{cls.__name__}: frames are numbered from 0")
        _expect(frame.start_sample == at + frame.gap, f"{cls.__name__}: start_sample counts on")
        if rate is not None:
            since = frame.start_sample * 10**6 // rate - first[0].start_sample * 10**6 // rate
            _expect(frame.timestamp - origin == since, f"{cls.__name__}: time is counted in samples")
        _expect(frame.info == node.info, f"{cls.__name__}: info is known from on_create on")  # type: ignore[attr-defined]
        at = frame.start_sample + frame.advance


def _check_generator(cls: type[ProcessingNode], config: Config, info: StreamInfo) -> None:
    triggers = [DataFrame(1000 * number, number + 3, metadata={"origin": number}) for number in range(6)]
    run = _run(cls, config, triggers)
    _expect(len(run) == len(triggers), f"{cls.__name__}: one frame per trigger")
    at = 0
    for frame, trigger in zip(run, triggers, strict=True):
        kept = frame.timestamp, frame.sequence_id, frame.metadata.get("origin")
        _expect(
            kept == (trigger.timestamp, trigger.sequence_id, trigger.sequence_id - 3),
            f"{cls.__name__}: header kept",
        )
        _expect(frame.start_sample == at, f"{cls.__name__}: start_sample counts the samples made")
        _expect(frame.sample_rate is not None, f"{cls.__name__}: frames carry their rate")
        at += frame.n
    said = cls.stream_info(cls(**_config(config)), **dict.fromkeys(cls.inputs))
    _expect(said == run[0].info, f"{cls.__name__}: stream_info says what comes")
    used = cls(**_config(config))
    used.process(triggers[0])
    used.reset()
    _same_frames(cls, run_node(used, triggers).outputs, run.outputs, "after reset() a node is as new")
    if "frame_size" in cls.param_set.fields:
        size = run[0].n
        longer = run_node(cls, triggers[:3], config={**_config(config), "frame_size": 2 * size})
        same = np.allclose(join(longer.outputs).samples, join(run.outputs).samples, rtol=0, atol=1e-12)
        _expect(same, f"{cls.__name__}: two frames equal one of double length")
    bring = StreamInfo(["brought"], run[0].sample_rate)
    guest = DataFrame.from_samples(np.arange(float(run[0].n))[None], bring, metadata={"origin": 1})
    (out,) = _run(cls, config, [guest]).outputs
    _expect(
        np.array_equal(out.payload["brought"], guest.payload["brought"]),
        f"{cls.__name__}: other channels pass",
    )
    _expect(
        np.array_equal(out.payload[run[0].channels[0]], run[0].samples[0]),
        f"{cls.__name__}: beside them its own",
    )


# -- helpers


def _class(node: Node) -> type[ProcessingNode]:
    return node_class(node) if isinstance(node, str) else node


def _config(config: Config) -> dict[str, Any]:
    return dict(config() if callable(config) else config)


def _run(cls: type[ProcessingNode], config: Config, groups: Iterable[Any]) -> NodeRun:
    return run_node(cls, groups, config=_config(config))


def _listed(output: Any) -> list[DataFrame]:
    if output is None:
        return []
    if isinstance(output, Mapping):
        return [frame for frames in output.values() for frame in _listed(frames)]
    return [output] if isinstance(output, DataFrame) else list(output)


def _expect(truth: bool, promise: str) -> None:
    if not truth:
        raise AssertionError(f"broken promise - {promise}")


def _same_frames(
    cls: type[ProcessingNode], found: Sequence[DataFrame], expected: Sequence[DataFrame], promise: str
) -> None:
    _expect(
        len(found) == len(expected), f"{cls.__name__}: {promise}: {len(expected)} frames, found {len(found)}"
    )
    for one, other in zip(found, expected, strict=True):
        if cls.renumbers:
            one = one.replace(sequence_id=other.sequence_id).seal()
        _expect(one == other, f"{cls.__name__}: {promise}: {other!r}, found {one!r}")


def _same_headers(cls: type[ProcessingNode], found: Sequence[DataFrame], given: Sequence[DataFrame]) -> None:
    _expect(len(found) == len(given), f"{cls.__name__}: a sample-wise node gives a frame for a frame")
    for frame, source in zip(found, given, strict=True):
        for name in ("n", "timestamp", "sequence_id", "start_sample", "gap"):
            same = getattr(frame, name) == getattr(source, name)
            _expect(same, f"{cls.__name__}: a sample-wise node keeps {name}")


def _same_stream(
    cls: type[ProcessingNode],
    found: Sequence[DataFrame],
    expected: Sequence[DataFrame],
    exact: bool,
    promise: str,
) -> None:
    if not expected:
        _expect(not found, f"{cls.__name__}: {promise}: no frames, found {len(found)}")
        return
    _expect(bool(found), f"{cls.__name__}: {promise}: found no frames")
    one, other = join(found).samples, join(expected).samples
    _expect(one.shape == other.shape, f"{cls.__name__}: {promise}: {other.shape} samples, found {one.shape}")
    if exact:
        same = np.array_equal(one, other, equal_nan=True)
    else:
        same = np.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True)
    _expect(same, f"{cls.__name__}: {promise}" + (" to the bit" if exact else f" to {TOLERANCE:g}"))
    _expect(_positions(found) == _positions(expected), f"{cls.__name__}: {promise}, at the same positions")


def _positions(frames: Sequence[DataFrame]) -> list[int]:
    return [frame.start_sample + k for frame in frames for k in range(frame.n)]


def _close(one: Any, other: Any, apart: frozenset[str] | set[str] = frozenset()) -> bool:
    """Compare results: numbers to 1e-9, NaN equal to NaN, mappings key by key without those set apart."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        keys = one.keys() - apart
        return keys == other.keys() - apart and all(_close(one[key], other[key], apart) for key in keys)
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True))
    return bool(one == other)
