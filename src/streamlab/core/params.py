"""Parameters: typed fields of a node with unit, bounds and description.

Pydantic does the checking, behind this module.
"""

import difflib
import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import NoneType, SimpleNamespace
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from streamlab.errors import ParamError, Problem

if typing.TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

__all__ = ["MISSING", "Param", "ParamSet", "param", "pointer", "positive", "shown", "suggest", "whole_number"]


class _Missing:
    def __repr__(self) -> str:
        return "required"


MISSING = _Missing()


@dataclass(frozen=True, slots=True)
class Param:
    """What is known of one parameter besides its type. Made by :func:`param`."""

    default: Any
    doc: str
    unit: str
    ge: float | None
    gt: float | None
    le: float | None
    lt: float | None
    min_length: int | None
    live: bool
    unbounded: str
    path: Literal["", "input", "output"]

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.default is MISSING

    def bounds(self) -> str:
        """The bounds in words: ``> 0 and <= 1e6 Hz``; empty without any."""
        signs = ((">=", self.ge), (">", self.gt), ("<=", self.le), ("<", self.lt))
        text = " and ".join(f"{sign} {_short(value)}" for sign, value in signs if value is not None)
        # "unit" is whatever the channels have, which the description says.
        return f"{text} {self.unit}" if text and self.unit not in ("", "1", "unit") else text


def _short(value: float) -> str:
    """A bound as short as it can be said exactly: 1e9, but 16777216 and not 1.67772e7."""
    text = f"{value:g}".replace("e+0", "e").replace("e+", "e").replace("e-0", "e-")
    return text if float(text) == value else f"{value!r}"


def param(
    *,
    default: Any = MISSING,
    doc: str,
    unit: str = "",
    ge: float | None = None,
    gt: float | None = None,
    le: float | None = None,
    lt: float | None = None,
    min_length: int | None = None,
    live: bool = False,
    unbounded: str = "",
    path: Literal["", "input", "output"] = "",
) -> Any:
    """Declare a parameter of a node.

    ``gain: float = param(default=1.0, doc="Linear factor", unit="1", ge=-1e9, le=1e9)``.

    ``unit`` is the symbol ("1" for a plain ratio), ``ge``/``gt``/``le``/``lt`` are bounds, ``live`` says
    that it may change while the stream runs, ``unbounded`` gives the reason why a number needs no bounds,
    ``path`` marks a file to read ("input", found from the graph file's folder) or to write ("output", kept
    under the output folder). Without ``default`` the parameter is required.
    """
    return Param(default, doc, unit, ge, gt, le, lt, min_length, live, unbounded, path)


def pointer(*parts: object) -> str:
    """Return a JSON pointer (RFC 6901) made of its reference tokens."""
    tokens = [part if isinstance(part, str) else shown(part) for part in parts]
    return "".join("/" + token.replace("~", "~0").replace("/", "~1") for token in tokens)


def whole_number(name: str, value: object, least: int = 1) -> int:
    """Return a count given in Python. Raises ValueError when it is no whole number of at least ``least``."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ValueError(f"{name}: expected a whole number >= {least}, found {value!r}")
    return value


def positive(name: str, value: object, unit: str) -> float:
    """Return a measure given in Python. Raises ValueError when it is not a finite number above 0."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < math.inf:
        raise ValueError(f"{name}: expected a number > 0 in {unit}, found {shown(value)}")
    return value


def shown(value: object) -> str:
    """Return what was found as a message prints it: short, and never an error of its own."""
    try:
        text = repr(value)
    except (RecursionError, ValueError):  # nests without end; a whole number of thousands of digits
        text = f"<{type(value).__name__} too large to print>"
    return f"{text[:57]}..." if len(text) > 60 else text


def suggest(word: object, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest of the known words, or nothing."""
    lowered = {name.lower(): name for name in known}
    text = word if isinstance(word, str) else shown(word)
    near = difflib.get_close_matches(text.lower(), lowered, n=1, cutoff=0.6)
    return f"did you mean {lowered[near[0]]!r}?" if near else ""


Check = Callable[[Any, frozenset[str]], Iterable[Problem]]


@dataclass
class ParamSet:
    """The parameters of one node class.

    Checks a configuration, reports all of its problems, and prints its schema.
    """

    owner: type
    fields: dict[str, Param]
    check: Check
    _model: "type[BaseModel] | None" = field(default=None, repr=False)

    @property
    def model(self) -> "type[BaseModel]":
        """The pydantic model behind the fields, made when it is first needed."""
        if self._model is None:
            self._model = _build(self.owner, self.fields)
        return self._model

    def decode(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of all parameters, defaults included.

        Raises ParamError with every problem: misspelt or missing keys, wrong types, values out of range,
        not finite.
        """
        from pydantic import ValidationError

        try:
            model = self.model.model_validate(dict(config))
        except ValidationError as error:
            details = error.errors(include_url=False)
            listed = (self._problem(item, config) for item in reversed(details))
            problems = {problem.pointer: problem for problem in listed}
            raise ParamError(reversed(problems.values()), title=self.owner.__name__) from None
        values = {name: getattr(model, name) for name in self.fields}
        problems_left = list(self.check(SimpleNamespace(**values), frozenset(config)))
        if problems_left:
            raise ParamError(problems_left, title=self.owner.__name__)
        return values

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a configuration: types, bounds, defaults, descriptions.

        ``x-unit`` and ``x-live`` beside them.
        """
        schema = self.model.model_json_schema()
        schema.pop("description", None)
        schema["title"] = self.owner.__name__
        return schema

    def type_text(self, name: str) -> str:
        """The type of a parameter in words, with its bounds: ``a number > 0 and <= 10 s, or null``."""
        hint = typing.get_type_hints(self.owner)[name]
        choices = [arg for arg in _choices(hint) if arg is not NoneType]
        text = " or ".join(_type_words(arg) for arg in choices)
        unit, bounds = self.fields[name].unit, self.fields[name].bounds()
        if bounds:
            text = f"{text} {bounds}"
        elif unit not in ("", "1"):
            text = f"{text} in {unit}"
        return f"{text}, or null" if NoneType in _choices(hint) else text

    def _problem(self, error: "ErrorDetails", config: Mapping[str, Any]) -> Problem:
        location = error["loc"]
        name = str(location[0]) if location else ""
        where = pointer(*[part for part in location[:2] if isinstance(part, int) or part == name])
        found = _show(_written(config, location, error["input"]))
        if name not in self.fields:
            hint = suggest(name, self.fields) or f"parameters: {', '.join(self.fields) or 'none'}"
            return Problem(
                where, f"unknown parameter {name!r}", "a known parameter", repr(name), hint, kind="shape"
            )
        expected = self.type_text(name)
        if error["type"] == "missing":
            return Problem(
                where,
                f"parameter {name!r} is required",
                expected,
                "nothing",
                self.fields[name].doc,
                kind="shape",
            )
        return Problem(where, f"parameter {name!r}: {_reason(error)}", expected, found, kind="shape")


def _written(config: Any, location: tuple[int | str, ...], found: Any) -> Any:
    """Return what the configuration has at a place: ``found`` is what became of it (10.0 is 10 by then)."""
    value = config
    for part in location:
        if isinstance(value, Mapping):
            inside = part in value
        else:  # of a union, pydantic names the branch as well
            inside = isinstance(value, list | tuple) and isinstance(part, int) and part < len(value)
        value = value[part] if inside else value
    return found if value is config else value


_REASONS = {
    "finite_number": "not a finite number",
    "greater_than": "out of range",
    "greater_than_equal": "out of range",
    "less_than": "out of range",
    "less_than_equal": "out of range",
    "literal_error": "not one of the choices",
    "too_short": "too few items",
    "string_too_short": "empty",
}


def _reason(error: "ErrorDetails") -> str:
    kind = error["type"]
    known = _REASONS.get(kind)
    if known is not None:
        return known
    if kind in ("value_error", "assertion_error"):
        return error["msg"].partition(", ")[2]  # without "Value error" or "Assertion failed"
    if kind == "float_type" and type(error["input"]) is int:  # more than a float can hold
        return "out of range"
    return "wrong type"


def _show(value: Any) -> str:
    text = shown(value)
    return f"{text} ({type(value).__name__})" if isinstance(value, str | bool) and len(text) < 60 else text


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 10.0 is an integer (JSON Schema 2020-12, 4.2.3)."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value


def _json_type(hint: Any, bounds: Mapping[str, Any]) -> Any:
    """Replace int by an int that takes 10.0, inside unions and lists too.

    Its bounds go inside with it: around it they would be checked, but not stand in the JSON Schema.
    """
    from pydantic import BeforeValidator, Field

    if hint is int:
        whole = {key: _whole(value) for key, value in bounds.items()}
        return Annotated[int, Field(**whole), BeforeValidator(_whole)]
    if hint is float:
        return Annotated[float, Field(**bounds)]
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return Union[tuple(_json_type(arg, bounds) for arg in args)]  # noqa: UP007 - built at run time
    if origin in (list, dict):
        return origin[tuple(_json_type(arg, bounds) for arg in args)]
    return hint


def _build(owner: type, fields: Mapping[str, Param]) -> "type[BaseModel]":
    from pydantic import ConfigDict, Field, create_model

    hints = typing.get_type_hints(owner, include_extras=True)
    definitions: dict[str, Any] = {}
    for name, item in fields.items():
        extra: dict[str, Any] = {
            key: value
            for key, value in (("x-unit", item.unit), ("x-live", item.live), ("x-path", item.path))
            if value
        }
        bounds = {key: value for key in ("ge", "gt", "le", "lt") if (value := getattr(item, key)) is not None}
        settings = Field(description=item.doc, json_schema_extra=extra or None, min_length=item.min_length)
        kind = _json_type(hints[name], bounds)
        definitions[name] = (kind, settings) if item.required else (Annotated[kind, settings], item.default)
    config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, arbitrary_types_allowed=True)
    return create_model(owner.__name__, __config__=config, **definitions)


def _choices(hint: Any) -> tuple[Any, ...]:
    """The types that a value may have."""
    return get_args(hint) if get_origin(hint) in (Union, types.UnionType) else (hint,)


_WORDS = {float: "a number", int: "a whole number", str: "text", bool: "true or false", NoneType: "null"}
_SEVERAL = {float: "numbers", int: "whole numbers", str: "texts", bool: "true or false"}


def _type_words(hint: Any) -> str:
    if hint in _WORDS:
        return _WORDS[hint]
    origin, args = get_origin(hint), get_args(hint)
    if origin is Literal:
        return f"one of {', '.join(repr(arg) for arg in args)}"
    if len(_choices(hint)) > 1:
        return " or ".join(_type_words(arg) for arg in _choices(hint))
    if origin is list:
        return f"a list of {_SEVERAL.get(args[0]) or f'items, each {_type_words(args[0])}'}"
    if origin is dict:
        return "an object"
    return getattr(hint, "__name__", str(hint))
