"""The test kit that ships: a one-node harness, the conformance sweep, virtual time, faulty nodes, leaks.

Tools for those who write nodes or build on the engine; nothing here is loaded when a graph runs. The
strategies (``valid_graphs``, ``mutated_graphs``, ``any_documents`` and their kin) need hypothesis.
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
    "NodeRun": "harness",
    "cut": "harness",
    "drive_node": "harness",
    "join": "harness",
    "run_node": "harness",
    "check_cutting": "conformance",
    "check_node": "conformance",
    "check_parameters": "conformance",
    "any_documents": "documents",
    "damaged_texts": "documents",
    "json_values": "documents",
    "mutated_graphs": "documents",
    "node_configs": "documents",
    "capped": "strategies",
    "trigger_frames": "strategies",
    "valid_graphs": "strategies",
}

__all__ = [
    "Deadlock",
    "Leak",
    "NodeRun",
    "VirtualLoop",
    "VirtualTimeout",
    "any_documents",
    "assert_conserved",
    "capped",
    "check_cutting",
    "check_leaks",
    "check_node",
    "check_parameters",
    "clear_probes",
    "cut",
    "damaged_texts",
    "drive_node",
    "join",
    "json_values",
    "mutated_graphs",
    "no_leaks",
    "node_configs",
    "probe",
    "registered",
    "run_node",
    "run_virtual",
    "trigger_frames",
    "valid_graphs",
    "virtual_time",
]

if TYPE_CHECKING:
    from streamlab.testing.conformance import check_cutting, check_node, check_parameters
    from streamlab.testing.conserved import assert_conserved
    from streamlab.testing.documents import (
        any_documents,
        damaged_texts,
        json_values,
        mutated_graphs,
        node_configs,
    )
    from streamlab.testing.harness import NodeRun, cut, drive_node, join, run_node
    from streamlab.testing.leaks import Leak, check_leaks, no_leaks
    from streamlab.testing.nodes import registered
    from streamlab.testing.probes import clear_probes, probe
    from streamlab.testing.strategies import capped, trigger_frames, valid_graphs
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
