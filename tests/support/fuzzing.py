"""Damaged files for readers: what a reader makes of them, in a process that may hang, crash or grow.

A mutation is numbered: the same number makes the same file, so that a finding can be looked at. The process
that reads works through the numbers and says before each which one it is; the one that watches kills it when
it is silent for too long, and starts another behind the number where it died.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import random
import resource
import tempfile
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SILENCE = 30.0  # seconds that one file may take: it holds some thousand bytes
START = 60.0  # that a process may take until its first file, on a busy machine
GROWTH = 256 << 20  # bytes of memory that one file may cost
BLOCKS = 2000  # that are read of a stream
_NUMBERS = (b"0", b"-1", b"999999999999999999999", b"1e400", b"nan", b"2147483648", b"1e-320", b"")
OUR_FAULTS = (TypeError, AttributeError, NameError, AssertionError, NotImplementedError)


@dataclass(frozen=True)
class Finding:
    """A mutation that did what it must not do."""

    number: int
    what: str

    def __str__(self) -> str:
        return f"mutation {self.number}: {self.what}"


def mutated(seeds: list[bytes], number: int) -> bytes:
    """Return the file of a number: one of the seeds, damaged in one to six places."""
    chance = random.Random(number)
    data = bytearray(chance.choice(seeds))
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        _damage(data, chance, seeds)
    return bytes(data)


def _damage(data: bytearray, chance: random.Random, seeds: list[bytes]) -> None:
    kind = chance.randrange(10)
    # Headers are where it hurts: half of the damage is done in the first 512 bytes.
    reach = min(len(data), 512) if chance.random() < 0.5 else len(data)
    at = chance.randrange(max(1, reach))
    if not data:
        data += bytes(chance.randrange(256) for _ in range(chance.randrange(9)))
    elif kind == 0:
        data[at] ^= 1 << chance.randrange(8)
    elif kind == 1:
        data[at] = chance.choice((0, 255, 127, 128, 32, 45, 48, chance.randrange(256)))
    elif kind == 2:
        del data[at:]
    elif kind == 3:
        del data[at : at + chance.choice((1, 2, 4, 8, 100))]
    elif kind == 4:
        data[at:at] = bytes(chance.choice((b"\0", b"\xff", b"9", b"\n", b","))) * chance.choice((1, 4, 200))
    elif kind == 5:
        size = chance.choice((2, 4, 8))
        value = chance.choice(
            (0, 1, -1, 1 << (8 * size - 1), (1 << (8 * size - 1)) - 1, 1 << (4 * size), 65535)
        )
        data[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, chance.choice(("little", "big")))
    elif kind == 6:
        end = at + chance.choice((4, 16, 200))
        data[at:at] = data[at:end] * chance.choice((1, 2, 50))
    elif kind == 7:
        other = chance.choice(seeds)
        cut = chance.randrange(max(1, len(other)))
        data[at:] = other[cut:]
    elif kind == 8:
        _replace_number(data, at, chance)
    else:
        end = min(len(data), at + chance.choice((3, 20)))
        data[at:end] = bytes(chance.randrange(256) for _ in range(end - at))


def _replace_number(data: bytearray, at: int, chance: random.Random) -> None:
    """Put another number in place of one that is written out."""
    digits = b"0123456789"
    while at < len(data) and data[at] not in digits:
        at += 1
    end = at
    while end < len(data) and data[end] in digits:
        end += 1
    other = chance.choice(
        (b"0", b"-1", b"999999999999999999999", b"1e400", b"nan", b"2147483648", b"1e-320", b"")
    )
    data[at:end] = other


def fuzz(reader: str, seeds: list[bytes], count: int, first: int = 0) -> list[Finding]:
    """Read the files of ``count`` numbers with a reader, "module:Class"; returns what must not happen."""
    context = multiprocessing.get_context("spawn")
    findings: list[Finding] = []
    number, end = first, first + count
    with tempfile.TemporaryDirectory() as folder:
        while number < end:
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(theirs, reader, seeds, number, end, folder))
            process.start()
            theirs.close()
            try:
                ours.poll(START)
                while ours.poll(SILENCE):
                    kind, at, text = ours.recv()
                    number = at
                    if kind == "bad":
                        findings.append(Finding(at, text))
                    if kind == "end":
                        number = end
                else:
                    findings.append(Finding(number, f"hangs: nothing for {SILENCE:g} s"))
                    process.kill()
            except EOFError:
                pass
            finally:
                ours.close()
                process.join(20)
                if process.is_alive():
                    process.kill()
                    process.join()
            if number < end:
                if process.exitcode not in (0, None) and not (findings and findings[-1].number == number):
                    findings.append(Finding(number, f"the process died with code {process.exitcode}"))
                number += 1
            process.close()
    return findings


def watched(reader: str, paths: list[Path]) -> list[tuple[str, int]]:
    """Read files one by one in another process; returns the error of each in words and the memory it cost."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_read_each, args=(theirs, reader, paths))
    process.start()
    theirs.close()
    results = []
    try:
        for path in paths:
            if not ours.poll(SILENCE):
                raise AssertionError(f"{path} hangs: nothing for {SILENCE:g} s")
            results.append(ours.recv())
    finally:
        ours.close()
        process.kill()
        process.join()
        process.close()
    return results


def _read_each(pipe: Any, reader: str, paths: list[Path]) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    module, _, name = reader.partition(":")
    opener = getattr(importlib.import_module(module), name)
    read_all(opener, Path(__file__))  # what is imported is no growth
    for path in paths:
        before = _peak()
        text = ""
        try:
            with opener(path) as recording:
                for stream in recording.streams:
                    for _ in recording.read(stream):
                        pass
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"
        pipe.send((text, _peak() - before))


def _work(pipe: Any, reader: str, seeds: list[bytes], first: int, end: int, folder: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a library prints of a damaged file
    warnings.simplefilter("error")
    module, _, name = reader.partition(":")
    opener = getattr(importlib.import_module(module), name)
    path = Path(folder) / f"damaged-{os.getpid()}"
    for number in range(first, end):
        pipe.send(("at", number, ""))
        before = _peak()
        path.write_bytes(mutated(seeds, number))
        bad = read_all(opener, path)
        grown = _peak() - before
        if not bad and grown > GROWTH and number - first > 20:  # what the first ones import is no growth
            bad = f"takes {grown >> 20} MiB of memory"
        if bad:
            pipe.send(("bad", number, bad))
    pipe.send(("end", end, ""))


def _peak() -> int:
    """Return the most memory that this process ever had, in bytes (Linux; elsewhere with its parent's)."""
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def read_all(opener: Any, path: Path) -> str:
    """Open a file and read it as info and convert do; returns what must not happen, or nothing."""
    from streamlab.cli.info import _document
    from streamlab.errors import FileError

    try:
        with opener(path) as recording:
            _document(recording, "x")
            for stream in recording.streams:
                due = 0
                for count, (position, block) in enumerate(recording.read(stream)):
                    if position < due or block.ndim != 2 or block.shape[0] != len(stream.info.names):
                        return f"gives a block of {block.shape} at {position}, after {due}"
                    due = position + block.shape[1]
                    if due > stream.length:
                        return f"gives samples up to {due} of a stream of {stream.length}"
                    if count >= BLOCKS:
                        break
    except FileError as error:
        return _fault(error.__cause__)
    except BaseException:
        return traceback.format_exc(limit=-6)
    return ""


def _fault(cause: BaseException | None) -> str:
    """Return a mistake of our own that was told as one of the file."""
    if cause is None or not isinstance(cause, OUR_FAULTS):
        return ""
    frame = traceback.extract_tb(cause.__traceback__)[-1]
    theirs = any(part in frame.filename for part in ("site-packages", f"{os.sep}lib{os.sep}python"))
    return "" if theirs else "".join(traceback.format_exception(cause, limit=-6))
