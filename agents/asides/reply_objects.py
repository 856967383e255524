"""Replies of side calls as plain objects: one JSON object, its fields typed, or a reply fault."""

from __future__ import annotations

from typing import Any

from agents.llm.errors import ReplyFault
from agents.prompts.json_object import json_object


def one_object(text: str) -> dict[str, Any]:
    """The fields of the one JSON object in a text; what stands around it is passed over.

    Raises:
        ReplyFault: as `agents.prompts.json_object.json_object`.
    """
    return json_object(text).fields


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
