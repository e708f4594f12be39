"""Which test shows which item of the contract.

``@pytest.mark.contract("F1", "F3")`` says that a test shows items F1 and F3 of ``tests/contract/items.toml``.
An unknown id, or a mark without one, stops the run at collection. ``--contract-list`` ends the run with one
line per item; ``--contract-report`` names the tests too and fails the run where an item has no passing test
or a failing one.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ITEMS_FILE = Path(__file__).parents[1] / "contract" / "items.toml"


def load_items(path: Path) -> dict[str, str]:
    """Read the list: id -> what the item promises, in the order of the file."""
    items: dict[str, str] = {}
    for group, lines in tomllib.loads(path.read_text(encoding="utf-8")).items():
        for item, text in lines.items():
            if not re.fullmatch(r"[A-Z][0-9]+", item) or not isinstance(text, str) or not text.strip():
                raise pytest.UsageError(f"{path.name}: [{group}] {item} is not an id with a line of text")
            if item in items:
                raise pytest.UsageError(f"{path.name}: {item} is listed twice")
            items[item] = text
    return items


@dataclass
class Standing:
    """What the tests of one run say about one item."""

    outcomes: dict[str, str] = field(default_factory=dict)  # node id -> passed, failed, skipped, not run
    left_out: bool = False  # tests exist that this run does not select

    @property
    def verdict(self) -> str:
        seen = set(self.outcomes.values())
        if "failed" in seen:
            return "FAILED"
        if "passed" in seen:
            return "passed"
        if "skipped" in seen:
            return "skipped"
        return "not run" if seen or self.left_out else "no test"

    def short_names(self) -> list[str]:
        """Test names without file and parameters, each with its number of cases and what went wrong."""
        cases: dict[str, Counter[str]] = {}
        for nodeid, outcome in self.outcomes.items():
            name = nodeid.split("[", 1)[0].rsplit("::", 1)[-1].removeprefix("test_")
            cases.setdefault(name, Counter())[outcome] += 1
        names = []
        for name, counts in sorted(cases.items()):
            notes = [f"{n} {outcome}" for outcome, n in sorted(counts.items()) if outcome != "passed"]
            if counts.total() > 1:
                notes.insert(0, f"x{counts.total()}")
            names.append(f"{name} ({', '.join(notes)})" if notes else name)
        return names


class ContractPlugin:
    """Collects the marks, listens to the outcomes, prints the list.

    Where tests run in several processes, each of them tells this one at its end what it has collected.
    """

    def __init__(self, items: Mapping[str, str], *, detailed: bool) -> None:
        self.items = items
        self.detailed = detailed
        self.shown_by: dict[str, tuple[str, ...]] = {}  # test -> the items that it shows
        self.left_out: set[str] = set()
        self.outcomes: dict[str, str] = {}

    @pytest.hookimpl(trylast=True)  # after deselection and re-ordering: what is left will run
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        self.shown_by.update((item.nodeid, ids) for item in items if (ids := marked_ids(item)))

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.left_out.update(one for item in items for one in marked_ids(item))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.passed and report.when != "call":
            return
        # A failure in set-up or tear-down outweighs what the call said.
        if self.outcomes.get(report.nodeid) != "failed":
            self.outcomes[report.nodeid] = report.outcome

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A process that ran tests has ended (a hook of pytest-xdist)."""
        told = getattr(node, "workeroutput", {}).get("contract", {"shown_by": {}, "left_out": []})
        self.shown_by.update((test, tuple(ids)) for test, ids in told["shown_by"].items())
        self.left_out.update(told["left_out"])

    @property
    def standing(self) -> dict[str, Standing]:
        """What is known now of each item."""
        standing = {item: Standing(left_out=item in self.left_out) for item in self.items}
        for test, ids in self.shown_by.items():
            for one in ids:
                standing[one].outcomes[test] = self.outcomes.get(test, "not run")
        return standing

    def unshown(self) -> list[str]:
        """Items that this run does not show to hold."""
        return [item for item, standing in self.standing.items() if standing.verdict != "passed"]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["contract"] = {"shown_by": self.shown_by, "left_out": sorted(self.left_out)}
            return
        fine = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED)
        if self.detailed and fine and self.unshown():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        write = terminalreporter.write_line
        terminalreporter.section("contract")
        colours = {"passed": "green", "FAILED": "red", "skipped": "yellow", "not run": "yellow"}
        listed = self.standing
        for item, text in self.items.items():
            standing = listed[item]
            count = len(standing.outcomes)
            write(
                f"{item:<4}{standing.verdict:<8}{count:>4}  {text}",
                **{colours.get(standing.verdict, "red"): True},
            )
            if self.detailed and count:
                names = textwrap.wrap("; ".join(standing.short_names()), 112, break_long_words=False)
                for line in names:
                    write(" " * 18 + line)
        missing = self.unshown()
        shown = len(self.items) - len(missing)
        tail = f"; not shown: {' '.join(missing)}" if missing else ""
        write(f"contract: {shown} of {len(self.items)} items shown by passing tests{tail}")


def marked_ids(item: pytest.Item) -> tuple[str, ...]:
    """Ids on a test, its class and its module."""
    return tuple(dict.fromkeys(str(one) for mark in item.iter_markers("contract") for one in mark.args))


def check_marks(tests: list[pytest.Item], items: Mapping[str, str]) -> list[str]:
    """Find marks that name nothing, or nothing that is on the list."""
    problems = []
    for test in tests:
        for mark in test.iter_markers("contract"):
            unknown = [one for one in mark.args if one not in items]
            if unknown or mark.kwargs or not mark.args:
                what = f"unknown {', '.join(map(repr, unknown))}" if unknown else "needs ids, and only ids"
                problems.append(f"{test.nodeid}: @pytest.mark.contract {what}")
    return list(dict.fromkeys(problems))


class MarkCheck:
    """Refuses wrong marks in every run, also where no list is asked for."""

    def __init__(self, items: Mapping[str, str]) -> None:
        self.items = items

    @pytest.hookimpl(tryfirst=True)  # before anything is deselected
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if problems := check_marks(items, self.items):
            raise pytest.UsageError("\n".join(problems))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of the contract list."""
    option = parser.getgroup("contract", "items of the contract").addoption
    option("--contract-list", action="store_true", help="end with one line per item")
    option(
        "--contract-report", action="store_true", help="name each item's tests; fail where one is not shown"
    )
    option(
        "--contract-items", type=Path, default=ITEMS_FILE, metavar="FILE", help="where the items are listed"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the parts that the options ask for."""
    items = load_items(config.getoption("--contract-items"))
    config.pluginmanager.register(MarkCheck(items), "contract-marks")
    detailed = config.getoption("--contract-report")
    if detailed or config.getoption("--contract-list"):
        config.pluginmanager.register(ContractPlugin(items, detailed=detailed), "contract-list")
