"""Verdict: what a judging node says of a stream."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

__all__ = ["Outcome", "Verdict", "worst"]


class Outcome(StrEnum):
    """The five answers. Only PASS is a pass."""

    PASS = "PASS"
    MARGINAL = "MARGINAL"
    FAIL = "FAIL"
    INVALID = "INVALID"
    NOT_RUN = "NOT_RUN"


_SEVERITY = (Outcome.PASS, Outcome.MARGINAL, Outcome.NOT_RUN, Outcome.FAIL, Outcome.INVALID)


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome with what it rests on.

    ``value`` is the worst value met, in ``unit``, on ``channel`` at ``time`` seconds of the stream (None:
    nothing was judged); ``margin`` is its distance to the nearest bound (negative outside), ``frequency`` in
    Hz where it lies on a curve; ``reason`` says in words why.
    """

    outcome: Outcome
    reason: str = ""
    value: float | None = None
    unit: str = ""
    time: float | None = None
    channel: str = ""
    margin: float | None = None
    count: int = 0
    frequency: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the outcome is PASS."""
        return self.outcome is Outcome.PASS

    def invalidated(self, reason: str) -> "Verdict":
        """Return this verdict as INVALID: what it rests on did not arrive whole."""
        return replace(self, outcome=Outcome.INVALID, reason=reason)

    def __str__(self) -> str:
        return f"{self.outcome}: {self.reason}" if self.reason else str(self.outcome)


def worst(results: Any) -> Outcome | None:
    """Return the most severe outcome among the verdicts in ``results`` (other values are passed over).

    None without any.
    """
    outcomes = [value.outcome for value in results if isinstance(value, Verdict)]
    return max(outcomes, key=_SEVERITY.index, default=None)
