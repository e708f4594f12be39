"""TdmsFile: play a TDMS file."""

from fractions import Fraction
from pathlib import Path

from streamlab.core import param
from streamlab.io._source import MeasuredSource
from streamlab.io._tdms import TdmsRecording
from streamlab.io.recording import Recording


class TdmsFile(MeasuredSource):
    """Read a TDMS file as LabVIEW, DIAdem and others write them; needs the extra ``files``.

    Input    none                            Output  (channels, frame_size); shorter before a gap, at the end
    Kind     source, blocking                State   the open file
    Gaps     where a channel of time leaves out whole periods; nothing is filled
    Errors   FileError naming the file: no channel with a rate, several streams to choose from, damaged,
             cut off (after all that is there)

    Channels are scaled as the file says (NI scaling, DAQmx too). Rate and start are those of the waveform
    properties ``wf_increment`` and ``wf_start_time``; channels without them take those of a channel of time
    in their group, else ``rate``. Channels of one rate, length and start are one stream. Both byte orders.

    Example
    -------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from nptdms import ChannelObject, TdmsWriter
    >>> folder = tempfile.TemporaryDirectory()
    >>> path = os.path.join(folder.name, "take.tdms")
    >>> with TdmsWriter(path) as writer:
    ...     told = {"wf_increment": 0.25, "unit_string": "Volts"}
    ...     writer.write_segment([ChannelObject("rig", "a", np.array([1.0, 2.5]), properties=told)])
    >>> for frame in TdmsFile(path=path).frames():
    ...     print(frame, frame.samples.tolist(), frame.info.channels[0].label)
    DataFrame(#0 @ 0us, [a] x 2, 4 Hz) [[1.0, 2.5]] a [V]
    >>> folder.cleanup()
    """

    rate: float | None = param(
        default=None, doc="Rate of channels for which the file has none", unit="Hz", gt=0, le=1e12
    )

    def open_recording(self) -> Recording:
        return TdmsRecording(Path(self.path), None if self.rate is None else Fraction(str(self.rate)))
