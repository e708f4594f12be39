"""The documents are true: what they show runs, what they link is there, what they list is what there is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from doc_runner import blocks, compare, run_page
from fonts import open_fonts
from streamlab.core.catalogue import BUILT_IN
from streamlab.engine import schema

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
STAND_INS = {"make demo": "streamlab demo level --out demo-output"}
"""What is run where a page says ``make``: the same without setting up an environment; see the test below."""

RECORDING = "/usr/share/sounds/alsa/Front_Center.wav"


@pytest.fixture(autouse=True, scope="module")
def _fonts() -> None:
    open_fonts()


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# ------------------------------------------------------------------------------------------ what they show


@pytest.mark.contract("D2")
@pytest.mark.parametrize("name", [name for name in NAMES if any(blocks(read(name)))])
def test_what_a_page_shows_runs_and_gives_what_it_shows(name: str, tmp_path: Path) -> None:
    text = read(name)
    if RECORDING in text and not Path(RECORDING).exists():
        pytest.skip("no recordings of Debian's alsa-utils in /usr/share/sounds/alsa")
    run_page(text, tmp_path, STAND_INS)


@pytest.mark.contract("D2")
def test_the_stand_ins_are_what_make_runs() -> None:
    for command, stand_in in STAND_INS.items():
        done = subprocess.run(
            ["make", "-n", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1].replace(".venv/bin/", "").strip() == stand_in


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):.*##", read("Makefile"), re.MULTILINE))
    for name in NAMES:
        named = set(re.findall(r"\bmake ([a-z-]+)\b(?=[^\n]*(?:`|#|$))", "\n".join(code_of(read(name)))))
        assert named <= targets, name


def code_of(page: str) -> list[str]:
    """All that is set as code: blocks and `spans`."""
    return [block.text for block in blocks(page)] + re.findall(r"`([^`\n]+)`", page)


# -------------------------------------------------------------------------------------------- what they link


def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_somewhere(name: str) -> None:
    page = re.sub(r"^```.*?^```", "", read(name), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", page):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = target.partition("#")
        path = ((ROOT / name).parent / file).resolve() if file else ROOT / name
        assert path.exists(), f"{name}: {target}"
        assert not anchor or anchor in anchors(path), f"{name}: {target}"


def test_the_index_has_every_page() -> None:
    index = read("docs/README.md")
    linked = {(DOCS / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", index)}
    missing = [str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md") if path.resolve() not in linked]
    assert [name for name in missing if name not in ("README.md", "decisions/0000-template.md")] == []


def test_decisions_are_numbered_and_say_what_they_are() -> None:
    pages = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in pages] == list(range(len(pages)))
    for path in pages[1:]:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} ")
        assert re.search(r"accepted|replaced by 00\d\d", text.split("## ")[0])
        assert len(text.splitlines()) <= 60, f"{path.name}: one page"


# --------------------------------------------------------------------------------------------- what they list


@pytest.mark.contract("D2")
def test_what_is_made_from_the_catalogue_is_fresh() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "node_docs.py", "--check"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.contract("D2")
def test_a_stale_table_is_found(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT / "tools"))
    try:
        import node_docs
    finally:
        sys.path.remove(str(ROOT / "tools"))
    (tmp_path / "docs" / "reference").mkdir(parents=True)
    (tmp_path / "docs" / "reference" / "nodes.md").write_text(read("docs/reference/nodes.md"))
    (tmp_path / "README.md").write_text(read("README.md"))
    assert node_docs.stale(tmp_path) == []
    (tmp_path / "README.md").write_text(read("README.md").replace("| [`Gain`]", "| [`Gian`]"))
    assert node_docs.stale(tmp_path) == [Path("README.md")]
    (tmp_path / "docs" / "reference" / "nodes.md").unlink()
    assert len(node_docs.stale(tmp_path)) == 2
    (tmp_path / "README.md").write_text("no marks")
    with pytest.raises(SystemExit, match="0 places"):
        node_docs.stale(tmp_path)


@pytest.mark.contract("D2")
def test_the_readme_has_what_it_must_have() -> None:
    text = read("README.md")
    assert all(f"| [`{name}`]" in text for name in BUILT_IN)
    heads = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert {"What it does not do", "Tested where"} <= set(heads)
    assert {"make demo", "make test"} <= {span.partition("   ")[0] for span in code_lines(text)}
    example = next(block for block in blocks(text) if block.language == "python")
    lines = [line for line in example.text.splitlines() if line.strip()]
    assert len(lines) <= 10


def code_lines(page: str) -> list[str]:
    return [line.removeprefix("$ ").strip() for code in code_of(page) for line in code.splitlines()]


def test_every_key_of_a_graph_is_in_its_reference() -> None:
    text = read("docs/reference/graph.md")
    keys = (*schema.TOP_KEYS, *schema.NODE_KEYS, *schema.CONNECTION_KEYS, *schema.SETTINGS_KEYS)
    assert [key for key in (*keys, *schema.JOIN_KEYS) if f"`{key}`" not in text] == []


@pytest.mark.contract("D3")
def test_the_architecture_names_every_module_of_the_engine_and_none_that_is_not_there() -> None:
    text = read("docs/architecture.md")
    package = ROOT / "src" / "streamlab"
    paths = re.findall(r"`((?:\w+/)*\w+\.py)`", text)
    named = {path.rpartition("/")[2] for path in paths}
    there = {path.name for path in package.rglob("*.py")}
    assert {path for path in paths if "/" not in path} - there == set()
    roots = (ROOT, package, package.parent)
    assert [path for path in paths if "/" in path and not any((root / path).exists() for root in roots)] == []
    engine = {path.name for path in (package / "engine").glob("*.py")} - {"__init__.py"}
    assert engine - named == set()
    core = {path.name for path in (package / "core").glob("*.py")} - {"__init__.py"}
    assert core - named == set()


# ---------------------------------------------------------------------------------- the runner finds mistakes

WRONG = {
    "code that fails": "```python\n1 / 0\n```\n",
    "another output": "```python\nprint(1)\n```\n\n```text\n2\n```\n",
    "an output too short": "```python\nprint(1); print(2)\n```\n```text\n1\n```\n",
    "a command that fails": "```console\n$ false\n```\n",
    "a command that prints something else": "```console\n$ echo 1\n2\n```\n",
    "another exit code": "```console\n$ streamlab run nothing.json\n...\n$ echo $?\n0\n```\n",
    "an example that is wrong": "```pycon\n>>> 1 + 1\n3\n```\n",
    "a graph that is wrong": '```json\n{"nodes": [{"id": "a", "type": "Gian"}]}\n```\n',
    "JSON that is none": "```json\n{\n```\n",
    "a block that does not say what it is": "```\nx\n```\n",
}
RIGHT = """
```python
x = 20
print(x + 1, 22)
```

```text
21 ...
```

```python mine.py
y = 5
```

```python
from mine import y
assert (x, y) == (20, 5)
```

1. In a list:

   ```console
   $ echo one; \\
       echo two
   one
   two
   $ streamlab --version
   streamlab ...
   $ streamlab run nothing.json
   error: nothing.json: ...
   $ echo $?
   2
   ```
"""


@pytest.mark.parametrize("what", WRONG)
def test_the_runner_finds(what: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, ZeroDivisionError, ValueError)):
        run_page(WRONG[what], tmp_path)


def test_the_runner_runs_a_page(tmp_path: Path) -> None:
    assert run_page(RIGHT, tmp_path) == 5
    assert "mine" not in sys.modules
    with pytest.raises(AssertionError, match="line 3"):
        compare("a ... c", "a b d", "line 3")
