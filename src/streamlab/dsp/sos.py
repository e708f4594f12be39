"""A cascade of second-order sections over a stream."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from streamlab.dsp._blocks import Array, checked

__all__ = ["NOTHING", "SWEEP", "SosFilter"]

# A recursive filter that is given digital silence ends in numbers so small that processors compute with them
# many times slower, and stays there. After every so many samples, counted from the first so that cutting does
# not matter, a state that has become nothing is made zero.
SWEEP = 1 << 16
NOTHING = 1e-200


class SosFilter:
    """Filter each channel; the bits do not depend on how the stream is cut into blocks.

    Sections are in transposed direct form II, sample by sample in double precision. NaN or infinity in the
    input stays in the state of its channel until :meth:`reset`.

    Parameters
    ----------
    sections
        (sections, 6) array as :func:`streamlab.dsp.design.design_sos` gives it.
    channels
        Number of rows.
    start
        ``zero``: as if the signal had been zero before its first sample. ``steady``: as if it had been
        constant at its first sample for ever, so that a high-pass does not ring from an offset.
    """

    def __init__(
        self, sections: NDArray[Any], channels: int, *, start: Literal["zero", "steady"] = "zero"
    ) -> None:
        from scipy.signal import sosfilt, sosfilt_zi

        self.sections = np.array(sections, dtype=np.float64, order="C")  # SciPy does not take a read-only one
        if self.sections.ndim != 2 or self.sections.shape[1] != 6 or not len(self.sections):
            raise ValueError(f"expected sections of shape (k, 6), found {np.shape(sections)}")
        if start not in ("zero", "steady"):
            raise ValueError(f"a start is zero or steady; found {start!r}")
        self.channels = channels
        self._filter = sosfilt
        self._steady = sosfilt_zi(self.sections)[:, np.newaxis, :] if start == "steady" else None
        self.reset()

    def reset(self) -> None:
        """Forget the signal."""
        self._state = np.zeros((len(self.sections), self.channels, 2))
        self._count = 0  # since the last sweep
        self._fresh = True

    def block(self, samples: NDArray[Any]) -> Array:
        """Return the filtered block (channels, n), new memory."""
        samples = checked(samples, self.channels)
        size = samples.shape[1]
        if size == 0 or self.channels == 0:
            return np.zeros(samples.shape)
        if self._fresh and self._steady is not None:
            self._state = self._steady * samples[np.newaxis, :, :1]
        self._fresh = False
        if self._count + size < SWEEP:
            self._count += size
            return self._part(samples)
        result = np.empty(samples.shape)
        at = 0
        while at < size:
            to = min(size, at + SWEEP - self._count)
            result[:, at:to] = self._part(samples[:, at:to])
            self._count = (self._count + to - at) % SWEEP
            at = to
            if self._count == 0:
                self._state[np.abs(self._state) < NOTHING] = 0.0
        return result

    def _part(self, samples: Array) -> Array:
        result: Array
        result, self._state = self._filter(self.sections, samples, axis=-1, zi=self._state)
        return result
