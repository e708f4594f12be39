"""The one text that a document has, whatever its layout: what a hash can be taken of.

RFC 8785 (JSON Canonicalization Scheme), so that any tool can find the same hash.
"""

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from math import isfinite
from typing import Any

__all__ = ["canonical_json", "content_hash"]


def content_hash(value: Any) -> str:
    """Return the SHA-256 of a value's canonical JSON in hexadecimal. Raises as :func:`canonical_json`."""
    return hashlib.sha256(canonical_json(value).encode("utf-8", "surrogatepass")).hexdigest()


def canonical_json(value: Any) -> str:
    """Return a value as canonical JSON: keys sorted, no white space, one spelling for every number.

    Whole numbers beyond 2^53, which the standard does not know, keep all their digits.

    Raises TypeError for what is no JSON, ValueError for NaN and infinity, RecursionError for what nests too
    deep.
    """
    if isinstance(value, Mapping):
        items = [(_key(key), item) for key, item in value.items()]
        items.sort(key=lambda item: item[0].encode("utf-16-be", "surrogatepass"))
        return (
            "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{canonical_json(v)}" for k, v in items) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(canonical_json, value)) + "]"
    if isinstance(value, float):
        return _number(value)
    if value is None or isinstance(value, str | int):
        return json.dumps(value, ensure_ascii=False)
    raise TypeError(f"a {type(value).__name__} has no form in JSON")


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a key in JSON is text; found {key!r}")
    return key


def _number(value: float) -> str:
    """Spell a number as ECMAScript does (ECMA-262, Number::toString): the shortest that reads back."""
    if not isfinite(value):
        raise ValueError(f"{value} has no form in JSON")
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    if not value:
        return "0"
    text, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if len(text) <= point <= 21:
        text += "0" * (point - len(text))
    elif 0 < point <= 21:
        text = f"{text[:point]}.{text[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{text}"
    else:
        text = f"{text[0]}.{text[1:]}".rstrip(".") + f"e{point - 1:+d}"
    return "-" * sign + text
