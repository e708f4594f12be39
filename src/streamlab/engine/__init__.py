"""Runs graphs: load, validate, plan, stream, pool. Knows node classes only through the registry."""

from streamlab.engine.async_pipeline import AsyncPipeline
from streamlab.engine.graph import Graph, load_graph
from streamlab.engine.job import JobResult
from streamlab.engine.layout import Plan
from streamlab.engine.outlet import Tap
from streamlab.engine.pipeline import Pipeline, run, run_to_end
from streamlab.engine.pipeline_pool import Job, PipelinePool
from streamlab.engine.report import Report
from streamlab.engine.schema import graph_schema
from streamlab.engine.subscription import Subscription

__all__ = [
    "AsyncPipeline",
    "Graph",
    "Job",
    "JobResult",
    "Pipeline",
    "PipelinePool",
    "Plan",
    "Report",
    "Subscription",
    "Tap",
    "graph_schema",
    "load_graph",
    "run",
    "run_to_end",
]
