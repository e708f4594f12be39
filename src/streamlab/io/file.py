"""File: play a recording of any format."""

from pathlib import Path

from streamlab.io._source import MeasuredSource
from streamlab.io.formats import open_recording
from streamlab.io.recording import Recording


class File(MeasuredSource):
    """Read a file of any format that is known, by what is in it and not by its name.

    Input    none                            Output  (channels, frame_size); shorter before a gap, at the end
    Kind     source, blocking                State   the open file
    Gaps     those that the file states or that its time stamps show; nothing is filled
    Errors   FileError naming the file: of no known format, damaged, cut off (after all that is there), no
             such stream or channel, several streams to choose from

    ``streamlab info FILE`` lists streams, channels, units, rates, start and gaps. A file whose channels have
    several rates has one stream per rate: a node plays one of them, and an ``align`` join puts several nodes
    on the same file back together. Numbers come as the file scales them; those of a sound file that does not
    say what its full scale is are relative to it. The node of a format (WavFile, CsvFile, ...) has its own
    parameters beside these.

    Example
    -------
    >>> import os, soundfile, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "take")
    >>> soundfile.write(path, [[0.0, 0.5], [0.25, -0.5]], 48000, format="WAV")
    >>> [frame.samples.tolist() for frame in File(path=path, select=["ch2"], scale=2.0, unit="Pa").frames()]
    [[[1.0, -1.0]]]
    >>> folder.cleanup()
    """

    def open_recording(self) -> Recording:
        return open_recording(Path(self.path))
