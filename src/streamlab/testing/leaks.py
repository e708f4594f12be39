"""Finds what outlives its owner: tasks, threads, child processes, open files, shared memory."""

import asyncio
import gc
import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["Leak", "check_leaks", "no_leaks", "resources"]

_SETTLE_SECONDS = 2.0
"""How long something that is about to end may take."""


class Leak(AssertionError):
    """Something was left behind; ``leaks`` names each thing."""

    def __init__(self, leaks: dict[str, str]) -> None:
        self.leaks = leaks
        super().__init__("\n  ".join(["left behind:", *leaks.values()]))


def resources() -> dict[str, str]:
    """Return what this process holds now, as key -> description.

    Open files, child processes and shared memory are seen where the platform has /proc and /dev/shm.
    """
    tracker = _tracker()
    held: dict[str, str] = {}
    for thread in threading.enumerate():
        held[f"thread {id(thread)}"] = f"thread {thread.name!r}{' (daemon)' if thread.daemon else ''}"
    for task in _tasks():
        if not task.done():
            held[f"task {id(task)}"] = (
                f"task {task.get_name()!r} ({getattr(task.get_coro(), '__qualname__', '?')})"
            )
    for pid, command in _children():
        if pid != tracker[0]:
            held[f"process {pid}"] = f"child process {pid} ({command})"
    for number, target in _files():
        if number != tracker[1]:
            held[f"file {number} {target}"] = f"open file {number} -> {target}"
    for name in _shared_memory():
        held[f"memory {name}"] = f"shared memory {name!r}"
    return held


@contextmanager
def check_leaks(settle: float = _SETTLE_SECONDS) -> Iterator[None]:
    """Raise Leak when the block leaves something behind that is still there ``settle`` seconds later.

    Says nothing when the block itself raises.
    """
    before = resources()
    yield
    leaks = _new(before)
    if not leaks:
        return
    gc.collect()
    ends = time.monotonic() + settle
    while leaks := _new(before):
        if time.monotonic() > ends:
            raise Leak(leaks)
        time.sleep(0.01)


@pytest.fixture
def no_leaks() -> Iterator[None]:
    """Fail a test that leaves a task, thread, child process, open file or shared memory behind."""
    with check_leaks():
        yield


def _new(before: dict[str, str]) -> dict[str, str]:
    return {key: what for key, what in resources().items() if key not in before}


def _tasks() -> list["asyncio.Task[Any]"]:
    """Return the tasks of every loop, closed ones too (asyncio.all_tasks knows one loop at a time)."""
    for name in ("_scheduled_tasks", "_all_tasks"):
        known = getattr(asyncio.tasks, name, None)
        if known is not None:
            return list(known)
    return []


def _children() -> list[tuple[int, str]]:
    found = []
    for listing in Path("/proc/self/task").glob("*/children") if sys.platform == "linux" else ():
        try:
            pids = listing.read_text().split()
        except OSError:
            continue  # a thread that has just ended
        found += [(int(pid), _command(pid)) for pid in pids]
    return found


def _command(pid: str) -> str:
    try:
        words = (
            Path("/proc", pid, "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        )
    except OSError:
        return "ended"
    return words[:100] or "ended, not waited for"


def _files() -> list[tuple[int, str]]:
    folder = "/proc/self/fd"
    if not os.path.isdir(folder):
        return []
    found = []
    for name in os.listdir(folder):
        try:
            found.append((int(name), os.readlink(f"{folder}/{name}")))
        except OSError:
            continue  # the descriptor of the listing itself
    return found


def _shared_memory() -> list[str]:
    folder = Path("/dev/shm")
    mine = ("psm_", "streamlab")
    return [path.name for path in folder.iterdir() if path.name.startswith(mine)] if folder.is_dir() else []


def _tracker() -> tuple[int | None, int | None]:
    """Return process and pipe of Python's resource tracker, which lives as long as the interpreter."""
    module = sys.modules.get("multiprocessing.resource_tracker")
    tracker = getattr(module, "_resource_tracker", None)
    return getattr(tracker, "_pid", None), getattr(tracker, "_fd", None)
