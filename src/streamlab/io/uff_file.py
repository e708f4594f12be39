"""UffFile: play a universal file."""

from pathlib import Path

from streamlab.io._source import MeasuredSource
from streamlab.io._uff import UffRecording
from streamlab.io.recording import Recording


class UffFile(MeasuredSource):
    r"""Read a universal file: data sets 58 in text and 58b in binary, over time, frequency or order.

    Input    none                            Output  (channels, frame_size); a spectrum as one frame
    Kind     source, blocking                State   the open file
    Gaps     where an uneven abscissa leaves out whole periods; nothing is filled
    Errors   FileError naming the file and line or function: no data set 58, damaged, cut off (after all that
             is there)

    Functions that share spacing, length and beginning are channels of one stream. A channel is called by its
    response entity, node and direction, or by the first line of its data set; its unit is the label of the
    ordinate, over that of the denominator where there is one. The rate is the plainest that the digits of
    the spacing allow: 1.52588E-05 s is 65536 Hz. The date in the third line is that of the file, and no time
    of a sample.

    Example
    -------
    >>> import os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "take.uff")
    >>> unused = f"{0:10}{0:5}{0:5}{0:5} NONE"
    >>> lines = ["    -1", "    58", "mic", *["NONE"] * 4, f"{1:5}{0:10}{1:5}{0:10} NONE{0:16}{0:4} NONE"]
    >>> lines += [f"{2:10}{3:10}{1:10}{0:13.5E}{0.25:13.5E}", f"{17:10}{0:5}{0:5}{0:5} {'time':20} s"]
    >>> lines += [f"{15:10}{0:5}{0:5}{0:5} {'NONE':20} Pa", unused, unused]
    >>> with open(path, "w") as file:
    ...     n = file.write("\n".join([*lines, "  1.0E+00 -2.5E+00  0.0E+00", "    -1", ""]))
    >>> for frame in UffFile(path=path).frames():
    ...     print(frame, frame.samples.tolist(), frame.info.channels[0].label)
    DataFrame(#0 @ 0us, [mic] x 3, 4 Hz) [[1.0, -2.5, 0.0]] mic [Pa]
    >>> folder.cleanup()
    """

    def open_recording(self) -> Recording:
        return UffRecording(Path(self.path))
