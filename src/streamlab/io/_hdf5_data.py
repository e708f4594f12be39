"""Datasets of HDF5 files: found without following links out of the file, read in bounded memory."""

import zlib
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamlab.errors import FileError
from streamlab.io._hdf5_heaps import check_heaps
from streamlab.io._labels import clean
from streamlab.io._memory_limit import memory_for
from streamlab.io._tables import check_size

__all__ = ["attribute", "check_dataset", "datasets", "open_hdf5", "read_slice", "text_of", "texts_of"]

_DEEPEST = 12
_MOST = 20_000  # objects that are looked at
_CHUNK = 1 << 28  # bytes of a chunk
_SMALL = 1 << 16  # bytes in the file, which no filter makes more than some megabytes of
_PACKED = 1 << 22
_SLACK = 1 << 16  # bytes by which packing may make a chunk larger
_DEFLATE, _SHUFFLE, _FLETCHER = 1, 2, 3  # filters of HDF5
_TEXTS = 1 << 20  # bytes of an attribute that are looked at
_MEMORY = 1 << 30  # bytes that reading it may take


def open_hdf5(path: Path) -> Any:
    """Open a file for reading, also one that somebody was writing to when it was killed."""
    import h5py

    check_heaps(path)
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        if "already open for" not in str(error):
            raise
    return h5py.File(path, "r", locking=False, swmr=True)


def datasets(file: Any, path: Path, root: str = "/") -> Iterator[tuple[str, Any]]:
    """Yield names and datasets that lie in a group, in the order of the names, each object once.

    Links that are soft or lead out of the file are passed over. Raises FileError where there are too many
    objects, or groups nest too deep.
    """
    import h5py

    seen: set[int] = set()
    top = file
    for part in root.split("/"):  # step by step: no link leads elsewhere
        if part:
            if not isinstance(top, h5py.Group) or not isinstance(top.get(part, getlink=True), h5py.HardLink):
                return
            top = top[part]
    waiting = [("/" + root.strip("/") if root.strip("/") else "", 0, top)]
    count = 0
    while waiting:
        name, depth, item = waiting.pop()
        address = h5py.h5o.get_info(item.id).addr
        if address in seen:
            continue
        seen.add(address)
        if isinstance(item, h5py.Dataset):
            yield name, item
            continue
        if not isinstance(item, h5py.Group):
            continue
        if depth > _DEEPEST:
            raise FileError(path, f"has groups that nest deeper than {_DEEPEST}")
        inside = []
        for key in item:
            count += 1
            if count > _MOST:
                raise FileError(path, f"has more than {_MOST} objects", hint="choose one by `dataset`")
            if isinstance(item.get(key, getlink=True), h5py.HardLink):
                inside.append((f"{name}/{key}", depth + 1, item[key]))
        waiting += reversed(inside)


def check_dataset(dataset: Any, path: Path) -> None:
    """Raise FileError for a dataset whose numbers lie elsewhere, or would fill the memory."""
    name = clean(dataset.name or "")
    if dataset.is_virtual or dataset.external:
        raise FileError(path, f"{name!r} has its numbers in other files, which are not opened")
    check_size(path, dataset.size * dataset.dtype.itemsize)
    if dataset.chunks is not None:
        size = int(np.prod(dataset.chunks, dtype=object)) * dataset.dtype.itemsize
        if size > _CHUNK:
            raise FileError(path, f"{name!r} has chunks of {size} bytes; {_CHUNK} are the most that are read")


def read_slice(dataset: Any, part: tuple[slice, ...], path: Path) -> NDArray[Any]:
    """Return a part of a dataset. Raises FileError where a chunk unpacks to more than it may."""
    if dataset.chunks is not None and dataset.id.get_create_plist().get_nfilters():
        _check_chunks(dataset, part, path)
    values: NDArray[Any] = dataset[part]
    return values


def _check_chunks(dataset: Any, part: tuple[slice, ...], path: Path) -> None:
    """Look at packed chunks before the library unpacks them, which it does however large they become."""
    creation = dataset.id.get_create_plist()
    filters = {creation.get_filter(number)[0] for number in range(creation.get_nfilters())}
    size = int(np.prod(dataset.chunks, dtype=object)) * dataset.dtype.itemsize
    plain = filters <= {_SHUFFLE, _FLETCHER}
    ranges = [
        range(one.start // length * length, min(one.stop, limit), length)
        for one, length, limit in zip(part, dataset.chunks, dataset.shape, strict=True)
    ]
    for place in product(*ranges):
        stored = dataset.id.get_chunk_info_by_coord(place).size
        if stored <= _SMALL:
            continue
        name = clean(dataset.name or "")
        if stored > size + _SLACK or (stored > _PACKED and not plain and not filters <= _KNOWN):
            raise FileError(path, f"{name!r} is damaged: it has {stored} bytes for a chunk of {size}")
        if _DEFLATE in filters:
            mask, data = dataset.id.read_direct_chunk(place)
            if not mask and _inflated(data, size + _SLACK) > size + _SLACK:
                message = f"{name!r} has a chunk that unpacks to more than its {size} bytes"
                raise FileError(path, message, hint="it is made to fill the memory")


_KNOWN = {_DEFLATE, _SHUFFLE, _FLETCHER}


def _inflated(data: bytes, limit: int) -> int:
    """Return how many bytes packed data has, or some number above the limit."""
    inflate = zlib.decompressobj()
    total = 0
    try:
        while data and total <= limit:
            total += len(inflate.decompress(data, 1 << 20))
            data = inflate.unconsumed_tail
    except zlib.error:
        return total  # the library says what is wrong with it
    return total


def attribute(item: Any, *names: str) -> Any:
    """Return the first attribute of these names, capitals or not, that is there and small; else None."""
    found = {key.lower(): key for key in list(item.attrs)[:1000]}
    for name in names:
        key = found.get(name)
        if key is not None and item.attrs.get_id(key).get_storage_size() <= _TEXTS:
            with memory_for(_MEMORY):
                return item.attrs[key]
    return None


def text_of(value: Any, *, whole: bool = False) -> str:
    """Return an attribute as text, nothing where it is none; ``whole`` keeps it as long as it is."""
    if whole and isinstance(value, str):
        return value
    listed = texts_of(value)
    return listed[0] if len(listed) == 1 else ""


def texts_of(value: Any) -> list[str]:
    """Return an attribute that is text or a list of it; bytes that are no UTF-8 are shown as such."""
    items = value.ravel().tolist() if isinstance(value, np.ndarray) else [value]
    texts = [item.decode(errors="replace") if isinstance(item, bytes) else item for item in items]
    return [clean(item) for item in texts] if all(isinstance(item, str) for item in texts) else []
