"""The link between a process and its worker: a socket pair that carries short messages in order."""

import socket
import struct
import threading
from collections import deque
from enum import IntEnum

__all__ = ["NOBODY", "PREFIX", "Link", "Op", "cut_messages"]

PREFIX = struct.Struct("<IBxH")
"""Bytes that follow, operation, number of the segment."""

NOBODY = 0xFFFF
"""The number of no segment."""

_MOST = 1 << 30
"""Bytes of a message at most: more is a link out of step."""


class Op(IntEnum):
    """What is asked of a worker, and what it answers."""

    HELLO = 1  # paths and registered types -> pid
    CREATE = 2  # a node of a segment: made and opened -> what its stream will be
    BEGIN = 3  # a stream begins: who reads which output
    WATCH = 4  # who reads which output has changed
    PUSH = 5  # a batch of input frames -> a batch of output frames
    FLUSH = 6  # the stream has ended -> the tail
    TAKE = 7  # so many items of a source -> a batch
    END = 8  # close the source's generator
    UPDATE = 9  # change live parameters
    RESULT = 10  # the nodes' final values
    RESET = 11  # forget the stream
    DESTROY = 12  # a node of a segment
    GRAPH = 13  # a whole graph: made and opened
    JOB = 14  # one trigger through the whole graph -> outputs, results, report
    CANCEL = 15  # give the running job up; no answer of its own
    NOTHING = 16  # answered in its turn
    DONE = 32  # the answer
    ERROR = 33  # the answer is an exception
    LOG = 34  # a line for the log, in between


class Link:
    """The worker's end: waits for a message, one at a time."""

    def __init__(self, end: socket.socket) -> None:
        self.socket = end
        self._sending = threading.Lock()  # a node's own threads may log
        self._early: deque[tuple[Op, int, bytes]] = deque()

    def receive(self) -> tuple[Op, int, bytes]:
        """Wait for the next message. Raises EOFError when the other end is gone."""
        return self._early.popleft() if self._early else self._next()

    def gives_up(self) -> bool:
        """Read a message that comes while another is worked on; whether that shall be given up."""
        try:
            message = self._next()
        except (EOFError, OSError):
            return True
        if message[0] is Op.CANCEL:
            return True
        self._early.append(message)
        return False

    def _next(self) -> tuple[Op, int, bytes]:
        length, op, number = PREFIX.unpack(self._exactly(PREFIX.size))
        return Op(op), number, self._exactly(length)

    def send(self, op: Op, number: int, body: bytes) -> None:
        """Send a message, waiting for room."""
        with self._sending:
            self.socket.sendall(PREFIX.pack(len(body), op, number) + body)

    def _exactly(self, size: int) -> bytes:
        data = bytearray()
        while len(data) < size:
            part = self.socket.recv(size - len(data))
            if not part:
                raise EOFError("the link is closed")
            data += part
        return bytes(data)


def cut_messages(buffer: bytearray) -> list[tuple[Op, bytes]]:
    """Take the whole messages out of the buffer, and leave what has come of the next one.

    Raises ValueError when it cannot be a message.
    """
    messages = []
    at = 0
    while len(buffer) - at >= PREFIX.size:
        length, op, _ = PREFIX.unpack_from(buffer, at)
        if length > _MOST:
            raise ValueError(f"a message of {length} bytes")
        end = at + PREFIX.size + length
        if len(buffer) < end:
            break
        messages.append((Op(op), bytes(buffer[at + PREFIX.size : end])))
        at = end
    del buffer[:at]
    return messages
