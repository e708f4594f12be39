"""Commands that begin something of the user's own."""

from pathlib import Path
from typing import Annotated

import typer

from streamlab.cli.calls.options import Traceback
from streamlab.cli.outcome import guarded

__all__ = ["new_node"]


def new_node(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Type name, such as PeakHold")],
    folder: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where to write it")] = Path(),
    traceback: Traceback = False,
) -> None:
    """Write a file with a node type that works, and its test."""

    def body() -> int:
        from streamlab.cli.new import new_node

        return new_node(name, folder)

    raise typer.Exit(guarded(body, with_traceback=traceback))
