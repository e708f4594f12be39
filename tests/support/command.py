"""The command as a user calls it: a process of its own, with what it wrote and its exit code."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

COMMAND = [sys.executable, "-m", "streamlab"]


def environment(**changes: str) -> dict[str, str]:
    """The environment of a plain terminal session, without what would colour, narrow or slow the output.

    The gate's coverage is that of the tests' own process and its workers: commands are not measured.
    """
    names = ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
    names += ("COVERAGE_PROCESS_START", "COVERAGE_PROCESS_CONFIG")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return kept | {"PYTHONIOENCODING": "utf-8"} | changes


def streamlab(*arguments: object, **options: Any) -> subprocess.CompletedProcess[str]:
    """Call the command and wait for it."""
    options.setdefault("env", environment())
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=50,
        **options,
    )


def start(*arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start the command; its output is read while it runs."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    options.setdefault("env", environment())
    return subprocess.Popen([*COMMAND, *map(str, arguments)], text=True, encoding="utf-8", **options)


def on_a_terminal(*arguments: object, columns: int = 100) -> tuple[int, str]:
    """Run with a terminal as stdout and stderr; returns exit code and everything that was drawn."""
    pty = pytest.importorskip("pty", reason="terminals are POSIX")
    leader, follower = pty.openpty()
    env = environment(TERM="xterm-256color", COLUMNS=str(columns), LINES="40")
    process = subprocess.Popen([*COMMAND, *map(str, arguments)], stdout=follower, stderr=follower, env=env)
    os.close(follower)
    drawn = b""
    ends = time.monotonic() + 40
    while time.monotonic() < ends:
        ready, _, _ = select.select([leader], [], [], 0.2)
        if ready:
            try:
                drawn += os.read(leader, 65536)
            except OSError:  # the other end is closed
                break
    os.close(leader)
    return process.wait(timeout=10), drawn.decode()


def write_graph(path: Path, nodes: list[dict[str, Any]], *edges: tuple[str, str], **rest: Any) -> Path:
    """Write a graph file with plain connections."""
    connections = [{"from": source, "to": target} for source, target in edges]
    path.write_text(json.dumps({"nodes": nodes, "connections": connections, **rest}), encoding="utf-8")
    return path


def node(name: str, kind: str, **config: Any) -> dict[str, Any]:
    """One node of a graph."""
    return {"id": name, "type": kind, "config": config}


def level_graph(path: Path, *, upper: float = 1.0, ticks: int = 10, **clock: Any) -> Path:
    """A sine of amplitude 1 (RMS 0.7071) at 8 frames of 960 samples per interval, judged by its RMS."""
    nodes = [
        node("clock", "Clock", rate=50.0, **({"frames": ticks} | clock)),
        node("tone", "SineGenerator", frequency=1000.0, frame_size=960),
        node("level", "Level", interval=0.02),
        node("judge", "Limit", value="RMS", upper=upper),
    ]
    return write_graph(path, nodes, ("clock", "tone"), ("tone", "level"), ("level", "judge"))
