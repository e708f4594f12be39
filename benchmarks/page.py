"""The page against its bars (U1, U2, U4, U5, U8, U9, U10): a real server, a real browser without a GPU.

Measure on a machine that does nothing else. Writes ``results/page.json``. Frame times, lags and counts come
from the page's own diagnostics (Shift-D, ``__streamlab_perf``), processor time from /proc.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

from streamlab.cli.bench.machine import machine

HERE = Path(__file__).parent
RESULT = HERE / "results" / "page.json"
sys.path.insert(0, str(HERE.parent / "tests" / "support"))

from live_driver import deploy, graph, node, panel, snapshot, until  # noqa: E402
from page_server import RunningServer, serving  # noqa: E402

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run", "--enable-precise-memory-info"]
SIZE = {"width": 1280, "height": 900}
TICKS = os.sysconf("SC_CLK_TCK")


def many(*panels: dict[str, Any]) -> dict[str, Any]:
    """Return a graph of 64 channels at 48 kHz with levels, judged."""
    tone = {"frequency": 3.0, "sample_rate": 48000.0, "frame_size": 800, "unit": "V"}
    channels = [f"ch{index + 1}" for index in range(64)]
    nodes = [
        node("gen", "SineGenerator", **tone, channels=channels),
        node("amp", "Gain", gain=1.0),
        node("pick", "Select", keep=channels[:2]),
        node("level", "Level", interval=0.125),
        node("limit", "Limit", value="RMS", upper=1.0),
    ]
    edges = [("gen", "amp"), ("amp", "pick"), ("pick", "level"), ("level", "limit")]
    return graph(nodes, edges, *panels)


STRIP = panel("amp.out", "strip", at=(0, 0, 12, 10))
EIGHT = (
    panel("amp.out", "strip", at=(0, 0, 6, 4)),
    panel("pick.out", "spectrum", at=(6, 0, 6, 4)),
    panel("amp.out", "spectrum", at=(0, 4, 6, 4)),
    panel("pick.out", "waterfall", at=(6, 4, 6, 4)),
    panel("pick.out", "scope", at=(0, 8, 6, 4)),
    panel("amp.out", "levels", at=(6, 8, 6, 4)),
    panel("level.out", "trend", at=(0, 12, 6, 4)),
    panel("level.out", "scalar", at=(6, 12, 6, 4)),
)


def children(pid: int) -> list[int]:
    """Return a process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        below = (task / "children").read_text(encoding="ascii").split()
        found += [one for child in below for one in children(int(child))]
    return found


def busy(server: RunningServer) -> float:
    """Return the processor seconds that server and workers have used."""
    total = 0
    for pid in children(server.process.pid):
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def load(server: RunningServer, seconds: float) -> float:
    """Return the share of a core that the server uses."""
    before, began = busy(server), time.monotonic()
    time.sleep(seconds)
    return (busy(server) - before) / (time.monotonic() - began)


def frames(page: Any, seconds: float) -> dict[str, Any]:
    """Return what the page says of some seconds."""
    page.evaluate("window.__streamlab_perf.reset()")
    page.wait_for_timeout(seconds * 1000)
    found = snapshot(page)
    return {key: value for key, value in found.items() if key not in ("panels", "frames", "opened")}


def opened(browser: Any, server: RunningServer, fragment: str = "#/dashboard/live.json") -> Any:
    """Return a page of a visitor of its own."""
    page = browser.new_context(viewport=SIZE).new_page()
    page.goto(server.url + fragment)
    return page


def strip(browser: Any, server: RunningServer, seconds: float) -> dict[str, Any]:
    """U1, U4 and U5: 64 channels; the server's cost of one client and of four."""
    deploy(server, many(STRIP))
    time.sleep(2.0)
    alone = load(server, seconds / 2)
    page = opened(browser, server)
    state = until(page, "amp.out", "strip", lambda state: state["columns"] == state["capacity"])
    page.wait_for_timeout(2000)
    before, began = busy(server), time.monotonic()
    first = until(page, "amp.out", "strip", lambda state: True)
    result = frames(page, seconds)
    one = (busy(server) - before) / (time.monotonic() - began)
    last = until(page, "amp.out", "strip", lambda state: True)
    result |= {"capacity": state["capacity"], "columns_per_second": (last["end"] - first["end"]) / seconds}
    pages = [page] + [opened(browser, server) for _ in range(3)]
    for each in pages:
        until(each, "amp.out", "strip", lambda state: state["columns"] == state["capacity"])
    four = load(server, seconds / 2)
    for each in pages:
        each.context.close()
    return {"strip": result, "server": {"without": alone, "one_client": one, "four_clients": four}}


def eight(browser: Any, server: RunningServer, seconds: float) -> dict[str, Any]:
    """U2: eight panels, all on the screen."""
    deploy(server, many(*EIGHT), path="eight.json")
    page = browser.new_context(viewport={"width": 1440, "height": 1300}).new_page()
    page.goto(server.url + "#/dashboard/eight.json")
    until(page, "level.out", "trend", lambda state: state["entries"] > 8)
    page.wait_for_timeout(2000)
    result = frames(page, seconds)
    page.context.close()
    return result


def changes(browser: Any, server: RunningServer, rounds: int) -> dict[str, Any]:
    """U8: a parameter, an applied graph, a cold run up to the first frame that is drawn; milliseconds."""
    document = many(panel("pick.out", "scope", at=(0, 0, 12, 8)))
    for index in range(15):
        document["nodes"].append(node(f"more{index}", "Gain", gain=1.0))
        source = "pick" if index == 0 else f"more{index - 1}"
        document["connections"].append({"from": source, "to": f"more{index}"})
    times: dict[str, list[float]] = {"parameter": [], "apply": [], "cold_run": []}
    with server.client() as client:
        client.put("/api/graphs/change.json", json={"document": document, "base": None}).raise_for_status()
        page = opened(browser, server, "#/dashboard/change.json")
        page.get_by_role("button", name="Start").wait_for()
        began = page.evaluate("performance.now()")
        page.get_by_role("button", name="Start").click()
        drawn = until(page, "pick.out", "scope", lambda state: state["first_drawn"] > 0)["first_drawn"]
        times["cold_run"].append(drawn - began)
        pipeline = next(
            one for one in client.get("/api/pipelines").json()["pipelines"] if one["path"] == "change.json"
        )
        where = f"/api/pipelines/{pipeline['id']}"
        for index in range(rounds):
            start = time.perf_counter()
            client.patch(f"{where}/nodes/amp", json={"gain": 1.0 + index / 100}).raise_for_status()
            times["parameter"].append((time.perf_counter() - start) * 1000)
        for index in range(min(rounds, 5)):
            document["connections"][-1]["from"] = f"more{index}"
            start = time.perf_counter()
            client.put(f"{where}/graph", json={"document": document}).raise_for_status()
            times["apply"].append((time.perf_counter() - start) * 1000)
        page.context.close()
    return times


def first_paint(browser: Any, server: RunningServer, rounds: int) -> dict[str, Any]:
    """U9: first contentful paint, and the bytes of script of a first load."""
    paints, sizes = [], []
    for _ in range(rounds):
        page = opened(browser, server, "#/")
        page.wait_for_timeout(1200)
        paints.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        sizes.append(
            page.evaluate(
                """performance.getEntriesByType('resource').filter(one => one.name.endsWith('.js'))
                    .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
            )
        )
        page.context.close()
    return {"first_contentful_paint_ms": paints, "script_bytes": max(sizes)}


def heap(browser: Any, server: RunningServer, seconds: float) -> dict[str, Any]:
    """U10: bytes of heap after collection, at the beginning and at the end; the tab is hidden for a fifth."""
    deploy(server, many(*EIGHT), path="heap.json")
    context = browser.new_context(viewport={"width": 1440, "height": 1300})
    page = context.new_page()
    page.goto(server.url + "#/dashboard/heap.json")
    session = context.new_cdp_session(page)

    def collected() -> float:
        for _ in range(3):
            session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"])

    until(page, "level.out", "trend", lambda state: state["entries"] > 8)
    page.wait_for_timeout(min(20.0, seconds / 5) * 1000)
    before = collected()
    page.wait_for_timeout(seconds * 0.4 * 1000)
    other = context.new_page()  # in front of the dashboard
    other.bring_to_front()
    hidden = page.evaluate("document.visibilityState")
    page.wait_for_timeout(seconds * 0.2 * 1000)
    other.close()
    page.bring_to_front()
    page.wait_for_timeout(seconds * 0.4 * 1000)
    after = collected()
    context.close()
    return {"before": before, "after": after, "growth": after - before, "seconds": seconds, "state": hidden}


def main() -> None:
    """Measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short: to see that it works")
    parser.add_argument("--heap-seconds", type=float, default=600.0)
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    quick = options.quick
    parts: dict[str, Callable[[Any, RunningServer], dict[str, Any]]] = {
        "U1_U4_U5": lambda browser, server: strip(browser, server, 4.0 if quick else 20.0),
        "U2": lambda browser, server: eight(browser, server, 4.0 if quick else 20.0),
        "U8": lambda browser, server: changes(browser, server, 3 if quick else 20),
        "U9": lambda browser, server: first_paint(browser, server, 1 if quick else 5),
        "U10": lambda browser, server: heap(browser, server, 10.0 if quick else options.heap_seconds),
    }
    result: dict[str, Any] = {"machine": machine(), "date": time.strftime("%Y-%m-%d")}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        result["browser"] = browser.version
        for name, part in parts.items():
            with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "project") as server:
                result[name] = part(browser, server)
            print(name, json.dumps(result[name]), flush=True)
        browser.close()
    options.output.write_text(json.dumps(result, indent=1, default=str) + "\n", encoding="utf-8")
    print(f"written to {options.output}")


if __name__ == "__main__":
    main()
