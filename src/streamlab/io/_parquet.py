"""Parquet files, read as tables."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from streamlab.errors import FileError
from streamlab.io._parquet_pages import groups, pages
from streamlab.io._tables import TableRecording, check_size

__all__ = ["ParquetRecording"]

_ROWS = 1 << 16  # of a batch
_STRINGS = 1 << 25  # bytes of metadata
_PAGE, _RATIO = 1 << 26, 1000  # bytes that a page may unpack to whatever it is, and how many times its size
_PAGES = 1 << 30  # bytes of the largest pages of all columns together


class ParquetRecording(TableRecording):
    """A Parquet file that is open for reading."""

    title = "a Parquet file"

    _file: Any = None

    def schema(self) -> Any:
        import pyarrow.parquet

        with self.path.open("rb") as file:
            self._groups = groups(file, self.path.stat().st_size)
        self._file = pyarrow.parquet.ParquetFile(
            self.path, thrift_string_size_limit=_STRINGS, thrift_container_size_limit=_STRINGS,
            page_checksum_verification=False, pre_buffer=False,
        )  # fmt: skip
        self._checked: set[str] = set()
        self._ends = list(accumulate(group.rows for group in self._groups))
        check_size(self.path, 8 * self.rows())
        check_size(self.path, sum(group.unpacked for group in self._groups))
        return self._file.schema_arrow

    def batches(self, columns: Sequence[str], first: int) -> Iterator[tuple[int, Any]]:
        self._check_pages(columns)
        wanted = [number for number, end in enumerate(self._ends) if end > first]
        if not wanted:
            return
        row = self._ends[wanted[0]] - self._groups[wanted[0]].rows
        for batch in self._file.iter_batches(
            _ROWS, row_groups=wanted, columns=list(columns), use_threads=False
        ):
            batch.validate()
            yield row, batch
            row += batch.num_rows

    def _check_pages(self, columns: Sequence[str]) -> None:
        """Raise FileError where the largest page of each column would fill the memory."""
        names = {chunk.name for group in self._groups for chunk in group.chunks}
        # The library takes a name for that of a column and for all that lie in it.
        inside = tuple(f"{column}." for column in columns)
        largest = {name: 0 for name in names if name in columns or name.startswith(inside)}
        if self._checked.issuperset(largest):
            return
        with self.path.open("rb") as file:
            for chunk in (chunk for group in self._groups for chunk in group.chunks if chunk.values):
                for page in pages(file, chunk) if chunk.name in largest else ():
                    largest[chunk.name] = max(largest[chunk.name], page.unpacked)
                    if page.unpacked > max(_PAGE, _RATIO * page.packed):
                        message = f"has a page of {page.packed} bytes that unpacks to {page.unpacked}"
                        raise FileError(self.path, message, hint="it is made to fill the memory")
        total = sum(largest.values())
        if total > _PAGES:
            message = f"has pages that take {total / 1e9:.3g} GB together when they are unpacked"
            raise FileError(self.path, message, hint="select fewer channels, or write it with smaller pages")
        self._checked |= set(largest)

    def rows(self) -> int:
        return self._ends[-1] if self._ends else 0

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
