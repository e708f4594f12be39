"""A node knows which graph it belongs to, wherever it works (W20)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import pytest

import streamlab
from streamlab.core import DataFrame
from streamlab.engine import Graph, Pipeline, PipelinePool
from streams import chain, frames, node
from worker_nodes import worker_types

pytestmark = pytest.mark.skipif(os.name != "posix", reason="worker processes need POSIX")


@pytest.fixture(autouse=True)
def _types() -> Iterator[None]:
    with worker_types():
        yield


def graph(**options: Any) -> Graph:
    document = chain(node("a", "KnowsGraph", **options), node("b", "KnowsGraph"))
    return Graph.load({**document, "name": "who am I"})


@pytest.mark.contract("W20")
@pytest.mark.parametrize("executor", ["inline", "thread", "process"])
def test_every_node_knows_its_graph_from_on_create_on(executor: str) -> None:
    known = graph(executor=executor)
    report = streamlab.run(known, triggers=frames(2))
    assert report.results == {"a": ["who am I", known.hash, "a"], "b": ["who am I", known.hash, "b"]}


@pytest.mark.contract("W20")
@pytest.mark.parametrize("executor", ["inline", "process"])
def test_so_do_those_of_a_pool_and_of_a_single_shot(executor: str) -> None:
    known = graph()

    async def main() -> Any:
        async with PipelinePool(known, 1, executor=executor) as pool:  # type: ignore[arg-type]
            done = await (await pool.execute(DataFrame()))
        return done.results, await Pipeline(known).execute_once(DataFrame())

    results, outputs = asyncio.run(main())
    expected = ["who am I", known.hash, "b"]
    assert results["b"] == expected
    assert outputs["b"][0].metadata["context"] == expected
