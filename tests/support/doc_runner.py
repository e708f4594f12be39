"""Runs what a page of the documents shows: its Python, its commands, its files, in order, in an empty folder.

How a block is to be taken stands behind its fence:

- ``python``: runs; the blocks of a page share their names, as if they were one program. A ``text`` block
  right behind one is what it prints.
- ``python NAME``, ``json NAME``: a file of that name, written to the folder.
- ``json``: read, and checked if it is a graph.
- ``pycon``: examples for doctest.
- ``console``: lines that begin with ``$`` are typed, what follows is compared with what comes out. A command
  that fails is an error, unless ``echo $?`` follows it.
- ``text`` and ``sh``: shown, not run.

``...`` stands for anything, blanks at the end of a line do not count.
"""

from __future__ import annotations

import doctest
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command import environment
from streamlab import Graph
from streamlab.core import registry

__all__ = ["Block", "blocks", "run_page"]

COLUMNS = 90
LANGUAGES = ("python", "pycon", "json", "console", "text", "sh", "mermaid")
_FENCE = re.compile(r"^( *)```(\S*)[ ]?(.*?)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_DONE = "~~~ done:"


@dataclass(frozen=True)
class Block:
    """A block of code: its language, what else stands behind the fence, its text, where it is."""

    language: str
    name: str
    text: str
    line: int
    follows: bool  # right behind the block before it

    @property
    def place(self) -> str:
        """The line of the page, for messages."""
        return f"line {self.line}"


def blocks(page: str) -> Iterator[Block]:
    """Yield the blocks of code of a page."""
    end = 0
    for match in _FENCE.finditer(page):
        between = page[end : match.start()]
        text = re.sub(rf"^{match[1]}", "", match[4], flags=re.MULTILINE)
        line = page[: match.start()].count("\n") + 1
        yield Block(match[2], match[3].strip(), text, line, end > 0 and not between.strip())
        end = match.end()


def run_page(page: str, folder: Path, stand_ins: Mapping[str, str] | None = None) -> int:
    """Run every block of a page in a folder and return how many were run.

    ``stand_ins`` gives for a command what is run in its place. Raises AssertionError naming the line.
    """
    names: dict[str, Any] = {"__name__": "__main__"}
    count, printed = 0, ""
    (folder / ".bin").mkdir()
    _script(folder / ".bin" / "streamlab", "-m streamlab")
    _script(folder / ".bin" / "python", "")
    with _inside(folder):
        for block in blocks(page):
            assert block.language in LANGUAGES, f"{block.place}: a block says what it is: {LANGUAGES}"
            count += block.language not in ("text", "sh", "mermaid")
            if block.name:
                Path(block.name).write_text(block.text, encoding="utf-8")
            if block.language == "json" and not block.name:
                _check_json(block)
            elif block.language == "python" and not block.name:
                printed = _run_python(block, names)
            elif block.language == "pycon":
                _run_examples(block)
            elif block.language == "console":
                _run_commands(block, stand_ins or {})
            elif block.language == "text" and block.follows and printed:
                compare(block.text, printed, block.place)
                count += 1
            if block.language not in ("python",):
                printed = ""
    return count


def compare(shown: str, found: str, place: str) -> None:
    """Raise AssertionError unless the page shows what was found."""
    wanted, text = (
        "\n".join(line.rstrip() for line in page.splitlines()).strip("\n") for page in (shown, found)
    )
    pattern = ".*?".join(re.escape(part) for part in wanted.split("..."))
    assert re.fullmatch(pattern, text, re.DOTALL), (
        f"{place}: the page shows\n{shown}\nand this came out:\n{found}"
    )


# -- the languages


def _run_python(block: Block, names: dict[str, Any]) -> str:
    code = compile("\n" * block.line + block.text, "page", "exec")
    out = io.StringIO()
    with redirect_stdout(out):
        exec(code, names)
    return out.getvalue()


def _run_examples(block: Block) -> None:
    import numpy

    import streamlab.core

    known = vars(streamlab.core) | {"np": numpy}
    known |= {name: registry.node_class(name) for name in registry.BUILT_IN}
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    test = doctest.DocTestParser().get_doctest(block.text, dict(known), block.place, "page", block.line)
    told = io.StringIO()
    failed, _ = doctest.DocTestRunner(optionflags=flags).run(test, out=told.write)
    assert not failed, told.getvalue()


def _check_json(block: Block) -> None:
    document = json.loads(block.text)
    listed = document.get("nodes") if isinstance(document, dict) else None
    if isinstance(listed, list) and any("id" in node for node in listed):  # a catalogue has no ids
        problems = Graph.load(document).problems()
        assert problems == [], f"{block.place}: {'; '.join(map(str, problems))}"


def _run_commands(block: Block, stand_ins: Mapping[str, str]) -> None:
    """Type the commands into one shell, so that they share its state."""
    typed: list[tuple[str, str]] = []
    for line in block.text.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            typed.append((line[2:], ""))
        elif typed:
            typed[-1] = typed[-1][0], f"{typed[-1][1]}{line}\n"
    assert typed, f"{block.place}: no command"
    script = "".join(
        f"{stand_ins.get(command, command)}\nlast=$?; printf '\\n{_DONE} %s\\n' $last; (exit $last)\n"
        for command, _ in typed
    )
    path = os.pathsep.join([str(Path(".bin").absolute()), os.environ["PATH"]])
    done = subprocess.run(
        ["sh"], input=script, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        timeout=50, env=environment(PATH=path, COLUMNS=str(COLUMNS)),
    )  # fmt: skip
    answers = re.findall(rf"(.*?)\n{_DONE} (\d+)\n", done.stdout, re.DOTALL)
    assert len(answers) == len(typed), f"{block.place}: the shell ended early:\n{done.stdout}"
    for at, ((command, shown), (found, code)) in enumerate(zip(typed, answers, strict=True)):
        told = at + 1 < len(typed) and typed[at + 1][0] == "echo $?"
        assert code == "0" or told, f"{block.place}: $ {command} ended with {code}:\n{found}"
        if shown.strip():
            compare(shown, found, f"{block.place}, $ {command}")


def _script(path: Path, arguments: str) -> None:
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" {arguments} "$@"\n')
    path.chmod(0o755)


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Run in a folder; node types that a page registers are forgotten afterwards."""
    before, known, modules = Path.cwd(), dict(registry._registered), set(sys.modules)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        os.chdir(before)
        registry._registered.clear()
        registry._registered.update(known)
        for name in set(sys.modules) - modules:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(str(folder)):
                del sys.modules[name]
