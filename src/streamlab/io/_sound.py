"""Reading sound files with libsndfile, with errors in words."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from streamlab.errors import FileError
from streamlab.io._files import check_readable
from streamlab.io._missing import missing_bytes

__all__ = ["SoundReader"]

_BLOCK = 1 << 14  # numbers read at once: a call to read costs as much as thousands of them


class SoundReader:
    """An open sound file. Raises FileError for one that is missing, cannot be read or is no sound file."""

    def __init__(self, path: Path) -> None:
        check_readable(path)
        try:
            self._file: Any = soundfile.SoundFile(path)
        except soundfile.LibsndfileError as error:
            message = f"is not a sound file that can be read ({_text(error)})"
            hint = "WAV, RF64 and FLAC can be read, and what else libsndfile knows"
            raise FileError(path, message, hint=hint) from error
        self.path = path
        self.channels: int = self._file.channels
        self.rate: int = self._file.samplerate
        self.samples: int = self._file.frames

    def blocks(self, first: int, last: int, multiple: int) -> Iterator[NDArray[np.float64]]:
        """Yield the samples from ``first`` to before ``last`` as (n, channels), n a multiple until the end.

        Raises FileError after the last one that is there when the file is damaged or shorter than it says.
        """
        at = first
        step = max(1, _BLOCK // (multiple * self.channels)) * multiple
        try:
            self._file.seek(first)
            while at < last:
                block = self._file.read(min(step, last - at), dtype="float64", always_2d=True)
                if not len(block):
                    break
                at += len(block)
                yield block
        except soundfile.LibsndfileError as error:
            message = f"cannot be decoded after sample {at} ({_text(error)})"
            raise FileError(
                self.path, message, hint="the file is damaged; what came before was read"
            ) from error
        lost = missing_bytes(self.path) if last == self.samples else 0
        if at < last or lost:
            message = f"is cut off after sample {at}, {float(Fraction(at, self.rate)):g} s"
            more = f"{lost} bytes" if lost else f"{last - at} samples"
            raise FileError(self.path, f"{message}: {more} are missing", hint="what is there was read")

    def close(self) -> None:
        """Close the file; fine if it is closed."""
        self._file.close()


def _text(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).strip(" .")
