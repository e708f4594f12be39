"""From the name of a node type to its class.

The built-in catalogue, installed packages, and what a script registers.
"""

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any, TypeVar, overload

from streamlab.core.catalogue import BUILT_IN
from streamlab.core.node import ProcessingNode
from streamlab.core.params import suggest
from streamlab.errors import StreamLabError

__all__ = [
    "ENTRY_POINT_GROUP",
    "UnknownNodeType",
    "is_local",
    "node_class",
    "node_types",
    "register",
    "registered_places",
    "unregister",
]

ENTRY_POINT_GROUP = "streamlab.nodes"

_registered: dict[str, type[ProcessingNode] | str] = {}


class UnknownNodeType(StreamLabError, LookupError):
    """No node type of that name; ``hint`` suggests the nearest."""

    def __init__(self, name: object) -> None:
        known = node_types()
        self.hint = suggest(name, known) or f"known types: {', '.join(known)}"
        super().__init__(f"unknown node type {name!r} - {self.hint}")


NodeClass = TypeVar("NodeClass", bound=type[ProcessingNode])


@overload
def register(name: str, node: NodeClass) -> NodeClass: ...
@overload
def register(name: str, node: str) -> str: ...
@overload
def register(name: str) -> Callable[[NodeClass], NodeClass]: ...
def register(name: str, node: Any = None) -> Any:
    """Make a node class known under a type name: ``register("MyNode", MyNode)`` or ``@register("MyNode")``.

    ``register("MyNode", "package.module:MyNode")`` names the place instead: the class is imported when it is
    first used, and worker processes find it there too. A name registered before is replaced. Raises
    ValueError for a built-in name, TypeError when it is neither a node class nor such a place.
    """
    if node is None:
        return lambda cls: register(name, cls)
    if not (_is_place(node) or (isinstance(node, type) and issubclass(node, ProcessingNode))):
        raise TypeError(f"expected a subclass of ProcessingNode or 'module:Class', found {node!r}")
    if name in BUILT_IN:
        raise ValueError(f"{name!r} is a built-in node type; choose another name")
    _registered[name] = node
    return node


def unregister(name: str) -> None:
    """Forget a name that was registered; unknown names are fine."""
    _registered.pop(name, None)


def is_local(name: str) -> bool:
    """Whether the type is known in this process only: a script has registered its class."""
    return not isinstance(_registered.get(name, ""), str)


def registered_places() -> dict[str, str]:
    """Return the types that were registered by place, with their places: other processes can know them."""
    return {name: place for name, place in _registered.items() if isinstance(place, str)}


def _is_place(node: Any) -> bool:
    module, colon, name = node.partition(":") if isinstance(node, str) else ("", "", "")
    return bool(colon) and all(part.isidentifier() for part in (*module.split("."), *name.split(".")))


@cache
def _installed() -> dict[str, EntryPoint]:
    return {
        point.name: point for point in entry_points(group=ENTRY_POINT_GROUP) if point.name not in BUILT_IN
    }


def node_types() -> list[str]:
    """Return the names of all node types, built-in ones first."""
    return list(dict.fromkeys([*BUILT_IN, *sorted(_installed()), *_registered]))


def node_class(name: str) -> type[ProcessingNode]:
    """Return the class of a node type, importing it if need be.

    Raises UnknownNodeType with a suggestion, or StreamLabError when an installed type does not load.
    """
    registered = _registered.get(name)
    if isinstance(registered, type):
        return registered
    place = registered or BUILT_IN.get(name)
    if place is not None:
        try:
            return _load(place)
        except Exception as error:
            raise StreamLabError(f"node type {name!r} ({place}) does not load: {error}") from error
    point = _installed().get(name)
    if point is None:
        raise UnknownNodeType(name)
    try:
        node = point.load()
    except Exception as error:
        raise StreamLabError(f"node type {name!r} ({point.value}) does not load: {error}") from error
    if not (isinstance(node, type) and issubclass(node, ProcessingNode)):
        raise StreamLabError(f"node type {name!r} ({point.value}) is not a subclass of ProcessingNode")
    return node


@cache
def _load(place: str) -> type[ProcessingNode]:
    module, _, name = place.partition(":")
    node = import_module(module)
    for part in name.split("."):
        node = getattr(node, part)
    if not (isinstance(node, type) and issubclass(node, ProcessingNode)):
        raise TypeError("it is not a subclass of ProcessingNode")
    return node
