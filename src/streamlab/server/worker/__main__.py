"""Entry of a worker: ``python -m streamlab.server.worker LINK PARENT [NODES.py]``.

Started by :class:`streamlab.server.process.WorkerProcess`, by nobody else.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
from importlib import import_module
from pathlib import Path

from streamlab.core.catalogue import BUILT_IN
from streamlab.core.registry import node_class
from streamlab.engine.user_nodes import import_nodes
from streamlab.engine.worker import die_with
from streamlab.server.worker.host import Host


def _warm_up() -> None:
    """Load now, while nobody waits, what the first run would load."""
    for name in (*BUILT_IN, *_LATE_MODULES):
        if name in BUILT_IN:
            node_class(name).param_set.json_schema()
        else:
            import_module(name)


_LATE_MODULES = ("streamlab.report", "scipy.fft", "scipy.signal", "scipy.signal.windows", "soundfile")


async def _serve(link: int) -> None:
    host = Host()
    end = socket.socket(fileno=link)
    end.setblocking(False)
    await asyncio.get_running_loop().create_connection(lambda: host.wire, sock=end)
    host.wire.send({"event": "ready", "pid": os.getpid()})
    await host.over
    await host.close()


def _main(arguments: list[str]) -> None:
    link, parent, *nodes = arguments
    die_with(int(parent))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to answer
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    for path in nodes:
        import_nodes(Path(path))
    _warm_up()
    asyncio.run(_serve(int(link)))
    logging.shutdown()
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(0)  # threads of a node that hang cannot hold it


if __name__ == "__main__":
    _main(sys.argv[1:])
