"""A bound on what a library may allocate while it looks at a file that nobody vouches for.

HDF5 allocates what a text in a file says that it is long, up to 4 GB, before it looks whether it is there.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["memory_for"]

_one_at_a_time = threading.Lock()


@contextmanager
def memory_for(size: int) -> Iterator[None]:
    """Let the process have so many bytes more than it has now, and no more.

    It holds for all threads, so ``size`` is ample and the time short. Linux; elsewhere nothing is bounded.
    """
    if sys.platform != "linux":
        yield
        return
    import resource

    now = _address_space(resource.getpagesize())
    if now is None:
        yield
        return
    with _one_at_a_time:
        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        wanted = now + size
        bounded = soft == resource.RLIM_INFINITY or wanted < soft
        if bounded:
            resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))
        try:
            yield
        finally:
            if bounded:
                resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _address_space(page: int) -> int | None:
    """Return the bytes of address space that the process has, None where that is not known."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * page
    except OSError:
        return None
