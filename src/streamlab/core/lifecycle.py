"""The states of a pipeline and the moves between them, as data."""

import logging
from collections.abc import Callable
from typing import Literal, get_args

from streamlab.errors import IllegalTransition

__all__ = ["STATES", "TRANSITIONS", "Lifecycle", "State"]

log = logging.getLogger("streamlab")

State = Literal["created", "starting", "running", "stopping", "stopped", "failed"]
STATES: tuple[State, ...] = get_args(State)

TRANSITIONS: dict[State, tuple[State, ...]] = {
    "created": ("starting",),
    "starting": ("running", "failed"),
    "running": ("stopping", "failed"),
    "stopping": ("stopped", "failed"),
    "stopped": ("starting",),
    "failed": ("starting",),
}

Listener = Callable[[State, State], None]


class Lifecycle:
    """Where a pipeline is in its life.

    An illegal move raises IllegalTransition and changes nothing; listeners hear every move. What a listener
    raises is logged.
    """

    __slots__ = ("_listeners", "_state")

    def __init__(self) -> None:
        self._state: State = "created"
        self._listeners: list[Listener] = []

    @property
    def state(self) -> State:
        """The current state."""
        return self._state

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(old, new)`` after every move. Returns a function that ends it."""
        self._listeners.append(listener)

        def forget() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return forget

    def move(self, new: State) -> None:
        """Go to another state. Raises IllegalTransition when the table has no such move."""
        old = self._state
        if new not in TRANSITIONS[old]:
            legal = ", ".join(TRANSITIONS[old])
            raise IllegalTransition(f"cannot go from {old!r} to {new!r}; from there it goes to: {legal}")
        self._state = new
        for listener in tuple(self._listeners):
            try:
                listener(old, new)
            except Exception:  # it may not keep the move from the other listeners, nor from the pipeline
                log.exception("a listener failed at the move from %r to %r", old, new)
