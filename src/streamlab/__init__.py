"""StreamLab: streaming analysis and test of multi-channel signals.

The user's door. Everything here is loaded on first use, so ``import streamlab`` costs next to nothing;
authors of nodes find the wider vocabulary in :mod:`streamlab.core`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "AsyncPipeline": "streamlab.engine",
    "Pipeline": "streamlab.engine",
    "PipelinePool": "streamlab.engine",
    "DataFrame": "streamlab.core",
    "StreamInfo": "streamlab.core",
    "ChannelInfo": "streamlab.core",
    "ProcessingNode": "streamlab.core",
    "Source": "streamlab.core",
    "Graph": "streamlab.engine",
    "param": "streamlab.core",
    "channel": "streamlab.core",
    "register": "streamlab.core",
    "load_graph": "streamlab.engine",
    "run": "streamlab.engine",
}

__all__ = [
    "AsyncPipeline",
    "Pipeline",
    "PipelinePool",
    "DataFrame",
    "StreamInfo",
    "ChannelInfo",
    "ProcessingNode",
    "Source",
    "Graph",
    "param",
    "channel",
    "register",
    "load_graph",
    "run",
]

if TYPE_CHECKING:
    from streamlab.core import (
        ChannelInfo,
        DataFrame,
        ProcessingNode,
        Source,
        StreamInfo,
        channel,
        param,
        register,
    )
    from streamlab.engine import AsyncPipeline, Graph, Pipeline, PipelinePool, load_graph, run


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'streamlab' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOME})
