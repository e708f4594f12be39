"""Answers that several routes give."""

from urllib.parse import quote

from fastapi import Request, Response

from streamlab.server.errors import ApiError

__all__ = ["attachment", "attachment_headers", "only_editors"]


def attachment_headers(path: str) -> dict[str, str]:
    """Return the headers of a file that is saved, and never shown on our origin."""
    name = path.rpartition("/")[2]
    plain = "".join(letter if letter.isascii() and letter.isprintable() else "_" for letter in name)
    plain = plain.replace('"', "_").replace("\\", "_")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"content-disposition": disposition, "cache-control": "no-store"}


def attachment(data: bytes, path: str, kind: str) -> Response:
    """Return an answer whose body is saved as a file."""
    return Response(data, 200, attachment_headers(path), kind)


def only_editors(request: Request) -> None:
    """Raise ApiError 403 for a session that may only look."""
    if request.state.role != "edit":
        raise ApiError(403, "view-only", "this session may look, but change nothing")
