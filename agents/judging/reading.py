"""Replies of side calls as plain objects: one JSON object, its fields typed, or a reply fault."""

from __future__ import annotations

import json
from typing import Any, Final

from agents.llm.errors import ReplyFault

_LONGEST: Final = 100_000


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs) and any(found[name] != value for name, value in pairs):
        raise ReplyFault("field_twice", "it gave a field twice, with different contents")
    return found


_DECODER: Final = json.JSONDecoder(
    strict=False, object_pairs_hook=_pairs, parse_constant=lambda _: None
)


def one_object(text: str) -> dict[str, Any]:
    """The one JSON object in a text; what stands around it is passed over.

    Raises:
        ReplyFault: there is none, it is not whole, or there are several different ones, or
            a field stands twice with different contents.
    """
    found: list[dict[str, Any]] = []
    at, text = 0, text[:_LONGEST]
    while (opening := text.find("{", at)) >= 0:
        try:
            value, at = _DECODER.raw_decode(text, opening)
        except (ValueError, RecursionError):
            raise ReplyFault("no_json", "its JSON object could not be read") from None
        found.append(value)
    if not found:
        raise ReplyFault("no_json", "it held no JSON object")
    if any(other != found[0] for other in found[1:]):
        raise ReplyFault("several_objects", "it held more than one JSON object")
    return found[0]


def field(found: dict[str, Any], name: str, kind: type | tuple[type, ...]) -> Any:
    """One field of a kind.

    Raises:
        ReplyFault: it is missing or of another kind.
    """
    if name not in found:
        raise ReplyFault("missing_field", f'the field "{name}" was missing')
    value = found[name]
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ReplyFault("wrong_type", f'"{name}" was of the wrong type')
    return value


def word(found: dict[str, Any], name: str, known: tuple[str, ...]) -> str:
    """One field that is a word of a list.

    Raises:
        ReplyFault: it is missing, no text, or not on the list.
    """
    value = str(field(found, name, str)).strip().lower()
    if value not in known:
        raise ReplyFault("unknown_word", f'"{name}" was none of {", ".join(known)}')
    return value


def repair(fault: ReplyFault) -> str:
    """What the one repair attempt is told: what was wrong, in neutral words."""
    wrong = fault.detail.rstrip(".") or "it was not in the form described"
    return f"Your last reply could not be used: {wrong}. Give the reply again."


def repair_specimen() -> str:
    """What a repair says of one fault: its hash stands for the words of all."""
    return repair(ReplyFault("no_json", "it held no JSON object"))
