"""The formats that can be read: found by what is in a file, loaded when one is opened.

One table; a format is a line in it. Order matters where one format's beginning is another's too: the first
that matches is taken, and text comes last.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from streamlab.errors import FileError
from streamlab.io._files import explain
from streamlab.io.recording import Recording

__all__ = ["FORMATS", "WRITERS", "Format", "find_format", "open_recording"]

HEAD = 4096  # bytes of a file's beginning that a format is known by


WRITERS: dict[str, str] = {
    ".wav": "WavWriter",
    ".w64": "WavWriter",
    ".csv": "CsvWriter",
    ".arrow": "ArrowWriter",
    ".arrows": "ArrowWriter",
    ".feather": "ArrowWriter",
    ".parquet": "ParquetWriter",
    ".h5": "Hdf5Writer",
    ".hdf5": "Hdf5Writer",
    ".mat": "MatWriter",
    ".uff": "UffWriter",
    ".unv": "UffWriter",
}
"""The node type that writes a file of a suffix, for ``streamlab convert``."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format: ``name``, the suffixes it usually has, where its reader is, and how its beginning looks.

    ``node`` is the node type that plays it; ``scans`` says that opening a file reads all of it.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: str  # "module:Class"
    node: str
    matches: Callable[[bytes], bool]
    scans: bool = False

    def load(self) -> type[Recording]:
        """Import the reader; what it needs beyond the base installation is imported when it opens a file."""
        module, _, name = self.reader.partition(":")
        reader: type[Recording] = getattr(import_module(module), name)
        return reader


def _sound(head: bytes) -> bool:
    return (
        (head[:4] in (b"RIFF", b"RIFX", b"RF64") and head[8:12] == b"WAVE")
        or (head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC"))
        or head[:4] in (b"riff", b"fLaC", b"OggS", b"caff", b".snd", b"dns.")
        or head[:3] == b"ID3"
        or (head[:1] == b"\xff" and len(head) > 3 and head[1] & 0xE6 == 0xE2 and head[2] >> 4 != 15)  # MP3
    )


_UNIVERSAL = re.compile(rb"\s*-1[ \t]*\r?\n\s*\d+b?\b")
_NOT_TEXT = bytes(set(range(32)) - set(b"\t\n\r\f\x1a"))


def _text(head: bytes) -> bool:
    """Text of any encoding that is a byte per sign, or UTF-8; UTF-16 too, so that its reader says so."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return True
    return bool(head) and len(head.translate(None, _NOT_TEXT)) == len(head)


FORMATS: tuple[Format, ...] = (
    Format(
        "sound",
        (".wav", ".w64", ".rf64", ".flac", ".aif", ".aiff", ".au", ".caf", ".ogg", ".mp3"),
        "streamlab.io._sound:SoundRecording",
        "WavFile",
        _sound,
    ),
    Format(
        "tdms",
        (".tdms",),
        "streamlab.io._tdms:TdmsRecording",
        "TdmsFile",
        lambda head: head[:4] == b"TDSm",
    ),
    Format(
        "uff",
        (".uff", ".unv", ".uf", ".ufb"),
        "streamlab.io._uff:UffRecording",
        "UffFile",
        lambda head: bool(_UNIVERSAL.match(head)),
    ),
    Format(
        "mat",
        (".mat",),
        "streamlab.io._mat:MatRecording",
        "MatFile",
        lambda head: head[:7] == b"MATLAB " and head[126:128] in (b"IM", b"MI"),
    ),
    Format(
        "hdf5",
        (".h5", ".hdf5", ".hdf", ".he5"),
        "streamlab.io._hdf5:Hdf5Recording",
        "Hdf5File",
        lambda head: any(head[at : at + 8] == b"\x89HDF\r\n\x1a\n" for at in (0, 512, 1024, 2048)),
    ),
    Format(
        "arrow",
        (".arrows", ".arrow", ".feather", ".ipc"),
        "streamlab.io._arrow:ArrowRecording",
        "ArrowFile",
        lambda head: head[:6] == b"ARROW1" or (head[:4] == b"\xff\xff\xff\xff" and head[6:8] == b"\0\0"),
        scans=True,
    ),
    Format(
        "parquet",
        (".parquet", ".pq"),
        "streamlab.io._parquet:ParquetRecording",
        "ParquetFile",
        lambda head: head[:4] == b"PAR1",
        scans=True,
    ),
    Format(
        "csv",
        (".csv", ".tsv", ".txt", ".dat", ".asc"),
        "streamlab.io._csv:CsvRecording",
        "CsvFile",
        _text,
        scans=True,
    ),
)


def find_format(path: Path) -> Format:
    """Return the format of a file by its content.

    Raises FileError for a file that cannot be read, and for one of no format that is known.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise explain(path, error) from error
    for known in FORMATS:
        if known.matches(head):
            return known
    if not head:
        raise FileError(path, "is empty")
    known_names = ", ".join(known.name for known in FORMATS)
    message = f"is of no format that can be read (it begins with {head[:16]!r})"
    raise FileError(path, message, hint=f"formats: {known_names}")


def open_recording(path: Path | str) -> Recording:
    """Open a file of any format for reading. Raises FileError."""
    path = Path(path)
    return find_format(path).load()(path)
