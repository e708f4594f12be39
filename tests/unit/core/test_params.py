"""Parameters: every mistake with its key, what was expected, what was found; words and schema for people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AfterValidator

from streamlab.core import ProcessingNode, param
from streamlab.core.params import pointer, positive, shown, suggest, whole_number
from streamlab.errors import ParamError, Problem


class Filter(ProcessingNode):
    """Has a parameter of every kind."""

    cutoff: float = param(doc="Edge of the pass band", unit="Hz", gt=0, lt=1e6, live=True)
    order: int = param(default=4, doc="Order", ge=1, le=20)
    size: int | None = param(default=None, doc="Block", ge=1)
    shape: Literal["low", "high"] = param(default="low", doc="Which side passes")
    taps: list[int] = param(default=[1], doc="Taps", min_length=1)
    gains: dict[str, float] = param(default={}, doc="Gain of each channel", unit="dB")
    label: str = param(default="f", doc="Label", min_length=1)
    warm: bool = param(default=False, doc="Keep the state")

    @classmethod
    def check_params(cls, params: Any, given: frozenset[str]):
        if "order" in given and params.order % 2:
            yield Problem("/order", "the order is odd", "an even number", str(params.order))

    def process(self, frame):
        return frame


def found(**config: Any) -> dict[str, tuple[str, str, str]]:
    """What is wrong with a configuration: message, expected and found by place."""
    with pytest.raises(ParamError) as caught:
        Filter(**config)
    assert caught.value.title == "Filter"
    return {item.pointer: (item.message, item.expected, item.found) for item in caught.value.problems}


NUMBER = "a number > 0 and < 1e6 Hz"


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("value", "message", "shows"),
    [
        ("440", "parameter 'cutoff': wrong type", "'440' (str)"),
        (True, "parameter 'cutoff': wrong type", "True (bool)"),
        (None, "parameter 'cutoff': wrong type", "None"),
        ([440.0], "parameter 'cutoff': wrong type", "[440.0]"),
        (0, "parameter 'cutoff': out of range", "0"),
        (1e6, "parameter 'cutoff': out of range", "1000000.0"),
        (float("nan"), "parameter 'cutoff': not a finite number", "nan"),
        (float("-inf"), "parameter 'cutoff': not a finite number", "-inf"),
        (10**400, "parameter 'cutoff': out of range", "1" + 56 * "0" + "..."),
    ],
    ids=lambda value: f"{value!r:.20}",
)
def test_a_number_is_a_finite_number_within_its_bounds(value, message, shows):
    assert found(cutoff=value) == {"/cutoff": (message, NUMBER, shows)}


@pytest.mark.contract("N7")
@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("order", 4.5, ("parameter 'order': wrong type", "a whole number >= 1 and <= 20", "4.5")),
        ("order", 21.0, ("parameter 'order': out of range", "a whole number >= 1 and <= 20", "21.0")),
        ("size", 0.0, ("parameter 'size': out of range", "a whole number >= 1, or null", "0.0")),
        (
            "shape",
            "band",
            ("parameter 'shape': not one of the choices", "one of 'low', 'high'", "'band' (str)"),
        ),
        ("taps", [], ("parameter 'taps': too few items", "a list of whole numbers", "[]")),
        ("label", "", ("parameter 'label': empty", "text", "'' (str)")),
        ("warm", 1, ("parameter 'warm': wrong type", "true or false", "1")),
    ],
)
def test_every_kind_says_what_it_expected_and_found(key, value, problem):
    assert found(cutoff=1.0, **{key: value}) == {f"/{key}": problem}


@pytest.mark.contract("N7")
def test_an_item_of_a_list_is_named_by_its_place():
    assert found(cutoff=1.0, taps=[1, "2", 3.5]) == {
        "/taps/1": ("parameter 'taps': wrong type", "a list of whole numbers", "'2' (str)"),
        "/taps/2": ("parameter 'taps': wrong type", "a list of whole numbers", "3.5"),
    }
    assert found(cutoff=1.0, gains={"left": "loud"}) == {
        "/gains": ("parameter 'gains': wrong type", "an object in dB", "'loud' (str)")
    }


@pytest.mark.contract("N7")
def test_all_mistakes_are_reported_at_once_in_the_order_of_the_node():
    with pytest.raises(ParamError) as caught:
        Filter(cutof=5.0, order="4", warm="yes", taps=[1], zzz=1)
    problems = {item.pointer: item for item in caught.value.problems}
    assert list(problems) == ["/cutoff", "/order", "/warm", "/cutof", "/zzz"]
    assert problems["/cutoff"].message == "parameter 'cutoff' is required"
    assert (problems["/cutoff"].expected, problems["/cutoff"].hint) == (NUMBER, "Edge of the pass band")
    assert problems["/cutof"].message == "unknown parameter 'cutof'"
    assert problems["/cutof"].hint == "did you mean 'cutoff'?"
    assert problems["/zzz"].hint.startswith("parameters: cutoff, order, size, shape, taps")
    assert str(caught.value).startswith("Filter (5):\n  /cutoff: parameter 'cutoff' is required; expected")


@pytest.mark.contract("N7")
def test_a_whole_number_may_be_written_with_a_point():
    node = Filter(cutoff=10, order=10.0, size=3.0, taps=[2.0, 3])
    assert (node.order, node.size, node.taps) == (10, 3, [2, 3])
    assert {type(value) for value in (node.order, node.size, *node.taps)} == {int}
    assert Filter(cutoff=1.0, size=None).size is None


def _weekday(value: str) -> str:
    if value not in ("mon", "tue"):
        raise ValueError("not a day of the week")
    return value


class Calendar(ProcessingNode):
    """Types may bring checks of their own."""

    day: Annotated[str, AfterValidator(_weekday)] = param(default="mon", doc="Day")
    when: datetime | None = param(default=None, doc="Any type that pydantic knows")


@pytest.mark.contract("N7")
def test_a_type_with_a_check_of_its_own_speaks_for_itself():
    with pytest.raises(ParamError) as caught:
        Calendar(day="sun", when="now")
    assert [(item.message, item.expected, item.found) for item in caught.value.problems] == [
        ("parameter 'day': not a day of the week", "text", "'sun' (str)"),
        ("parameter 'when': wrong type", "datetime, or null", "'now' (str)"),
    ]
    assert Calendar(day="tue", when=datetime(2024, 2, 29)).day == "tue"


def test_checks_of_the_node_come_after_those_of_each_parameter():
    assert found(cutoff=1.0, order=3) == {"/order": ("the order is odd", "an even number", "3")}
    assert found(cutoff="1", order=3) == {"/cutoff": ("parameter 'cutoff': wrong type", NUMBER, "'1' (str)")}
    assert Filter(cutoff=1.0).order == 4


def test_defaults_are_not_shared_between_nodes():
    one, two = Filter(cutoff=1.0), Filter(cutoff=1.0)
    one.taps.append(2)
    assert two.taps == [1] == Filter(cutoff=1.0).taps


class Narrow(Filter):
    """Inherits all parameters, and says one anew."""

    order: int = param(default=2, doc="Order", ge=2, le=2)


def test_parameters_are_inherited_and_may_be_said_anew():
    assert list(Narrow.param_set.fields) == list(Filter.param_set.fields)
    assert (Narrow(cutoff=1.0).order, Filter(cutoff=1.0).order) == (2, 4)
    with pytest.raises(ParamError, match="out of range"):
        Narrow(cutoff=1.0, order=4)


def test_a_parameter_without_a_type_is_a_mistake_of_the_author():
    with pytest.raises(TypeError, match=r"Loose\.gain: a parameter has a type, as in gain: float = param"):

        class Loose(ProcessingNode):
            gain = param(default=1.0, doc="Gain")


@pytest.mark.contract("N7", "G5")
def test_the_schema_says_what_the_checks_check():
    schema = Filter.param_set.json_schema()
    assert (schema["title"], schema["required"]) == ("Filter", ["cutoff"])
    assert "description" not in schema
    cutoff = schema["properties"]["cutoff"]
    assert (cutoff["exclusiveMinimum"], cutoff["exclusiveMaximum"], cutoff["x-unit"]) == (0, 1e6, "Hz")
    assert (cutoff["x-live"], cutoff["description"]) == (True, "Edge of the pass band")
    assert schema["properties"]["order"]["default"] == 4
    assert "default" not in cutoff


@pytest.mark.contract("G5")
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "cutoff": st.one_of(st.floats(-10, 2e6), st.integers(-2, 2), st.booleans(), st.just("1")),
            "order": st.one_of(st.integers(-1, 22), st.floats(-2, 22), st.sampled_from([2.0, 21.0, None])),
            "size": st.sampled_from([None, 0, 1, 1.0, "a", False]),
            "shape": st.sampled_from(["low", "high", "band", 1, None]),
            "taps": st.sampled_from([[], [1], [1.0, 2], ["1"], None, 5]),
            "gains": st.sampled_from([{}, {"a": 1}, {"a": "1"}, [], None]),
            "label": st.sampled_from(["", "x", 1, None]),
            "warm": st.sampled_from([True, False, 0, "no"]),
            "other": st.just(1),
        },
    )
)
def test_schema_and_checks_agree(config):
    checker = jsonschema.Draft202012Validator(Filter.param_set.json_schema())
    try:
        Filter.param_set.model.model_validate(config)
    except ValueError:
        accepted = False
    else:
        accepted = True
    assert accepted == checker.is_valid(config)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cutoff", NUMBER),
        ("size", "a whole number >= 1, or null"),
        ("taps", "a list of whole numbers"),
        ("gains", "an object in dB"),
        ("shape", "one of 'low', 'high'"),
        ("warm", "true or false"),
        ("label", "text"),
    ],
)
def test_a_type_in_words(name, words):
    assert Filter.param_set.type_text(name) == words


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ({"ge": 1, "le": 2**24}, ">= 1 and <= 16777216"),
        ({"gt": 0.1, "lt": 0.123456789}, "> 0.1 and < 0.123456789"),
        ({"le": 5, "unit": "s"}, "<= 5 s"),
        ({"unit": "1", "ge": 0}, ">= 0"),
        ({"unit": "s"}, ""),
    ],
)
def test_bounds_in_words_are_exact(bounds, words):
    assert param(default=1.0, doc="", **bounds).bounds() == words


def test_types_inside_types_in_words():
    class Nested(ProcessingNode):
        rows: list[int | None] = param(default=[], doc="Rows")
        sets: list[Literal["a", "b"]] = param(default=[], doc="Sets")

    assert Nested.param_set.type_text("rows") == "a list of items, each a whole number or null"
    assert Nested.param_set.type_text("sets") == "a list of items, each one of 'a', 'b'"


def test_a_parameter_is_required_where_it_has_no_default():
    item = param(doc="")
    assert item.required
    assert repr(item.default) == "required"
    assert not param(default=None, doc="").required


# -- live changes


@pytest.mark.contract("N7")
def test_only_live_parameters_change_and_all_or_none_of_them():
    node = Filter(cutoff=100.0, order=2)
    node.update(cutoff=200.0)
    assert node.cutoff == 200.0
    with pytest.raises(ParamError) as caught:
        node.update(order=4, label="x", cutoff=5.0)
    assert [item.pointer for item in caught.value.problems] == ["/order", "/label"]
    assert {item.hint for item in caught.value.problems} == {"live parameters: cutoff"}
    with pytest.raises(ParamError, match="out of range"):
        node.update(cutoff=-1.0)
    with pytest.raises(ParamError, match="unknown parameter 'cut'"):
        node.update(cut=1.0)
    assert (node.cutoff, node.order) == (200.0, 2)

    class Fixed(ProcessingNode):
        order: int = param(default=4, doc="Order")

    with pytest.raises(ParamError, match="live parameters: none"):
        Fixed().update(order=2)


# -- small words


@pytest.mark.parametrize(
    ("parts", "text"),
    [((), ""), (("a", 0, "b"), "/a/0/b"), (("a/b", "m~n", ""), "/a~1b/m~0n/"), ((None, 1.5), "/None/1.5")],
)
def test_a_pointer_escapes_its_tokens(parts, text):
    # RFC 6901, section 3 and the examples of section 5
    assert pointer(*parts) == text


def test_what_was_found_is_shown_short_whatever_it_is():
    endless: list[Any] = []
    for _ in range(100_000):
        endless = [endless]
    assert shown("a" * 100) == "'" + "a" * 56 + "..."
    assert shown(endless) == "<list too large to print>"
    assert shown(10**5000) == "<int too large to print>"
    while endless:  # taken apart level by level: the interpreter's own way of doing so recurses
        endless = endless.pop()


def test_the_nearest_word_is_suggested_whatever_its_case():
    assert suggest("SINEGENERATR", ["SineGenerator", "Gain"]) == "did you mean 'SineGenerator'?"
    assert suggest("xyz", ["SineGenerator", "Gain"]) == ""
    assert suggest(12, ["12", "a"]) == "did you mean '12'?"


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3", None])
def test_a_count_in_python_is_a_whole_number_of_at_least_one(value):
    with pytest.raises(ValueError, match=f"jobs: expected a whole number >= 1, found {value!r}"):
        whole_number("jobs", value)
    assert whole_number("jobs", 3) == 3


@pytest.mark.parametrize("value", [0, -1.0, float("nan"), float("inf"), True, "3", None])
def test_a_measure_in_python_is_a_finite_number_above_zero(value):
    with pytest.raises(ValueError, match=f"duration: expected a number > 0 in s, found {value!r}"):
        positive("duration", value, "s")
    assert [positive("duration", good, "s") for good in (3, 0.5)] == [3, 0.5]
