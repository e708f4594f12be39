"""Node classes as a program uses them: the type checker sees their parameters and nothing else."""

from __future__ import annotations

import inspect

import pytest

from streamlab.core import ProcessingNode, node_class
from streamlab.core.catalogue import BUILT_IN


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_constructor_takes_the_parameters_only(name):
    # Under dataclass_transform an annotation without a value is an argument that is required.
    for cls in node_class(name).__mro__:
        if cls in (ProcessingNode, object) or not issubclass(cls, ProcessingNode):
            continue
        bare = [
            item
            for item, hint in inspect.get_annotations(cls).items()
            if item not in node_class(name).param_set.fields
            and not hasattr(cls, item)
            and "ClassVar" not in str(hint)
        ]
        assert not bare, f"{cls.__name__}: {bare}"
