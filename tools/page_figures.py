"""Measure the page and write its table in docs/page.md: ``python tools/page_figures.py [PYTEST ARGUMENTS]``.

Runs the long tests that note figures (those of tests/system/test_page_figures.py and tests/browser, or what
the arguments name) on a machine that does nothing else, keeps what they noted in
benchmarks/results/page.jsonl, and puts the newest value of each figure into the page.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "benchmarks" / "results" / "page.jsonl"
PAGE = ROOT / "docs" / "page.md"
BEGIN, END = "<!-- made by tools/page_figures.py: begin -->", "<!-- made by tools/page_figures.py: end -->"
USUAL = ["tests/system/test_page_figures.py", "tests/browser"]


def measure(arguments: list[str]) -> int:
    """Run the tests; returns pytest's exit code."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", "-m", "long", "-p", "no:randomly", "-o", "timeout=3600"]
    environment = os.environ | {"STREAMLAB_FIGURES": str(KEPT)}
    return subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=False).returncode


def newest() -> list[dict[str, Any]]:
    """Return the newest value of each figure, in the order of the contract."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for line in KEPT.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        rows[row["item"], row["what"]] = row
    return sorted(rows.values(), key=lambda row: int(row["item"][1:]))


def table(rows: list[dict[str, Any]]) -> str:
    """Return the table as Markdown."""
    lines = ["| item | what | measured | bar |", "| --- | --- | --- | --- |"]
    for row in rows:
        value = f"{row['value']:.3g} {row['unit']}".rstrip()
        lines.append(f"| {row['item']} | {row['what']} | {value} | {row['bar']} |")
    return "\n".join(lines)


def main() -> int:
    """Measure, and write the table."""
    code = measure(sys.argv[1:] or USUAL)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{table(newest())}\n{END}{after}", encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
