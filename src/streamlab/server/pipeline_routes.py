"""Routes of the pipelines: deploy, start, trigger, stop, change, look at."""

from typing import Any

from fastapi import APIRouter, Body, Response

from streamlab.server.errors import ApiError
from streamlab.server.models import Apply, Deploy, Empty, Start, Stop, Trigger
from streamlab.server.replies import attachment
from streamlab.server.service import Service

__all__ = ["pipeline_routes"]


def pipeline_routes(service: Service) -> APIRouter:
    """Return the routes of a server's pipelines."""
    routes = APIRouter(prefix="/api/pipelines")
    pipelines = service.pipelines

    @routes.get("")
    async def listed() -> dict[str, Any]:
        """List the pipelines."""
        return {"pipelines": [each.described() for each in pipelines]}

    @routes.post("", status_code=201)
    async def deploy(body: Deploy) -> dict[str, Any]:
        """Deploy a graph, and start it if that is asked for."""
        document, revision = body.document, body.revision
        if document is None:
            if body.path is None:
                raise ApiError(400, "bad-request", "give a document, or the path of a graph")
            file = service.project.load(body.path)
            service.project.graph(file).validate()
            document, revision = file.document, file.revision
        places = service.places(body.path)
        pipeline = await pipelines.deploy(document, places, body.path, revision)
        pipeline.how |= {"pace": body.pace, "drive": body.drive, "duration": body.duration}
        if body.start:
            try:
                await pipeline.start()
            except ApiError as error:
                if error.code != "failed":
                    await pipelines.delete(pipeline.id)
                    raise
        return pipeline.described(whole=True)

    @routes.get("/{name}")
    async def one(name: str) -> dict[str, Any]:
        """Describe a pipeline, document included."""
        return pipelines.get(name).described(whole=True)

    @routes.post("/{name}/start")
    async def start(name: str, body: Start) -> dict[str, Any]:
        """Run a pipeline; after an end it begins anew."""
        pipeline = pipelines.get(name)
        await pipeline.start(**body.model_dump(exclude_unset=True))
        return pipeline.described(whole=True)

    @routes.post("/{name}/stop")
    async def stop(name: str, body: Stop) -> dict[str, Any]:
        """End a pipeline; what is in flight arrives, as far as there is time."""
        pipeline = pipelines.get(name)
        await pipeline.stop(body.timeout)
        return pipeline.described(whole=True)

    @routes.post("/{name}/finish")
    async def finish(name: str, body: Empty) -> dict[str, Any]:
        """Say that no more triggers come."""
        pipeline = pipelines.get(name)
        await pipeline.finish()
        return pipeline.described(whole=True)

    @routes.post("/{name}/trigger")
    async def trigger(name: str, body: Trigger) -> dict[str, Any]:
        """Give triggers."""
        return {"given": await pipelines.get(name).trigger(body.count, body.to)}

    @routes.put("/{name}/graph")
    async def apply(name: str, body: Apply) -> dict[str, Any]:
        """Put another document in its place, and run that if the one before ran."""
        pipeline = pipelines.get(name)
        await pipeline.load(body.document, pipeline.path, body.revision)
        return pipeline.described(whole=True)

    @routes.patch("/{name}/nodes/{node:path}")
    async def update(name: str, node: str, changes: dict[str, Any] = Body()) -> dict[str, Any]:  # noqa: B008
        """Change live parameters of a node."""
        return {"live": await pipelines.get(name).update(node, changes)}

    @routes.delete("/{name}", status_code=204)
    async def delete(name: str) -> Response:
        """End a pipeline and forget it."""
        await pipelines.delete(name)
        return Response(status_code=204)

    @routes.get("/{name}/metrics")
    async def metrics(name: str) -> dict[str, Any]:
        """Return the newest metrics."""
        pipeline = pipelines.get(name)
        if pipeline.metrics is None:
            raise ApiError(404, "not-found", "no metrics yet: the pipeline has not run")
        return pipeline.metrics

    @routes.get("/{name}/plan")
    async def plan(name: str) -> dict[str, Any]:
        """Return the compiled plan."""
        return pipelines.get(name).plan

    @routes.get("/{name}/results")
    async def results(name: str) -> dict[str, Any]:
        """Return the results, and the report of the last run once it has ended."""
        pipeline = pipelines.get(name)
        verdict = None if pipeline.report is None else pipeline.report["verdict"]
        return {"results": pipeline.results, "verdict": verdict, "report": pipeline.report}

    @routes.get("/{name}/report")
    async def report(name: str) -> Response:
        """Return the report of the last run, a page to be saved."""
        pipeline = pipelines.get(name)
        return attachment(await pipeline.report_page(), f"{pipeline.name}.html", "text/html; charset=utf-8")

    @routes.get("/{name}/log")
    async def log(name: str) -> dict[str, Any]:
        """Return what the nodes have printed and logged lately."""
        return {"lines": list(pipelines.get(name).log)}

    return routes
