"""The demos."""

from pathlib import Path
from typing import Annotated

import typer

from streamlab.cli.calls.options import Traceback
from streamlab.cli.outcome import guarded

__all__ = ["demo", "demo_async", "demo_level"]


def demo(context: typer.Context, traceback: Traceback = False) -> None:
    """Show it at work. Without a name: single shots, sine -> gain 2.5 -> print."""
    if context.invoked_subcommand is not None:
        return

    def body() -> int:
        from streamlab.cli.demo import single_shots

        return single_shots()

    raise typer.Exit(guarded(body, with_traceback=traceback))


def demo_async(traceback: Traceback = False) -> None:
    """Stream five frames, then ten jobs on a pool of width 3, then what the run has shown."""

    def body() -> int:
        from streamlab.cli.demo_async import demo_async

        return demo_async()

    raise typer.Exit(guarded(body, with_traceback=traceback))


def demo_level(
    recording: Annotated[
        Path | None,
        typer.Option("--input", metavar="WAV", help="A recording in place of the simulated microphone"),
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for the tables and plots; made if not there")
    ] = Path("demo-output"),
    full_scale: Annotated[
        float | None,
        typer.Option(metavar="PA", help="Sound pressure in Pa of a full-scale sample: calibrates --input"),
    ] = None,
    limit: Annotated[
        float | None,
        typer.Option(metavar="DB", help="Largest LAeq of a second that passes; 85 by default"),
    ] = None,
    realtime: Annotated[bool, typer.Option("--realtime", help="At the pace of the signal")] = False,
    traceback: Traceback = False,
) -> None:
    """Survey the noise at a microphone: levels, third octaves, tables, plots, verdicts."""

    def body() -> int:
        from streamlab.cli.demo_level import demo_level

        return demo_level(recording, out, full_scale=full_scale, limit=limit, realtime=realtime)

    raise typer.Exit(guarded(body, with_traceback=traceback))
