"""``streamlab new node``: a node type that works, with the test that shows it."""

import keyword
import re
from importlib.util import find_spec
from pathlib import Path

from streamlab.cli.outcome import DONE, UsageError
from streamlab.cli.results import console
from streamlab.core import node_types
from streamlab.errors import FileError

__all__ = ["new_node"]


def new_node(name: str, folder: Path) -> int:
    """Write the two files and return the exit code.

    Raises UsageError for a name that cannot be one or a file in the way, FileError.
    """
    module = _checked(name)
    node, test = folder / f"{module}.py", folder / f"test_{module}.py"
    taken = [str(path) for path in (node, test) if path.exists()]
    if taken:
        raise UsageError(
            f"{' and '.join(taken)}: there already", hint="nothing was written; take another name"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(node, _NODE.replace("NAME", name))
        _write(test, _TEST.replace("NAME", name).replace("MODULE", module))
    except OSError as error:
        raise FileError(error.filename or folder, f"cannot be written: {error.strerror}") from error
    out = console()
    out.print(f"written: {node}, {test}", soft_wrap=True, markup=False)
    first = "" if find_spec("pytest") else "   (pip install pytest)"
    out.print(f"test it: python -m pytest {test}{first}", soft_wrap=True, markup=False)
    out.print(f"use it:  streamlab run GRAPH --nodes {node}", soft_wrap=True, markup=False)
    return DONE


def _write(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:  # never over something that has just come
        file.write(text)


def _checked(name: str) -> str:
    """Return the module's name for a type name: ``PeakHold`` -> ``peak_hold``."""
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name):
        better = "".join(part[:1].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", name))
        good = re.fullmatch(r"[A-Z][A-Za-z0-9]*", better) and better not in node_types()
        hint = f"did you mean {better!r}?" if good else "letters and digits, beginning with a capital"
        raise UsageError(f"{name!r} is not a name for a node type", hint=hint)
    if name in node_types():
        raise UsageError(f"the node type {name!r} exists already", hint="take another name")
    module = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    return f"{module}_node" if keyword.iskeyword(module) else module


_NODE = '''"""NAME: multiply by a factor. Say here what it does instead."""

from streamlab.core import DataFrame, ProcessingNode, param, register


@register("NAME")
class NAME(ProcessingNode):
    """Multiply every channel by a factor.

    Input    any frame, (channels, n)        Output  same shape, unit unchanged
    Kind     sample-wise                     State   none
    Gaps     passed on                       Errors  ParamError on bad parameters

    Example
    -------
    >>> frame = DataFrame(payload={"mic": [1.0, -2.0]})
    >>> NAME(factor=3.0).process(frame).payload["mic"].tolist()
    [3.0, -6.0]
    """

    kind = "sample-wise"  # n samples in, n out, however the stream is cut

    factor: float = param(default=1.0, doc="What to multiply by", unit="1", ge=-1e6, le=1e6, live=True)

    def process(self, frame: DataFrame) -> DataFrame:
        """Return the frame, scaled: its header around new samples, for the input is not ours to change."""
        return frame.with_samples(frame.samples * self.factor)
'''

_TEST = '''"""NAME: its numbers, what every node promises, and a graph that has it."""

import sys
from pathlib import Path

import numpy as np

import streamlab
from streamlab.core import DataFrame
from streamlab.testing.conformance import check_node
from streamlab.testing.harness import run_node

sys.path.insert(0, str(Path(__file__).parent))
from MODULE import NAME


def test_numbers() -> None:
    frame = DataFrame(payload={"mic": [1.0, -2.0, 0.5]}, sample_rate=48000)
    made = run_node(NAME(factor=3.0), [frame])
    assert made[0].payload["mic"].tolist() == [3.0, -6.0, 1.5]


def test_keeps_what_every_node_promises() -> None:
    check_node(NAME, {"factor": -2.0})


def test_runs_in_a_graph() -> None:
    graph = {
        "nodes": [
            {"id": "gen", "type": "SineGenerator", "config": {"frequency": 50.0}},
            {"id": "mine", "type": "NAME", "config": {"factor": 2.0}},
        ],
        "connections": [{"from": "gen", "to": "mine"}],
    }
    report = streamlab.run(graph, triggers=[DataFrame(0, 0)], collect=["gen", "mine"])
    assert np.array_equal(report.outputs["mine"][0].samples, 2.0 * report.outputs["gen"][0].samples)
'''
