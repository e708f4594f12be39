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
    "probe": "probes",
    "clear_probes": "probes",
    "assert_conserved": "conserved",
    "registered": "nodes",
}

__all__ = [
    "Deadlock",
    "Leak",
    "VirtualLoop",
    "VirtualTimeout",
    "assert_conserved",
    "check_leaks",
    "clear_probes",
    "no_leaks",
    "probe",
    "registered",
    "run_virtual",
    "virtual_time",
]

if TYPE_CHECKING:
    from streamlab.testing.conserved import assert_conserved
    from streamlab.testing.leaks import Leak, check_leaks, no_leaks
    from streamlab.testing.nodes import registered
    from streamlab.testing.probes import clear_probes, probe
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
