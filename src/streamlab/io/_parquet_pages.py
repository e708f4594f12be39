"""The parts of a Parquet file, looked at before any is unpacked: a page is unpacked as a whole.

Apache Parquet, parquet.thrift: FileMetaData at the end of the file, PageHeader before each page. Read here
because the library ends the process over some that are damaged, and says nothing of a page before it has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from streamlab.io._thrift import Compact, Wanted

__all__ = ["Chunk", "Group", "Page", "groups", "pages"]

_MARK = b"PAR1"
_FOOTER = 1 << 27  # bytes, at most
_HEADER = 1 << 20
_COLUMN: Wanted = {3: None, 5: None, 6: None, 7: None, 9: None, 11: None}
_FILE: Wanted = {4: {1: {3: _COLUMN}, 2: None, 3: None}}


@dataclass(frozen=True, slots=True)
class Chunk:
    """A column of a row group: its name, its values, and the bytes from ``begin`` to ``end``."""

    name: str
    values: int
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Group:
    """A row group: rows, bytes unpacked, columns."""

    rows: int
    unpacked: int
    chunks: list[Chunk]


@dataclass(frozen=True, slots=True)
class Page:
    """How many bytes a page has in the file, and unpacked."""

    packed: int
    unpacked: int


def groups(file: BinaryIO, size: int) -> list[Group]:
    """Return the row groups that the end of a file tells of. Raises ValueError where it cannot be read."""
    file.seek(max(0, size - 8))
    end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if end[4:] != _MARK:
        raise ValueError("its end is missing: it was not finished, or is cut off")
    if length > min(_FOOTER, size - 12):
        raise ValueError(f"its end says that it has {length} bytes")
    file.seek(size - 8 - length)
    listed = Compact(file.read(length)).struct(_FILE).get(4, [])
    return [_group(told) for told in listed] if isinstance(listed, list) else []


def _group(told: dict[int, object]) -> Group:
    listed = told.get(1)
    chunks = [_chunk(one.get(3)) for one in listed] if isinstance(listed, list) else []
    rows, unpacked = _number(told, 3), _number(told, 2)
    return Group(rows, unpacked, chunks)


def _chunk(told: object) -> Chunk:
    if not isinstance(told, dict):
        raise ValueError("a column has no metadata")
    path = told.get(3)
    name = b".".join(path).decode(errors="replace") if isinstance(path, list) else ""
    begin = _number(told, 9)
    if 11 in told:
        begin = min(begin, _number(told, 11)) or begin
    return Chunk(name, _number(told, 5), begin, begin + _number(told, 7))


def _number(told: dict[int, object], field: int) -> int:
    value = told.get(field, 0)
    if not isinstance(value, int) or value < 0:
        raise ValueError("the metadata has a negative size")
    return value


def pages(file: BinaryIO, chunk: Chunk) -> Iterator[Page]:
    """Yield the pages of a column of a row group. Raises ValueError for what is none."""
    begin = chunk.begin
    while begin < chunk.end:
        file.seek(begin)
        header = Compact(file.read(min(_HEADER, chunk.end - begin)))
        told = header.struct({2: None, 3: None})
        if not isinstance(told.get(2), int) or not isinstance(told.get(3), int):
            raise ValueError("a page has no size")
        page = Page(_number(told, 3), _number(told, 2))
        begin += header.at + page.packed
        yield page
