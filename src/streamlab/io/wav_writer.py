"""WavWriter: record what passes as sound."""

from contextlib import suppress
from typing import Any

from streamlab.core import DataFrame, StreamInfo, param
from streamlab.dsp.pcm import Encoding, encode, width
from streamlab.errors import FileError, ParamError, Problem
from streamlab.io import _w64_header, _wav_header
from streamlab.io._files import OutputFile
from streamlab.io._wav_header import text_chunk
from streamlab.io._writer import FileWriter


class WavWriter(FileWriter):
    """Write frames to a WAV file, which becomes RF64 (EBU Tech 3306) beyond 4 GB, or to W64.

    Input    (channels, n) over time, at a whole number of Hz
    Output   the same frame
    Kind     frame-wise, blocking            State   the open file
    Gaps     written without a break: a file has no place for them; counted as ``missing`` in the result
    Errors   ParamError for a rate that WAV cannot store; FileError naming the file: folder missing,
             no permission, disk full, file exists

    ``full_scale`` is the value, in the channels' unit, that becomes 1.0 or the largest integer. Integers
    clip what is larger; the result counts the samples ``clipped``. A file called ``.w64`` is in Sony's W64
    format, which has no limit of 4 GB. The header is brought up to date every second of signal, so that the
    file reads up to the last second whatever happens. Names, units, start, the value of full scale and the
    graph's hash are the comment of the file, as JSON.

    Example
    -------
    >>> import os, soundfile, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> node = WavWriter(path=os.path.join(folder.name, "take.wav"), full_scale=10.0)
    >>> frame = node.process(DataFrame(payload={"mic": [0.0, 5.0]}, sample_rate=48000))
    >>> node.flush()
    >>> soundfile.read(node.result()["path"])
    (array([0. , 0.5]), 48000)
    >>> folder.cleanup()
    """

    encoding: Encoding = param(default="float32", doc="How a sample is stored")
    full_scale: float = param(
        default=1.0, doc="Value of full scale, in the channels' unit", unit="unit", gt=0, le=1e12
    )

    _clipped = 0
    _bytes = 0  # of samples written
    _shown = 0  # of them, what the header knows of

    def configure(self, info: StreamInfo) -> None:
        """Refuse a stream that the format cannot hold."""
        self.stream_info(self, **{"in": info})

    def process(self, frame: DataFrame) -> DataFrame:
        self.follow(frame.info)
        return super().process(frame)

    def begin(self, file: OutputFile, info: StreamInfo) -> None:
        channels, rate = len(info.names), int(info.sample_rate or 1)
        self._format: tuple[int, int, Encoding] = channels, rate, self.encoding
        self._texts = text_chunk(self.about, self.full_scale)
        w64 = file.path.suffix.lower() == ".w64"
        self._header, self._align = (_w64_header.header, 1) if w64 else (_wav_header.header, 2)
        self._clipped = self._bytes = self._shown = 0
        file.append(self._header(*self._format, 0, self._texts))

    def write(self, file: OutputFile, frame: DataFrame) -> None:
        samples = frame.samples if self.full_scale == 1.0 else frame.samples / self.full_scale
        data, clipped = encode(samples, self.encoding)
        file.append(data)
        self._bytes += len(data)
        self._clipped += clipped
        channels, rate, encoding = self._format
        if self._bytes - self._shown >= rate * channels * width(encoding):
            self._show(file)

    def end(self, file: OutputFile) -> None:
        self._show(file)
        if rest := -self._bytes % self._align:
            with suppress(FileError):  # a chunk should be filled up; on a full disk it may not
                file.append(bytes(rest))

    def result(self) -> dict[str, Any] | None:
        written = super().result()
        return None if written is None else written | {"clipped": self._clipped}

    def _show(self, file: OutputFile) -> None:
        file.patch(0, self._header(*self._format, self._bytes, self._texts))
        self._shown = self._bytes

    @classmethod
    def stream_info(cls, params: Any, **inputs: StreamInfo | None) -> StreamInfo | None:
        """Pass the input on; what a WAV file cannot hold is a problem."""
        info = inputs["in"]
        if info is None:
            return None
        rate = info.sample_rate
        if info.axis != "time" or rate is None or rate.denominator != 1 or rate >= 1 << 31:
            found = repr(info) if rate is None else f"{float(rate):.12g} Hz over {info.axis}"
            what, need = "a WAV file holds samples over time", "a sample rate of a whole number of Hz"
            raise ParamError([Problem("", what, need, found, "write a CSV file instead")], title=cls.__name__)
        most = 65535 // width(params.encoding)  # bytes that the samples of one moment may have together
        if not 0 < len(info.names) <= most:
            message = f"a WAV file of {params.encoding} holds 1 to {most} channels"
            raise ParamError([Problem("", message, found=str(len(info.names)))], title=cls.__name__)
        return info
