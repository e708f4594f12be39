"""MAT files of version 7.3: HDF5 with MATLAB's header and attributes, written as they go.

MATLAB counts the first axis fastest: its arrays lie in HDF5 with their axes turned round.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.io._files import OutputFile
from streamlab.io._hdf5_disk import CHUNK_CACHE, Hdf5Disk

__all__ = ["Mat73File"]

_USER_BLOCK = 512
_CLASSES = {"<f8": b"double", "<f4": b"single"}

Variables = dict[str, Any]


class Mat73File:
    """A file with some variables, lists that grow (name: width), and ``data``, which grows with them.

    ``shape`` is that of a column of ``data`` in MATLAB, (channels, ...); ``room`` columns lie together.
    """

    def __init__(
        self,
        h5py: Any,
        file: OutputFile,
        before: Variables,
        grows: dict[str, int],
        shape: tuple[int, ...],
        kind: str,
        room: int,
    ) -> None:
        self._h5py = h5py
        self._disk = Hdf5Disk(file)
        self._hdf5: Any = h5py.File(
            self._disk, "w", libver=("v108", "v108"), userblock_size=_USER_BLOCK, rdcc_nbytes=CHUNK_CACHE
        )
        for name, value in before.items():
            self._write(name, value)
        # Headers are put down in the order of creation: a stretch is known before its samples are.
        self._lists = {name: self._growing(name, (width,), "<f8", 512) for name, width in grows.items()}
        self._data = self._growing("data", shape[::-1], kind, room)
        self._commit()
        file.patch(0, _user_block())

    def put(self, columns: NDArray[Any], beside: dict[str, NDArray[Any]]) -> None:
        """Append columns, (n, ...), and rows to the lists."""
        for name, values in beside.items():
            self._append(self._lists[name], values.reshape(len(values), -1))
        self._append(self._data, columns)
        self._commit()

    def _commit(self) -> None:
        self._hdf5.flush()
        self._disk.commit()

    def close(self) -> None:
        """Close the file."""
        hdf5, self._hdf5 = self._hdf5, None
        if hdf5 is not None:
            hdf5.close()
            if self._disk.failure is None:
                self._disk.commit()

    def _growing(self, name: str, row: tuple[int, ...], kind: str, room: int) -> Any:
        limits = (None, *(max(1, size) for size in row))
        chunk = (room, *(max(1, size) for size in row))
        made = self._hdf5.create_dataset(name, (0, *row), kind, maxshape=limits, chunks=chunk)
        made.attrs["MATLAB_class"] = np.bytes_(_CLASSES[kind])
        return made

    @staticmethod
    def _append(dataset: Any, values: NDArray[Any]) -> None:
        begin = len(dataset)
        dataset.resize(begin + len(values), axis=0)
        dataset[begin:] = values

    def _write(self, name: str, value: Any) -> None:
        if isinstance(value, list):
            kind = self._h5py.ref_dtype
            items = [self._text(f"#refs#/{name}{number}", text).ref for number, text in enumerate(value)]
            made = self._hdf5.create_dataset(name, (1, len(items)), kind)
            for number, item in enumerate(items):
                made[0, number] = item
            made.attrs["MATLAB_class"] = np.bytes_(b"cell")
        elif isinstance(value, str):
            self._text(name, value)
        else:
            made = self._hdf5.create_dataset(name, data=np.atleast_2d(np.asarray(value, dtype="<f8")).T)
            made.attrs["MATLAB_class"] = np.bytes_(b"double")

    def _text(self, name: str, text: str) -> Any:
        codes = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), "<u2")
        if codes.size:
            made = self._hdf5.create_dataset(name, data=codes[:, None])
        else:  # an empty array is kept as its size
            made = self._hdf5.create_dataset(name, data=np.zeros(2, "<u8"))
            made.attrs["MATLAB_empty"] = np.uint8(1)
        made.attrs["MATLAB_class"] = np.bytes_(b"char")
        made.attrs["MATLAB_int_decode"] = np.int32(2)
        return made


def _user_block() -> bytes:
    """Return what stands before the HDF5 part: by this MATLAB knows the file."""
    text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created by: streamlab-core HDF5 schema 1.00 ."
    return (text.ljust(116) + bytes(8) + b"\x00\x02IM").ljust(_USER_BLOCK, b"\0")
