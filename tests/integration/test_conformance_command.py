"""`streamlab conformance`: it measures what it says, and a product that is off makes it fail."""

from __future__ import annotations

import io
import json
import math
import re
from contextlib import redirect_stdout

import numpy as np
import pytest

from command import on_a_terminal, streamlab
from streamlab.cli.conformance import standards
from streamlab.cli.conformance.check import Check, Point, measured_by
from streamlab.cli.conformance.command import GROUPS, conformance
from streamlab.cli.outcome import UsageError
from streamlab.dsp import detector
from streamlab.dsp.bands import bands_between
from streamlab.nodes.conditioning.gain import Gain


def run(*, only=(), rates=(48_000.0,)) -> tuple[int, dict]:
    shown = io.StringIO()
    with redirect_stdout(shown):
        code = conformance(rates, only, in_json=True)
    return code, json.loads(shown.getvalue())


@pytest.fixture(scope="module")
def document() -> dict:
    done = streamlab("conformance", "--json", "--rate", 48_000)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)  # and nothing else


def checks(document: dict, start: str) -> list[dict]:
    return [one for one in document["checks"] if one["requirement"].startswith(start)]


@pytest.mark.contract("M31")
def test_everything_is_measured_and_met(document: dict) -> None:
    assert document["passed"] is True
    assert document["statement"] == "meets class 1 electrical design goals (software part)"
    assert document["rates"] == [48_000.0]
    assert {one["group"] for one in document["checks"]} == {group.id for group in GROUPS}
    assert all(one["passed"] and one["points"] for one in document["checks"])
    clauses = {(one["standard"], one["clause"].split(",")[0]) for one in document["checks"]}
    for clause in ("5.5", "5.5.9", "5.6.5", "5.6.6", "5.8.2", "5.8.3", "5.9", "5.10", "5.13"):
        assert ("IEC 61672-1:2013", clause) in clauses
    for clause in ("5.10", "5.12", "5.14", "5.16"):
        assert ("IEC 61260-1:2014", clause) in clauses


@pytest.mark.contract("M31")
def test_every_row_of_the_tables_is_tried(document: dict) -> None:
    for kind in "ACZ":
        (one,) = checks(document, f"{kind}-weighting")
        assert [(point["lower"], point["upper"]) for point in one["points"]] == [
            (None if math.isinf(row.lower) else row.lower, row.upper) for row in standards.TABLE_3
        ]
        assert max(abs(point["value"]) for point in one["points"]) < 0.01  # against a tenth that is asked for
    for name, count in (("LAFmax", 12), ("LASmax", 9), ("LAE", 12)):
        (one,) = checks(document, f"{name} of 4 kHz")
        assert len(one["points"]) == count
    (peaks,) = checks(document, "LCpeak")
    assert len(peaks["points"]) == 4 * len(standards.TABLE_5)
    thirds = {point["at"].partition(" at ")[0] for point in checks(document, "attenuation, 1/3")[0]["points"]}
    assert len(thirds) == len(bands_between(3, 20.0, 20_000.0))
    for name in ("coherent gain", "noise bandwidth", "scalloping"):
        (one,) = checks(document, name)
        assert [point["at"] for point in one["points"]] == [row.name for row in standards.WINDOW_TABLE]


@pytest.mark.contract("M31")
def test_a_point_outside_its_limits_fails() -> None:
    inside, outside = Point("a", 0.4, -0.5, 0.5), Point("b", -0.6, -0.5, 0.5)
    assert (inside.passed, inside.margin, inside.used) == (True, pytest.approx(0.1), pytest.approx(0.8))
    assert (outside.passed, outside.margin) == (False, pytest.approx(-0.1))
    assert outside.used > 1.0
    nothing = Point("c", math.nan, -0.5, 0.5)
    assert not nothing.passed
    check = Check("x", "s", "1", (inside, outside, Point("d", 100.0, 60.0, math.inf)))
    assert (check.passed, check.worst.at) == (False, "b")
    assert Point("e", 61.0, 60.0, math.inf).used > Point("f", 80.0, 60.0, math.inf).used
    assert not Check("x", "s", "1", ()).passed  # nothing measured is no pass


@pytest.mark.contract("M31")
@pytest.mark.parametrize("constant", [0.2, 0.08])
def test_a_wrong_time_constant_is_found(monkeypatch: pytest.MonkeyPatch, constant: float) -> None:
    monkeypatch.setitem(detector.TIME_CONSTANTS, "F", constant)
    code, document = run(only=["level"])
    missed = {one["requirement"] for one in document["checks"] if not one["passed"]}
    assert (code, document["statement"]) == (1, "")
    assert "LAFmax of 4 kHz tonebursts" in missed
    assert "LASmax of 4 kHz tonebursts" not in missed


@pytest.mark.contract("M31")
def test_a_wrong_weighting_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from streamlab.nodes.measurement import frequency_weighting as node

    right = node.weighting_sections

    def wrong(kind: str, rate: float) -> np.ndarray:
        sections = right(kind, rate)
        sections[-1, :3] *= 10 ** (0.8 / 20)  # 0.7 dB are allowed at 1 kHz
        return sections

    monkeypatch.setattr(node, "weighting_sections", wrong)
    shown = io.StringIO()
    with redirect_stdout(shown):
        assert conformance((48_000.0,), ["weighting"], in_json=False) == 1
    text = " ".join(shown.getvalue().split())
    assert re.search(r"A-weighting, 10 Hz to 20 kHz 5\.5, table 3 \+-0\.7 dB \+0\.800 -0\.100 FAIL", text)
    assert "FAIL 3 of 4 requirements are not met: A-weighting" in text
    assert "class 1 electrical design goals" not in text


@pytest.mark.contract("M31")
def test_a_class_takes_everything_and_a_rate_of_sound() -> None:
    for only, rate in (("reference", 48_000.0), ("weighting", 8000.0)):
        code, document = run(only=[only], rates=[rate])
        assert (code, document["passed"], document["statement"]) == (0, True, "")
    shown = io.StringIO()
    with redirect_stdout(shown):
        assert conformance((48_000.0,), ["reference"], in_json=False) == 0
    assert "2 of 2 requirements are met; a class takes all of them" in shown.getvalue()
    assert "design goals" not in shown.getvalue()


def test_on_a_terminal_there_is_progress_and_the_tables_fit() -> None:
    for columns in (80, 120):
        code, drawn = on_a_terminal(
            "conformance", "--only", "reference", "--rate", 48_000, "--rate", 44_100, columns=columns
        )
        assert code == 0
        assert "\N{HORIZONTAL ELLIPSIS}" not in drawn  # nothing is cut off
        assert "3/3" in drawn
        lines = [re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", line) for line in drawn.splitlines()]
        assert max(len(line) for line in lines if "PASS" in line and "requirements" not in line) <= columns


def test_calls_that_cannot_be() -> None:
    for only, rate, message in (
        (["octaves"], 48_000.0, "no group of checks"),
        ([], 100.0, "--rate 100 is no sample rate"),
        ([], math.nan, "no sample rate"),
    ):
        with pytest.raises(UsageError, match=message):
            conformance([rate], only, in_json=True)
    done = streamlab("conformance", "--only", "octaves")
    assert done.returncode == 2
    assert "one of weighting, level, octave, spectrum, reference" in done.stderr


def test_samples_go_through_a_node_frame_by_frame() -> None:
    frames, result = measured_by(Gain(gain=2.0), np.arange(10.0), 1000.0, frame_size=4)
    assert [(frame.start_sample, frame.n) for frame in frames] == [(0, 4), (4, 4), (8, 2)]
    assert np.concatenate([frame.samples[0] for frame in frames]).tolist() == [2.0 * k for k in range(10)]
    assert result is None
