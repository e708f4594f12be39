"""Values as bytes and back, without pickle: what is not known here is refused, and nothing is ever executed.

A message is a JSON text with arrays and byte strings behind it. Besides JSON's own values it carries tuples,
sets, mappings with any keys, bytes, complex numbers, fractions, NumPy scalars and arrays, stream infos,
frames, exceptions, and the records that a codec was made for.
"""

import builtins
import json
import struct
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np

from streamlab.core.frame import DataFrame
from streamlab.core.info import ChannelInfo, StreamInfo
from streamlab.errors import RemoteError, StreamLabError

__all__ = ["Codec", "WireError"]

_PLAIN = (str, int, float, bool, type(None))
_TAG = "$"
_LENGTH = struct.Struct("<I")
_DEPTH = 100
"""Nesting that is carried: far above any result, far below Python's own limit."""


class WireError(StreamLabError, TypeError):
    """A value that cannot go to another process."""


class Codec:
    """Packs and unpacks. ``records`` are the dataclasses and enums that both sides know, by their names."""

    def __init__(self, records: Iterable[type] = ()) -> None:
        self._records = {cls.__name__: cls for cls in (ChannelInfo, *records)}
        self._makers: dict[str, Callable[[Any, memoryview], Any]] = {
            "tuple": lambda items, blobs: tuple(self._unpacked(item, blobs) for item in items),
            "set": lambda items, blobs: {self._unpacked(item, blobs) for item in items},
            "frozenset": lambda items, blobs: frozenset(self._unpacked(item, blobs) for item in items),
            "map": lambda items, blobs: {
                self._unpacked(key, blobs): self._unpacked(value, blobs) for key, value in items
            },
            "complex": lambda parts, blobs: complex(*parts),
            "fraction": lambda parts, blobs: Fraction(*parts),
            "bytes": lambda place, blobs: bytes(blobs[place[0] : place[0] + place[1]]),
            "array": _array,
            "scalar": lambda place, blobs: _array(place, blobs)[()],
            "info": self._info,
            "frame": self._frame,
            "error": self._error,
        }

    def pack(self, value: Any) -> bytes:
        """Return the value as bytes. Raises WireError, which names what cannot go and where it is."""
        blobs = bytearray()
        text = json.dumps(self._packed(value, blobs, "value", 0)).encode()
        return b"".join([_LENGTH.pack(len(text)), text, blobs])

    def unpack(self, message: Any) -> Any:
        """Return the value of a message that ``pack`` made: equal, not the same object."""
        view = memoryview(message)
        end = _LENGTH.size + _LENGTH.unpack_from(view)[0]
        return self._unpacked(json.loads(bytes(view[_LENGTH.size : end])), view[end:])

    # -- to bytes

    def _packed(self, value: Any, blobs: bytearray, where: str, depth: int) -> Any:
        kind = type(value)
        if kind in _PLAIN:
            return value
        if depth > _DEPTH:
            raise WireError(f"{where[:60]}...: nested too deeply to go to another process")
        if kind is list:
            return [self._packed(item, blobs, f"{where}[{at}]", depth + 1) for at, item in enumerate(value)]
        if kind in (tuple, set, frozenset):
            items = [self._packed(item, blobs, f"{where}[{at}]", depth + 1) for at, item in enumerate(value)]
            return {_TAG: kind.__name__, "v": items}
        if isinstance(value, Mapping):
            return self._mapping(value, blobs, where, depth)
        tag, packed = self._special(value, blobs, where, depth)
        return {_TAG: tag, "v": packed}

    def _mapping(self, value: Mapping[Any, Any], blobs: bytearray, where: str, depth: int) -> Any:
        if all(type(key) is str for key in value) and _TAG not in value:
            return {
                key: self._packed(item, blobs, f"{where}[{key!r}]", depth + 1) for key, item in value.items()
            }
        pairs = [
            [
                self._packed(key, blobs, f"key {key!r} of {where}", depth + 1),
                self._packed(item, blobs, f"{where}[{key!r}]", depth + 1),
            ]
            for key, item in value.items()
        ]
        return {_TAG: "map", "v": pairs}

    def _special(self, value: Any, blobs: bytearray, where: str, depth: int) -> tuple[str, Any]:
        if isinstance(value, np.ndarray | np.generic):
            if value.dtype.hasobject:
                raise WireError(f"{where}: an array of Python objects cannot go to another process")
            tag = "array" if isinstance(value, np.ndarray) else "scalar"
            return tag, [*_blob(value.tobytes(), blobs), value.dtype.str, list(value.shape)]
        if isinstance(value, bytes | bytearray):
            return "bytes", _blob(bytes(value), blobs)
        if isinstance(value, complex):
            return "complex", [value.real, value.imag]
        if isinstance(value, Fraction):
            return "fraction", [value.numerator, value.denominator]
        if isinstance(value, StreamInfo):
            channels = [self._packed(item, blobs, where, depth + 1) for item in value.channels]
            rate = self._packed(value.sample_rate, blobs, where, depth + 1)
            return "info", [channels, rate, value.axis, list(value.points)]
        if isinstance(value, DataFrame):
            header = {name: getattr(value, name) for name in _HEADER}
            return "frame", self._packed(
                {**header, "info": value.info, "samples": value.samples, "metadata": dict(value.metadata)},
                blobs,
                where,
                depth + 1,
            )
        if isinstance(value, BaseException):
            return "error", self._packed_error(value, blobs, where, depth)
        name = type(value).__name__
        if self._records.get(name) is type(value):
            parts = [value.value] if isinstance(value, Enum) else _parts(value)
            return name, [self._packed(item, blobs, f"{where}.{name}", depth + 1) for item in parts]
        raise WireError(
            f"{where}: a {type(value).__module__}.{type(value).__qualname__} cannot go to another process; "
            "use numbers, text, lists, mappings or arrays, or run the node inline or in a thread"
        )

    def _packed_error(self, error: BaseException, blobs: bytearray, where: str, depth: int) -> Any:
        """An exception by its class's name, what it holds, its cause, and where it was raised.

        What cannot travel is left out or told as text: an error must get through.
        """

        def kept(value: Any) -> Any:
            count = len(blobs)
            try:
                return self._packed(value, blobs, where, depth + 1)
            except WireError:
                del blobs[count:]
                return repr(value)

        state = {name: kept(value) for name, value in vars(error).items() if not name.startswith("__")}
        trace = "".join(traceback.format_tb(error.__traceback__))
        return {
            "class": [type(error).__module__, type(error).__qualname__],
            "args": [kept(item) for item in error.args],
            "state": state,
            "text": str(error),
            "cause": None if error.__cause__ is None or depth > _DEPTH // 2 else kept(error.__cause__),
            "trace": trace,
        }

    # -- and back

    def _unpacked(self, value: Any, blobs: memoryview) -> Any:
        if isinstance(value, list):
            return [self._unpacked(item, blobs) for item in value]
        if not isinstance(value, dict):
            return value
        tag = value.get(_TAG)
        if tag is None:
            return {key: self._unpacked(item, blobs) for key, item in value.items()}
        make = self._makers.get(tag)
        if make is not None:
            return make(value["v"], blobs)
        parts = [self._unpacked(item, blobs) for item in value["v"]]
        return self._records[tag](*parts)

    def _info(self, packed: Any, blobs: memoryview) -> StreamInfo:
        channels, rate, axis, points = packed
        listed = [self._unpacked(item, blobs) for item in channels]
        return StreamInfo(listed, self._unpacked(rate, blobs), axis, points)

    def _frame(self, packed: Any, blobs: memoryview) -> DataFrame:
        parts = self._unpacked(packed, blobs)
        return DataFrame.from_samples(parts.pop("samples"), parts.pop("info"), **parts).seal()

    def _error(self, packed: Any, blobs: memoryview) -> BaseException:
        args = [self._unpacked(item, blobs) for item in packed["args"]]
        cls = _exception_class(*packed["class"])
        try:
            if cls is None:
                raise TypeError
            error = cls.__new__(cls, *args)
            error.args = tuple(args)
            error.__dict__.update(
                {name: self._unpacked(item, blobs) for name, item in packed["state"].items()}
            )
        except Exception:  # a class that cannot be made from its args
            error = RemoteError(f"{packed['class'][1]}: {packed['text']}")
        cause = self._unpacked(packed["cause"], blobs)
        if isinstance(cause, BaseException):
            error.__cause__ = cause
        if packed["trace"]:
            error.add_note(f"raised in a worker process:\n{packed['trace'].rstrip()}")
        return error


_HEADER = ("timestamp", "sequence_id", "start_sample", "gap", "span")


def _parts(record: Any) -> list[Any]:
    return [getattr(record, item.name) for item in fields(record)]


def _blob(data: bytes, blobs: bytearray) -> list[int]:
    at = len(blobs)
    blobs += data
    return [at, len(data)]


def _array(place: list[Any], blobs: memoryview) -> Any:
    at, length, dtype, shape = place
    return np.frombuffer(blobs[at : at + length], dtype).reshape(shape).copy()


def _exception_class(module: str, name: str) -> type[BaseException] | None:
    """Find the class among what this process has loaded; nothing is imported because a message says so."""
    home = builtins if module == "builtins" else sys.modules.get(module)
    cls = getattr(home, name, None)
    return cls if isinstance(cls, type) and issubclass(cls, BaseException) else None
