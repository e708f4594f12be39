"""The chain in ezmsg, a unit per node, all in one process, messages not copied."""

import logging
from collections.abc import AsyncGenerator
from importlib.metadata import version
from itertools import pairwise

import ezmsg.core as ez
import numpy as np
from work import Work, clock, main

logging.getLogger("ezmsg").setLevel(logging.ERROR)


class Settings(ez.Settings):
    work: Work
    frames: int
    times: list


class Sine(ez.Unit):
    SETTINGS = Settings
    OUTPUT = ez.OutputStream(np.ndarray)

    @ez.publisher(OUTPUT)
    async def produce(self) -> AsyncGenerator:
        work = self.SETTINGS.work
        self.SETTINGS.times.append(clock())
        for number in range(self.SETTINGS.frames):
            yield self.OUTPUT, work.sine(number)


class Gain(ez.Unit):
    SETTINGS = Settings
    INPUT = ez.InputStream(np.ndarray)
    OUTPUT = ez.OutputStream(np.ndarray)

    @ez.subscriber(INPUT)
    @ez.publisher(OUTPUT)
    async def scale(self, samples: np.ndarray) -> AsyncGenerator:
        yield self.OUTPUT, self.SETTINGS.work.gain(samples)


class Measure(ez.Unit):
    SETTINGS = Settings
    INPUT = ez.InputStream(np.ndarray)

    async def initialize(self) -> None:
        self.left = self.SETTINGS.frames

    @ez.subscriber(INPUT)
    async def measure(self, samples: np.ndarray) -> None:
        self.SETTINGS.work.measure(samples)
        self.left -= 1
        if not self.left:
            self.SETTINGS.times.append(clock())
            raise ez.NormalTermination


def system(size: int, gains: int, frames: int) -> tuple[float, float]:
    settings = Settings(work=Work(size), frames=frames, times=[])
    units = {"SINE": Sine(settings), "MEASURE": Measure(settings)}
    for number in range(gains):
        units[f"GAIN{number}"] = Gain(settings)
    row = [units["SINE"], *(units[f"GAIN{number}"] for number in range(gains)), units["MEASURE"]]
    edges = [(one.OUTPUT, two.INPUT) for one, two in pairwise(row)]
    ez.run(components=units, connections=edges, force_single_process=True)
    began, ended = settings.times
    return ended - began, settings.work.last


main(system, version("ezmsg"))
