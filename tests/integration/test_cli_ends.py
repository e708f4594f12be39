"""How a run ends from outside: Ctrl-C, SIGTERM, a pipe that is closed; and how it looks meanwhile."""

import array
import fcntl
import json
import re
import select
import signal
import subprocess
import termios
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from command import COMMAND, environment, level_graph, node, on_a_terminal, start, streamlab, write_graph

STUCK = '''"""A node that never lets go of a frame."""

import asyncio
import sys

from streamlab.core import ProcessingNode


class Stuck(ProcessingNode):
    async def process(self, frame):
        print("stuck", file=sys.stderr, flush=True)
        await asyncio.Event().wait()


class Busy(ProcessingNode):
    def process(self, frame):
        print("stuck", file=sys.stderr, flush=True)
        while True:
            pass
'''


def endless(path: Path) -> Path:
    """Frames in real time, shown and written, for ever."""
    nodes = [
        node("clock", "Clock", rate=100.0, realtime=True),
        node("tone", "SineGenerator", frame_size=10),
        node("show", "Print"),
        node("table", "CsvWriter", path="t.csv"),
    ]
    return write_graph(path, nodes, ("clock", "tone"), ("tone", "show"), ("show", "table"))


def end(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Wait for the end: exit code and what was still written.

    Read by the streams themselves, which may hold lines already (``communicate`` passes them by).
    """
    with ThreadPoolExecutor(2) as readers:
        streams = (process.stdout, process.stderr)
        texts = [readers.submit(stream.read) if stream is not None else None for stream in streams]
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        out, err = [text.result() if text is not None else "" for text in texts]
    for stream in streams:
        if stream is not None:
            stream.close()
    return process.returncode, out, err


def until(stream: Any, word: str) -> None:
    """Read lines until one has the word; the end of the stream fails the test."""
    while word not in (line := stream.readline()):
        assert line, f"ended before {word!r}"


@pytest.mark.contract("L7")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_drains_and_everything_under_way_arrives(tmp_path: Path, number: int, code: int) -> None:
    process = start("run", endless(tmp_path / "g.json"), "--out", tmp_path / "out")
    until(process.stdout, "Frame #3")
    process.send_signal(number)
    got, out, err = end(process)
    assert got == code
    assert "stopping: what is under way still arrives" in err
    assert "Traceback" not in err
    shown = max(int(n) for n in re.findall(r"Frame #(\d+) ", out) or ["3"])
    (table,) = (tmp_path / "out").iterdir()
    assert table.name == "t.csv"  # complete: it has its own name
    assert len(table.read_text().splitlines()) == 1 + 10 * (shown + 1)
    assert re.search(
        rf"^stopped after .* {shown + 1} frames in, {shown + 1} out, 0 dropped$", out, re.MULTILINE
    )


@pytest.mark.contract("L7")
def test_a_second_ctrl_c_aborts_what_does_not_end(tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text(STUCK)
    nodes = [
        node("gen", "SineGenerator", frame_size=10),
        node("x", "Stuck"),
        node("table", "CsvWriter", path="t.csv"),
    ]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "x"), ("x", "table"))
    process = start("run", graph, "--triggers", 5, "--nodes", tmp_path / "stuck.py", "--json")
    until(process.stderr, "stuck")
    process.send_signal(signal.SIGINT)
    until(process.stderr, "stopping")
    assert process.poll() is None  # it drains, and this drain has no end
    process.send_signal(signal.SIGINT)
    code, out, err = end(process)
    assert code == 130
    assert "Traceback" not in err
    report = json.loads(out)
    assert report["reason"] == "cancelled"
    assert (report["frames_in"], report["undelivered"]) == (5, 5)


@pytest.mark.contract("L7")
def test_a_third_ctrl_c_ends_what_holds_the_event_loop(tmp_path: Path) -> None:
    (tmp_path / "stuck.py").write_text(STUCK)
    nodes = [node("gen", "SineGenerator"), node("x", "Busy")]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "x"))
    process = start("run", graph, "--triggers", 1, "--nodes", tmp_path / "stuck.py")
    until(process.stderr, "stuck")
    for word in ("stopping", "aborting"):
        process.send_signal(signal.SIGINT)
        until(process.stderr, word)
    process.send_signal(signal.SIGINT)
    assert end(process)[0] == 130


CHATTY = '''"""A node whose result is more than a pipe holds."""

from streamlab.core import ProcessingNode


class Chatty(ProcessingNode):
    def process(self, frame):
        return frame

    def result(self):
        return {f"value {number}": "x" * 40 for number in range(2000)}
'''


def waiting(stream: Any) -> int:
    """Bytes in a pipe that nobody has read yet."""
    size = array.array("i", [0])
    fcntl.ioctl(stream.fileno(), termios.FIONREAD, size)
    return size[0]


@pytest.mark.contract("L7")
def test_a_second_ctrl_c_while_the_results_are_shown_does_not_cost_them(tmp_path: Path) -> None:
    (tmp_path / "chatty.py").write_text(CHATTY)
    nodes = [node("clock", "Clock", rate=1000.0, realtime=True), node("x", "Chatty")]
    graph = write_graph(tmp_path / "g.json", nodes, ("clock", "x"))
    buffered = environment(PYTHONUNBUFFERED="")  # without a buffer Python forgets what a signal interrupts
    process = start("run", graph, "--nodes", tmp_path / "chatty.py", env=buffered)
    for _ in range(100):  # until the handlers are there: the stream runs
        time.sleep(0.05)
        if signal_handled(process.pid, signal.SIGTERM):
            break
    process.send_signal(signal.SIGINT)
    until(process.stderr, "stopping")
    deadline = time.monotonic() + 20
    while waiting(process.stdout) < 60_000:  # stuck in the middle of its results
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    code, out, _ = end(process)
    assert code == 130
    assert "value 1999" in out
    assert re.search(r"^stopped after ", out, re.MULTILINE)


def signal_handled(pid: int, number: int) -> bool:
    """Whether a process has a handler of its own for a signal."""
    caught = re.search(r"SigCgt:\s*([0-9a-f]+)", Path(f"/proc/{pid}/status").read_text())
    return bool(int(caught[1], 16) >> (number - 1) & 1)


@pytest.mark.contract("L7")
def test_ctrl_c_before_the_stream_is_quiet(tmp_path: Path) -> None:
    (tmp_path / "wait.py").write_text(
        "import sys, threading\nprint('loading', file=sys.stderr, flush=True)\nthreading.Event().wait()\n"
    )
    process = start("nodes", "--nodes", tmp_path / "wait.py")
    until(process.stderr, "loading")
    process.send_signal(signal.SIGINT)
    code, out, err = end(process)
    assert (code, out, err) == (130, "", "")


@pytest.mark.skipif(not hasattr(select, "poll"), reason="a closed pipe is noticed by poll, which is POSIX")
def test_a_closed_pipe_ends_an_endless_run_quietly(tmp_path: Path) -> None:
    process = start("run", endless(tmp_path / "g.json"), "--out", tmp_path / "out")
    until(process.stdout, "Frame #0")
    process.stdout.close()
    process.stdout = None
    code, _, err = end(process)
    assert (code, err) == (141, "")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["t.csv"]


@pytest.mark.parametrize("arguments", ["nodes", "schema", "nodes --json", "demo", "--help", "run --help"])
def test_head_ends_every_command_quietly(arguments: str) -> None:
    line = f"set -o pipefail; {' '.join(COMMAND)} {arguments} | head -1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environment(), timeout=50)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


# ------------------------------------------------------------------------------------------- on a terminal


def test_progress_is_drawn_on_a_terminal_and_only_there(tmp_path: Path) -> None:
    graph = level_graph(tmp_path / "g.json", ticks=40, realtime=True)
    code, drawn = on_a_terminal("run", graph)
    assert code == 0
    assert "\x1b[" in drawn
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", drawn)
    seconds = [
        float(text) for text in re.findall(r"([\d.]+) s of signal, [\d.]+ x real time, 0 dropped", plain)
    ]
    assert len(seconds) >= 3  # 0.8 s, looked at ten times a second
    assert seconds == sorted(seconds)
    assert seconds[-1] == 0.8
    assert re.search(r"done ━+ 40 frames, 0\.8 s of signal", plain)
    assert re.search(r"\x1b\[1;32mPASS", drawn)
    silent = streamlab("run", graph)
    assert silent.stderr == ""
    assert "━" not in silent.stdout


def test_a_terminal_without_colour_gets_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    done = streamlab("run", level_graph(tmp_path / "g.json"), env=environment(NO_COLOR="1"))
    assert "\x1b" not in done.stdout


def test_nodes_that_print_share_the_terminal_without_progress(tmp_path: Path) -> None:
    nodes = [node("gen", "SineGenerator"), node("out", "Print")]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "out"))
    code, drawn = on_a_terminal("run", graph, "--triggers", 50)
    assert code == 0
    assert drawn.count("[Print] Frame #") == 50
    assert "real time" not in drawn


def test_a_console_without_unicode_still_works(tmp_path: Path) -> None:
    nodes = [node("gen", "SineGenerator"), node("out", "Print")]
    graph = write_graph(tmp_path / "g.json", nodes, ("gen", "out"))
    done = streamlab("run", graph, "--triggers", 1, env=environment(PYTHONIOENCODING="ascii"))
    assert done.returncode == 0
    assert "[Print] Frame #0 @ 0?s" in done.stdout
    for arguments in (["nodes"], ["demo"], ["plan", str(graph)]):
        done = streamlab(*arguments, env=environment(PYTHONIOENCODING="ascii"))
        assert done.returncode == 0, done.stderr
