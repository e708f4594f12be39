"""What a sound file says of itself in the comment that our writer leaves there."""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO

from streamlab.io._describe import Description
from streamlab.io._missing import chunks, first_chunks

__all__ = ["SoundFacts", "sound_facts"]

_LONGEST = 1 << 24


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """The stream that was recorded, and the value of full scale in the unit of its channels."""

    about: Description
    full_scale: float


def sound_facts(path: Path) -> SoundFacts | None:
    """Return what a WAV, RF64 or W64 file of ours says; None for any other, and for what cannot be."""
    with path.open("rb") as file:
        found = next(_comments(file), b"")
    about = Description.from_json(found)
    if about is None or about.info.axis != "time":
        return None
    scale = about.more.get("full_scale")
    if not isinstance(scale, int | float) or not isfinite(scale) or not 0 < scale <= 1e12:
        return None
    return SoundFacts(about, float(scale))


def _comments(file: BinaryIO) -> Any:
    """Yield the texts of ICMT chunks in LIST chunks of type INFO, as long as they can be read."""
    for name, size, place in first_chunks(file):
        if name[:4].upper() != b"LIST" or not 4 <= size <= _LONGEST:
            continue
        file.seek(place)
        if file.read(4) == b"INFO":
            for inner, length, at in chunks(file, place + 4, "<4sI", end=place + size):
                if inner == b"ICMT" and at + length <= place + size:
                    file.seek(at)
                    yield file.read(length).rstrip(b"\0")
