"""The rules that keep the code in shape are in force, and each of them can fail."""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import warnings
from pathlib import Path
from typing import Any

import pytest

LAYERS = [  # docs/decisions/0002-layers.md, from the top
    {"cli"},
    {"server"},
    {"report"},
    {"checks"},
    {"engine", "nodes", "hal", "io"},
    {"core", "dsp"},
    {"errors", "units"},
]
UNFINISHED = re.compile(
    r"\b(TODO|FIXME|XXX)\b|\bNotImplementedError|pragma: no cover|# type: ignore(?!\[)|# noqa(?!: [A-Z])"
)


@pytest.fixture(scope="session")
def tools(repository: Path) -> dict[str, Any]:
    """Return the configuration of the tools."""
    return tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["tool"]


def recipe(repository: Path, target: str) -> str:
    """Return the commands that make would run for a target."""
    make = shutil.which("make") or pytest.skip("make is not installed")
    env = {k: v for k, v in os.environ.items() if not k.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(
        [make, "-n", target], cwd=repository, env=env, capture_output=True, text=True, check=True
    )
    return done.stdout


def modules(repository: Path) -> dict[str, str]:
    """Return the text of every module that ships."""
    package = repository / "src" / "streamlab"
    return {
        str(path.relative_to(package)): path.read_text(encoding="utf-8") for path in package.rglob("*.py")
    }


# ------------------------------------------------------------------------------------------- Q1: make check


@pytest.mark.contract("Q1")
def test_check_runs_every_tool(repository: Path) -> None:
    commands = recipe(repository, "check")
    for tool in ("ruff check", "ruff format --check", "mypy", "lint-imports", "--doctest-modules src"):
        assert tool in commands
    assert "|| true" not in commands


@pytest.mark.contract("Q1")
def test_modules_stay_short(repository: Path) -> None:
    texts = modules(repository)
    assert texts
    assert {name: n for name, text in texts.items() if (n := len(text.splitlines())) > 400} == {}


@pytest.mark.contract("Q1")
def test_nothing_in_the_package_is_unfinished_or_silenced(repository: Path) -> None:
    places = [
        f"{name}:{number}: {line.strip()}"
        for name, text in modules(repository).items()
        for number, line in enumerate(text.splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert places == []


def skips_without_reason(source: str) -> list[int]:
    """Return the lines of a test module that skip, or expect failure, without saying why."""

    def is_mark(node: ast.expr) -> bool:
        if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
            return False
        return node.value.attr == "mark" and (node.attr.startswith("skip") or node.attr.endswith("fail"))

    def says_why(call: ast.Call, positional: int | None) -> bool:
        reasons = [word.value for word in call.keywords if word.arg in ("reason", "msg")]
        if positional is not None:
            reasons += call.args[positional : positional + 1]
        return any(not (isinstance(r, ast.Constant) and not str(r.value or "").strip()) for r in reasons)

    tree = ast.parse(source)
    called = {id(node.func): node for node in ast.walk(tree) if isinstance(node, ast.Call)}
    lines = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        call = called.get(id(node))
        if is_mark(node):
            # `skip("why")` may give its reason by position, the others only by name
            good = call is not None and says_why(call, 0 if node.attr == "skip" else None)
        elif isinstance(node.value, ast.Name) and node.value.id == "pytest":
            positional = {"skip": 0, "importorskip": 3}.get(node.attr)
            good = call is None or positional is None or says_why(call, positional)
        else:
            good = True
        if not good:
            lines.append(node.lineno)
    return lines


@pytest.mark.contract("Q1")
def test_every_skip_has_a_reason(repository: Path) -> None:
    files = sorted((repository / "tests").rglob("*.py"))
    assert Path(__file__) in files
    found = {f.name: skips_without_reason(f.read_text(encoding="utf-8")) for f in files}
    assert {name: lines for name, lines in found.items() if lines} == {}


@pytest.mark.parametrize("name", ["skip", "skipif", "x" + "fail"])
@pytest.mark.contract("Q1")
def test_the_search_for_reasons_finds_them(name: str) -> None:
    bare = f"@pytest.mark.{name}\ndef test_a(): ...\n"
    empty = f"@pytest.mark.{name}(1 > 0, reason='')\ndef test_a(): ...\n"
    told = f"@pytest.mark.{name}(1 > 0, reason='why')\ndef test_a(): ...\n"
    assert skips_without_reason(bare) == [1]
    assert name == "skip" or skips_without_reason(empty) == [1]
    assert skips_without_reason(told) == []
    assert skips_without_reason("def test_a():\n    pytest.skip()\n    pytest.skip('')\n") == [2, 3]
    assert skips_without_reason("pytest.skip('why')\npytest.skip(f'{why}')\npytest.skip(reason=why)\n") == []
    assert skips_without_reason("pytest.importorskip('x')\npytest.importorskip('x', reason='why')\n") == [1]


@pytest.mark.contract("Q1")
def test_warnings_are_errors(tools: dict[str, Any]) -> None:
    first, *others = tools["pytest"]["ini_options"]["filterwarnings"]
    assert first == "error"
    assert [rule for rule in others if not re.match(r"(ignore|default|error):[^:]+", rule)] == []
    with pytest.raises(UserWarning, match="heard"):
        warnings.warn("heard", UserWarning, stacklevel=1)


@pytest.mark.contract("Q1")
def test_types_are_strict_everywhere(tools: dict[str, Any]) -> None:
    assert tools["mypy"]["strict"] is True
    assert tools["mypy"]["files"] == ["src/streamlab"]
    overrides = tools["mypy"].get("overrides", ())
    relaxed = [rule for rule in overrides if set(rule) != {"module", "ignore_missing_imports"}]
    assert relaxed == []


@pytest.mark.contract("Q1")
def test_every_module_has_its_layer(repository: Path, tools: dict[str, Any]) -> None:
    contracts = {rule["id"]: rule for rule in tools["importlinter"]["contracts"]}
    layers = contracts["layers"]
    assert [{name.strip(" ()") for name in row.split("|")} for row in layers["layers"]] == LAYERS
    assert layers["exhaustive"] is True
    assert "ignore_imports" not in layers
    package = repository / "src" / "streamlab"
    here = {path.name for path in package.iterdir() if (path / "__init__.py").exists()}
    here |= {path.stem for path in package.glob("*.py") if not path.name.startswith("__")}
    runtime = here - {"testing"}
    assert runtime <= set().union(*LAYERS)
    guarded = contracts["testing-ships-but-does-not-run"]["source_modules"]
    assert {name.removeprefix("streamlab.") for name in guarded} == runtime


@pytest.mark.parametrize(
    ("module", "wrong", "broken"),
    [
        ("core", "import streamlab.engine", "Imports only go down"),
        ("engine", "import streamlab.nodes", "Imports only go down"),
        ("nodes", "import streamlab.testing", "Runtime code does not import the test kit"),
        ("testing", "import streamlab.cli", "The test kit does not need the command"),
        ("dsp", "import asyncio", "dsp knows no event loop"),
        ("nodes", "import soundfile", "Nodes open no files"),
        ("io", "from streamlab import engine", "run under any engine"),
    ],
)
@pytest.mark.contract("Q1")
def test_a_wrong_import_is_caught(
    repository: Path, tmp_path: Path, module: str, wrong: str, broken: str
) -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    assert lint.exists()
    shutil.copytree(repository / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(repository / "pyproject.toml", tmp_path)
    (tmp_path / "src" / "streamlab" / module / "wrong_import.py").write_text(f'"""Wrong."""\n\n{wrong}\n')
    done = subprocess.run(
        [lint, "--no-cache"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(rf"{broken}.* BROKEN", done.stdout)


WALL_CLOCK = re.compile(
    r"\btime\.(time|sleep)(_ns)?\(|\bfrom time import .*\b(time|sleep)\b|datetime\.(utc)?now\("
)


@pytest.mark.contract("Q1")
def test_nobody_asks_the_wall_clock_or_sleeps(repository: Path) -> None:
    layers = ("core/", "dsp/", "engine/", "nodes/", "io/")
    places = [
        f"{name}:{number}: {line.strip()}"
        for name, text in modules(repository).items()
        for number, line in enumerate(text.splitlines(), 1)
        if name.startswith(layers) and name != "core/clock.py" and WALL_CLOCK.search(line)
    ]
    assert places == []
    assert WALL_CLOCK.search(modules(repository)["core/clock.py"])  # the one place, so the search finds such


# -------------------------------------------------------------------------------------------- Q2: make test


@pytest.mark.contract("Q2")
def test_make_test_leaves_nothing_out(repository: Path) -> None:
    commands = recipe(repository, "test")
    fast = next(line for line in commands.splitlines() if "--cov" in line)
    assert "-m pytest" in fast
    assert '-m "not long"' in fast
    assert "no:randomly" not in fast
    assert "--no-cov" not in fast
    assert int(re.search(r"--session-timeout=(\d+)", fast)[1]) <= 8 * 60
    assert "ruff check" in commands
    assert "make test" in (repository / ".ci" / "run").read_text()


@pytest.mark.contract("Q2")
def test_the_coverage_gate_is_set(tools: dict[str, Any]) -> None:
    coverage = tools["coverage"]
    assert coverage["run"]["branch"] is True
    assert coverage["run"]["source_pkgs"] == ["streamlab.core", "streamlab.engine"]
    assert "omit" not in coverage["run"]
    assert "omit" not in coverage["report"]
    assert coverage["report"]["fail_under"] >= 95


@pytest.mark.contract("Q2")
def test_the_coverage_gate_closes(repository: Path, pytester: pytest.Pytester) -> None:
    config = (repository / "pyproject.toml").read_text(encoding="utf-8")
    section = re.search(r"\[tool\.coverage\.run\].*", config, re.DOTALL)[0]
    section = re.sub(r"source_pkgs = .*", 'source_pkgs = ["half"]', section)
    (pytester.path / "pyproject.toml").write_text("[tool.pytest.ini_options]\npythonpath = ['.']\n" + section)
    branches = "".join(f"    if x == {n}:\n        x += {n}\n" for n in range(10))
    half = f"def f(x):\n{branches}    return x\n"
    pytester.makepyfile(half=half, test_half="import half\ndef test(): half.f(99)\n")
    result = pytester.runpytest_subprocess("--cov", "-p", "no:cacheprovider")
    assert result.ret != 0
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*Required test coverage of 95.0% not reached*"])


@pytest.mark.contract("Q2")
def test_the_order_is_random(tools: dict[str, Any], pytester: pytest.Pytester) -> None:
    assert not any("randomly" in option for option in tools["pytest"]["ini_options"]["addopts"])
    names = [f"test_{n:02}" for n in range(20)]
    pytester.makepyfile("".join(f"def {name}(): pass\n" for name in names))

    def order(seed: int) -> list[str]:
        result = pytester.runpytest_subprocess("-v", "-p", "no:cacheprovider", f"--randomly-seed={seed}")
        result.assert_outcomes(passed=20)
        return re.findall(r"::(test_\d\d) PASSED", result.stdout.str())

    pytester.makeini("[pytest]\n")
    first, again, other = order(1), order(1), order(2)
    assert sorted(first) == names
    assert first == again != other
    assert first != names
