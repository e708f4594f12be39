"""Put the measured figures into ``docs/performance.md``: each table between the markers that name it.

``python benchmarks/report.py`` writes, ``--check`` says by its exit code whether the page is what the results
in ``benchmarks/results`` give. Nothing in these tables is written by hand.
"""

import argparse
import json
import re
import statistics
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from streamlab.cli.bench.groups import GROUPS
from streamlab.cli.bench.rows import Growth, Row
from streamlab.cli.bench.table import goal_text, short, spread_text

HERE = Path(__file__).parent
RESULTS = HERE / "results"
PAGE = HERE.parent / "docs" / "performance.md"

MARK = re.compile(r"(<!-- table: (?P<name>[a-z]+(?:[ -][a-z]+)*) -->\n).*?(<!-- end -->)", re.DOTALL)

Document = dict[str, Any]
RESULT_NAMES = ("bench", "peers", "profile", "metrics")


def main() -> None:
    """Write the page, or check it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit code 1 if the page differs")
    options = parser.parse_args()
    before = PAGE.read_text(encoding="utf-8")
    after = filled(before, tables(**{name: loaded(name) for name in RESULT_NAMES}))
    if options.check:
        sys.exit(0 if before == after else f"{PAGE}: not what the results give; run benchmarks/report.py")
    PAGE.write_text(after, encoding="utf-8")
    print(f"written to {PAGE}")


def loaded(name: str) -> Document:
    """Return a result."""
    document: Document = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    return document


def filled(page: str, made: dict[str, str]) -> str:
    """Return the page with every table replaced. Raises SystemExit for a marker without a table."""
    missing = {match["name"] for match in MARK.finditer(page)} ^ made.keys()
    if missing:
        sys.exit(f"{PAGE}: tables and markers do not match: {', '.join(sorted(missing))}")
    return MARK.sub(lambda match: f"{match[1]}{made[match['name']].rstrip()}\n{match[3]}", page)


def tables(bench: Document, peers: Document, profile: Document, metrics: Document) -> dict[str, str]:
    """Return every table of the page, by the name in its markers."""
    rows = [Row(**{key: row[key] for key in Row.__dataclass_fields__}) for row in bench["rows"]]
    made = {"machine": _machine(bench), "goals": _goals(rows)}
    for topic in dict.fromkeys(group.topic for group in GROUPS):
        ids = [group.id for group in GROUPS if group.topic == topic]
        mine = [row for row in rows if any(row.id == id or row.id.startswith(f"{id}/") for id in ids)]
        if topic != "Growth":
            made[topic.lower()] = _rows(mine) if mine else "Not in these results."
    made["growth"] = "\n".join(_growth(Growth(**growth)) for growth in bench["growth"])
    made["floor"] = _floor({row.id: row for row in rows})
    made["peers"] = _peers(peers)
    made["metrics"] = _metrics(metrics)
    made["profile"] = "\n".join(_profile(case) for case in profile["cases"])
    made["profile machine"] = _facts(profile["machine"]) + "."
    return made


# -- parts


def table(head: Sequence[str], body: Iterable[Sequence[str]], right: Sequence[int] = ()) -> str:
    """Return a Markdown table; ``right`` are the columns of numbers."""
    rule = ["--:" if index in right else ":--" for index in range(len(head))]
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, rule, *body))


def _facts(machine: Document) -> str:
    names = ", ".join(f"{name} {machine[key]}" for name, key in _VERSIONS)
    return f"{machine['date']}, {machine['cpu']}, {machine['cores']} cores, {machine['system']}; {names}"


_VERSIONS = (("Python", "python"), ("NumPy", "numpy"), ("SciPy", "scipy"), ("StreamLab", "streamlab"))


def _machine(bench: Document) -> str:
    text = f"{_facts(bench['machine'])}. Load of the machine at the start: {bench['machine']['load']}."
    if bench["quick"]:
        text += " A quick run: these figures show that the benchmark works, and nothing else."
    return text


def _goals(rows: Sequence[Row]) -> str:
    met = [row for row in rows if row.standing == "met"]
    lines = [f"{len(met)} goals met."]
    for word, told in (("missed", "Missed"), ("lost", "Beyond twice the contract")):
        names = [
            f"{row.id} ({short(row.value or 0.0)}, {goal_text(row)})" for row in rows if row.standing == word
        ]
        lines.append(f"{told}: {', '.join(names) or 'none'}.")
    absent = [row.id for row in rows if row.standing == "not measured"]
    lines.append(f"Not measured: {', '.join(absent) or 'none'}.")
    return "  \n".join(lines)


def _rows(rows: Sequence[Row]) -> str:
    body = []
    for row in rows:
        value = "-" if row.value is None else f"{short(row.value)} {row.unit}".rstrip()
        what = f"{row.what} ({row.note})" if row.note else row.what
        standing = "" if row.value is None else row.standing
        body.append([f"`{row.id}`", _cell(what), value, spread_text(row), _cell(goal_text(row)), standing])
    return table(["row", "what", "median", "from .. to", "goal", ""], body, right=(2, 3, 4))


def _growth(growth: Growth) -> str:
    names = list(growth.columns)
    body = [
        [str(point), *(short(growth.columns[name][index]) for name in names)]
        for index, point in enumerate(growth.points)
    ]
    body.append(["exponent", *(f"**{growth.exponents[name]:.2f}**" for name in names)])
    head = [growth.axis, *(_cell(name) for name in names)]
    title = f"`{growth.id}`: microseconds a frame, {growth.what}\n\n"
    return title + table(head, body, right=range(len(head)))


def _floor(rows: dict[str, Row]) -> str:
    body = []
    for id in ("S1", "S2", "S3/k1", "S3/k16", "S4/k1", "S4/k16"):
        mine = rows[id].value or 0.0
        bare, star, floor = (
            statistics.median(rows[f"{id}/{name}"].base) for name in ("bare", "bare*", "blocks")
        )
        ratio = rows[f"{id}/blocks"].value or 0.0
        cells = [short(value) for value in (mine, bare, star, floor, mine - floor, ratio)]
        body.append([f"`{id}`", rows[id].what, *cells])
    head = ["row", "what", "engine", "bare", "bare\\*", "floor", "engine - floor", "engine / floor"]
    text = table(head, body, right=range(2, 8))
    passes = {name: 2 * 8 * 1024 / 1e3 / (rows[f"limit/{name}"].value or 1.0) for name in ("cache", "memory")}
    return text + (
        f"\nOne pass over 1024 samples, each read and written once, takes {passes['cache']:.2f} us at the "
        f"bandwidth of the cache measured here and {passes['memory']:.2f} us at that of the memory."
    )


def _peers(peers: Document) -> str:
    systems = peers["systems"]
    there = [name for name in systems if any(name in row["microseconds"] for row in peers["rows"])]
    body = []
    for row in peers["rows"]:
        mine = row["microseconds"]["StreamLab"]
        cells = []
        for name in there:
            taken = row["microseconds"].get(name)
            if not taken:
                cells.append("-")
                continue
            times = statistics.median([other / own for other, own in zip(taken, mine, strict=False)])
            cells.append(f"{short(statistics.median(taken))} ({times:.2g})")
        body.append([str(row["samples"]), str(row["gains"]), *cells])
    names = [
        f"{_cell(name)} {systems[name]['version'] if name not in _LOOPS else ''}".strip() for name in there
    ]
    head = ["samples", "gains", *names]
    lines = [f"{_facts(peers['machine'])}; medians of {peers['rounds']} rounds.\n"]
    lines.append(table(head, body, right=range(len(head))))
    for name, facts in systems.items():
        if "missing" in facts:
            lines.append(f"{name} is not in the table: it {facts['missing']}.\n")
    return "\n".join(lines)


_LOOPS = ("bare", "bare*", "asyncio.Queue", "StreamLab, fuse false")


def _metrics(found: Document) -> str:
    """Channels in real time by each library, and how far what it finds is from what the noise holds."""
    libraries = found["libraries"]
    there = [name for name in libraries if found["seconds"].get(name)]
    signal, body = found["channels"] * found["signal"], []
    for metric, what in _METRICS.items():
        mine = found["seconds"]["StreamLab"][metric]
        cells = []
        for name in there:
            taken = found["seconds"][name].get(metric)
            if not taken:
                cells.append("-")
                continue
            times = statistics.median([other / own for other, own in zip(taken, mine, strict=False)])
            cells.append(f"{short(signal / statistics.median(taken))} ({times:.2g})")
        body.append([what, *cells])
    judged = ("A", "A level off by, dB", 0), ("thirds", "bands from 1 kHz off by, dB", 17)
    for metric, what, first in judged:
        goals, cells = found["goals"][metric][first:], []
        for name in there:
            values = libraries[name]["values"].get(metric, [])[first:]
            off = [abs(value - goal) for value, goal in zip(values, goals, strict=False)]
            cells.append(f"{max(off):.2f}" if off else "-")
        body.append([what, *cells])
    head = ["", *(f"{name} {libraries[name]['version']}" for name in there)]
    lines = [f"{_facts(found['machine'])}; medians of {found['rounds']} rounds.\n"]
    lines.append(table(head, body, right=range(1, len(head))))
    lines += [
        f"{name} is not in the table: it {facts['missing']}.\n"
        for name, facts in libraries.items()
        if "missing" in facts
    ]
    return "\n".join(lines)


_METRICS = {
    "A": "A-weighting, channels",
    "thirds": "third octaves, channels",
    "levels": "LAeq, L10, L90, channels",
}


def _profile(case: Document) -> str:
    whole = case["microseconds"]

    def share(value: float) -> str:
        return f"{100 * value / whole:.0f} %"

    parts = [[part["name"], f"{part['own']:.2f}", share(part["own"])] for part in case["parts"]]
    functions = [
        [f"`{item['name']}`", f"{item['own']:.2f}", share(item["own"]), f"{item['with calls']:.2f}"]
        for item in case["functions"]
    ]
    return (
        f"`{case['id']}`, {case['what']}: {short(whole)} us, {case['samples']} samples\n\n"
        + table(["part", "us", "share"], parts, right=(1, 2))
        + "\n"
        + table(["function", "us", "share", "us with what it calls"], functions, right=(1, 2, 3))
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    main()
