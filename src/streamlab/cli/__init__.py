"""The command ``streamlab``. Only what a call needs is imported, so that it answers at once."""

import io
import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave with its exit code; without arguments, those of the process are taken."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without μ shows a question mark
    if given == ["--version"]:
        from streamlab.cli.outcome import guarded

        sys.exit(guarded(_version, with_traceback=False))
    from streamlab.cli.app import app

    app(given, prog_name="streamlab")


def _version() -> None:
    """The one answer that needs nothing else; the command line knows the option too."""
    from streamlab import __version__

    print(f"streamlab {__version__}")
