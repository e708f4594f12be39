"""The chain in streamz, in its fastest form: no queue between nodes, each calls the next one."""

from importlib.metadata import version

from streamz import Stream
from work import Work, clock, main


def system(size: int, gains: int, frames: int) -> tuple[float, float]:
    work = Work(size)
    source = Stream()
    stream = source.map(work.sine)
    for _ in range(gains):
        stream = stream.map(work.gain)
    stream.sink(work.measure)
    began = clock()
    for number in range(frames):
        source.emit(number)
    return clock() - began, work.last


main(system, version("streamz"))
