"""The bodies that the API takes. What is not said here is refused."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

__all__ = [
    "Apply",
    "Check",
    "Connect",
    "Deploy",
    "Drive",
    "Empty",
    "Move",
    "Pace",
    "Save",
    "Start",
    "Stop",
    "Trigger",
]

Pace = Literal["realtime", "graph"]
Drive = Literal["auto", "manual"]
Document = dict[str, Any]
Duration = Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)]
Revision = Annotated[str, Field(pattern="^sha256:[0-9a-f]{64}$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Empty(_Body):
    """An object with nothing in it."""


class Check(_Body):
    """A document to check; ``path`` says where its relative files start."""

    document: Document
    path: str | None = None


class Connect(_Body):
    """One end of a connection that is being drawn."""

    document: Document
    from_: str | None = Field(default=None, alias="from")
    to: str | None = None


class Save(_Body):
    """A document to save; ``base`` is the revision that it was made from, null for a new file."""

    document: Document
    base: Revision | None
    force: bool = False


class Move(_Body):
    """A new path."""

    to: str


class Start(_Body):
    """How to run; what is not given stays as it was."""

    pace: Pace | None = None
    drive: Drive | None = None
    duration: Duration | None = None


class Deploy(_Body):
    """A graph to run: a document, or the path of a saved one."""

    document: Document | None = None
    path: str | None = None
    revision: str | None = None
    start: bool = False
    pace: Pace = "realtime"
    drive: Drive = "auto"
    duration: Duration | None = None


class Apply(_Body):
    """A document that takes the place of the one that runs."""

    document: Document
    revision: str | None = None


class Stop(_Body):
    """``timeout``: seconds that what is in flight gets to arrive."""

    timeout: Annotated[float, Field(ge=0, le=3600, allow_inf_nan=False)] = 5.0


class Trigger(_Body):
    """So many triggers, for every input that waits or the one named."""

    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    to: str | None = None
