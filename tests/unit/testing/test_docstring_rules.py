"""The sweep finds a docstring's headings with and without the indentation that Python 3.13 takes away."""

from __future__ import annotations

from inspect import cleandoc

import pytest

from streamlab.core import DataFrame, ProcessingNode
from streamlab.testing.conformance import check_parameters


class Documented(ProcessingNode):
    """Hand it on.

    Input    any frame                       Output  the same frame
    Kind     frame-wise                      State   none
    Gaps     passed on                       Errors  none

    Example
    -------
    >>> Documented().process(DataFrame(0, 3)).sequence_id
    3
    """

    def process(self, frame: DataFrame) -> DataFrame:
        return frame


@pytest.mark.parametrize("heading", ["Input", "Output", "Kind", "Gaps", "Errors"])
@pytest.mark.parametrize("clean", [str, cleandoc])
def test_every_heading_is_found_and_missed(monkeypatch, clean, heading):
    whole = clean(Documented.__doc__)
    monkeypatch.setattr(Documented, "__doc__", whole)
    check_parameters(Documented)
    monkeypatch.setattr(Documented, "__doc__", whole.replace(f"{heading} ", "Else "))
    with pytest.raises(AssertionError, match=f"docstring says {heading}"):
        check_parameters(Documented)
