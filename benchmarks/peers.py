"""The same chain in StreamLab, in plain loops and in other engines: ``make bench-peers``.

Every engine is installed from the package registry into an environment of its own under ``.venv-peers``.
One that does not install, or does not run, stands in the result with the reason. All systems take turns,
round after round, on the same cases with the same NumPy work (``chains/work.py``) and the same NumPy.
Writes ``results/peers.json``, and ``docs/images/peers.png`` if matplotlib is there.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from streamlab.cli.bench.machine import machine

HERE = Path(__file__).parent
ROOT = HERE.parent
VENVS = ROOT / ".venv-peers"
RESULT = HERE / "results" / "peers.json"
PICTURE = ROOT / "docs" / "images" / "peers.png"

OURS = ("StreamLab", "StreamLab, fuse false", "bare", "bare*", "asyncio.Queue")
PEERS = ("csp", "streamz", "ezmsg")

CASES = ((64, 1, 4000), (64, 16, 2000), (1024, 1, 3000), (1024, 8, 2000), (1024, 16, 1500))
CASES += ((8192, 1, 1000), (8192, 16, 600))
"""Samples of a frame, gains, frames."""

PATIENCE = 300
"""Seconds that one round of one system may take."""


def main() -> None:
    """Install, measure, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="one short round: to see that it works")
    parser.add_argument("--plot-only", action="store_true", help="draw the result that is there")
    options = parser.parse_args()
    if not options.plot_only:
        result = measure(1 if options.quick else options.rounds, 16 if options.quick else 1)
        RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
        print(f"written to {RESULT}")
    draw(json.loads(RESULT.read_text(encoding="utf-8")))


def measure(rounds: int, shorten: int) -> dict[str, Any]:
    """Return machine, systems and the samples of every case."""
    python = {name: Path(sys.executable) for name in OURS}
    systems: dict[str, dict[str, Any]] = {name: {"version": version("streamlab-core")} for name in OURS}
    for name in PEERS:
        print(f"set-up: {name}", flush=True)
        found, reason = installed(name)
        systems[name] = {"missing": reason} if found is None else {}
        if found is not None:
            python[name] = found
    cases = [(size, gains, max(64, frames // shorten)) for size, gains, frames in CASES]
    samples: dict[str, list[list[float]]] = {name: [[] for _ in cases] for name in python}
    for number in range(rounds):
        for name, interpreter in python.items():
            if "missing" in systems[name]:
                continue
            print(f"round {number + 1} of {rounds}: {name}", flush=True)
            answer, reason = one_round(name, interpreter, cases)
            if answer is None:
                systems[name] = {"missing": reason}
                continue
            systems[name] |= {"version": answer["version"], "numpy": answer["numpy"]}
            for taken, microseconds in zip(samples[name], answer["microseconds"], strict=True):
                taken.append(microseconds)
    rows = [
        {
            "samples": size,
            "gains": gains,
            "microseconds": {name: taken[index] for name, taken in samples.items() if taken[index]},
        }
        for index, (size, gains, _) in enumerate(cases)
    ]
    return {"machine": machine(), "rounds": rounds, "systems": systems, "rows": rows}


def installed(name: str) -> tuple[Path | None, str]:
    """Return the interpreter of a peer's environment, made if need be, or why there is none."""
    folder = VENVS / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    stamp = folder / ".installed"
    if stamp.exists():
        return python, ""
    wanted = [name, f"numpy=={version('numpy')}"]
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
    ):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            return None, f"does not install: {last_line(done.stderr)}"
    stamp.touch()
    return python, ""


def one_round(
    name: str, python: Path, cases: list[tuple[int, int, int]]
) -> tuple[dict[str, Any] | None, str]:
    """Run all cases in a fresh process of a system; its answer, or why there is none."""
    script = [f"{name}_chain.py"] if name in PEERS else ["streamlab_chain.py", name]
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(HERE / "chains")])}
    try:
        done = subprocess.run(
            [str(python), "-W", "ignore", str(HERE / "chains" / script[0]), *script[1:]],
            input=json.dumps(cases),
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


def draw(result: dict[str, Any]) -> None:
    """Draw microseconds a frame for each case and system: medians, with smallest and largest."""
    try:
        import matplotlib
    except ImportError:
        print("no plot: it needs matplotlib (pip install 'streamlab-core[plot]')")
        return
    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = result["rows"]
    names = [name for name in result["systems"] if any(name in row["microseconds"] for row in rows)]
    figure, axes = pyplot.subplots(figsize=(10, 5.6), layout="constrained")
    width = 0.86 / len(names)
    colours = pyplot.get_cmap("tab10").colors
    for index, name in enumerate(names):
        places, medians, low, high = [], [], [], []
        for place, row in enumerate(rows):
            taken = row["microseconds"].get(name)
            if taken:
                middle = statistics.median(taken)
                places.append(place - 0.43 + (index + 0.5) * width)
                medians.append(middle)
                low.append(middle - min(taken))
                high.append(max(taken) - middle)
        told = result["systems"][name].get("version", "")
        label = f"{name} {told}" if name in (*PEERS, "StreamLab") else name
        axes.bar(places, medians, width, yerr=(low, high), label=label, color=colours[index], capsize=2)
    axes.set_yscale("log")
    steps = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    axes.set_yticks(steps, [str(step) for step in steps], minor=False)
    axes.set_ylim(bottom=1)
    axes.minorticks_off()
    axes.set_ylabel("µs per frame (log), lower is better")
    labels = [f"{row['samples']} samples\n{row['gains']} gain{'s' * (row['gains'] > 1)}" for row in rows]
    axes.set_xticks(range(len(rows)), labels)
    axes.grid(axis="y", which="both", alpha=0.25)
    axes.set_axisbelow(True)
    facts = result["machine"]
    axes.set_title(
        "sine → gains → mean and RMS, one channel, float64\n"
        f"{facts['cpu']}, {facts['cores']} cores, Python {facts['python']}, NumPy {facts['numpy']}, "
        f"{facts['date']}; medians of {result['rounds']} rounds",
        fontsize=10,
    )
    figure.legend(loc="outside lower center", ncols=4, fontsize=9)
    PICTURE.parent.mkdir(exist_ok=True)
    figure.savefig(PICTURE, dpi=110, metadata={"Software": ""})
    print(f"drawn to {PICTURE}")


if __name__ == "__main__":
    main()
