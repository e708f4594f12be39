"""Commands on graphs: run one, check it, see its plan, its node types and its schema."""

from pathlib import Path
from typing import Annotated

import typer

from streamlab.cli.calls.options import AsJson, GraphFile, NodesFile, Settings, Traceback
from streamlab.cli.outcome import guarded

__all__ = ["nodes", "plan", "run", "schema", "validate"]


def run(
    graph: GraphFile,
    settings: Settings = None,
    triggers: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Give N triggers to a graph that waits for them")
    ] = None,
    duration: Annotated[
        float | None, typer.Option(metavar="S", help="End sources after S seconds of signal")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder that files are written under; made if it is not there"),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(metavar="FILE.html", help="Write a page with verdicts, results, plots and what was run"),
    ] = None,
    plots: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write each plot as PNG and SVG; the folder is made if not there"),
    ] = None,
    as_json: AsJson = False,
    nodes: NodesFile = None,
    traceback: Traceback = False,
) -> None:
    """Run a graph until its sources end.

    The first Ctrl-C lets arrive what is under way, the second aborts.

    [dim]streamlab run level.json --set mic.path=take.wav --out results --report level.html[/]
    """

    def body() -> int:
        from streamlab.cli.run import run_graph

        if duration is not None and not 0 < duration <= 1e9:
            raise typer.BadParameter(
                f"{duration:g} is not a length in seconds above 0", param_hint="--duration"
            )
        return run_graph(
            graph,
            settings=settings or (),
            triggers=triggers,
            duration=duration,
            out=out,
            as_document=as_json,
            nodes=nodes,
            page=report,
            plots=plots,
            with_traceback=traceback,
        )

    raise typer.Exit(guarded(body, with_traceback=traceback))


def validate(
    graphs: Annotated[list[Path], typer.Argument(metavar="GRAPH...", help="Graph files; - is stdin")],
    nodes: NodesFile = None,
    traceback: Traceback = False,
) -> None:
    """Say everything that is wrong with graphs.

    Opens nothing, runs nothing.
    """

    def body() -> int:
        from streamlab.cli.describe import validate_graphs

        return validate_graphs(graphs, nodes)

    raise typer.Exit(guarded(body, with_traceback=traceback))


def plan(
    graph: GraphFile,
    settings: Settings = None,
    as_json: AsJson = False,
    nodes: NodesFile = None,
    traceback: Traceback = False,
) -> None:
    """Show how a graph will run: segments, edges, bounds."""

    def body() -> int:
        from streamlab.cli.describe import show_plan

        return show_plan(graph, settings or (), nodes, as_document=as_json)

    raise typer.Exit(guarded(body, with_traceback=traceback))


def nodes(
    name: Annotated[str | None, typer.Argument(metavar="[TYPE]", help="A node type; all without it")] = None,
    as_json: AsJson = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="As Markdown: the reference page, or one type's part of it")
    ] = False,
    nodes: NodesFile = None,
    traceback: Traceback = False,
) -> None:
    """List the node types, or describe one of them.

    With ports, kind, and parameters with unit, bounds, default and whether they may change while it runs.
    """

    def body() -> int:
        from streamlab.cli.catalogue import show_nodes

        return show_nodes(name, nodes, as_document=as_json, markdown=markdown)

    raise typer.Exit(guarded(body, with_traceback=traceback))


def schema(
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write to a file, not to stdout")
    ] = None,
    nodes: NodesFile = None,
    traceback: Traceback = False,
) -> None:
    """Print the JSON Schema of graphs, for editors and programs."""

    def body() -> int:
        from streamlab.cli.describe import write_schema

        return write_schema(output, nodes)

    raise typer.Exit(guarded(body, with_traceback=traceback))
