"""The application: routes, and errors as every answer has them. The guard stands before it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from streamlab import __version__
from streamlab.core.params import pointer
from streamlab.errors import Problem, StreamLabError
from streamlab.server.catalogue import catalogue
from streamlab.server.errors import ApiError, error_body, told
from streamlab.server.file_routes import file_routes
from streamlab.server.guard import Guard
from streamlab.server.pipeline_routes import pipeline_routes
from streamlab.server.project_routes import project_routes
from streamlab.server.service import Service
from streamlab.server.sockets import Control, Data

__all__ = ["make_app", "make_inner_app"]

log = logging.getLogger("streamlab")

_CODES = {404: "not-found", 405: "not-found", 400: "bad-request"}


def make_app(service: Service) -> Guard:
    """Return the whole application, guard included."""
    return Guard(make_inner_app(service), service.access)


def make_inner_app(service: Service) -> FastAPI:
    """Return what stands behind the guard."""

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        await service.pipelines.warm_up()
        beside = [
            asyncio.create_task(service.watch.run(), name="streamlab:watch"),
            asyncio.create_task(
                asyncio.to_thread(catalogue), name="streamlab:catalogue"
            ),  # before it is asked
        ]
        try:
            yield
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await service.pipelines.close()

    app = FastAPI(
        title="StreamLab",
        version=__version__,
        summary="Graphs, pipelines and their streams.",
        openapi_url="/api/openapi.json",
        docs_url=None,  # those pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=life,
    )
    app.include_router(project_routes(service))
    app.include_router(file_routes(service))
    app.include_router(pipeline_routes(service))
    app.add_api_websocket_route("/api/control", Control(service).serve)
    app.add_api_websocket_route("/api/data", Data(service).serve)
    for path in ("/", "/{name}", "/assets/{asset}"):
        app.add_route(path, service.bundle.answer, methods=["GET"], include_in_schema=False)
    app.add_exception_handler(StreamLabError, _ours)
    app.add_exception_handler(RequestValidationError, _bad_body)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _fault)
    return app


async def _ours(request: Request, error: Exception) -> JSONResponse:
    answer = told(error) if isinstance(error, StreamLabError) else _as_fault(error)
    return JSONResponse(answer.body(), answer.status)


async def _bad_body(request: Request, error: Exception) -> JSONResponse:
    listed = error.errors() if isinstance(error, RequestValidationError) else ()
    problems = [
        Problem(
            pointer(*[part for part in item["loc"] if part != "body"]),
            str(item["msg"]),
            found=str(item.get("input"))[:60],
            kind="shape",
        )
        for item in listed
    ]
    text = problems[0].message if len(problems) == 1 else f"{len(problems)} problems in the request"
    return JSONResponse(error_body("bad-request", text, problems=problems), 400)


async def _http(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    code = _CODES.get(status, "bad-request")
    text = str(getattr(error, "detail", error))
    if status == 404:
        text = f"there is no {request.method} {request.url.path}"
    return JSONResponse(error_body(code, text), status)


async def _fault(request: Request, error: Exception) -> JSONResponse:
    answer = _as_fault(error)
    return JSONResponse(answer.body(), answer.status)


def _as_fault(error: Exception) -> ApiError:
    log.error("a fault of the server", exc_info=error)
    what = f"{type(error).__name__}: {error}"
    return ApiError(500, "internal", f"a fault of the server: {what}", hint="the server's terminal has more")
