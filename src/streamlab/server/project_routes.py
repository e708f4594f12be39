"""Routes of the project: catalogue, checks, graph files."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response

from streamlab import __version__
from streamlab.engine.graph import Graph
from streamlab.engine.schema import graph_schema
from streamlab.server.catalogue import catalogue, node_document
from streamlab.server.checking import check, targets
from streamlab.server.models import Check, Connect, Move, Save
from streamlab.server.replies import attachment, only_editors
from streamlab.server.service import Service

__all__ = ["project_routes"]

Session = Annotated[str | None, Header(alias="x-session", max_length=100)]
"""The session of who saves, so that it knows its own saves among those that everybody is told of."""


def project_routes(service: Service) -> APIRouter:
    """Return the routes of a server's project."""
    routes = APIRouter(prefix="/api")
    project, watch = service.project, service.watch

    @routes.get("/hello")
    async def hello(request: Request) -> dict[str, Any]:
        """Say what is served, and what the caller may do."""
        return {
            "version": __version__,
            "role": request.state.role,
            "project": {"name": project.folder.name or "project", "folder": str(project.folder)},
            "open": service.opened,
            "features": {"reports": service.reports},
        }

    @routes.get("/nodes")
    async def nodes() -> dict[str, Any]:
        """List the node types."""
        return {"nodes": await asyncio.to_thread(catalogue)}

    @routes.get("/nodes/{name}")
    async def node(name: str) -> dict[str, Any]:
        """Describe a node type."""
        return node_document(name)

    @routes.get("/schema")
    async def schema() -> dict[str, Any]:
        """Return the JSON Schema of graph documents."""
        return await asyncio.to_thread(graph_schema)

    @routes.post("/validate")
    async def validate(body: Check) -> dict[str, Any]:
        """Say what is wrong with a document and what flows in it."""
        return check(Graph.load(body.document), service.places(body.path))

    @routes.post("/connect")
    async def connect(body: Connect) -> dict[str, Any]:
        """Say where a new connection may end."""
        return {"targets": targets(body.document, body.from_, body.to)}

    @routes.get("/graphs")
    async def graphs() -> dict[str, Any]:
        """List the graph files."""
        return {"graphs": await asyncio.to_thread(project.graphs)}

    @routes.get("/graphs/{path:path}/download")
    async def download(path: str) -> Response:
        """Return a graph file as it is."""
        file = project.load(path)
        return attachment(file.text.encode(), path, "application/json")

    @routes.get("/graphs/{path:path}")
    async def load(path: str) -> dict[str, Any]:
        """Open a graph file."""
        file = project.load(path)
        found = check(project.graph(file), service.places(path))
        return {
            "path": path,
            "revision": file.revision,
            "modified": file.modified,
            "document": file.document,
            "text": file.text,
            "problems": found["problems"],
        }

    @routes.put("/graphs/{path:path}")
    async def save(path: str, body: Save, session: Session = None) -> dict[str, Any]:
        """Save a graph over the revision that it was made from."""
        revision, modified = project.save(path, body.document, body.base, force=body.force)
        watch.saved(path, revision, session)
        return {"path": path, "revision": revision, "modified": modified}

    @routes.post("/graphs/{path:path}/move")
    async def move(path: str, body: Move, session: Session = None) -> dict[str, Any]:
        """Give a graph another path."""
        revision, modified = project.move(path, body.to)
        watch.saved(path, None, session)
        watch.saved(body.to, revision, session)
        return {"path": body.to, "revision": revision, "modified": modified}

    @routes.delete("/graphs/{path:path}", status_code=204)
    async def delete(path: str, base: Annotated[str, Query()], session: Session = None) -> Response:
        """Delete a graph that is still what it was."""
        project.delete(path, base)
        watch.saved(path, None, session)
        return Response(status_code=204)

    @routes.get("/view-link")
    async def view_link(request: Request) -> dict[str, Any]:
        """Return a link for somebody who may look and change nothing."""
        only_editors(request)
        return {"url": service.access.link(request.headers["host"], "view")}

    return routes
