"""Arrow IPC files and streams, read as tables. A file is a stream behind 8 bytes of its own."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from streamlab.errors import FileError
from streamlab.io._arrow_messages import BATCH, MAGIC, SCHEMA, Messages
from streamlab.io._tables import TableRecording, check_size

__all__ = ["ArrowRecording"]


class ArrowRecording(TableRecording):
    """An Arrow IPC file or stream that is open for reading, whole or cut off behind any of its batches."""

    title = "an Arrow file"

    _mapped: Any = None
    _cut = ""

    def schema(self) -> Any:
        import pyarrow

        self._arrow = pyarrow
        size = self.path.stat().st_size
        self._ends: list[int] = []  # the row behind each batch
        self._rows = 0
        with self.path.open("rb") as file:
            self._begin = len(MAGIC) if file.read(len(MAGIC)) == MAGIC else 0
            file.seek(self._begin)
            found = Messages(file, size)
            for number, message in enumerate(found):
                if not number and message.kind != SCHEMA:
                    raise FileError(self.path, "does not begin with a schema")
                check_size(self.path, message.unpacked)
                if message.kind == BATCH:
                    self._rows += message.rows
                    self._ends.append(self._rows)
        if found.cut:
            self._cut = f"is cut off after row {self._rows}"
            self.notes = [*self.notes, self._cut]
        elif not found.finished:
            self.notes = [*self.notes, "was not finished: the recording ended before its time"]
        self._mapped = pyarrow.memory_map(str(self.path))
        try:
            return self._reader(None).schema
        except pyarrow.ArrowNotImplementedError as error:
            raise FileError(self.path, f"is of a kind that cannot be read ({error})") from None

    def rows(self) -> int:
        return self._rows

    def batches(self, columns: Sequence[str], first: int) -> Iterator[tuple[int, Any]]:
        try:
            yield from self._whole_batches(columns, first)
        except self._arrow.ArrowNotImplementedError as error:
            raise FileError(self.path, f"is of a kind that cannot be read ({error})") from None

    def _whole_batches(self, columns: Sequence[str], first: int) -> Iterator[tuple[int, Any]]:
        names = self._names
        reader = self._reader([names.index(column) for column in columns])
        for begin, end in pairwise([0, *self._ends]):
            batch = reader.read_next_batch()
            if batch.num_rows != end - begin:
                raise FileError(
                    self.path, f"is damaged: rows {begin + 1} to {end} are not as many as it says"
                )
            if end > first:
                batch.validate()
                yield begin, batch

    def ended(self) -> None:
        if self._cut:
            raise FileError(self.path, self._cut, hint="what is there was read")

    def close(self) -> None:
        if self._mapped is not None:
            self._mapped.close()

    def _reader(self, fields: list[int] | None) -> Any:
        ipc = self._arrow.ipc
        self._mapped.seek(self._begin)
        options = ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        reader = ipc.open_stream(self._mapped, options=options)
        if fields is None:
            self._names = reader.schema.names
        return reader
