"""What the writers share: one output per stream, opened with the first frame, complete with the end."""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streamlab.errors import FileError
from streamlab.io._describe import Description
from streamlab.io._files import IfExists, OutputFile, check_writable


class FileWriter(ProcessingNode):
    """A node that writes what passes to a file.

    The file is called ``<stem>.incomplete<suffix>`` until the stream has ended as it should; then it gets
    its own name. After a failure it stays as it is, whole up to the last frame.
    """

    blocking = True

    path: str = param(
        doc="File to write; {job} stands for the number of a pool's job", min_length=1, path="output"
    )
    if_exists: IfExists = param(
        default="error",
        doc="What to do when the file exists: refuse, write over it, or take the next free number",
    )

    _file: OutputFile | None = None
    _info: StreamInfo | None = None
    _about: Description | None = None
    _frames = _samples = _missing = 0

    async def on_create(self, config: Mapping[str, Any]) -> None:
        """Look whether the file can be written; it is opened with the first frame."""
        if "{job}" not in self.path:
            check_writable(Path(self.path), self.if_exists)

    async def on_destroy(self) -> None:
        """Close the file; without a regular end it stays incomplete."""
        self._leave()

    def process(self, frame: DataFrame) -> DataFrame:
        """Write the frame and pass it on."""
        file = self._file
        if file is None:
            self._check_names(frame.info)
            file = self._file = OutputFile(Path(self.path.replace("{job}", self.job or "0")), self.if_exists)
            self._info = frame.info
            self._about = Description.of(frame, self.context)
            self.begin(file, frame.info)
        elif frame.info is not self._info:
            raise FileError(
                file.current,
                f"the stream has changed from {self._info!r} to {frame.info!r}",
                hint="a file holds one stream; write each to a file of its own",
            )
        self._missing += frame.gap
        self.write(file, frame)
        self._frames += 1
        self._samples += frame.n
        return frame

    @property
    def about(self) -> Description:
        """What is known of the stream, from its first frame on."""
        if self._about is None:
            raise RuntimeError("nothing is known of the stream before its first frame")
        return self._about

    def _check_names(self, info: StreamInfo) -> None:
        for channel in info.channels:
            for text in (channel.name, channel.unit, channel.quantity, channel.reference):
                if not text.isascii():
                    try:
                        text.encode()
                    except UnicodeEncodeError:
                        message = f"{text!r} of channel {channel.name!r} has half a character in it"
                        raise FileError(self.path, message, hint="rename the channel") from None

    @abstractmethod
    def begin(self, file: OutputFile, info: StreamInfo) -> None:
        """Write what stands at the beginning."""

    @abstractmethod
    def write(self, file: OutputFile, frame: DataFrame) -> None:
        """Write a frame."""

    def end(self, file: OutputFile) -> None:
        """Write what stands at the end; also called where the file stays incomplete."""

    def completed(self, file: OutputFile) -> None:
        """Do what is to be done to a file that is whole, before it gets its name."""

    def ended(self, gap: int) -> None:
        """Count what was lost at the end as missing."""
        self._missing += gap

    def flush(self) -> None:
        """Finish the file: the stream has ended as it should."""
        if self._file is not None and not self._file.complete:
            self.end(self._file)
            self.completed(self._file)
            self._file.finish()

    def result(self) -> dict[str, Any] | None:
        """Say what was written where and whether it is complete; None when nothing came."""
        file = self._file
        if file is None:
            return None
        return {
            "path": str(file.current),
            "complete": file.complete,
            "frames": self._frames,
            "samples": self._samples,
            "missing": self._missing,
            "bytes": file.size,
        }

    def reset(self) -> None:
        super().reset()
        self._leave()
        self._file = self._info = None
        self._frames = self._samples = self._missing = 0

    def _leave(self) -> None:
        file = self._file
        if file is not None and not file.complete:
            try:
                self.end(file)
            finally:
                file.close()
