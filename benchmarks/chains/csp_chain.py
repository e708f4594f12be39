"""The chain in csp: a C++ engine with nodes in Python, in simulated time, as fast as it goes."""

from datetime import datetime, timedelta
from importlib.metadata import version

import csp
from csp import ts
from work import Work, clock, main

START = datetime(2020, 1, 1)
TICK = timedelta(microseconds=1)


@csp.node
def sine(tick: ts[bool], work: object) -> ts[object]:
    with csp.state():
        s_number = 0
    if csp.ticked(tick):
        s_number += 1
        return work.sine(s_number - 1)


@csp.node
def gain(x: ts[object], work: object) -> ts[object]:
    if csp.ticked(x):
        return work.gain(x)


@csp.node
def measure(x: ts[object], work: object) -> ts[float]:
    if csp.ticked(x):
        return work.measure(x)


@csp.graph
def chain(work: object, gains: int):
    x = sine(csp.timer(TICK), work)
    for _ in range(gains):
        x = gain(x, work)
    csp.add_graph_output("rms", measure(x, work), tick_count=1)


def system(size: int, gains: int, frames: int) -> tuple[float, float]:
    work = Work(size)
    graph = csp.build_graph(chain, work, gains)
    began = clock()
    csp.run(graph, starttime=START, endtime=frames * TICK)
    return clock() - began, work.last


main(system, version("csp"))
