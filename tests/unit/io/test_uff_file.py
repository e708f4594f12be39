"""UffFile: data sets 58 and 58b, against pyuff and against the layout that the format's description gives."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import pyuff
from hypothesis import given, settings
from hypothesis import strategies as st

from recordings import write_uff58b
from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import FileError
from streamlab.io._uff import UffRecording
from streamlab.io.uff_file import UffFile
from streamlab.io.uff_writer import UffWriter
from streamlab.testing.harness import join, run_node

NOISE = np.random.default_rng(3).normal(size=1000)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "take.uff"


def written(path, sets, double=True):
    """Write data sets with pyuff, one at a time: overwriting, it leaves only the last binary one."""
    for one in sets:
        whole = {
            "type": 58, "binary": 1, "func_type": 1, "rsp_node": 0, "rsp_dir": 0, "ref_node": 0, "ref_dir": 0,
            "id1": "NONE", "id2": "NONE", "id3": "NONE", "id4": "NONE", "id5": "NONE", "rsp_ent_name": "NONE",
            "ref_ent_name": "NONE", "abscissa_spec_data_type": 17, "ordinate_spec_data_type": 12,
            "orddenom_spec_data_type": 0, "z_axis_spec_data_type": 0, "abscissa_spacing": 1,
            "ord_data_type": 5 if np.iscomplexobj(one["data"]) else 2, **one,
        }  # fmt: skip
        pyuff.UFF(str(path)).write_sets(whole, mode="add", force_double=double)


pyuff_leaves_files_open = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


@pytest.mark.contract("W5")
@pytest.mark.parametrize("text", [False, True])
@pytest.mark.parametrize(("order", "width"), [("<", 4), (">", 4), ("<", 8), (">", 8)])
def test_every_form_of_values(path, text, order, width):
    write_uff58b(
        path, [("mic", "Pa", NOISE), ("case", "°C", -NOISE)], 51200, order=order, width=width, text=text
    )
    run = run_node("UffFile", config={"path": str(path), "frame_size": 300})
    got = join(run.outputs)
    assert [channel.label for channel in got.info.channels] == ["mic [Pa]", "case [degC]"]
    assert got.info.channels[0].quantity == "pressure"
    assert (got.sample_rate, [one.n for one in run]) == (51200, [300, 300, 300, 100])
    close = {"rtol": 1e-5, "atol": 1e-30} if text and width == 4 else {"rtol": 1e-12} if text else {"rtol": 0}
    assert np.allclose(got.samples, [NOISE.astype(f"f{width}"), -NOISE.astype(f"f{width}")], **close)


@pyuff_leaves_files_open
@pytest.mark.contract("W5")
@pytest.mark.parametrize("binary", [0, 1])
@pytest.mark.parametrize("double", [True, False])
def test_what_another_program_writes(path, binary, double):
    x = np.arange(1000) / 4000
    sets = [
        {"x": x, "data": NOISE, "abscissa_inc": 1 / 4000, "abscissa_min": 0.0, "rsp_node": node, "rsp_dir": 3,
         "ordinate_axis_units_lab": "m/s^2", "ordinate_axis_lab": "Acceleration", "rsp_ent_name": "wing",
         "binary": binary}
        for node in (7, 8)
    ]  # fmt: skip
    frf = {"x": np.arange(200) * 2.5, "data": NOISE[:200] + 1j * NOISE[200:400], "func_type": 4,
           "abscissa_spec_data_type": 18, "abscissa_inc": 2.5, "abscissa_min": 0.0, "id1": "H1",
           "ordinate_axis_units_lab": "m/s2", "orddenom_spec_data_type": 13, "orddenom_axis_units_lab": "N",
           "binary": binary}  # fmt: skip
    written(path, [*sets, frf], double)
    with UffRecording(path) as recording:
        time, lines = recording.streams
        assert [channel.name for channel in time.info.channels] == ["wing 7 +Z", "wing 8 +Z"]
        assert (time.rate, time.length, time.info.channels[0].unit) == (4000, 1000, "m/s2")
        assert (lines.info.axis, lines.info.points[:3], lines.length) == ("frequency", (0.0, 2.5, 5.0), 200)
        assert lines.info.channels[0].unit == "m/s2/N"
        ((_, values),) = recording.read(lines)
    assert np.allclose(values[0], frf["data"], rtol=1e-11 if double or binary else 1e-5)
    got = join(run_node("UffFile", config={"path": str(path), "stream": "4000 Hz"}).outputs)
    assert np.allclose(got.samples, [NOISE, NOISE], rtol=1e-11 if double or binary else 1e-5)
    (spectrum,) = run_node("UffFile", config={"path": str(path), "select": ["H1"]})
    assert (spectrum.info.axis, spectrum.samples.dtype, spectrum.n) == ("frequency", np.complex128, 200)


@pyuff_leaves_files_open
@pytest.mark.contract("W5", "W3")
def test_an_uneven_abscissa_over_time_has_gaps(path):
    at = np.array([k for k in range(100) if k not in (10, 11, 50)])
    written(path, [{"x": at * 0.5, "data": at.astype(float), "abscissa_spacing": 0, "binary": 0}])
    run = run_node("UffFile", config={"path": str(path)})
    assert [(one.start_sample, one.n, one.gap) for one in run] == [(0, 10, 0), (12, 38, 2), (51, 49, 1)]
    assert run[0].sample_rate == 2
    assert np.concatenate([one.samples[0] for one in run]).tolist() == at.tolist()


@pytest.mark.contract("W5")
@settings(max_examples=40, deadline=None)
@given(rate=st.sampled_from([8000, 44100, 48000, 51200, 65536, 96000, 102400, 1e6, 0.1, 7, 25600 / 3]))
def test_the_rate_is_exact_where_its_digits_allow(tmp_path_factory, rate):
    path = tmp_path_factory.mktemp("rate") / "take.uff"
    write_uff58b(path, [("x", "V", NOISE[:10])], rate)
    with UffRecording(path) as recording:
        found = recording.streams[0].rate
    assert abs(1 / found - 1 / Fraction(rate)) <= Fraction(f"{1 / rate:.0e}"[:1] + "e-5") / Fraction(rate)
    if rate != 25600 / 3:
        assert found == Fraction(str(rate))


def test_functions_of_different_length_or_rate_are_streams(path):
    write_uff58b(path, [("a", "V", NOISE), ("b", "V", NOISE[:500])], 1000)
    with path.open("ab") as file:
        other = path.with_name("other.uff")
        write_uff58b(other, [("c", "Pa", NOISE[:50])], 100, start=2.5)
        file.write(other.read_bytes())
    with UffRecording(path) as recording:
        assert [(one.name, one.length, one.offset) for one in recording.streams] == [
            ("1000 Hz", 1000, 0), ("1000 Hz (2)", 500, 0), ("100 Hz", 50, 2_500_000),
        ]  # fmt: skip
    with pytest.raises(FileError, match="holds 3 streams of different rates - choose one by `stream`"):
        list(UffFile(path=str(path)).frames())
    assert run_node("UffFile", config={"path": str(path), "select": ["c"]})[0].timestamp == 2_500_000


def test_header_and_other_data_sets_are_passed_by(path):
    write_uff58b(path, [("a", "", NOISE)], 1000)
    header = b"    -1\n   151\nrig 3\nrun-up\nours\n01-Jan-26\n    -1\n"
    units = b"    -1\n   164\n         1SI: m, N, s\n    -1\n"
    start = path.read_bytes().replace(
        b"NONE\nNONE\nNONE\nNONE\n", b"NONE\nNONE\nNONE\nstart 2024-01-02T03:04:05.5Z\n", 1
    )
    path.write_bytes(header + units + start)
    with UffRecording(path) as recording:
        assert recording.facts == {
            "model": "rig 3",
            "description": "run-up",
            "program": "ours",
            "created": "01-Jan-26",
        }
        (stream,) = recording.streams
        assert stream.info.channels[0].unit == "Pa"
        assert stream.start == 1704164645_500000


@pytest.mark.contract("W5")
@pytest.mark.parametrize(("text", "binary"), [(True, False), (False, True)])
def test_a_function_that_was_cut_off_gives_what_is_there(path, text, binary):
    write_uff58b(path, [("a", "V", NOISE), ("b", "V", NOISE)], 1000, text=text)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])
    with UffRecording(path) as recording:
        whole, part = recording.streams
        assert (whole.length, recording.notes) == (
            1000,
            [f"function 'b' is cut off: {part.length} of 1000 values are there"],
        )
    got = []
    with pytest.raises(FileError, match="is cut off in function 'b' - what is there was read"):
        for frame in UffFile(path=str(path), stream=part.name).frames():
            got += frame.samples[0].tolist()
    assert 400 < len(got) == part.length < 600
    assert np.allclose(got, NOISE[: len(got)], rtol=1e-5)


@pytest.mark.contract("W5")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ((b"        17", b"        19"), "function 'mic' is left out: it is over speed of"),
        ((b"         2      1000", b"         3      1000"), "ordinate data type 3 is none of 2, 4, 5, 6 in"),
        ((b"         2      1000", b"         2     -1000"), "-1000 values with spacing 1 make no sense"),
        ((b"         2      1000", b"         2      999 "), "that begins in line 2 does not end where its"),
        ((b"         2      1000", b"         2      many"), "'many' is no data form in the"),
        ((b"  1.00000E-03", b"  0.00000E+00"), "has a step of 0 s between its values"),
        ((b"     1     2          11", b"     1     3          11"), "line 2: binary numbers of form"),
        ((b"    -1\n", b"x\n    -1\n"), "line 1: a data set begins with a line of -1; found b'x"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(path, change, words):
    write_uff58b(path, [("mic", "V", NOISE)], 1000)
    data = path.read_bytes()
    assert change[0] in data
    path.write_bytes(data.replace(*change, 1))
    with pytest.raises(FileError, match=words):
        UffRecording(Path(path))


def test_numbers_without_a_blank_between_them(path):
    """A Fortran program fills its fields: a number with three digits in its exponent touches the next."""
    write_uff58b(path, [("a", "V", [1.0, 2.0, 3.0])], 1, text=True)
    lines = path.read_text().replace(
        "  1.00000E+00  2.00000E+00  3.00000E+00", "-1.00000D+100-2.00000D-02  3.0"
    )
    path.write_text(lines)
    got = join(run_node("UffFile", config={"path": str(path)}).outputs)
    assert got.samples.tolist() == [[-1e100, -0.02, 3.0]]
    path.write_text(lines.replace("3.0\n", "3.x\n"))
    with pytest.raises(FileError, match=r"function 'a': .* is no number"):
        UffRecording(path)


@pytest.mark.contract("W5", "W3")
@settings(max_examples=30, deadline=None)
@given(
    rate=st.sampled_from([48000, 5000.024, 44100, 0.3, 1e6]),
    cuts=st.lists(st.tuples(st.integers(1, 90_000), st.integers(0, 10**6)), min_size=1, max_size=4),
    start=st.integers(0, 10**9),
    dated=st.booleans(),
)
def test_a_file_of_ours_reads_back_with_its_gaps(tmp_path_factory, rate, cuts, start, dated):
    path = tmp_path_factory.mktemp("ours") / "take.uff"
    info = StreamInfo(
        [ChannelInfo("a rather long name", "m/s2", "acceleration"), ChannelInfo("b", "V")], rate
    )
    at, frames = start, []
    origin = 1_700_000_000_000_000 if dated else 0
    for count, gap in cuts:
        samples = np.stack([np.arange(at, at + count) / 8, -np.arange(at, at + count) / 8])
        time = origin + at * 10**6 // info.sample_rate
        frames.append(DataFrame.from_samples(samples, info, timestamp=time, start_sample=at))
        at += count + gap
    run_node("UffWriter", frames, config={"path": str(path)})
    run = run_node("UffFile", config={"path": str(path), "frame_size": 1 << 20})
    merged = [frames[0].start_sample]
    for before, one in pairwise(frames):
        if one.start_sample != before.start_sample + before.n:
            merged.append(one.start_sample)
    assert [one.start_sample for one in run] == [at - start for at in merged]
    assert run[0].sample_rate == info.sample_rate
    assert run[0].info.names == info.names
    assert [channel.unit for channel in run[0].info.channels] == ["m/s2", "V"]
    assert run[0].timestamp == frames[0].timestamp
    whole = np.concatenate([one.samples for one in frames], axis=1)
    assert np.array_equal(np.concatenate([one.samples for one in run], axis=1), whole)


def test_what_a_killed_writer_left_reads_as_one_channel(tmp_path):
    """Until its end a file has a data set for every half second of each channel."""
    info = StreamInfo(["a", "b"], 1000)
    node = UffWriter(path=str(tmp_path / "take.uff"))
    node.block_values = 500
    for k in [*range(11), *range(13, 40)]:
        samples = np.arange(2 * 100).reshape(2, 100) + 100.0 * k
        node.process(DataFrame.from_samples(samples, info, start_sample=100 * k, timestamp=100_000 * k))
    (left,) = tmp_path.glob("take.incomplete*")
    try:
        with UffRecording(left) as recording:
            (stream,) = recording.streams
            blocks = list(recording.read(stream))
    finally:
        asyncio.run(node.on_destroy())
    assert stream.gaps.tolist() == [[1100, 200]]
    assert stream.length > 3000
    values = np.concatenate([block for _, block in blocks], axis=1)
    expected = np.delete(np.arange(stream.length), np.arange(1100, 1300))
    assert values.tolist() == [expected.tolist(), (expected + 100.0).tolist()]
