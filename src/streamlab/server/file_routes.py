"""Routes of files and examples."""

import asyncio
from collections.abc import Iterator
from typing import Annotated, Any, BinaryIO, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from streamlab.server.examples import Examples
from streamlab.server.files import Exists, Files
from streamlab.server.models import Empty
from streamlab.server.replies import attachment_headers
from streamlab.server.service import Service

__all__ = ["file_routes"]

Role = Literal["input", "output"]

_CHUNK = 1 << 18


def file_routes(service: Service) -> APIRouter:
    """Return the routes of a server's files."""
    routes = APIRouter(prefix="/api")
    files, examples = Files(service.project), Examples(service.examples)

    @routes.get("/files")
    async def listed(role: Annotated[Role, Query()] = "input") -> dict[str, Any]:
        """List recordings, or what runs have written."""
        return {"files": await asyncio.to_thread(files.listed, role)}

    @routes.get("/files/{path:path}")
    async def download(path: str, role: Annotated[Role, Query()] = "input") -> Response:
        """Return a file to be saved."""
        file = files.root(role).open(path)
        kind = "application/octet-stream"
        return StreamingResponse(_chunks(file), 200, attachment_headers(path), kind)

    @routes.put("/files/{path:path}", status_code=201, openapi_extra=_OCTETS)
    async def upload(
        path: str, request: Request, if_exists: Annotated[Exists, Query()] = "error"
    ) -> dict[str, Any]:
        """Put a recording into the project."""
        name, size = await files.upload(path, if_exists, request.stream())
        return {"path": name, "size": size}

    @routes.get("/examples")
    async def example_list() -> dict[str, Any]:
        """List the examples."""
        return {"examples": await asyncio.to_thread(examples.listed)}

    @routes.post("/examples/{name}/open", status_code=201)
    async def example_open(name: str, body: Empty) -> dict[str, Any]:
        """Copy an example into the project, with the recordings that it needs."""
        path, revision = await asyncio.to_thread(examples.open, name, service.project)
        return {"path": path, "revision": revision}

    return routes


_OCTETS = {
    "requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}
}


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk
