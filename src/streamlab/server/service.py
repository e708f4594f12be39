"""What one server is made of: a project, who may come in, the page's files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from streamlab.server.access import Access
from streamlab.server.bundle import Bundle
from streamlab.server.checking import Places
from streamlab.server.pipelines import Pipelines
from streamlab.server.project import Project
from streamlab.server.sessions import Sessions
from streamlab.server.watch import Watch

__all__ = ["Service"]


@dataclass
class Service:
    """The parts that the routes share.

    ``roots`` are folders besides the project that graphs may read recordings from, ``examples`` is where the
    examples lie, ``opened`` the graph that was named on the command line, as a path in the project, ``nodes``
    are files of Python whose node types the worker processes know, too.
    """

    project: Project
    access: Access
    bundle: Bundle = field(default_factory=Bundle)
    roots: Sequence[Path] = ()
    examples: Path | None = None
    opened: str | None = None
    nodes: Sequence[Path] = ()
    sessions: Sessions = field(default_factory=Sessions)
    pipelines: Pipelines = field(init=False)
    watch: Watch = field(init=False)

    def __post_init__(self) -> None:
        self.pipelines = Pipelines(self.sessions.tell, self.nodes)
        self.watch = Watch(self.project, self.sessions.tell, self.sessions.any)

    def places(self, path: str | None) -> Places:
        """Return where the files of a graph may lie. Raises ApiError 422 for a path that cannot be."""
        project = self.project
        return Places(project.folder_of(path), [project.folder, *self.roots], project.outputs)

    @property
    def reports(self) -> bool:
        """Whether reports can be made."""
        return find_spec("streamlab.report") is not None and find_spec("jinja2") is not None
