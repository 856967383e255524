"""The one JSON object in a model's reply, however it is wrapped: the only reader of raw replies.

Residents, judges, overseers, probes and questions of awareness are all read by it, so that the same
text is an answer, or a fault, whoever was asked. An opening brace begins an object only where a
name, or nothing, follows it: `In {brackets}: {"a": 1}` holds one object.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from agents.llm.errors import ReplyFault
from agents.prompts.grammar import HUGE

_OPENING: Final = re.compile(r"\{\s*[\"}]")
_OBJECTS_READ: Final = 3


@dataclass(frozen=True)
class JsonFound:
    """What a reply held.

    Attributes:
        fields: the object's.
        alone: nothing but white space stood around it.
    """

    fields: dict[str, Any]
    alone: bool


def json_object(text: str) -> JsonFound:
    """Find the one JSON object in a text.

    Repeating it changes nothing; braces around nothing count only where nothing else is there. Raw
    control characters in strings are taken, NaN and infinities become null, and whole numbers
    beyond all bounds are cut to them.

    Raises:
        ReplyFault: `no_json`: there is none, or one begins that cannot be read to its end,
            whatever stands inside it; `several_objects`: different ones; `field_twice`: a field
            stands twice with different contents.
    """
    objects: list[dict[str, Any]] = []
    at = 0
    outside = ""
    while (opening := _OPENING.search(text, at)) and len(objects) < _OBJECTS_READ:
        try:
            value, end = _DECODER.raw_decode(text, opening.start())
        except (ValueError, RecursionError):
            raise ReplyFault("no_json", "its JSON object could not be read") from None
        outside += text[at : opening.start()]
        objects.append(value)
        at = end
    if not objects:
        raise ReplyFault("no_json", "it held no JSON object")
    filled = [one for one in objects if one] or objects
    if any(other != filled[0] for other in filled[1:]):
        raise ReplyFault("several_objects", "it held more than one JSON object")
    return JsonFound(filled[0], len(objects) == 1 and not (outside + text[at:]).strip())


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs) and any(found[name] != value for name, value in pairs):
        raise ReplyFault("field_twice", "it gave a field twice, with different contents")
    return found


def _bounded(digits: str) -> int:
    number = HUGE if len(digits.lstrip("-")) > 10 else int(digits.lstrip("-"))
    return -min(number, HUGE) if digits.startswith("-") else min(number, HUGE)


# strict=False takes raw control characters in strings; NaN and Infinity become no number at all.
_DECODER: Final = json.JSONDecoder(
    strict=False, object_pairs_hook=_pairs, parse_int=_bounded, parse_constant=lambda _: None
)
