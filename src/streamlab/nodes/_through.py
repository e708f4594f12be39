"""Sending some channels of a frame through a kernel."""

from collections.abc import Sequence
from typing import Any, Protocol

from streamlab.core import Samples

__all__ = ["Kernel", "through"]


class Kernel(Protocol):
    """A filter with a state: blocks in, blocks of the same shape out."""

    def block(self, samples: Any, /) -> Samples: ...

    def reset(self) -> None: ...


def through(kernel: Kernel, samples: Samples, rows: Sequence[int] | None) -> Samples:
    """Return the samples with these rows (None: all) as the kernel gives them, new memory."""
    if rows is None:
        return kernel.block(samples)
    result = samples.copy()
    result[rows] = kernel.block(samples[rows])
    return result
