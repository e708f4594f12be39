"""The command that serves the page."""

from pathlib import Path
from typing import Annotated

import typer

from streamlab.cli.calls.options import NodesFile, Traceback
from streamlab.cli.outcome import guarded

__all__ = ["serve"]


def serve(
    graph: Annotated[
        Path | None,
        typer.Argument(metavar="[GRAPH]", help="Graph file to open; none: the page of the project"),
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="Where to listen; other machines can reach all but loopback")
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, metavar="N", help="Port; 8710 if that is free, 0 for any free one"),
    ] = None,
    project: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of graphs and recordings; the graph's, or the current one"),
    ] = None,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Answer for this host name, too (name or name:port)"),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Graphs may read recordings from this folder, too"),
    ] = None,
    nodes: NodesFile = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open the page")] = True,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Leave link and token in this file, which only you can read"),
    ] = None,
    traceback: Traceback = False,
) -> None:
    """Serve the page: draw a graph, run it, watch it live.

    It prints a link with a token for this start, and opens it. Ctrl-C stops the graphs and the server.
    """

    def body() -> int:
        from streamlab.cli.serve import serve

        return serve(
            graph,
            host=host,
            port=port,
            project=project,
            allowed=allow_host or (),
            roots=files or (),
            nodes=nodes,
            browser=browser,
            token_file=token_file,
        )

    raise typer.Exit(guarded(body, with_traceback=traceback))
