"""Errors as the API tells them: a status, a code for programs, words for people."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from streamlab.errors import FileError, GraphError, ParamError, Problem, StreamLabError

__all__ = ["ApiError", "error_body", "told"]


class ApiError(StreamLabError):
    """What the API refuses or cannot do.

    ``status`` is that of HTTP, ``code`` one of the table in docs/reference/page-api.md, ``more`` goes into
    the body beside them.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        hint: str = "",
        problems: Iterable[Problem] = (),
        **more: Any,
    ) -> None:
        self.status, self.code, self.hint = status, code, hint
        self.message = message
        self.problems = tuple(problems)
        self.more = more
        super().__init__(message)

    def body(self) -> dict[str, Any]:
        """Return what is sent."""
        return error_body(self.code, self.message, hint=self.hint, problems=self.problems, more=self.more)


def error_body(
    code: str,
    message: str,
    *,
    hint: str = "",
    problems: Iterable[Problem] = (),
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return an error as every answer has it."""
    error: dict[str, Any] = {"code": code, "message": message, "hint": hint}
    listed = [asdict(problem) for problem in problems]
    if listed:
        error["problems"] = listed
    return {"error": error | dict(more or {})}


def told(error: StreamLabError) -> ApiError:
    """Return what the API answers where StreamLab raised this."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, GraphError):
        return ApiError(422, "bad-graph", _count(error), problems=error.problems)
    if isinstance(error, ParamError):
        return ApiError(422, "bad-params", _count(error), problems=error.problems)
    if isinstance(error, FileError):
        return ApiError(422, "bad-path", str(error), hint=error.hint)
    return ApiError(409, "state", str(error), hint=getattr(error, "hint", ""))


def _count(error: GraphError | ParamError) -> str:
    if len(error.problems) == 1:
        return f"{error.title}: {error.problems[0].message}" if error.title else error.problems[0].message
    return f"{error.title or 'graph'}: {len(error.problems)} problems"
