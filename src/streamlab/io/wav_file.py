"""WavFile: play a sound file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from streamlab.core import ChannelInfo, param
from streamlab.io._sound import SoundRecording
from streamlab.io._source import RecordingSource
from streamlab.io.recording import Recording


class WavFile(RecordingSource):
    """Read a sound file: WAV, RF64, FLAC and what else libsndfile reads, any number of channels.

    Input    none                            Output  (channels, frame_size); the last frame may be shorter
    Kind     source, blocking                State   the open file
    Gaps     none
    Errors   FileError naming the file: missing, no permission, no sound file, other channels than named,
             cut off (after all that is there)

    A sample of 1.0 (integers: the largest) is ``full_scale`` in ``unit``. With ``sensitivity``, the output
    of the transducer in volts per unit, ``full_scale`` is in volts: a microphone of 50 mV/Pa at an input
    of 2 V has full_scale 2, sensitivity 0.05, unit Pa. Without any of the three, a file of WavWriter has the
    names, units and values that were recorded. ``start_sample`` counts from the beginning of the
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

    full_scale: float = param(
        default=1.0, doc="Value of full scale, in unit (in V with a sensitivity)", unit="unit", gt=0, le=1e12
    )
    sensitivity: float | None = param(
        default=None, doc="Output of the transducer in volts per unit", unit="V/unit", gt=0, le=1e12
    )
    unit: str = param(
        default="", doc="Unit of the channels, such as Pa or V; relative to full scale without it"
    )

    def open_recording(self) -> Recording:
        return SoundRecording(Path(self.path))

    def factor(self) -> float:
        stored = getattr(self._recording, "full_scale", None)
        if stored is not None and not self._given():
            return 1.0
        return self._scale() / (stored or 1.0)

    def _given(self) -> bool:
        return bool(self.unit) or self.sensitivity is not None or self.full_scale != 1.0

    def _scale(self) -> float:
        return self.full_scale / (self.sensitivity or 1.0)

    def describe(self, channels: Sequence[ChannelInfo]) -> Sequence[ChannelInfo]:
        if getattr(self._recording, "full_scale", None) is not None and not self._given():
            return channels
        scale = self._scale()
        known = ChannelInfo("", self.unit, sensitivity=self.sensitivity, range=(-scale, scale))
        return [replace(known, name=channel.name) for channel in channels]
