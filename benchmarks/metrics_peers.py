"""The same metrics in other libraries: ``make bench-metrics``.

Each library is installed from the package registry into an environment of its own under ``.venv-peers``. One
that does not install, or does not run, stands in the result with the reason. All take turns, round after
round, on the same noise: 8 channels, 4 s at 51.2 kHz. What they find is kept beside what it takes, with the
level of the noise itself, weighted by the formula of the standard. Writes ``results/metrics.json``.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from streamlab.cli.bench.machine import machine
from streamlab.cli.bench.measuring import CHANNELS, RATE, SECONDS, noise
from streamlab.dsp.bands import bands_between
from streamlab.dsp.weighting import weighting_gain

HERE = Path(__file__).parent
ROOT = HERE.parent
VENVS = ROOT / ".venv-peers"
RESULT = HERE / "results" / "metrics.json"

PEERS = {
    "acoular": ("acoular", ""),
    "phonometry": ("phonometry>=3.3,<4", "python3.13"),
    "MoSQITo": ("mosqito matplotlib", ""),
}
"""What to install, and the Python that it needs where that is another one."""
PATIENCE = 300
"""Seconds that one round of one library may take."""


def main() -> None:
    """Install, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one short round: to see that it works")
    options = parser.parse_args()
    samples = noise(2, 1.2) if options.quick else noise(CHANNELS, SECONDS)
    result = measure(samples, 1 if options.quick else options.rounds)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(f"written to {RESULT}")


def measure(samples: Any, rounds: int) -> dict[str, Any]:
    """Return machine, libraries, and what each metric took and found."""
    python: dict[str, Path] = {"StreamLab": Path(sys.executable)}
    libraries: dict[str, dict[str, Any]] = {"StreamLab": {"version": version("streamlab-core")}}
    for name, (wanted, needs) in PEERS.items():
        print(f"set-up: {name}", flush=True)
        found, reason = installed(name, wanted.split(), needs)
        libraries[name] = {"missing": reason} if found is None else {}
        if found is not None:
            python[name] = found
    taken: dict[str, dict[str, list[float]]] = {name: {} for name in python}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "noise.npy")
        np.save(path, samples)
        for number in range(rounds):
            for name, interpreter in python.items():
                if "missing" in libraries[name]:
                    continue
                print(f"round {number + 1} of {rounds}: {name}", flush=True)
                answer, reason = one_round(name, interpreter, path)
                if answer is None:
                    libraries[name] = {"missing": reason}
                    continue
                libraries[name] |= {key: answer[key] for key in ("version", "numpy", "values")}
                for metric, seconds in answer["seconds"].items():
                    taken[name].setdefault(metric, []).append(seconds)
    return {
        "machine": machine(),
        "rounds": rounds,
        "channels": len(samples),
        "signal": samples.shape[1] / RATE,
        "goals": goals(samples[0]),
        "libraries": libraries,
        "seconds": taken,
    }


def goals(samples: Any) -> dict[str, list[float]]:
    """Return what the first channel holds: its level weighted by the formula, and that of ideal bands."""
    power = np.abs(np.fft.rfft(samples)) ** 2 * 2 / len(samples) ** 2
    frequencies = np.fft.rfftfreq(len(samples), 1 / RATE)
    weighted = (power * 10 ** (weighting_gain("A", frequencies) / 10)).sum()
    bands = [
        power[(frequencies >= band.lower) & (frequencies < band.upper)].sum()
        for band in bands_between(3, 20.0, 16_000.0)
    ]
    levels = 10 * np.log10(np.array([weighted, *bands]) / 20e-6**2)
    return {"A": levels[:1].tolist(), "thirds": levels[1:].tolist()}


def installed(name: str, wanted: list[str], needs: str) -> tuple[Path | None, str]:
    """Return the interpreter of a library's environment, made if need be, or why there is none."""
    folder = VENVS / name.lower()
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = folder / ".installed"
    if stamp.exists():
        return python, ""
    base = shutil.which(needs) if needs else sys.executable
    if base is None or subprocess.run([base, "--version"], capture_output=True).returncode:
        return None, f"needs {needs}, which is not here"
    for command in (
        [base, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return None, f"does not install: {last_line(done.stderr)}"
    stamp.touch()
    return python, ""


def one_round(name: str, python: Path, path: Path) -> tuple[dict[str, Any] | None, str]:
    """Run all metrics in a fresh process of a library; its answer, or why there is none."""
    ours = [str(ROOT / "src")] if name == "StreamLab" else []
    env = os.environ | {"PYTHONPATH": os.pathsep.join([*ours, str(HERE / "metrics")])}
    script = HERE / "metrics" / f"{name.lower()}_metrics.py"
    try:
        done = subprocess.run(
            [str(python), "-W", "ignore", str(script)],
            input=json.dumps({"path": str(path), "rate": RATE}),
            capture_output=True,
            text=True,
            env=env,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return None, f"took more than {PATIENCE} s"
    if done.returncode:
        return None, f"does not run: {last_line(done.stderr)}"
    return json.loads(last_line(done.stdout)), ""


def last_line(text: str) -> str:
    """Return the last line that is not empty."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


if __name__ == "__main__":
    main()
