"""Commands that measure StreamLab itself."""

from pathlib import Path
from typing import Annotated

import typer

from streamlab.cli.calls.options import AsJson, Traceback
from streamlab.cli.outcome import guarded

__all__ = ["bench", "conformance"]


def bench(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write all samples as JSON, too")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Each thing once and briefly: shows that it works")
    ] = False,
    full: Annotated[
        bool, typer.Option("--full", help="Ten million frames for S12, not one: several minutes more")
    ] = False,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="NAME", help="Only these rows, such as S1, hop, E10, growth, limit"),
    ] = None,
    as_json: AsJson = False,
    traceback: Traceback = False,
) -> None:
    """Measure speed, latency and memory against their goals.

    Each figure is the median of some rounds; what it is compared with is measured in the same rounds. A goal
    may be missed; exit code 1 says that a figure is over twice what the engine's contract promises.
    """

    def body() -> int:
        from streamlab.cli.bench.command import bench

        return bench(output, quick=quick, full=full, only=only or (), as_document=as_json)

    raise typer.Exit(guarded(body, with_traceback=traceback))


def conformance(
    rates: Annotated[
        list[float] | None,
        typer.Option("--rate", metavar="HZ", help="Sample rates to measure at; 44.1, 48, 51.2 and 96 kHz"),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            "--only", metavar="NAME", help="Only these: weighting, level, octave, spectrum, reference"
        ),
    ] = None,
    as_json: AsJson = False,
    traceback: Traceback = False,
) -> None:
    """Measure what standards ask of sound level meters and filters.

    Frequency weightings, tone bursts, decays, peaks, octave filters, windows and references, each with its
    limit (class 1 where there are classes), on this machine. --json has every value that was measured.
    """

    def body() -> int:
        from streamlab.cli.conformance.command import conformance

        return conformance(rates or (), only or (), in_json=as_json)

    raise typer.Exit(guarded(body, with_traceback=traceback))
