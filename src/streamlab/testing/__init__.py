"""The test kit that ships: a loop with virtual time, nodes that misbehave on purpose, a check for leaks.

Tools for those who write nodes or build on the engine; nothing here is loaded when a graph runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOME = {
    "Deadlock": "virtual_loop",
    "VirtualLoop": "virtual_loop",
    "VirtualTimeout": "virtual_loop",
    "run_virtual": "virtual_loop",
    "virtual_time": "virtual_loop",
    "Leak": "leaks",
    "check_leaks": "leaks",
    "no_leaks": "leaks",
}

__all__ = [
    "Deadlock",
    "Leak",
    "VirtualLoop",
    "VirtualTimeout",
    "check_leaks",
    "no_leaks",
    "run_virtual",
    "virtual_time",
]

if TYPE_CHECKING:
    from streamlab.testing.leaks import Leak, check_leaks, no_leaks
    from streamlab.testing.virtual_loop import (
        Deadlock,
        VirtualLoop,
        VirtualTimeout,
        run_virtual,
        virtual_time,
    )


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
