"""Options that several commands have."""

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["CODES", "AsJson", "GraphFile", "NodesFile", "Settings", "Traceback"]

CODES = (
    "[bold]Exit codes[/]\n\n0 done; 1 a verdict is not PASS, or a check did not hold; 2 the graph or the "
    "call is wrong; 3 a node failed, or an output could not be written; 130 Ctrl-C and 143 SIGTERM, after "
    "what was under way has arrived; 141 nobody reads the output any more."
)

GraphFile = Annotated[Path, typer.Argument(metavar="GRAPH", help="Graph file (JSON); - reads it from stdin")]
NodesFile = Annotated[
    Path | None,
    typer.Option("--nodes", metavar="FILE.py", help="Run this Python file and use the node types it defines"),
]
Traceback = Annotated[bool, typer.Option("--traceback", help="Show Python's traceback with an error")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else, on stdout")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NODE.PARAM=VALUE", help="Change a parameter; VALUE is JSON, or else text"),
]
