"""Sound files, read with libsndfile."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from streamlab.core import ChannelInfo, StreamInfo
from streamlab.errors import FileError
from streamlab.io._missing import missing_bytes
from streamlab.io._sound_texts import sound_facts
from streamlab.io.recording import Recording, StoredStream, rate_name, steps

__all__ = ["SoundRecording"]


class SoundRecording(Recording):
    """An open sound file: one stream of channels ch1, ch2, ... from -1 to 1 full scale.

    A file that says what it is (those of WavWriter do) has its names and units, and samples in the units:
    ``full_scale`` times what is stored.
    """

    title = "a sound file"

    full_scale: float | None = None
    _file: Any = None

    def open(self) -> Iterable[StoredStream]:
        try:
            file = self._file = soundfile.SoundFile(self.path)
        except soundfile.LibsndfileError as error:
            message = f"is not a sound file that can be read ({_text(error)})"
            hint = "WAV, RF64 and FLAC can be read, and what else libsndfile knows"
            raise FileError(self.path, message, hint=hint) from error
        names = [f"ch{number}" for number in range(1, file.channels + 1)]
        info = StreamInfo([ChannelInfo(name, range=(-1.0, 1.0)) for name in names], file.samplerate)
        self.facts = {"encoding": f"{file.format_info}, {file.subtype_info}"}
        start, offset = None, 0
        told = sound_facts(self.path)
        if told is not None and len(told.about.info.names) == file.channels:
            about, self.full_scale = told.about, told.full_scale
            bounds = (-told.full_scale, told.full_scale)
            channels = [replace(channel, range=channel.range or bounds) for channel in about.info.channels]
            info = StreamInfo(channels, file.samplerate)
            self.facts = {**self.facts, **about.facts()}
            start, offset = about.place()
        if lost := missing_bytes(self.path):
            self.notes = [f"cut off: {lost} bytes are missing"]
        return [StoredStream(rate_name(info.sample_rate), info, file.frames, start, offset)]

    def blocks(
        self, stream: StoredStream, rows: Sequence[int], first: int, last: int, multiple: int
    ) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Yield what is there, then FileError when the file is damaged or shorter than it says."""
        file, at, rate = self._file, first, stream.rate or Fraction(1)
        scale = self.full_scale or 1.0
        every = list(rows) == list(range(file.channels))
        try:
            file.seek(first)
            for part in steps(first, last, file.channels, multiple):
                block = file.read(len(part), dtype="float64", always_2d=True)
                if len(block):
                    samples = np.ascontiguousarray((block if every else block[:, rows]).T)
                    yield at, samples if scale == 1.0 else np.multiply(samples, scale, out=samples)
                at += len(block)
                if len(block) < len(part):
                    break
        except soundfile.LibsndfileError as error:
            message = f"cannot be decoded after sample {at} ({_text(error)})"
            raise FileError(
                self.path, message, hint="the file is damaged; what came before was read"
            ) from error
        lost = missing_bytes(self.path) if last == stream.length else 0
        if at < last or lost:
            message = f"is cut off after sample {at}, {float(at / rate):g} s"
            more = f"{lost} bytes" if lost else f"{last - at} samples"
            raise FileError(self.path, f"{message}: {more} are missing", hint="what is there was read")

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _text(error: soundfile.LibsndfileError) -> str:
    return str(error.error_string).strip(" .")
