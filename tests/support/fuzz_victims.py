"""Readers that do with the 26th file what a reader must not do."""

from __future__ import annotations

import os
import time

from streamlab.core import StreamInfo
from streamlab.errors import FileError
from streamlab.io.recording import Recording, StoredStream, explained


class Victim:
    """A reader that does it."""

    count = 0

    def __init__(self, path):
        type(self).count += 1
        if self.count == 26:
            self.act(path)
        raise FileError(path, "no")

    def act(self, path):
        raise NotImplementedError


class Hangs(Victim):
    def act(self, path):
        time.sleep(60)


class Dies(Victim):
    def act(self, path):
        os.abort()


class Grows(Victim):
    def act(self, path):
        print(len(b"x" * (400 << 20)))


class Raises(Victim):
    def act(self, path):
        print(1 // 0)


class Blunders(Victim):
    def act(self, path):
        with explained(path, "x"):
            explained(self, "x").nothing()


class GoesBack(Victim):
    def act(self, path):
        raise ValueError("see below")

    def __new__(cls, path):
        cls.count += 1
        if cls.count != 26:
            raise FileError(path, "no")
        return Backwards(path)


class Backwards(Recording):
    """Gives a block twice."""

    def open(self):
        return [StoredStream("x", StreamInfo(["a"], 1), 10)]

    def blocks(self, stream, rows, first, last, multiple):
        import numpy as np

        yield 5, np.zeros((1, 2))
        yield 5, np.zeros((1, 2))

    def close(self):
        pass
