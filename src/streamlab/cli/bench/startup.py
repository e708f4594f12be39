"""S13: what a new process takes until it answers, on the clock on the wall."""

import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np

from streamlab.cli.bench.chains import RATE, line, node
from streamlab.cli.bench.rows import Bench

__all__ = ["start_up"]


def start_up(runs: Bench) -> None:
    """Measure the version, the import, and the first frame that ``streamlab run`` shows of a WAV file."""
    with tempfile.TemporaryDirectory() as folder:
        plain = _graph(Path(folder), "plain", scipy=False)
        analysis = _graph(Path(folder), "scipy", scipy=True)
        empty, version, imported, first, second = runs.in_turn(
            partial(_whole, "-c", "pass"),
            partial(_whole, "-m", "streamlab", "--version"),
            partial(_whole, "-c", "import streamlab"),
            partial(_first_line, "-m", "streamlab", "run", str(plain)),
            partial(_first_line, "-m", "streamlab", "run", str(analysis)),
        )
    beyond = [one - other for one, other in zip(imported, empty, strict=True)]
    runs.add("S13/version", "streamlab --version, the whole process", "ms", version, goal=150)
    runs.add("S13/import", "import streamlab, beyond an empty process", "ms", beyond, goal=60)
    runs.add("S13/first", "streamlab run on a WAV file: until the first frame shows", "ms", first, goal=700)
    runs.add("S13/scipy", "the same with a node that uses SciPy", "ms", second, goal=1500)
    runs.add("S13/python", "Python itself, an empty process", "ms", empty)


def _graph(folder: Path, name: str, *, scipy: bool) -> Path:
    """A recording of two seconds, and a graph file that prints its frames; pink noise needs SciPy."""
    import soundfile

    take = folder / f"{name}.wav"
    soundfile.write(take, np.zeros(2 * RATE), RATE)
    noise = [node("noise", "Noise", color="pink", sample_rate=RATE)] if scipy else []
    graph = line([node("mic", "WavFile", path=take.name), *noise, node("show", "Print")])
    path = folder / f"{name}.json"
    path.write_text(json.dumps(graph), encoding="utf-8")
    return path


def _whole(*arguments: str) -> float:
    """Milliseconds that a process takes from start to end."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True)
    took = time.perf_counter() - began
    _check(arguments, done.returncode, done.stderr)
    return 1e3 * took


def _first_line(*arguments: str) -> float:
    """Milliseconds until a process has written its first line to stdout."""
    began = time.perf_counter()
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *arguments], stdout=pipe, stderr=pipe) as process:
        try:
            if process.stdout is not None:
                process.stdout.readline()
            took = time.perf_counter() - began
            _, errors = process.communicate()
        finally:
            process.kill()
    _check(arguments, process.returncode, errors)
    return 1e3 * took


def _check(arguments: tuple[str, ...], code: int, errors: bytes) -> None:
    if code:
        raise RuntimeError(f"{' '.join(arguments)} ended with {code}: {errors.decode(errors='replace')}")
