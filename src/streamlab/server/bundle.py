"""The page's files: index and assets as `npm run build` has written them, from memory, by exact name."""

import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

__all__ = ["BUNDLE", "Bundle"]

BUNDLE = Path(__file__).parent / "_web"
"""Where the build puts it; it is made at install time and not under version control."""

_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_TYPES |= {".woff2": "font/woff2", ".json": "application/json", ".map": "application/json"}

_MISSING = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>StreamLab</title></head>
<body><main><h1>StreamLab</h1>
<p>The server runs and its API answers, but the page itself was not built: Node was missing when StreamLab
was installed. With Node 20 or newer:</p>
<pre>make page</pre>
<p>in the source tree (or <code>npm ci</code> and <code>npm run build</code> in its folder <code>web</code>),
then load this page again.</p></main></body></html>
"""


@dataclass(frozen=True)
class _File:
    data: bytes
    packed: bytes | None
    kind: str
    tag: str


class Bundle:
    """Serves the files under a folder; those that are not there when it is read do not exist.

    Names are looked up in what the folder held, so no path from outside ever meets the file system.
    """

    def __init__(self, folder: Path = BUNDLE) -> None:
        self.folder = folder
        self._files: dict[str, _File] = {}
        self._stamp = 0

    def read(self) -> None:
        """Read the folder again if its index has changed: a page that was rebuilt is served at once."""
        index = self.folder / "index.html"
        try:
            stamp = index.stat().st_mtime_ns
        except OSError:
            self._files, self._stamp = {}, 0
            return
        if stamp != self._stamp:
            self._files = {
                path.relative_to(self.folder).as_posix(): _read(path)
                for path in sorted(self.folder.rglob("*"))
                if path.is_file() and path.suffix != ".gz" and not path.name.startswith(".")
            }
            self._stamp = stamp

    @property
    def there(self) -> bool:
        """Whether there is a page to serve."""
        return (self.folder / "index.html").is_file()

    async def answer(self, request: Request) -> Response:
        """Answer a request for ``/`` or a file."""
        asset = request.path_params.get("asset")
        name = request.path_params.get("name", "index.html") if asset is None else f"assets/{asset}"
        if name == "index.html" or not self._files:
            self.read()
        file = self._files.get(name)
        if file is None:
            if name == "favicon.ico":  # browsers ask for it unasked
                return Response(status_code=204)
            if name == "index.html":
                return Response(_MISSING, 503, {"cache-control": "no-store"}, "text/html; charset=utf-8")
            return Response("no such file\n", 404, {"cache-control": "no-store"}, "text/plain")
        lasting = "no-store" if asset is None else "public, max-age=31536000, immutable"
        headers = {"cache-control": lasting, "etag": file.tag, "vary": "accept-encoding"}
        if request.headers.get("if-none-match") == file.tag:
            return Response(status_code=304, headers=headers)
        accepts = request.headers.get("accept-encoding", "")
        if file.packed is not None and "gzip" in accepts:
            return Response(file.packed, 200, headers | {"content-encoding": "gzip"}, file.kind)
        return Response(file.data, 200, headers, file.kind)


def _read(path: Path) -> _File:
    data = path.read_bytes()
    packed = path.with_name(f"{path.name}.gz")
    kind = _TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".html":
        kind = "text/html; charset=utf-8"
    tag = f'"{hashlib.sha256(data).hexdigest()[:32]}"'
    return _File(data, packed.read_bytes() if packed.is_file() else None, kind, tag)
