"""Files made to hurt: what they claim, how long their lines are, what is in their names."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest

from fuzzing import watched
from recordings import write_tdms, write_uff58b
from streamlab.cli.info import show_info
from streamlab.io.formats import open_recording

ANY = "streamlab.io.formats:open_recording"
MEMORY = 192 << 20


def wav(channels, rate, bits, data_bytes):
    """The beginning of a WAV file that claims this, and four bytes of samples."""
    frame = channels * bits // 8
    form = struct.pack("<HHIIHH", 1, channels, rate, min(rate * frame, 2**32 - 1), frame % 65536, bits)
    data = b"data" + struct.pack("<I", data_bytes) + b"abcd"
    return b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<I", 16) + form + data


def uff(count, *, text=False):
    """A universal file of one function whose header says that it has so many values."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "x")
        write_uff58b(path, [("mic", "V", np.arange(10.0))], 1000, text=text)
        data = path.read_bytes()
    old = b"         2        10         1"
    assert old in data
    return data.replace(old, f"{2:10}{count:>10}{1:10}".encode())


def tdms(objects, more=b""):
    """The beginning of a TDMS file that claims so many objects."""
    return b"TDSm" + struct.pack("<IIQQI", 0x0E, 4713, 2**40, 2**40, objects) + more


ROWS = b"time,a\n" + b"".join(b"%d,1\n" % k for k in range(300_000))
WIDE = b"\n".join([b"time" + b",c" * 140_000, b"1" + b",1" * 140_000, b"2" + b",2" * 140_000, b""])
LOUD = 2**32 - 16
# What is in the file, how long it is with the zeros behind that, and what is said of it: one of some texts.
CASES = {
    "channels": (wav(65535, 48000, 16, 1 << 31), 0, "is not a sound file|is cut off"),
    "no channels": (wav(0, 48000, 16, 100), 0, "is not a sound file"),
    "rate": (wav(1, 2**32 - 1, 16, 100), 0, "is not a sound file|is cut off|is damaged"),
    "samples": (wav(2, 48000, 16, LOUD), 0, "is cut off after sample 1"),
    "columns": (WIDE, 0, "has 140000 columns; 131072 are the most"),
    "no end of line": (ROWS + b"7" * (2 << 20), 3 << 30, "is longer than 4194304 bytes"),
    "zeros behind a table": (ROWS, 20 << 30, "is longer than 4194304 bytes"),
    "nothing but zeros": (b"", 50 << 30, "is of no format that can be read"),
    "silence cut short": (wav(1, 8000, 16, LOUD), 1 << 20, "is cut off after sample"),
    "values in text": (uff(999999999, text=True), 0, "is cut off in function 'mic'"),
    "values": (uff(999999999), 0, "is cut off in function"),
    "no values": (uff(-5), 0, "-5 values with spacing 1 make no sense"),
    "a column of marks": (b"    -1\n" * 500_000, 0, "has no column of time"),
    "data sets": (b"    -1\n   999\n    -1\n" * 300_000, 0, "has no functions over time"),
    "objects": (tdms(2**32 - 1), 0, "a TDMS file as it should be|has no channels"),
    "text of a property": (tdms(1, b"\xff" * 4 + b"/"), 0, "a TDMS file as it should be|has no channels"),
}


@pytest.mark.contract("W10")
def test_what_a_file_claims_costs_nothing(tmp_path):
    paths = []
    for name, (begin, size, _) in CASES.items():
        paths.append(tmp_path / name)
        with paths[-1].open("wb") as file:
            file.write(begin)
            if size:
                file.truncate(size)
    results = watched(ANY, paths)
    for (name, (_, _, words)), (error, grown) in zip(CASES.items(), results, strict=True):
        assert error.startswith("FileError: "), (name, error)
        assert any(part in error for part in words.split("|")), (name, error)
        assert grown < MEMORY, name


@pytest.mark.contract("W10")
def test_a_long_recording_of_zeros_is_read_in_little_memory(tmp_path):
    """A file that takes no room on the disk, 32 minutes of it: half a gigabyte of numbers."""
    path = tmp_path / "silence.wav"
    with path.open("wb") as file:
        file.write(wav(16, 2000, 16, (1 << 27) - 64)[:-4])
        file.truncate((1 << 27) - 20)
    ((error, grown),) = watched(ANY, [path])
    assert error == ""
    assert grown < 64 << 20


@pytest.mark.contract("W10")
def test_names_that_are_no_utf8_or_would_draw_on_a_terminal(tmp_path, capsys):
    table = tmp_path / "a.csv"
    table.write_bytes(b"time;Temp\xe9rature \xff;b\n0;1;2\n1;2;3\n")
    with open_recording(table) as recording:
        assert recording.streams[0].info.names == ("Température ÿ", "b")
    universal = tmp_path / "a.uff"
    write_uff58b(universal, [("\x1b[31mred\x07", "V", np.arange(5.0)), ("abc", "V", np.arange(5.0))], 10)
    universal.write_bytes(universal.read_bytes().replace(b"abc", b"\xff\xfe\x80"))
    with open_recording(universal) as recording:
        names = recording.streams[0].info.names
        assert all(name.isprintable() for name in names)
        assert names[0] == "[31mred"
    assert show_info([universal]) == 0
    shown = capsys.readouterr().out
    assert "[31mred" in shown
    assert "\x1b[31m" not in shown
    tdms = tmp_path / "a.tdms"
    write_tdms(tdms, [("abcd", "V", np.arange(5.0))], 10)
    tdms.write_bytes(tdms.read_bytes().replace(b"abcd", b"a\xff\xfed"))
    with open_recording(tdms) as recording:
        (name,) = recording.streams[0].info.names
        assert (name[0], name[-1], name.isprintable()) == ("a", "d", True)
    assert show_info([tdms], as_document=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["files"][0]["streams"][0]["channels"][0]["name"] == name
