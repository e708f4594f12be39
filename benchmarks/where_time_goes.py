"""Where a frame's time goes: a sampling profile by part of the engine and by function.

``py-spy`` looks at the process from outside a thousand times a second (in an environment of its own under
``.venv-peers``; without it nothing is written). A profiler that runs inside, such as cProfile, would make
every call cost more, and the engine's many short ones look worse than they are. Each sample belongs to the
innermost function of StreamLab that is on the stack: what NumPy or asyncio do for it counts as its own.
The shares are then laid over what a frame costs without the profiler. Writes ``results/profile.json``.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from peers import VENVS, installed

from streamlab.cli.bench.machine import machine

RESULT = Path(__file__).parent / "results" / "profile.json"
SECONDS = 8
"""Length of each profile."""

CASES = {
    "S1": ("engine(1024, 1, {count}, channel_capacity=10)", "1024 samples, 1 gain, capacity 10"),
    "S2": ("engine(1024, 16, {count}, channel_capacity=10)", "1024 samples, 16 gains, capacity 10"),
    "S3/k1": ("engine(64, 1, {count}, channel_capacity=64)", "64 samples, 1 gain, capacity 64"),
    "S5": ("engine(1024, 8, {count}, channel_capacity=1)", "1024 samples, 8 gains, capacity 1"),
    "S9": ("empty_jobs({count})", "a job that does nothing"),
}

PARTS = (
    ("arithmetic", r"dsp/"),
    ("nodes", r"nodes/"),
    ("frames", r"core/(frame|info|samples)"),
    ("source", r"engine/source_runner"),
    ("edges", r"core/channel|engine/(outlet|joins|align)"),
    ("segments", r"engine/(runners|chain|block|step)"),
    ("runs and jobs", r"engine/"),
    ("event loop", r""),
)
"""Parts by the file of a function; the first that fits."""

SCRIPT = """
from streamlab.cli.bench.chains import engine
from streamlab.cli.bench.pools import empty_jobs
print({call})
"""


def main() -> None:
    """Profile every case and write the result."""
    python, reason = installed("py-spy")
    if python is None:
        print(f"py-spy {reason}; the profile stays as it was")
        return
    spy = VENVS / "py-spy" / python.parent.name / "py-spy"
    cases = []
    for name, (call, what) in CASES.items():
        print(f"profile: {name}", flush=True)
        found = profile(spy, call)
        if found is None:
            return
        cases.append({"id": name, "what": what} | found)
    RESULT.write_text(json.dumps({"machine": machine(), "cases": cases}, indent=1) + "\n", encoding="utf-8")
    print(f"written to {RESULT}")


def profile(spy: Path, call: str) -> dict[str, Any] | None:
    """Return microseconds a frame, and how they fall to parts and functions; None where it is not allowed."""
    brief = [cost(call, 3000) for _ in range(3)]
    microseconds = sorted(brief)[1]
    count = int(SECONDS * 1e6 / microseconds)
    with tempfile.TemporaryDirectory() as folder:
        stacks = Path(folder) / "stacks.txt"
        command = [str(spy), "record", "--rate", "1000", "--format", "raw", "--output", str(stacks), "--"]
        script = SCRIPT.format(call=call.format(count=count))
        done = subprocess.run([*command, sys.executable, "-c", script], capture_output=True, text=True)
        if done.returncode or not stacks.exists():
            print(f"py-spy does not get to see the process; the profile stays as it was\n{done.stderr}")
            return None
        lines = stacks.read_text(encoding="utf-8").splitlines()
    own: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    parts: Counter[str] = Counter()
    for line in lines:
        stack, _, samples = line.rpartition(" ")
        if "_run_once" not in stack:
            continue  # before and after the stream: imports, the pipeline's making
        names = [name for name in map(name_of, stack.split(";")) if name]
        leaf = names[-1] if names else "the event loop itself"
        own[leaf] += int(samples)
        parts[part_of(leaf)] += int(samples)
        whole.update({name: int(samples) for name in names})
    total = own.total()
    each = microseconds / total
    functions = [
        {"name": name, "own": samples * each, "with calls": whole.get(name, samples) * each}
        for name, samples in own.most_common(16)
    ]
    named = [{"name": name, "own": parts[name] * each} for name, _ in PARTS if parts[name]]
    return {"microseconds": microseconds, "samples": total, "parts": named, "functions": functions}


def cost(call: str, count: int) -> float:
    """Return what a frame costs without the profiler, in a process of its own."""
    script = SCRIPT.format(call=call.format(count=count))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return float(done.stdout)


def name_of(frame: str) -> str:
    """Return ``file:function`` of a stack frame of StreamLab below the benchmark, or nothing."""
    match = re.fullmatch(r"(.*) \((?:.*/)?streamlab/(.*)\.py:\d+\)", frame)
    if match is None or match[2].startswith("cli/"):
        return ""
    function = match[1].replace(".<locals>", "").removesuffix(".<listcomp>").removesuffix(".<genexpr>")
    return f"{match[2]}.py: {function}"


def part_of(name: str) -> str:
    """Return the part of the engine that a function belongs to."""
    place = name if ".py: " in name else ""
    if not place:
        return "event loop"
    return next(part for part, pattern in PARTS if re.match(pattern, place))


if __name__ == "__main__":
    main()
