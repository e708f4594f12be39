"""What the page costs its server: figures of the contract that need minutes, a real server and no browser."""

from __future__ import annotations

import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from figures import Figure
from live_kit import GAP, RESET, View, cut_frames, stream_info
from page_server import Client, RunningServer, serving

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

CHANNELS = [f"c{number}" for number in range(64)]
FRAME = 800
RATE = 48000


def wide() -> dict[str, Any]:
    """64 channels at 48 kHz, as fast as they are due."""
    nodes = [
        {
            "id": "gen",
            "type": "SineGenerator",
            "config": {"channels": CHANNELS, "frame_size": FRAME},
        },
        {"id": "amp", "type": "Gain"},
    ]
    return {"nodes": nodes, "connections": [{"from": "gen", "to": "amp"}]}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    with serving(tmp_path / "project") as running:
        with running.client() as client:
            answer = client.post("/api/pipelines", json={"document": wide(), "start": True})
            assert answer.status_code == 201, answer.text
        time.sleep(2.0)
        yield running


@contextmanager
def watching(server: RunningServer, count: int) -> Iterator[list[list[float]]]:
    """Let so many clients watch the strip; gives their lists of seconds from node to client."""
    lags: list[list[float]] = []
    stop = threading.Event()
    clients = [Client(server) for _ in range(count)]

    def read(client: Client) -> None:
        mine: list[float] = []
        lags.append(mine)
        while not stop.is_set():
            for frame in client.bundle():
                if frame.kind == 1:
                    (emitted,) = struct.unpack_from("<d", client.bundles[-1], 24 + 48)
                    mine.append(time.time() - emitted)
            del client.bundles[:-1]

    for client in clients:
        client.subscribe("p1", "gen", "strip", window=2.0, columns=1200)
    threads = [threading.Thread(target=read, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1.0)
        yield lags
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        for client in clients:
            client.close()


def processes(server: RunningServer) -> list[psutil.Process]:
    parent = psutil.Process(server.process.pid)
    return [parent, *parent.children(recursive=True)]


def load(server: RunningServer, seconds: float) -> float:
    """Percent of a core that server and workers take."""

    def used() -> float:
        return sum(sum(process.cpu_times()[:2]) for process in processes(server))

    before, began = used(), time.monotonic()
    time.sleep(seconds)
    return 100.0 * (used() - before) / (time.monotonic() - began)


@pytest.mark.contract("U4")
def test_what_a_client_costs(server: RunningServer, figure: Figure) -> None:
    """Processor time, which others on the machine do not change much; medians of three rounds."""
    costs: dict[int, list[float]] = {1: [], 4: []}
    for _ in range(3):
        idle = load(server, 4.0)
        for count, listed in costs.items():
            with watching(server, count):
                listed.append(load(server, 6.0) - idle)
    one, four = (float(np.median(costs[count])) for count in (1, 4))
    figure("U4", "one client of 64 channels", one, "% of a core", "<= 8")
    figure("U4", "four clients over one", four / one, "times", "<= 2")
    assert one <= 8.0
    assert four <= 2.0 * one


@pytest.mark.contract("U5")
def test_how_old_the_newest_sample_is_at_the_client(server: RunningServer, figure: Figure) -> None:
    with watching(server, 1) as lags:
        time.sleep(10.0)
    late = float(np.percentile(lags[0], 95)) * 1000
    figure("U5", "from node to a client's hands, 95th percentile", late, "ms", "<= 50 with drawing")
    assert late <= 50.0


@pytest.mark.contract("U6")
def test_a_client_that_stalls_costs_nobody_anything(server: RunningServer, figure: Figure) -> None:
    """Thirty seconds without reading or answering: the graph goes on, memory stays, and the rest is fresh."""
    stall = 30.0
    with server.client() as client, Client(server, answers=False) as page:
        page.subscribe("p1", "gen", "strip", window=2.0, columns=1200)
        page.answers = True
        ends = time.monotonic() + 5.0  # until its memory has filled up to what it may hold
        while time.monotonic() < ends:
            page.bundle()
        page.answers = False
        newest = max(frame.first + frame.columns for frame in page.bundle() if frame.kind == 1)
        memory = sum(process.memory_info().rss for process in processes(server))
        before, began = client.get("/api/pipelines/p1/metrics").json(), time.monotonic()
        time.sleep(stall)
        after = client.get("/api/pipelines/p1/metrics").json()
        passed = after["nodes"]["gen"]["emitted"] - before["nodes"]["gen"]["emitted"]
        expected = (after["time"] - before["time"]) * RATE / FRAME
        grown = (sum(process.memory_info().rss for process in processes(server)) - memory) / 2**20
        page.bundle()  # the second of two that were sent
        resumed = time.time()
        page.answers = True
        page.answer(10**6)  # of a bundle that there was not: no answer
        page.answer(struct.unpack_from("<I", page.bundles[-1], 4)[0])
        (frame,) = (frame for frame in page.bundle() if frame.kind == 1)
        (emitted,) = struct.unpack_from("<d", page.bundles[-1], 24 + 48)
        took = time.time() - resumed
    assert time.monotonic() - began >= stall
    figure("U6", "graph's frames over those due", passed / expected, "", "1 +- 0.02")
    figure("U6", "memory of all processes", grown, "MB more", "<= 32")
    figure("U6", "until the picture is fresh again", took * 1000, "ms", "<= 200")
    assert passed / expected == pytest.approx(1.0, abs=0.02)
    assert grown <= 32.0
    assert frame.flags & RESET
    assert frame.flags & GAP  # what scrolled by unseen is not joined to what was drawn
    assert frame.first > newest
    assert frame.columns >= 1150  # the whole window, the newest
    assert resumed - emitted < 0.3
    assert took <= 0.2


@pytest.mark.contract("U3")
def test_every_spike_of_an_hour_is_seen_at_every_zoom(figure: Figure) -> None:
    """One-sample spikes at random in an hour at 48 kHz, in windows from a tenth of a second to the hour."""
    generator = np.random.default_rng(7)
    total = 3600 * RATE
    spikes = np.unique(generator.integers(0, total, 200))
    views = {
        (window, columns): View("strip", window=window, columns=columns)
        for window in (0.1, 2.0, 60.0, 3600.0)
        for columns in (300, 2400)
    }
    info = stream_info()
    seen: dict[Any, set[int]] = {key: set() for key in views}
    block = RATE // 20
    noise = 0.1 * generator.standard_normal((1, block))
    for at in range(0, total, block):
        samples = noise.copy()
        here = spikes[(spikes >= at) & (spikes < at + block)]
        samples[0, here - at] = 5.0
        (frame,) = cut_frames(samples, info, block, start=at)
        for key, view in views.items():
            for sent in view.feed(frame):
                high = np.flatnonzero(sent.strip[0][:, 0, 1] == 5.0)
                seen[key].update((sent.first + high).tolist())
            view.frames.clear()
    missed = 0
    for key, view in views.items():
        for sent in view.end():
            high = np.flatnonzero(sent.strip[0][:, 0, 1] == 5.0)
            seen[key].update((sent.first + high).tolist())
        size = Fraction(*view.descriptions[0]["samples_per_column"])
        expected = {int(-(-(int(spike) + 1) // size)) - 1 for spike in spikes}
        assert seen[key] == expected, key
        missed += len(expected - seen[key])
    figure("U3", f"spikes missed of {len(spikes)} in an hour, at 8 zooms", float(missed), "", "0")


def first_frame(page: Client, generation: int) -> None:
    page.frames(lambda frame: frame.kind == 1 and frame.generation >= generation)


@pytest.mark.contract("U8")
def test_from_an_edit_to_what_is_seen_of_it(tmp_path: Path, figure: Figure) -> None:
    """Until a client has the first columns: of a start, a changed parameter, a rewired graph of 20 nodes."""
    nodes = [{"id": "gen", "type": "SineGenerator", "config": {"frame_size": FRAME}}]
    nodes += [{"id": f"g{number}", "type": "Gain"} for number in range(19)]
    chain = [{"from": a["id"], "to": b["id"]} for a, b in pairwise(nodes)]
    star = [{"from": "gen", "to": node["id"]} for node in nodes[1:]]
    times: dict[str, list[float]] = {"run": [], "parameter": [], "apply": []}
    with serving(tmp_path / "project") as running, running.client() as client, Client(running) as page:
        time.sleep(3.0)  # the process for the next graph is ready, as when somebody has drawn one
        for _ in range(5):
            began = time.perf_counter()
            document = {"nodes": nodes, "connections": chain}
            pipeline = client.post("/api/pipelines", json={"document": document, "start": True}).json()
            where = f"/api/pipelines/{pipeline['id']}"
            page.subscribe(pipeline["id"], "g18", "strip")
            first_frame(page, 1)
            times["run"].append(time.perf_counter() - began)
            time.sleep(0.3)
            began = time.perf_counter()
            client.patch(f"{where}/nodes/g0", json={"gain": 5.0}).raise_for_status()
            page.frames(lambda frame: frame.kind == 1 and frame.columns and float(frame.strip[0].max()) > 2.0)
            times["parameter"].append(time.perf_counter() - began)
            began = time.perf_counter()
            document = {"nodes": nodes, "connections": star}
            client.put(f"{where}/graph", json={"document": document}).raise_for_status()
            first_frame(page, 2)
            times["apply"].append(time.perf_counter() - began)
            client.delete(where).raise_for_status()
    medians = {name: 1000 * float(np.median(listed)) for name, listed in times.items()}
    figure("U8", "a parameter, changed to seen", medians["parameter"], "ms", "<= 100")
    figure("U8", "a rewired graph of 20 nodes, applied to seen", medians["apply"], "ms", "<= 500")
    figure("U8", "Run to the first picture", medians["run"], "ms", "<= 1000")
    assert medians["parameter"] <= 100.0
    assert medians["apply"] <= 500.0
    assert medians["run"] <= 1000.0
