"""Watch: tells every client of a graph file that was saved, here or by another program."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from streamlab.server.project import Project

__all__ = ["Watch"]

_SECONDS = 2.0
_SHARE = 0.05
"""Of the time at most, for looking."""


class Watch:
    """Looks at the project's graphs every few seconds, as long as there is somebody to tell."""

    def __init__(
        self, project: Project, tell: Callable[[dict[str, Any]], None], anybody: Callable[[], bool]
    ) -> None:
        self._project = project
        self._tell = tell
        self._anybody = anybody
        self._took = 0.0
        self._known: dict[str, str] = {}

    def saved(self, path: str, revision: str | None, session: str | None) -> None:
        """A client has saved, moved or deleted a graph."""
        if revision is None:
            self._known.pop(path, None)
        elif self._known.get(path) == revision:
            return
        else:
            self._known[path] = revision
        self._tell({"type": "saved", "path": path, "revision": revision, "session": session})

    async def run(self) -> None:
        """Look until cancelled. A large project is looked at less often."""
        self._known = await self._look()
        while True:
            await asyncio.sleep(max(_SECONDS, self._took / _SHARE))
            if self._anybody():
                await self._compare()

    async def _compare(self) -> None:
        before = dict(self._known)
        found = await self._look()
        for path in before.keys() | found.keys():
            meanwhile = self._known.get(path) != before.get(path)
            if not meanwhile and before.get(path) != found.get(path):
                self.saved(path, found.get(path), None)

    async def _look(self) -> dict[str, str]:
        began = time.perf_counter()
        rows = await asyncio.to_thread(self._project.graphs)
        self._took = time.perf_counter() - began
        return {row["path"]: row["revision"] for row in rows}
