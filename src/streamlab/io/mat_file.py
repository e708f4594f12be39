"""MatFile: play the variables of a MAT file."""

from fractions import Fraction
from pathlib import Path

from streamlab.core import param
from streamlab.io._mat import MatRecording
from streamlab.io._source import MeasuredSource
from streamlab.io.recording import Recording


class MatFile(MeasuredSource):
    """Read a MAT file of version 5 or 7.3: vectors of numbers, a channel each, or matrices of them.

    Input    none                            Output  (channels, frame_size); shorter before a gap, at the end
    Kind     source, blocking                State   the open file; of version 5 all its variables
    Gaps     those that the file states or that its times show; nothing is filled
    Errors   FileError naming the file: no variable with a rate, several streams to choose from, damaged,
             packed without measure, h5py not installed (7.3)

    A file of MatWriter gives back the stream that was recorded, at its exact rate. In any other, the rate is
    a number called ``fs``, ``sr``, ``sample_rate`` or ``dt`` in the same struct or at the top, or that of a
    variable called ``time`` as long, else ``rate``. The longer side of a matrix is time.

    Example
    -------
    >>> import os, scipy.io, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "rig.mat")
    >>> scipy.io.savemat(path, {"bearing": {"sr": 4.0, "gs": [[0.5], [1.0]]}})
    >>> for frame in MatFile(path=path, unit="g").frames():
    ...     print(frame, frame.samples.tolist(), frame.info.channels[0].label)
    DataFrame(#0 @ 0us, [gs] x 2, 4 Hz) [[0.5, 1.0]] gs [g]
    >>> folder.cleanup()
    """

    rate: float | None = param(
        default=None, doc="Rate of variables for which the file has none", unit="Hz", gt=0, le=1e12
    )

    def open_recording(self) -> Recording:
        return MatRecording(Path(self.path), None if self.rate is None else Fraction(str(self.rate)))
