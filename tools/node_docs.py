"""Write what the documents say of the node types.

``python tools/node_docs.py [--check]``: the reference page as a whole, and the table between two marks in the
README. With --check nothing is written; the exit code is 1 when a file is not as the code would have it.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from streamlab.cli.reference import page, table

ROOT = Path(__file__).resolve().parents[1]
PAGE = Path("docs/reference/nodes.md")
BEGIN, END = "<!-- made by `make docs`: begin -->\n", "<!-- made by `make docs`: end -->\n"


def documents(root: Path = ROOT) -> dict[Path, str]:
    """Return the files by path, as they should be."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    made, count = re.subn(
        f"(?s)(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", lambda _: table(PAGE.as_posix()), readme
    )
    if count != 1:
        sys.exit(f"README.md has {count} places between the marks {BEGIN.strip()} and {END.strip()}, not one")
    return {Path("README.md"): made, PAGE: page()}


def stale(root: Path = ROOT) -> list[Path]:
    """Return the files that are not as they should be."""
    return [
        path
        for path, text in documents(root).items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ]


def main() -> int:
    """Write or check; returns the exit code."""
    old = stale()
    if "--check" in sys.argv[1:]:
        for path in old:
            print(f"{path}: stale; `make docs` mends it")
        return 1 if old else 0
    for path, text in documents().items():
        if path in old:
            (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / path).write_text(text, encoding="utf-8")
            print(f"written: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
