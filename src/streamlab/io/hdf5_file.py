"""Hdf5File: play the datasets of an HDF5 file."""

from fractions import Fraction
from pathlib import Path

from streamlab.core import param
from streamlab.io._hdf5 import Hdf5Recording
from streamlab.io._source import MeasuredSource
from streamlab.io.recording import Recording


class Hdf5File(MeasuredSource):
    """Read an HDF5 file: datasets of numbers, a channel each, or a table of them.

    Input    none                            Output  (channels, frame_size); shorter before a gap, at the end
    Kind     source, blocking                State   the open file
    Gaps     those that the file states or that its times show; nothing is filled
    Errors   FileError naming the file: no dataset with a rate, several streams to choose from, damaged,
             numbers that lie in other files, h5py not installed

    A file of Hdf5Writer gives back the stream that was recorded, at its exact rate, also if it was killed. In
    any other, rate, unit, names and start are taken from attributes of the dataset, its group or the file
    (``sample_rate``, ``fs``, ``dt``; ``units``; ``names``; ``start_time``), or the rate from a dataset called
    ``time`` beside it, else from ``rate``. The longer side of a table is time. Links out of the file are not
    followed.

    Example
    -------
    >>> import h5py, os, tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "rig.h5")
    >>> with h5py.File(path, "w") as file:
    ...     file["run/mic"] = [0.5, 1.0]
    ...     file["run/mic"].attrs.update(units="Pa", fs=4.0)
    >>> for frame in Hdf5File(path=path).frames():
    ...     print(frame, frame.samples.tolist(), frame.info.channels[0].label)
    DataFrame(#0 @ 0us, [mic] x 2, 4 Hz) [[0.5, 1.0]] mic [Pa]
    >>> folder.cleanup()
    """

    dataset: str | None = param(
        default=None, doc="Dataset or group to read, as in run/mic; all when not given", min_length=1
    )
    rate: float | None = param(
        default=None, doc="Rate of datasets for which the file has none", unit="Hz", gt=0, le=1e12
    )

    def open_recording(self) -> Recording:
        rate = None if self.rate is None else Fraction(str(self.rate))
        return Hdf5Recording(Path(self.path), self.dataset, rate)
