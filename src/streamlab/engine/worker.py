"""Entry of a worker process: ``python -m streamlab.engine.worker LINK PARENT [MEMORY ...]``.

Started by :class:`streamlab.engine.process.worker_process.WorkerProcess`, by nobody else.
"""

import ctypes
import logging
import os
import signal
import socket
import sys
from contextlib import suppress

from streamlab.core.registry import register
from streamlab.engine.host import Host
from streamlab.engine.messages import CODEC
from streamlab.engine.process.link import NOBODY, Link, Op
from streamlab.engine.process.memory import SharedMemory

__all__ = ["die_with", "main", "serve"]

_PR_SET_PDEATHSIG = 1  # prctl(2), Linux


def main(arguments: list[str]) -> None:
    """Serve requests until the link ends, then leave without looking back: whoever asked is gone."""
    link, parent, *memory = map(int, arguments)
    die_with(parent)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    serve(Link(socket.socket(fileno=link)), [SharedMemory(descriptor) for descriptor in memory])
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)  # threads of a node that hang cannot hold it


def serve(link: Link, memory: list[SharedMemory]) -> None:
    """Answer one request after the other until the other end closes the link."""
    forward = _Forward(link)
    logging.getLogger().addHandler(forward)
    host = Host(link, memory)
    try:
        while True:
            op, number, body = link.receive()
            if op is Op.CANCEL:
                continue  # of a job that was done already
            try:
                answer = _hello(body) if op is Op.HELLO else host.answer(op, number, body)
                link.send(Op.DONE, number, answer)
            except Exception as error:
                link.send(Op.ERROR, number, CODEC.pack(error))
    except (EOFError, OSError):
        pass
    finally:
        logging.getLogger().removeHandler(forward)
        host.close()
        link.socket.close()


def _hello(body: bytes) -> bytes:
    """Find modules where the parent finds them, and the node types that it knows by name."""
    told = CODEC.unpack(body)
    sys.path[:] = told["path"]
    for name, place in told["types"].items():
        register(name, place)
    return CODEC.pack(os.getpid())


def die_with(parent: int) -> None:
    """Have the kernel end this process with its parent, also when it is busy (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


class _Forward(logging.Handler):
    """Sends what is logged to the parent, whose log it belongs to."""

    def __init__(self, link: Link) -> None:
        super().__init__()
        self._link = link

    def emit(self, record: logging.LogRecord) -> None:
        line = (record.name, record.levelno, record.getMessage())
        with suppress(OSError):  # nobody is there to read it
            self._link.send(Op.LOG, NOBODY, CODEC.pack(line))


if __name__ == "__main__":
    main(sys.argv[1:])
