"""CsvFile: tables as StreamLab and as people write them, their time, their gaps, their mistakes."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamlab.core import ChannelInfo, DataFrame, StreamInfo
from streamlab.errors import FileError, ParamError
from streamlab.io import _csv_lines
from streamlab.io._csv import CsvRecording
from streamlab.io._csv_form import CsvOptions
from streamlab.io.csv_file import CsvFile
from streamlab.testing.harness import join, run_node


def read(path, text, **config):
    """Return what comes out of a file of this text."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return run_node("CsvFile", config={"path": str(path), **config})


def labels(run):
    return [channel.label for channel in run[0].info.channels]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "log.csv"


# -- tables as people write them


@pytest.mark.contract("W4")
@pytest.mark.parametrize(
    ("text", "columns", "rate", "values"),
    [
        ("time [s],a [V],b [m/s2]\n0.0,1,2\n0.5,3,4\n1.0,5,6\n", ["a [V]", "b [m/s2]"], 2, [[1, 3, 5], [2,
         4, 6]]),
        ("time;T (°C);p / bar\r\n0,0;1,5;2\r\n0,25;-3,5e1;4\r\n", ["T [degC]", "p [bar]"], 4, [[1.5, -35],
         [2, 4]]),
        ("t\tx\ty\nms\tµm/m\t-\n0\t1\t2\n20\t3\t4\n", ["x [um/m]", "y"], 50, [[1, 3], [2, 4]]),
        ("# probe: left\n# rate of rows\n#\n# t x\n  0.0  1\n  0.1  2\n  0.2  3\n", ["x"], 10, [[1, 2, 3]]),
        ("Logger 3\nSerial: 4711\n\nTime (ms)|Level (dB re 20 uPa)\n0|1\n125|2\n",
         ["Level [dB re 20 uPa]"], 8, [[1, 2]]),
        ("Logger;X 200\n\ntime;T\n2024-01-01 12:00:00;21,5\n2024-01-01 12:00:01;21,6\n",
         ["T"], 1, [[21.5, 21.6]]),
        ('time,"a, b",c\n0,"1",2\n1,"3",4\n', ["a, b", "c"], 1, [[1, 3], [2, 4]]),
        ("time,a\n0,1\n\n1,2\n# pause\n2,3\n\n", ["a"], 1, [[1, 2, 3]]),
        ("time,a,state,\n0,1,ok,\n1,2,bad,\n", ["a"], 1, [[1, 2]]),
        ("time,a,a,\n0,1,2,3\n1,2,3,4\n", ["a", "a (2)", "column 4"], 1, [[1, 2], [2, 3], [3, 4]]),
        ("0;1\n2;3\n4;5\n", None, None, None),
        (b"\xef\xbb\xbftime,p [\xc2\xb5Pa]\n0,1\n1,2\n", ["p [uPa]"], 1, [[1, 2]]),
        (b"time;T [\xb0C]\n0;1\n1;2\n", ["T [degC]"], 1, [[1, 2]]),
        (b"time;T\r0;1\r1;2\r", ["T"], 1, [[1, 2]]),
    ],
)  # fmt: skip
def test_tables_as_people_write_them(path, text, columns, rate, values):
    if columns is None:
        with pytest.raises(
            FileError, match="has no column of time that is known by its name - name it by `time`"
        ):
            read(path, text)
        run, columns, rate, values = read(path, text, time="1"), ["column 2"], Fraction(1, 2), [[1, 3, 5]]
    else:
        run = read(path, text)
    assert labels(run) == columns
    assert run[0].sample_rate == rate
    assert join(run.outputs).samples.tolist() == values


def lines(form, count=12):
    return "".join(form(k) + "\n" for k in range(count))


@pytest.mark.contract("W4")
@pytest.mark.parametrize(
    ("text", "columns", "rate"),
    [
        # an oscilloscope with its remarks in columns beside the first samples, and no names
        ("Record Length,2.5e3,,-0.005000,0.04\n" + lines(lambda k: f",,,{-0.004996 + k * 4e-6:.6f},0.0{k}"),
         ["column 2", "column 5"], 250000),
        # one with its names and units in two lines
        ("x-axis,1\nsecond,Volt\n" + lines(lambda k: f"{-5e-3 + k * 1e-5:+.5E},{k / 10:+.3E}"),
         ["1 [V]"], 100000),
        ("Time,Channel A\n(ms),(V)\n\n" + lines(lambda k: f"{k * 1e-3:.6f},{k}"), ["Channel A [V]"], 10**6),
        # LabVIEW's text
        ("LabVIEW Measurement\t\nWriter_Version\t2\nSeparator\tTab\nTime\t12:00:00.5\t\t\n"
         "Delta_X\t0.001\t\t\n***End_of_Header***\t\t\t\nX_Value\tUntitled\tComment\n"
         + lines(lambda k: f"{k / 1000:.6f}\t{k:.6f}"), ["Untitled"], 1000),
        ("millis,temp\n" + lines(lambda k: f"{k * 100},{20 + k}"), ["temp"], 10),
        ("timestamp_ns,a\n" + lines(lambda k: f"{1700000000000000000 + k * 20000},{k}"), ["a"], 50000),
        ("t_us;a\n" + lines(lambda k: f"{k * 125};{k}"), ["a"], 8000),
        (",time,a\n" + lines(lambda k: f"{k},{k / 10},{k / 3}"), ["column 1", "a"], 10),
        ("Sample Rate (Hz): 2000\nVolts\n" + lines(lambda k: f"0.{k}"), ["Volts"], 2000),
        ("# sampling rate = 51.2 kHz\na;b\n" + lines(lambda k: f"0.{k};1"), ["a", "b"], 51200),
        (lines(lambda k: f"{k / 50:.2f} {k}"), ["column 2"], 50),
    ],
)  # fmt: skip
def test_tables_as_instruments_and_loggers_write_them(path, text, columns, rate):
    run = read(path, text)
    assert labels(run) == columns
    assert run[0].sample_rate == rate
    assert len(run) == 1


@pytest.mark.contract("W4")
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sample,x\n" + lines(lambda k: f"{k},{k / 10}"), "has no column of time that is known by its name"),
        (lines(lambda k: f"{k} {k / 10}"), "has no column of time that is known by its name"),
        ("time [samples],x\n" + lines(lambda k: f"{k},{k}"), "is in 'samples', which is no unit of time"),
        ("ramp,x\n" + lines(lambda k: f"{k / 10},{k}"), "has no column of time that is known by its name"),
    ],
)  # fmt: skip
def test_no_time_is_guessed_where_it_may_be_something_else(path, text, words):
    with pytest.raises(FileError, match=words):
        read(path, text)


@pytest.mark.contract("W4")
@pytest.mark.parametrize(
    ("stamps", "config", "first", "rate"),
    [
        (["2020-03-09 10:14:33", "2020-03-09 10:14:34"], {}, datetime(2020, 3, 9, 10, 14, 33), 1),
        (["2020-03-09T10:14:33.250Z", "2020-03-09T10:14:33.500Z"], {}, datetime(2020, 3, 9, 10, 14, 33,
         250000), 4),
        (["2020-03-09T10:14+01:00", "2020-03-09T10:15+01:00"], {}, datetime(2020, 3, 9, 9, 14),
         Fraction(1, 60)),
        (["2021-10-31T02:59+02:00", "2021-10-31T02:00+01:00"], {}, datetime(2021, 10, 31, 0, 59),
         Fraction(1, 60)),
        (["2013/1/9 6:25", "2013/1/9 6:30"], {}, datetime(2013, 1, 9, 6, 25), Fraction(1, 300)),
        (["31.12.2024 23:59:59", "1.1.2025 0:00:00"], {}, datetime(2024, 12, 31, 23, 59, 59), 1),
        (["2024-02-28", "2024-02-29", "2024-03-01"], {}, datetime(2024, 2, 28), Fraction(1, 86400)),
        (["1583748873", "1583748874"], {}, datetime(2020, 3, 9, 10, 14, 33), 1),
        (["1583748873250", "1583748873500"], {}, datetime(2020, 3, 9, 10, 14, 33, 250000), 4),
        (["1583748873250000000", "1583748873250020000"], {}, datetime(2020, 3, 9, 10, 14, 33, 250000), 50000),
        (["12/31/24 23.59", "01/01/25 00.00"], {"time_format": "%m/%d/%y %H.%M"},
         datetime(2024, 12, 31, 23, 59), Fraction(1, 60)),
    ],
)  # fmt: skip
def test_dates_are_times_since_the_epoch(path, stamps, config, first, rate):
    text = "timestamp;x\n" + "".join(f"{stamp};{number}\n" for number, stamp in enumerate(stamps))
    run = read(path, text, **config)
    passed = first.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    assert run[0].timestamp == (passed.days * 86400 + passed.seconds) * 10**6 + passed.microseconds
    assert run[0].sample_rate == rate
    assert run[0].samples.tolist() == [list(range(len(stamps)))]


@pytest.mark.contract("W4")
def test_date_and_time_of_day_in_two_columns(path):
    run = read(path, "Date,Time,x\n2024-12-31,23:59:59,1\n2025-01-01,00:00:00,2\n2025-01-01,00:00:02,3\n")
    assert [(one.timestamp, one.gap, one.n) for one in run] == [
        (1735689599_000000, 0, 2), (1735689602_000000, 1, 1),
    ]  # fmt: skip
    run = read(path, "time;x\n0:59:59,5;1\n1:00:00,0;2\n1:00:00,5;3\n")
    assert (run[0].timestamp, run[0].sample_rate, run[0].n) == (3599_500000, 2, 3)


@pytest.mark.contract("W4")
def test_rows_without_a_time_are_a_rate_apart(path):
    text = "a;b\n1;2\n3;4\n"
    run = read(path, text, time="", rate=5000.024)
    assert (run[0].sample_rate, run[0].samples.tolist()) == (Fraction(625003, 125), [[1, 3], [2, 4]])
    run = read(path, "Sampling Frequency: 51.2 kHz\nvolts\n0.5\n0.25\n")
    assert (run[0].sample_rate, labels(run), run[0].samples.tolist()) == (51200, ["volts"], [[0.5, 0.25]])
    with pytest.raises(ParamError, match="/rate: rows without a time need a rate"):
        CsvFile(path=str(path), time="")


@pytest.mark.contract("W4")
def test_a_table_over_frequency_is_a_frame_on_that_axis(path):
    (frame,) = read(
        path, "Frequency\tAcceleration\nHz\tm/s²\n31.5E+00\t196.6E-03\n63E+00\t213.9E-03\n125E+00\t0.25\n"
    )
    assert frame.info.axis == "band"
    assert frame.info.points == pytest.approx([1000 * 10 ** (0.3 * k) for k in (-5, -4, -3)], rel=1e-12)
    assert (labels([frame]), frame.samples.tolist()) == (["Acceleration [m/s2]"], [[0.1966, 0.2139, 0.25]])
    (frame,) = read(path, "f [Hz],H\n0,1\n2.5,2\n7,3\n", frame_size=2)
    assert (frame.info.axis, frame.info.points, frame.n) == ("frequency", (0.0, 2.5, 7.0), 3)


@pytest.mark.contract("W4")
def test_what_is_empty_is_no_number_and_no_mistake(path):
    run = read(path, "time,a,b\n0,,n/a\n1,2,-\n2,NaN,inf\n")
    assert np.array_equal(
        join(run.outputs).samples, [[np.nan, 2, np.nan], [np.nan, np.nan, np.inf]], equal_nan=True
    )


# -- time


@pytest.mark.contract("W3")
def test_missing_rows_are_gaps(path):
    at = [k for k in range(100) if k not in (3, 50, 51, 52, 98)]
    text = "time;x\n" + "".join(f"{k * 0.3:.1f};{k}\n" for k in at)
    run = read(path, text, frame_size=40)
    assert run[0].sample_rate == Fraction(10, 3)
    assert [(one.start_sample, one.n, one.gap) for one in run] == [
        (0, 3, 0), (4, 40, 1), (44, 6, 0), (53, 40, 3), (93, 5, 0), (99, 1, 1),
    ]  # fmt: skip
    assert join(list(run)[1:3]).samples[0].tolist() == list(range(4, 50))
    with CsvRecording(path) as recording:
        (stream,) = recording.streams
        assert stream.gaps.tolist() == [[3, 1], [50, 3], [98, 1]]
        assert (stream.length, stream.held, stream.missing) == (100, 95, 5)


@pytest.mark.contract("W3")
@settings(max_examples=60, deadline=None)
@given(
    lost=st.sets(st.integers(1, 198), max_size=60),
    rate=st.sampled_from([1, 8, 0.2, 44100, 5000.024, 1e-3, 1e6]),
    jitter=st.sampled_from([0.0, 0.1]),
    decimals=st.sampled_from([None, 9]),
    seed=st.integers(0, 9),
    chunk=st.sampled_from([16, 300, 1 << 20]),
    ranged=st.tuples(st.integers(0, 199), st.integers(1, 200)),
)
def test_any_gap_is_found_in_any_cutting(tmp_path_factory, lost, rate, jitter, decimals, seed, chunk, ranged):
    """The rows that are there, whatever is missing, with time stamps that jitter or are rounded."""
    exact = Fraction(str(rate))
    kept = np.array([k for k in range(200) if k not in lost])
    times = [float(Fraction(int(k)) / exact) for k in kept]
    if jitter:
        times = np.array(times) + np.random.default_rng(seed).uniform(-jitter, jitter, len(kept)) / rate
    path = tmp_path_factory.mktemp("any") / "log.csv"
    form = (lambda one: repr(float(one))) if decimals is None else (lambda one: f"{one:.9f}")
    path.write_text("time [s],x\n" + "".join(f"{form(t)},{k}\n" for t, k in zip(times, kept, strict=True)))
    size, _csv_lines.CHUNK = _csv_lines.CHUNK, chunk
    try:
        with CsvRecording(path, CsvOptions(rate=exact if jitter else None)) as recording:
            (stream,) = recording.streams
            if not jitter and (decimals is None or rate < 5000):
                assert stream.rate == exact
            assert stream.length == 200
            first, last = min(ranged), max(ranged)
            for low, high in ((0, 200), (first, last)):
                blocks = list(recording.read(stream, None, low, high))
                got = [(at + k, value) for at, block in blocks for k, value in enumerate(block[0])]
                assert got == [(k, k) for k in kept.tolist() if low <= k < high]
    finally:
        _csv_lines.CHUNK = size


@pytest.mark.contract("W3")
def test_a_clock_that_drifts_is_said(path):
    """A rate of 1 Hz for a while, then 1.1: one rate for all would put rows in the wrong place unsaid."""
    times = np.concatenate([np.arange(1000.0), 1000 + np.arange(1000) / 1.1])
    path.write_text("time,x\n" + "".join(f"{t},0\n" for t in times))
    with CsvRecording(path) as recording:
        assert "wander by up to" in recording.notes[0]


@pytest.mark.contract("W3", "W4")
@pytest.mark.parametrize(
    ("text", "config", "words"),
    [
        ("time,x\n0,1\n1,2\n2,3\n1.5,4\n", {}, "line 5: the time goes back by 0.5 s - sort the rows"),
        ("time,x\n0,1\n1,2\n1,3\n", {}, "line 4: the same time as before"),
        ("time,x\n0,1\n1,2\n\n2,3\n# x\n5.4,4\n", {},
         r"line 7: 3.4 s after the one before is 3.4 periods of 1 s"),
        ("time,x\n0,1\n1,2\n2,3\n3,4\n3.5,5\n", {}, "line 6: 0.5 s after the one before is 0.5 periods"),
        ("time,x\n0,1\n", {}, "has one time stamp: its rate is not known - give it by `rate`"),
        ("time,x\n0,1\n,2\n", {}, "line 3, column 'time': '' is no time stamp"),
        ("time,x\n0,1\nnan,2\n", {}, "line 3: the time is missing or no number"),
        ("time,x\n2020-01-01,1\n2020-01-02,2\n2020-02-30,2\n", {},
         "line 4, column 'time': '2020-02-30' is no"),
        ("time,x\n2020-01-01,1\nyesterday,2\n", {},
         "line 3, column 'time': 'yesterday' is no time stamp - it is not as those"),
        ("time,x\n1/2/2024 10:00,1\n1/2/2024 11:00,2\n", {"time": "time"},
         "say how it is written by `time_format`"),
        ("time,a,b\n0,1,2\n1,2,x\n2,3,4\n", {}, r"line 3, column 'b': 'x' is not a number"),
        ("time,a,b\n0,1,2\n1,1_0,3\n", {}, "line 3, column 'a': '1_0' is not a number"),
        ("time,a,b\n0,1,2\n1,2\n2,3,4\n3,4,5\n4,5,6\n5,6,7\n6,7,8\n7,8,9\n", {},
         "line 3 has 2 cells; the table has 3"),
        ("time;a;b\n0;1.000,5;2\n1;1.000,5;2\n", {"decimal": ","}, "column 'a': '1.000,5' is not a number"),
        ("time,a\n0,1\n1,2\n", {"time": "when"}, "has no column 'when' - columns: time, a"),
        ("time,a\nx,y\n", {}, "has no rows of numbers"),
        ("time,state\n0,on\n1,off\n", {}, "has no column of numbers beside its axis"),
        ("time,a\n0,1\n1,2\n2,3", {"select": ["b"]}, "has no channel 'b' - channels: a"),
        (b"\xff\xfet\0", {}, "is text in UTF-16 - save it as UTF-8"),
        (b"time,a\n0,1\n1,\0\n", {}, "has zero bytes in it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(path, text, config, words):
    with pytest.raises(FileError, match=words):
        read(path, text, **config)


@pytest.mark.contract("W4")
def test_what_came_before_a_bad_cell_is_read(path, monkeypatch):
    monkeypatch.setattr(_csv_lines, "CHUNK", 64)
    path.write_text("time,a\n" + "".join(f"{k},{k if k != 50 else 'x'}\n" for k in range(100)))
    got = []
    with pytest.raises(FileError, match="line 52, column 'a': 'x' is not a number"):
        for frame in CsvFile(path=str(path), frame_size=7).frames():
            got += frame.samples[0].tolist()
    assert got == list(range(len(got)))
    assert 30 < len(got) <= 50


def test_a_line_without_an_end_takes_no_memory(path, monkeypatch):
    monkeypatch.setattr(_csv_lines, "_LONGEST", 1 << 16)
    path.write_bytes(b"time,a\n0,1\n1,2\n" + b"3" * (4 << 20))
    with pytest.raises(FileError, match="line 4 is longer than 65536 bytes"):
        run_node("CsvFile", config={"path": str(path)})


def test_a_file_that_was_cut_off_gives_what_is_there(path):
    path.write_text("time,a,b\n0,1,2\n1,2,3\n2,3")
    got = []
    with pytest.raises(FileError, match="is cut off in line 4 - what is there was read"):
        got += CsvFile(path=str(path)).frames()
    with pytest.raises(FileError):
        for frame in CsvFile(path=str(path)).frames():
            got.append(frame)
    assert got[0].samples.tolist() == [[1, 2], [2, 3]]
    assert run_node("CsvFile", config={"path": str(path), "duration": 1.0})[0].n == 1
    with CsvRecording(path) as recording:
        assert recording.notes == ["cut off in line 4"]


@pytest.mark.contract("W3")
def test_rows_out_of_order_can_be_left_out(path):
    text = "time,x\n" + "".join(f"{t},{k}\n" for k, t in enumerate([0, 1, 2, 1, 2, 3, 4, 4, 6]))
    run = read(path, text, disorder="drop")
    assert [(one.start_sample, one.samples[0].tolist()) for one in run] == [(0, [0, 1, 2, 5, 6]), (6, [8])]
    with CsvRecording(path, CsvOptions(disorder="drop")) as recording:
        assert recording.notes == [
            "3 rows are left out: their time is not later than before (first in line 5)"
        ]


def test_facts_before_the_table_are_kept(path):
    path.write_text("Device;X 200\nSerial number: 17\ncalibrated=2024\n\ntime;x\n0;1\n1;2\n")
    with CsvRecording(path) as recording:
        assert recording.facts == {"Device": "X 200", "Serial number": "17", "calibrated": "2024"}
        assert recording.streams[0].info.names == ("x",)


def test_the_tolerance_is_what_it_says(path):
    text = "time,x\n" + "".join(f"{t},0\n" for t in [0, 1, 2, 3, 4.2, 5, 6, 7.8, 9])
    assert sum(one.n for one in read(path, text)) == 9
    with pytest.raises(FileError, match=r"line 7: 0.8 s after .* within 0.1 of a whole number"):
        read(path, text, tolerance=0.1)
    with pytest.raises(ParamError, match="tolerance"):
        CsvFile(path="x", tolerance=0.6)
    with pytest.raises(ParamError, match="decimal mark and delimiter must differ"):
        CsvFile(path="x", decimal=",", delimiter=",")
    with pytest.raises(ParamError, match="a delimiter is one sign"):
        CsvFile(path="x", delimiter="::")


# -- what CsvWriter writes


@pytest.mark.contract("W3", "W4")
@settings(max_examples=25, deadline=None)
@given(
    rate=st.sampled_from([1, 48000, 5000.024, 44100, 0.1]),
    samples=st.lists(st.floats(allow_nan=True, width=64), min_size=4, max_size=40),
    gap=st.integers(0, 10**6),
    start=st.integers(0, 10**9),
)
def test_a_table_of_ours_reads_back_exactly(tmp_path_factory, rate, samples, gap, start):
    path = tmp_path_factory.mktemp("ours") / "table.csv"
    info = StreamInfo([ChannelInfo("mic1.Leq", "dB", reference="20 uPa"), ChannelInfo("x y", "m/s2")], rate)
    values = np.array(samples)
    frames = [
        DataFrame.from_samples(np.stack([values, -values]), info, start_sample=start),
        DataFrame.from_samples(np.stack([values, values]), info, sequence_id=1, gap=gap,
                               start_sample=start + len(values) + gap),
    ]  # fmt: skip
    run_node("CsvWriter", frames, config={"path": str(path)})
    run = run_node("CsvFile", config={"path": str(path), "frame_size": 1 << 20})
    assert run[0].info == info
    got = join(run.outputs) if not gap else None
    parts = (
        [got.samples[:, : len(values)], got.samples[:, len(values) :]]
        if got
        else [one.samples for one in run]
    )
    assert np.array_equal(parts[0], frames[0].samples, equal_nan=True)
    assert np.array_equal(parts[1], frames[1].samples, equal_nan=True)
    assert [one.gap for one in run][1:] == ([gap] if gap else [])
    assert run[0].timestamp == start * 10**6 // info.sample_rate
