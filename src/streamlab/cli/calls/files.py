"""Commands on recordings."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from streamlab.cli.calls.options import AsJson, Traceback
from streamlab.cli.outcome import guarded

__all__ = ["convert", "info"]


def info(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings of any format")],
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PARAM=VALUE",
            help="A parameter of the node that reads them; see streamlab nodes",
        ),
    ] = None,
    as_json: AsJson = False,
    traceback: Traceback = False,
) -> None:
    """Say what is in recordings: streams, channels, rates, units, length, start, gaps.

    The format is found by what is in a file, not by its name.
    """

    def body() -> int:
        from streamlab.cli.info import show_info

        return show_info(files, settings=settings or (), as_document=as_json, with_traceback=traceback)

    raise typer.Exit(guarded(body, with_traceback=traceback))


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="Recording of any format that can be read")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="File to write; its suffix says the format")],
    stream: Annotated[
        str | None, typer.Option(metavar="NAME", help="Stream to convert, where the recording has several")
    ] = None,
    all_streams: Annotated[
        bool, typer.Option("--all-streams", help="Each stream to a file of its own: OUT with its name")
    ] = False,
    select: Annotated[
        list[str] | None, typer.Option(metavar="CHANNEL", help="Convert this channel; may be given again")
    ] = None,
    start: Annotated[float, typer.Option(min=0, metavar="S", help="Where to begin, in seconds")] = 0.0,
    duration: Annotated[float | None, typer.Option(metavar="S", help="How many seconds to convert")] = None,
    scale: Annotated[
        float | None, typer.Option(metavar="FACTOR", help="What the numbers in the file are multiplied by")
    ] = None,
    unit: Annotated[str | None, typer.Option(metavar="UNIT", help="Unit of all channels")] = None,
    if_exists: Annotated[
        Literal["error", "overwrite", "number"],
        typer.Option(help="When OUT is there: refuse, write over it, or take the next free number"),
    ] = "error",
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="in.PARAM=VALUE",
            help="A parameter of the node that reads (in) or writes (out); see streamlab nodes",
        ),
    ] = None,
    as_json: AsJson = False,
    traceback: Traceback = False,
) -> None:
    """Write a recording in another format, or a part of it.

    Ctrl-C stops at once; what was written stays, under a name with .incomplete in it.
    """

    def body() -> int:
        from streamlab.cli.convert import Choice, convert_file

        if duration is not None and not 0 < duration <= 1e9:
            raise typer.BadParameter(
                f"{duration:g} is not a length in seconds above 0", param_hint="--duration"
            )
        choice = Choice(stream, all_streams, tuple(select or ()), start, duration, scale, unit, if_exists)
        return convert_file(
            source, target, choice, settings=settings or (), as_document=as_json, with_traceback=traceback
        )

    raise typer.Exit(guarded(body, with_traceback=traceback))
