"""WavFile: play a recording."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from streamlab.core import ChannelInfo, DataFrame, Source, StreamInfo, param
from streamlab.errors import FileError, Problem
from streamlab.io._sound import SoundReader


class WavFile(Source):
    """Read a sound file: WAV, RF64, FLAC and what else libsndfile reads, any number of channels.

    Input    none                            Output  (channels, frame_size); the last frame may be shorter
    Kind     source, blocking                State   the open file
    Gaps     none
    Errors   FileError naming the file: missing, no permission, no sound file, other channels than named,
             cut off (after all that is there)

    A sample of 1.0 (integers: the largest) is ``full_scale`` in ``unit``. With ``sensitivity``, the output
    of the transducer in volts per unit, ``full_scale`` is in volts: a microphone of 50 mV/Pa at an input
    of 2 V has full_scale 2, sensitivity 0.05, unit Pa. ``start_sample`` counts from the beginning of the
    file and goes on when it loops; the timestamp is that position. Channels are called ch1, ch2, ...
    unless named. WAV, RF64, W64, AIFF, AU, FLAC and MP3 that were cut off are noticed; another format may
    end early without a word.

    Example
    -------
    >>> import os, soundfile, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "take.wav")
    >>> soundfile.write(path, [0.0, 0.5, -0.5], 48000)
    >>> node = WavFile(path=path, frame_size=2, full_scale=4.0, unit="Pa")
    >>> [frame.samples.tolist() for frame in node.frames()]
    [[[0.0, 2.0]], [[-2.0]]]
    >>> folder.cleanup()
    """

    blocking = True

    path: str = param(doc="Sound file", min_length=1, path="input")
    frame_size: int = param(default=1024, doc="Samples per frame", unit="samples", ge=1, le=1 << 24)
    realtime: bool = param(default=False, doc="Play at the pace of the recording")
    loop: bool = param(default=False, doc="Begin again at the end, for ever")
    start: float = param(default=0.0, doc="Where to begin in the file", unit="s", ge=0, le=1e9)
    duration: float | None = param(
        default=None, doc="How much to play; all when not given", unit="s", gt=0, le=1e9
    )
    full_scale: float = param(
        default=1.0, doc="Value of full scale, in unit (in V with a sensitivity)", unit="unit", gt=0, le=1e12
    )
    sensitivity: float | None = param(
        default=None, doc="Output of the transducer in volts per unit", unit="V/unit", gt=0, le=1e12
    )
    unit: str = param(
        default="", doc="Unit of the channels, such as Pa or V; relative to full scale without it"
    )
    channels: list[str] | None = param(default=None, doc="Names of the channels", min_length=1)

    _file: SoundReader | None = None
    _scale = 1.0

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Open the file and learn what is in it."""
        self._file = self._open()

    async def on_destroy(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def frames(self) -> Iterator[DataFrame]:
        """Yield the recording from its beginning."""
        if self._file is not None:
            yield from self._play(self._file)
        else:
            with closing(self._open()) as file:
                yield from self._play(file)

    def _open(self) -> SoundReader:
        file = SoundReader(Path(self.path))
        names = self.channels or [f"ch{number}" for number in range(1, file.channels + 1)]
        if len(names) != file.channels:
            file.close()
            message = f"has {file.channels} channels, but {len(names)} are named: {', '.join(names)}"
            raise FileError(self.path, message, hint="name each channel of the file, or none")
        scale = self._scale = self.full_scale / (self.sensitivity or 1.0)
        plain = ChannelInfo("", self.unit, sensitivity=self.sensitivity, range=(-scale, scale))
        self.info = StreamInfo([replace(plain, name=name) for name in names], file.rate)
        return file

    def _play(self, file: SoundReader) -> Iterator[DataFrame]:
        info, rate, size = self.info or StreamInfo(), file.rate, self.frame_size
        first, last = round(Fraction(str(self.start)) * rate), file.samples
        if self.duration is not None:
            last = min(last, first + round(Fraction(str(self.duration)) * rate))
        if first >= last and (first or self.loop):
            message = f"ends at {file.samples / rate:g} s: there is nothing to play from {self.start:g} s on"
            raise FileError(self.path, message)
        position, number = first, 0
        again = True
        while again:
            for block in file.blocks(first, last, size):
                samples = np.multiply(block.T, self._scale, order="C")
                for begin in range(0, len(block), size):
                    part = samples[:, begin : begin + size]
                    time = position * 10**6 // rate
                    yield DataFrame.from_samples(
                        part, info, timestamp=time, sequence_id=number, start_sample=position
                    )
                    position += part.shape[1]
                    number += 1
            again = self.loop

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Known when the file is open."""
        return getattr(params, "info", None)

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]) -> Iterable[Problem]:
        """Channel names differ."""
        for number, name in enumerate(params.channels or ()):
            if name in params.channels[:number]:
                yield Problem(f"/channels/{number}", "channel names must differ", found=f"{name!r} twice")
