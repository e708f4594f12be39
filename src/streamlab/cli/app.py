"""The commands and their options. Each body is imported when it is called; this module knows none of them."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from streamlab.cli.outcome import guarded

__all__ = ["app"]

_CODES = (
    "[bold]Exit codes[/]\n\n0 done; 1 a verdict is not PASS, or a check did not hold; 2 the graph or the "
    "call is wrong; 3 a node failed, or an output could not be written; 130 Ctrl-C and 143 SIGTERM, after "
    "what was under way has arrived; 141 nobody reads the output any more."
)

app = typer.Typer(
    name="streamlab",
    help="Measure, judge and record multi-channel signals as graphs of nodes, described in JSON.",
    epilog=_CODES,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="rich",
)
demo_app = typer.Typer(
    help="Show it at work: single shots, [bold]async[/], [bold]level[/].",
    invoke_without_command=True,
)
new_app = typer.Typer(help="Begin something of your own.", no_args_is_help=True)
app.add_typer(demo_app, name="demo")
app.add_typer(new_app, name="new")

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


def _version(asked: bool) -> None:
    if asked:
        from streamlab import __version__

        print(f"streamlab {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit", is_eager=True, callback=_version)
    ] = False,
) -> None:
    pass


@app.command(epilog=_CODES)
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@demo_app.callback()
def demo(context: typer.Context, traceback: Traceback = False) -> None:
    """Show it at work. Without a name: single shots, sine -> gain 2.5 -> print."""
    if context.invoked_subcommand is not None:
        return

    def body() -> int:
        from streamlab.cli.demo import single_shots

        return single_shots()

    raise typer.Exit(guarded(body, with_traceback=traceback))


@demo_app.command("async")
def demo_async(traceback: Traceback = False) -> None:
    """Stream five frames, then ten jobs on a pool of width 3, then what the run has shown."""

    def body() -> int:
        from streamlab.cli.demo_async import demo_async

        return demo_async()

    raise typer.Exit(guarded(body, with_traceback=traceback))


@demo_app.command("level")
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


@app.command(epilog="[dim]streamlab bench --quick --only S1 --only growth[/]")
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


@app.command(epilog="[dim]streamlab info run.tdms take.wav[/]")
def info(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Recordings of any format")],
    as_json: AsJson = False,
    traceback: Traceback = False,
) -> None:
    """Say what is in recordings: streams, channels, rates, units, length, start, gaps.

    The format is found by what is in a file, not by its name.
    """

    def body() -> int:
        from streamlab.cli.info import show_info

        return show_info(files, as_document=as_json, with_traceback=traceback)

    raise typer.Exit(guarded(body, with_traceback=traceback))


@app.command(epilog="[dim]streamlab convert run.tdms run.csv --select mic --start 10 --duration 60[/]")
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


@app.command()
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
            browser=browser,
            token_file=token_file,
        )

    raise typer.Exit(guarded(body, with_traceback=traceback))


@app.command(epilog="[dim]streamlab conformance --rate 48000 --only weighting[/]")
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


@new_app.command("node")
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
