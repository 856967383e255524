"""The wire schemas of the replies, written by hand: flat, all required, no unions, no ids.

pydantic's own schema keeps `oneOf`, `discriminator` and defaults and costs two and a half times the
tokens. Structure and word lists are all that constrained decoding gets: lengths slow it tenfold.
`bounded` adds them for servers that take a schema as a hint; every bound is checked again when a
reply is read. The same schema goes to all residents of a community.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from agents.decisions import (
    CLAIMS_A_MESSAGE,
    MESSAGE_LENGTH,
    MESSAGES_A_DAY,
    NOTE_LENGTH,
    PROMISES_A_MESSAGE,
    REGARDS_A_DAY,
)
from agents.llm.shapes import TEXT, WHOLE, Schema, list_of, strict_object, whole_of, word_of
from agents.observation import Rules, Stage
from agents.prompts.words import words_of

#: Characters of a view or a why, and of a claim in a mind's own words.
REASON_LENGTH: Final = 400
CLAIM_LENGTH: Final = 80

_LENGTHS: Final = {
    "view": REASON_LENGTH,
    "why": REASON_LENGTH,
    "note": NOTE_LENGTH,
    "text": MESSAGE_LENGTH,
    "what": 40,
    "at": 8,
    "who": 8,
    "to": 8,
}
_ITEMS: Final = {
    "regard": REGARDS_A_DAY,
    "messages": MESSAGES_A_DAY,
    "claims": CLAIMS_A_MESSAGE,
    "promises": PROMISES_A_MESSAGE,
}

#: What a reply may take at most, in tokens: the caps of its fields with room for escapes.
REPLY_TOKENS: Final = {
    Stage.PERCEIVE: 400,
    Stage.COMMUNICATE: 600,
    Stage.ACT: 300,
    Stage.REMEMBER: 200,
    Stage.MORNING: 900,
    Stage.EVENING: 450,
}


@lru_cache(maxsize=64)
def schema(stage: Stage, rules: Rules) -> Schema:
    """The schema of a stage's reply under these rules. Not to be changed by who gets it."""
    parts: Schema = {}
    if stage in (Stage.PERCEIVE, Stage.MORNING):
        parts |= {"view": TEXT, **_acts(rules), "regard": _regard()}
    if stage in (Stage.ACT, Stage.EVENING):
        parts |= {"why": TEXT, **_acts(rules)}
    if stage is Stage.COMMUNICATE or (stage is Stage.MORNING and rules.messages):
        parts |= {"messages": _messages(rules)}
    if stage is Stage.REMEMBER or (stage is Stage.EVENING and rules.memory):
        parts |= {"note": TEXT}
    return strict_object(parts)


def schema_name(stage: Stage) -> str:
    """The name under which a stage's schema is sent."""
    return stage.name.lower()


def bounded(plain: Schema) -> Schema:
    """A schema with the lengths of its texts and lists written in."""
    if plain.get("type") != "object":
        return plain
    parts: Schema = {}
    for name, part in plain["properties"].items():
        if name in _ITEMS:
            items = part["items"]
            items = {**items, "maxLength": CLAIM_LENGTH} if items == TEXT else bounded(items)
            parts[name] = {**part, "items": items, "maxItems": _ITEMS[name]}
        elif name in _LENGTHS and part == TEXT:
            parts[name] = {**part, "maxLength": _LENGTHS[name]}
        else:
            parts[name] = part
    return {**plain, "properties": parts}


def _acts(rules: Rules) -> Schema:
    words = words_of(rules.wording)
    return {
        "main": word_of(words.main),
        "at": TEXT,
        "spend": WHOLE,
        "further": word_of(words.offered(rules)),
        "who": TEXT,
        "amount": WHOLE,
    }


def _regard() -> Schema:
    # The five grades as numbers: an enum of integers is as plain as one of words.
    return list_of(strict_object({"who": TEXT, "is": whole_of(range(-2, 3))}))


def _messages(rules: Rules) -> Schema:
    words = words_of(rules.wording)
    parts: Schema = {"to": TEXT}
    if rules.kinds:
        parts["kind"] = word_of(words.kinds(rules.kinds))
    parts |= {
        "text": TEXT,
        "claims": list_of(TEXT),
        "promises": list_of(strict_object({"what": TEXT, "by": WHOLE})),
    }
    return list_of(strict_object(parts))
