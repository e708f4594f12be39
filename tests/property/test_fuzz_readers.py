"""Hostile files: damaged in any way, a file costs a FileError, and neither the process nor its memory."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from fuzzing import fuzz, mutated
from recordings import write_tdms, write_uff58b

NOISE = np.random.default_rng(1).uniform(-1, 1, (200, 2))
STAMPS = [f"2024-01-01 00:00:{k:02}.250" for k in range(50)]


def sound(tmp_path):
    seeds = []
    kinds = [
        ("WAV", "PCM_16"), ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("RF64", "FLOAT"), ("W64", "PCM_16"),
        ("AIFF", "PCM_24"), ("AU", "FLOAT"), ("CAF", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "VORBIS"),
        ("WAV", "IMA_ADPCM"),
    ]  # fmt: skip
    for form, subtype in kinds:
        file = io.BytesIO()
        soundfile.write(file, NOISE, 8000, format=form, subtype=subtype)
        seeds.append(file.getvalue())
    return seeds


def csv(tmp_path):
    rows = [f"{k / 8};{k};{-k},5" for k in range(50)]
    dated = [f"{stamp},{k},{k / 3}" for k, stamp in enumerate(STAMPS) if k not in (10, 11)]
    return [
        "\n".join(["# a: b", "time [s];a [V];b (Pa)", *rows, ""]).encode(),
        "\n".join(["when,x,y", *dated, ""]).encode(),
        "\n".join(["Frequency\tA", "Hz\tm/s²", *[f"{10 * k}\t{k}e-3" for k in range(1, 40)]]).encode(),
        "\n".join(["Date,Time,x", *[f"01.02.2024,00:{k:02}:00,{k}" for k in range(40)], ""]).encode("cp1252"),
        "\n".join(["epoch|a|b", *[f'{1700000000 + k}|"{k}"|' for k in range(40)], ""]).encode(),
    ]


def uff(tmp_path):
    path, seeds = tmp_path / "seed", []
    for text, width, order in ((True, 4, "<"), (False, 4, ">"), (False, 8, "<")):
        write_uff58b(
            path,
            [("a", "V", NOISE[:, 0]), ("b", "Pa", NOISE[:, 1])],
            1000,
            text=text,
            width=width,
            order=order,
        )
        seeds.append(b"    -1\n   151\nm\nd\np\n    -1\n" + path.read_bytes())
    lines = seeds[1].replace(b"         2       200         1", b"         5       100         1")
    lines = lines.replace(b"        17    0", b"        18    0").replace(
        b"\n    1         0", b"\n    4         0"
    )
    write_uff58b(path, [("a", "V", np.arange(200) / 2 - np.arange(200) % 2 / 4)], 1000, text=True)
    uneven = path.read_bytes().replace(b"         2       200         1", b"         2       100         0")
    spaced = uneven.replace(b"        17    0", b"        20    0")
    return [*seeds, lines, uneven, spaced]


def tdms(tmp_path):
    from nptdms import ChannelObject, RootObject, TdmsWriter

    path, seeds = tmp_path / "seed.tdms", []
    write_tdms(path, [("a", "V", NOISE[:, 0]), ("b", "Pa", NOISE[:, 1])], 1000)
    seeds.append(path.read_bytes())
    with TdmsWriter(str(path)) as writer:
        stamps = np.arange(50) * np.timedelta64(100, "ms") + np.datetime64("2024-01-01T00:00:00")
        for _ in range(3):
            writer.write_segment(
                [
                    RootObject({"title": "x"}),
                    ChannelObject("g", "time", stamps),
                    ChannelObject("g", "y", np.arange(50)),
                ]
            )
            stamps = stamps + np.timedelta64(5, "s")
    seeds.append(path.read_bytes())
    scaled = {
        "NI_Number_Of_Scales": 1, "NI_Scaling_Status": "unscaled", "NI_Scale[0]_Scale_Type": "Linear",
        "NI_Scale[0]_Linear_Slope": 0.25, "NI_Scale[0]_Linear_Y_Intercept": -3.0,
        "NI_Scale[0]_Linear_Input_Source": 0xFFFFFFFF, "wf_increment": 1.0,
    }  # fmt: skip
    with TdmsWriter(str(path)) as writer:
        writer.write_segment([ChannelObject("g", "x", np.arange(100, dtype="i2"), properties=scaled),
                              ChannelObject("g", "text", ["a", "bc"])])  # fmt: skip
    return [*seeds, path.read_bytes()]


def every(tmp_path):
    return [*sound(tmp_path), *csv(tmp_path), *uff(tmp_path), *tdms(tmp_path)]


READERS = {
    "sound": (sound, "streamlab.io._sound:SoundRecording"),
    "csv": (csv, "streamlab.io._csv:CsvRecording"),
    "uff": (uff, "streamlab.io._uff:UffRecording"),
    "tdms": (tdms, "streamlab.io._tdms:TdmsRecording"),
    "any": (
        lambda path: [*sound(path), *csv(path), *uff(path), *tdms(path)],
        "streamlab.io.formats:open_recording",
    ),
}


@pytest.mark.contract("W10")
@pytest.mark.parametrize("name", [name for name in READERS if name != "any"])
def test_damaged_files_are_file_errors(tmp_path, name):
    seeds, reader = READERS[name]
    assert fuzz(reader, seeds(tmp_path), 250) == []


@pytest.mark.contract("W10")
@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", READERS)
def test_ten_thousand_damaged_files(tmp_path, name):
    seeds, reader = READERS[name]
    assert fuzz(reader, seeds(tmp_path), 10_000, first=1000) == []


@pytest.mark.contract("W10")
@pytest.mark.parametrize(
    ("reader", "what"),
    [
        ("fuzz_victims:Hangs", "hangs"),
        ("fuzz_victims:Dies", "the process died with code"),
        pytest.param(*("fuzz_victims:Grows", "MiB of memory"), marks=pytest.mark.long),
        pytest.param(*("fuzz_victims:Raises", "ZeroDivisionError"), marks=pytest.mark.long),
        ("fuzz_victims:Blunders", "AttributeError"),
        pytest.param(*("fuzz_victims:GoesBack", "gives a block of"), marks=pytest.mark.long),
    ],
)
def test_what_a_reader_must_not_do_is_found(reader, what, monkeypatch):
    monkeypatch.setattr("fuzzing.SILENCE", 2.0 if "Hangs" in reader else 30.0)
    seeds = [b"x" * 100]
    (finding,) = fuzz(reader, seeds, 30, first=7)
    assert finding.number == 7 + 25
    assert what in str(finding)


def test_a_number_makes_the_same_file():
    seeds = [bytes(range(256)), b"1,2,3\n" * 20]
    assert mutated(seeds, 5) == mutated(seeds, 5)
    assert len({mutated(seeds, number) for number in range(200)}) > 150
