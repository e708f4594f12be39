"""The published schema says what the validator says, by a validator that is not ours (G5)."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from streamlab.core import DataFrame, ProcessingNode, param
from streamlab.core.registry import register, unregister
from streamlab.engine import Graph, graph_schema
from streamlab.errors import ParamError


class Taps(ProcessingNode):
    """Whole numbers with bounds, in every place where they may stand."""

    size: int = param(default=4, doc="Size", ge=1, le=1e6)
    limit: int | None = param(default=None, doc="Limit", gt=0, lt=10)
    weights: list[int] = param(default=[1], doc="Weights", ge=-2, le=2, min_length=1)

    def process(self, frame: DataFrame) -> DataFrame:
        return frame


@pytest.fixture(autouse=True)
def _taps() -> Any:
    register("Taps", Taps)
    yield
    unregister("Taps")


@pytest.mark.contract("G5")
@pytest.mark.parametrize(
    ("config", "right"),
    [
        ({"size": 1}, True),
        ({"size": 1_000_000.0}, True),
        ({"size": 0}, False),
        ({"size": 1_000_001}, False),
        ({"size": 1.5}, False),
        ({"limit": 9}, True),
        ({"limit": None}, True),
        ({"limit": 0}, False),
        ({"limit": 10.0}, False),
        ({"weights": [-2, 2.0]}, True),
        ({"weights": [3]}, False),
        ({"weights": []}, False),
    ],
)
def test_bounds_of_whole_numbers_stand_in_the_schema(config: dict[str, Any], right: bool) -> None:
    document = {"nodes": [{"id": "a", "type": "Taps", "config": config}]}
    assert jsonschema.Draft202012Validator(graph_schema(["Taps"])).is_valid(document) == right
    assert [problem.kind for problem in Graph.load(document).problems()] == ([] if right else ["shape"])


def test_a_number_out_of_bounds_is_shown_as_it_was_written() -> None:
    with pytest.raises(ParamError) as caught:
        Taps(size=0.0, limit=10.0, weights=[1, 3.0])
    assert [(item.pointer, item.found) for item in caught.value.problems] == [
        ("/size", "0.0"),
        ("/limit", "10.0"),
        ("/weights/1", "3.0"),
    ]
