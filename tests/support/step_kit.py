"""Nodes that work in place, or on several frames at once, and runs in which frames wait together."""

from __future__ import annotations

import numpy as np

from streamlab.core import DataFrame, ProcessingNode, StreamInfo, param
from streams import node


class TimesFactor(ProcessingNode):
    """Times a factor, in place where it may; refuses a value."""

    kind = "sample-wise"
    inplace = True
    factor: float = param(default=2.0, doc="Factor", unit="1", unbounded="a test")
    refuses: float | None = param(default=None, doc="What it cannot stand", unit="1", unbounded="a test")

    def process(self, item):
        result = item.with_samples(item.samples.copy())
        self.overwrite(result)
        return result

    def overwrite(self, item):
        if self.refuses is not None and self.refuses in item.samples:
            raise ValueError(f"met {self.refuses:g}")
        item.samples[:] *= self.factor


class TopValue(ProcessingNode):
    """The largest value of each frame; has a form for several frames at once."""

    refuses: float | None = param(default=None, doc="What it cannot stand", unit="1", unbounded="a test")
    batches: list[int]

    def process(self, item):
        return item.replace(samples=self._tops(item.samples[:, None, :])[:, 0].copy(), span=item.advance)

    def measure(self, run):
        return run.derive(self._tops(run.block), run.info)

    def _tops(self, block):
        self.batches = [*getattr(self, "batches", []), block.shape[1]]
        if self.refuses is not None and self.refuses in block:
            raise ValueError(f"met {self.refuses:g}")
        return block.max(axis=2, keepdims=True)

    def result(self):
        return self.batches


async def burst(pipeline, items):
    """Run with triggers that come all at once, so that they wait together."""
    async with pipeline:
        for item in items:
            await pipeline.trigger(item)
        pipeline.finish()
        return await pipeline.wait()


def scales(count, **last):
    """So many nodes in place, the last one with more to say."""
    return [*(node(f"n{at}", "TimesFactor") for at in range(count - 1)), node("end", "TimesFactor", **last)]


def at(rate, number):
    """Frame ``number`` of a stream whose rate has changed at frame 5: positions are counted anew."""
    start = 4 * (number % 5)
    row = np.arange(4.0 * number, 4.0 * number + 4)[None, :]
    return DataFrame.from_samples(row, StreamInfo(["x"], rate), sequence_id=number, start_sample=start)
