"""The commands, put together. What each takes is in ``calls``, what it does is imported when it is called."""

from typing import Annotated

import typer

from streamlab.cli.calls import begin, checks, demos, files, graphs, page
from streamlab.cli.calls.options import CODES

__all__ = ["app"]

app = typer.Typer(
    name="streamlab",
    help="Measure, judge and record multi-channel signals as graphs of nodes, described in JSON.",
    epilog=CODES,
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


app.command(epilog=CODES)(graphs.run)
app.command()(graphs.validate)
app.command()(graphs.plan)
app.command()(graphs.nodes)
app.command()(graphs.schema)
app.command(epilog="[dim]streamlab info run.tdms take.wav[/]")(files.info)
app.command(epilog="[dim]streamlab convert run.tdms run.csv --select mic --start 10 --duration 60[/]")(
    files.convert
)
app.command()(page.serve)
app.command(epilog="[dim]streamlab bench --quick --only S1 --only growth[/]")(checks.bench)
app.command(epilog="[dim]streamlab conformance --rate 48000 --only weighting[/]")(checks.conformance)
demo_app.callback()(demos.demo)
demo_app.command("async")(demos.demo_async)
demo_app.command("level")(demos.demo_level)
new_app.command("node")(begin.new_node)
