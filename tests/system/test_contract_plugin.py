"""The list of contract items reports truthfully: what is shown, what is not, and what is marked wrongly."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import contract_plugin

ITEMS = """
[first]
Z1 = "one"
Z2 = "two"
[second]
Z3 = "three"
"""
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester) -> Run:
    """Run a test file against a list of three items, with the given options."""
    items = pytester.path / "items.toml"
    items.write_text(ITEMS)
    pytester.makeini("[pytest]\nmarkers =\n    contract(id, ...): items\n    long: takes minutes\n")

    def go(source: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile("import pytest\nshows = pytest.mark.contract\n" + source)
        fixed = ("-p", "contract_plugin", "-p", "no:randomly", "-p", "no:cacheprovider")
        return pytester.runpytest_inprocess(*fixed, f"--contract-items={items}", *options)

    return go


def table(result: pytest.RunResult) -> dict[str, tuple[str, int]]:
    """Read the printed list: id -> verdict and number of tests."""
    rows = (re.match(r"(Z\d)\s+(\w+(?: test| run)?)\s+(\d+)  ", line) for line in result.outlines)
    return {row[1]: (row[2], int(row[3])) for row in rows if row}


ALL_SHOWN = """
@shows("Z1", "Z2")
def test_two_at_once(): pass

@shows("Z3")
@pytest.mark.parametrize("n", [1, 2, 3])
def test_cases(n): pass
"""


def test_a_full_list_passes_and_names_its_tests(run: Run) -> None:
    result = run(ALL_SHOWN, "--contract-report")
    assert result.ret == pytest.ExitCode.OK
    assert table(result) == {"Z1": ("passed", 1), "Z2": ("passed", 1), "Z3": ("passed", 3)}
    result.stdout.fnmatch_lines(
        ["Z1 *one", "*two_at_once", "Z3 *three", "*cases (x3)", "contract: 3 of 3 items *"]
    )


def test_an_item_without_a_test_fails_the_report(run: Run) -> None:
    result = run("@shows('Z1', 'Z3')\ndef test_a(): pass\n", "--contract-report")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert table(result)["Z2"] == ("no test", 0)
    result.stdout.fnmatch_lines(["contract: 2 of 3 items shown by passing tests; not shown: Z2"])


def test_the_list_alone_does_not_fail_on_a_missing_item(run: Run) -> None:
    result = run("@shows('Z1')\ndef test_a(): pass\n", "--contract-list")
    assert result.ret == pytest.ExitCode.OK
    assert table(result) == {"Z1": ("passed", 1), "Z2": ("no test", 0), "Z3": ("no test", 0)}
    result.stdout.no_fnmatch_line("      *a")


@pytest.mark.parametrize(
    ("body", "verdict"),
    [
        ("def test_b(): assert False", "FAILED"),
        ("def test_b(): pytest.skip('not here')", "skipped"),
        ("def test_b(broken): pass", "FAILED"),
        ("def test_b(messy): pass", "FAILED"),
    ],
    ids=["call fails", "skips", "set-up fails", "tear-down fails"],
)
def test_only_a_clean_pass_shows_an_item(run: Run, body: str, verdict: str) -> None:
    fixtures = """
@pytest.fixture
def broken(): raise RuntimeError
@pytest.fixture
def messy():
    yield
    raise RuntimeError
@shows("Z1", "Z2")
def test_a(): pass
"""
    result = run(fixtures + f"@shows('Z3')\n{body}\n", "--contract-report")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert table(result) == {"Z1": ("passed", 1), "Z2": ("passed", 1), "Z3": (verdict, 1)}


def test_one_failing_test_outweighs_a_passing_one(run: Run) -> None:
    result = run(ALL_SHOWN + "@shows('Z1')\ndef test_c(): assert False\n", "--contract-report")
    assert table(result)["Z1"] == ("FAILED", 2)
    result.stdout.fnmatch_lines(["*c (1 failed); two_at_once"])


def test_a_skip_beside_a_pass_does_not_hide_it(run: Run) -> None:
    result = run(ALL_SHOWN + "@shows('Z1')\ndef test_c(): pytest.skip('elsewhere')\n", "--contract-report")
    assert result.ret == pytest.ExitCode.OK
    assert table(result)["Z1"] == ("passed", 2)


def test_deselected_tests_show_nothing(run: Run) -> None:
    source = ALL_SHOWN + "@pytest.mark.long\n@shows('Z1')\ndef test_slow(): assert False\n"
    assert table(run(source, "--contract-list", "-m", "not long"))["Z1"] == ("passed", 1)
    assert table(run(source, "--contract-list"))["Z1"] == ("FAILED", 2)


def test_an_item_whose_tests_are_left_out_is_told_from_one_without(run: Run) -> None:
    result = run(
        "@pytest.mark.long\n@shows('Z1')\ndef test_slow(): pass\n", "--contract-list", "-m", "not long"
    )
    assert table(result) == {"Z1": ("not run", 0), "Z2": ("no test", 0), "Z3": ("no test", 0)}


def test_marks_on_class_and_module_count(run: Run) -> None:
    source = """
pytestmark = shows("Z1")
@shows("Z2")
class TestThings:
    @shows("Z3")
    def test_a(self): pass
    def test_b(self): pass
"""
    result = run(source, "--contract-report")
    assert table(result) == {"Z1": ("passed", 2), "Z2": ("passed", 2), "Z3": ("passed", 1)}


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        ("@shows('Z7')", "*test_a: @pytest.mark.contract unknown 'Z7'*"),
        ("@shows('Z1', 'z2')", "*test_a: @pytest.mark.contract unknown 'z2'*"),
        ("@shows()", "*test_a: @pytest.mark.contract needs ids, and only ids*"),
        ("@shows('Z1', since=2)", "*test_a: @pytest.mark.contract needs ids, and only ids*"),
    ],
)
@pytest.mark.parametrize("options", [(), ("-m", "not contract")], ids=["plain", "deselected"])
def test_a_wrong_mark_stops_every_run(run: Run, mark: str, message: str, options: tuple[str, ...]) -> None:
    result = run(f"{mark}\ndef test_a(): pass\n", *options)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([message])


def test_the_closing_line_stays_last(run: Run) -> None:
    result = run(ALL_SHOWN, "--contract-report")
    assert re.search(r"4 passed in \d", result.outlines[-1])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a]\nZ1 = 'x'\n[b]\nZ1 = 'y'\n", "Z1 is listed twice"),
        ("[a]\nZ1 = ''\n", "not an id with a line"),
        ("[a]\nfirst = 'x'\n", "not an id with a line"),
    ],
)
def test_a_broken_list_is_refused(tmp_path, text: str, message: str) -> None:
    path = tmp_path / "items.toml"
    path.write_text(text)
    with pytest.raises(pytest.UsageError, match=message):
        contract_plugin.load_items(path)


def test_the_list_is_complete() -> None:
    listed = list(contract_plugin.load_items(contract_plugin.ITEMS_FILE))
    groups = {"F": 8, "N": 10, "G": 9, "E": 11, "B": 7, "L": 7, "P": 6, "D": 3, "Q": 2}
    expected = [f"{letter}{n}" for letter, last in groups.items() for n in range(1, last + 1)]
    assert [item for item in listed if item[0] in groups] == expected
    # Measurement, files, page and security have ids of our making.
    assert {item[0] for item in listed} - groups.keys() <= set("MWUX")


def test_several_processes_say_the_same_as_one(
    run: Run, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (
        ALL_SHOWN
        + """
@shows("Z2")
def test_that_fails(): assert False

@shows("Z3")
@pytest.mark.long
def test_left_out(): pass
"""
    )
    support = str(Path(contract_plugin.__file__).parent)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([support, os.environ.get("PYTHONPATH", "")]))
    alone = run(source, "--contract-report", "-m", "not long")
    options = ("-p", "contract_plugin", "-p", "no:randomly", "--contract-report", "-m", "not long", "-n", "2")
    spread = pytester.runpytest_subprocess(f"--contract-items={pytester.path / 'items.toml'}", *options)
    assert table(spread) == table(alone) == {"Z1": ("passed", 1), "Z2": ("FAILED", 2), "Z3": ("passed", 3)}
    assert spread.ret == alone.ret == pytest.ExitCode.TESTS_FAILED
