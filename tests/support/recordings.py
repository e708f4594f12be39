"""Reading the recordings that tests compare with: only as much of a format as one file needs."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def read_uff58(path: Path) -> tuple[np.ndarray, float]:
    """Return the samples (n,) and the rate of a universal file with one real, evenly spaced data set 58.

    Universal File Format, data set 58 (text: six numbers a line) and 58b (binary, little endian).
    """
    data = path.read_bytes()
    lines = data.split(b"\n", 13)
    kind, axis = lines[1].split()[0], lines[8].split()
    count, step = int(axis[1]), float(axis[4])
    if kind == b"58b":
        samples = np.frombuffer(lines[13], dtype="<f4", count=count).astype(float)
    else:
        samples = np.array(lines[13].split()[:count], dtype=float)
    return samples, 1.0 / step


def write_uff58b(path, channels, rate, *, order="<", width=4, start=0.0, text=False):
    """Write functions over time, (name, unit, samples) each, by the description of data set 58 and 58b."""
    parts = []
    for name, unit, samples in channels:
        data = np.asarray(samples).astype(f"{order}f{width}")
        kind = (
            "    58"
            if text
            else f"    58b{1 if order == '<' else 2:6}{2:6}{11:12}{data.nbytes:12}{0:6}{0:6}{0:12}{0:12}"
        )
        unused = f"{0:10}{0:5}{0:5}{0:5} {'NONE':20} {'NONE':20}"
        lines = [
            "    -1", kind, f"{name:80}", "NONE", "NONE", "NONE", "NONE",
            f"{1:5}{0:10}{1:5}{0:10} {name[:10]:10}{0:10}{0:4} {'NONE':10}{0:10}{0:4}",
            f"{2 if width == 4 else 4:10}{len(data):10}{1:10}{start:13.5E}{1 / rate:13.5E}{0:13.5E}",
            f"{17:10}{0:5}{0:5}{0:5} {'time':20} {'s':20}", f"{15:10}{0:5}{0:5}{0:5} {'NONE':20} {unit:20}",
            unused, unused, "",
        ]  # fmt: skip
        body = "".join(
            "".join(f"{x:13.5E}" if width == 4 else f"{x:20.12E}" for x in data[at : at + 24 // width]) + "\n"
            for at in range(0, len(data), 24 // width)
        )
        parts += [
            "\n".join(lines).encode("utf-8"),
            body.encode() if text else data.tobytes() + b"\n",
            b"    -1\n",
        ]
    Path(path).write_bytes(b"".join(parts))


def write_tdms(path, channels, rate, **told):
    """Write one group of channels, (name, unit, samples) each, with the properties of a waveform."""
    from nptdms import ChannelObject, TdmsWriter

    with TdmsWriter(str(path)) as writer:
        known = {"wf_increment": 1 / rate, **told}
        writer.write_segment(
            [ChannelObject("rig", name, np.asarray(samples), properties={**known, "unit_string": unit})
             for name, unit, samples in channels]
        )  # fmt: skip
