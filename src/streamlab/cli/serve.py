"""``streamlab serve``: the page, until Ctrl-C."""

import asyncio
import json
import os
import sys
import webbrowser
from collections.abc import Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from streamlab.cli.examples import example_folder
from streamlab.cli.outcome import DONE, UsageError
from streamlab.cli.results import console
from streamlab.cli.signals import Interrupts
from streamlab.engine.user_nodes import import_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streamlab.server.run import Listener, PageServer
    from streamlab.server.service import Service

__all__ = ["serve"]


def serve(
    graph: Path | None,
    *,
    host: str,
    port: int | None,
    project: Path | None,
    allowed: Sequence[str] = (),
    roots: Sequence[Path] = (),
    nodes: Path | None = None,
    browser: bool = True,
    token_file: Path | None = None,
) -> int:
    """Serve the page of a project and return the exit code.

    Raises StreamLabError for a call that is wrong.
    """
    missing = [name for name in ("fastapi", "uvicorn", "websockets") if find_spec(name) is None]
    if missing:
        raise UsageError(
            f"the page needs {', '.join(missing)}", hint="python -m pip install 'streamlab-core[server]'"
        )
    from streamlab.server.project import Project
    from streamlab.server.run import PageServer, bind, make_access, project_folder
    from streamlab.server.service import Service

    if graph is not None and not graph.is_file():
        raise UsageError(f"{graph}: no such graph file")
    if nodes is not None:
        import_nodes(nodes)
    folder = Project(project_folder(graph, project))
    listener = bind(host, port)
    try:
        opened = None if graph is None else folder.root.name(graph.resolve())
        service = Service(
            folder,
            make_access(listener, list(allowed)),
            roots=[root.resolve() for root in roots],
            examples=example_folder(),
            opened=opened,
            nodes=[nodes.resolve()] if nodes is not None else (),
        )
        server = PageServer(service, listener)
    except BaseException:
        listener.close()
        raise
    interrupts = Interrupts()

    async def until_stopped() -> None:
        with interrupts.watch(server.stop, server.abort):
            await server.run_until_stopped(lambda: _welcome(server, service, browser=browser))

    with _token_file(token_file, service, listener):
        asyncio.run(until_stopped())
    return interrupts.exit_code or DONE


def _welcome(server: "PageServer", service: "Service", *, browser: bool) -> None:
    from streamlab.server.run import is_loopback

    listener, access = server.listener, service.access
    out = console()
    out.print(f"StreamLab serves {service.project.folder}", soft_wrap=True, markup=False)
    if not service.bundle.there:
        out.print("The page itself was not built (make page); the API answers.")
    if not is_loopback(listener.host):
        out.print(
            f"Everyone who can reach {listener.address} and has the link below can run graphs "
            "and read and write files of the project."
        )
    out.print(f"\n    {access.link(listener.address)}\n", soft_wrap=True, markup=False)
    out.print("Ctrl-C stops it.")
    if browser:
        fragment = f"#/edit/{service.opened}" if service.opened else ""
        asyncio.get_running_loop().run_in_executor(
            None, _open, f"http://{listener.address}/?token={access.launch_code()}{fragment}"
        )


def _open(address: str) -> None:
    """Open a browser. Its command line can be read by others here, so the address works once."""
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or sys.platform in _SCREENS
    if screen:  # else a browser of the terminal would take the terminal
        webbrowser.open(address)


_SCREENS = ("darwin", "win32")


@contextmanager
def _token_file(path: Path | None, service: "Service", listener: "Listener") -> "Iterator[None]":
    """Leave link and token in a file that only its owner can read, as long as the server runs."""
    if path is None:
        yield
        return
    told = {"url": service.access.link(listener.address), "token": service.access.token, "pid": os.getpid()}
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(told, file)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
