"""Parse a mind's reply: leniently where nothing is lost, as a reply fault where something is.

Taken and flagged: text around the object, text over its limit (cut at a word), a list over its cap
(its first items), whole numbers written as floats or as text, lists left out, a promise outside the
grammar (dropped), a claim outside it (kept in its own words, unchecked). Taken without a flag: raw
control characters in texts, the case of our words, whatever an act does not use. An id that names
nothing and a number out of all bounds stay in the act, which the world then finds void.

Faults, each with its cause: `no_json`, `several_objects`, `field_twice`, `missing_field`,
`wrong_type`, `unknown_word`, `out_of_range`. The detail names our fields and words, never the
mind's text, so that the repair is the same for the same reply. Strict reading made a small local
model's replies all faults.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, Final

from agents.decisions import (
    ALL,
    CLAIMS_A_MESSAGE,
    MESSAGE_LENGTH,
    MESSAGES_A_DAY,
    NOTE_LENGTH,
    PROMISES_A_MESSAGE,
    REGARDS_A_DAY,
    Claim,
    Further,
    Main,
)
from agents.llm.errors import ReplyFault
from agents.observation import OneAct, OneMessage, Rules, Stage
from agents.prompts.grammar import (
    DIRECTIONS,
    HUGE,
    KINDS,
    UNREADABLE,
    UnreadableLine,
    read_claim,
    read_promise,
)
from agents.prompts.json_object import json_object
from agents.prompts.quoting import RENDERED_MESSAGE, RENDERED_NOTE, fit, tidy
from agents.prompts.schemas import CLAIM_LENGTH, REASON_LENGTH
from agents.prompts.words import Words, words_of

Triple = tuple[int, int, int]
REPAIR: Final = "Your last reply to this question could not be used: "


@dataclass
class StageReply:
    """One resident's usable reply at one stage; what the stage does not ask is None or empty.

    Attributes:
        act: the plan (perceive, morning) or what is done (act, evening).
        reason: the view or the why.
        regard: (resident id, grade) of up to three; None where there is none on record.
        said: messages; `sender` is the resident asked.
        note: the new note.
        flags: lenient readings, each once.
    """

    act: OneAct | None = None
    reason: str | None = None
    regard: tuple[tuple[int, int], ...] | None = None
    said: tuple[OneMessage, ...] = ()
    note: str | None = None
    flags: list[str] = field(default_factory=list)

    def flag(self, what: str) -> None:
        """Note a lenient reading."""
        if what not in self.flags:
            self.flags.append(what)


def read_reply(text: str, stage: Stage, rules: Rules, me: int) -> StageReply:
    """Read one raw reply.

    Args:
        text: what the model wrote.
        stage: what it was asked.
        rules: the community's.
        me: the resident asked.

    Raises:
        ReplyFault: it cannot be used; cause and neutral detail.
    """
    reply = StageReply()
    read = json_object(text)
    if not read.alone:
        reply.flag("text around the object")
    found = read.fields
    words = words_of(rules.wording)
    if stage in (Stage.PERCEIVE, Stage.MORNING):
        reply.reason = _prose(found, "view", REASON_LENGTH, 2 * REASON_LENGTH, reply)
        reply.act = _act(found, words, rules, reply)
        reply.regard = _regard(found, reply)
    if stage in (Stage.ACT, Stage.EVENING):
        reply.reason = _prose(found, "why", REASON_LENGTH, 2 * REASON_LENGTH, reply)
        reply.act = _act(found, words, rules, reply)
    if stage is Stage.COMMUNICATE or (stage is Stage.MORNING and rules.messages):
        reply.said = _messages(found, words, rules, me, reply)
    if stage is Stage.REMEMBER or (stage is Stage.EVENING and rules.memory):
        reply.note = _prose(found, "note", NOTE_LENGTH, RENDERED_NOTE, reply)
    return reply


def repair_text(fault: ReplyFault, stage: Stage) -> str:
    """What the one repair attempt is told: what was wrong, in neutral words."""
    wrong = fault.detail.rstrip(".") or "it was not in the form described"
    return f"{REPAIR}{wrong}. Give the {stage.name.capitalize()} reply again."


# --- its fields ---------------------------------------------------------------------------------


def _get(found: dict[str, Any], name: str) -> Any:
    if name not in found:
        raise ReplyFault("missing_field", f'the field "{name}" was missing')
    return found[name]


def _text(found: dict[str, Any], name: str) -> str:
    value = _get(found, name)
    if not isinstance(value, str):
        raise ReplyFault("wrong_type", f'"{name}" was not a text')
    return value


def _prose(found: dict[str, Any], name: str, length: int, rendered: int, reply: StageReply) -> str:
    return _cut(_text(found, name), length, rendered, reply)


def _cut(text: str, length: int, rendered: int, reply: StageReply) -> str:
    whole = tidy(text)
    if whole != text:
        reply.flag("lone surrogate replaced")
    kept = fit(whole, length, rendered)
    if kept != whole:
        reply.flag("text cut")
    return kept


def _whole(found: dict[str, Any], name: str, reply: StageReply) -> int:
    value = _get(found, name)
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,10}\s*", value):
        reply.flag("number written as text")
        value = int(value)
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        reply.flag("whole number written as a float")
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ReplyFault("wrong_type", f'"{name}" was not a whole number')
    return max(-HUGE, min(HUGE, value))


def _word(found: dict[str, Any], name: str, known: tuple[str, ...]) -> int:
    word = _text(found, name).strip().lower()
    if word not in known:
        raise ReplyFault("unknown_word", f'"{name}" must be one of {", ".join(known)}')
    return known.index(word)


def _list(found: dict[str, Any], name: str, most: int, reply: StageReply) -> list[Any]:
    value = _get(found, name)
    if not isinstance(value, list):
        raise ReplyFault("wrong_type", f'"{name}" was not a list')
    if len(value) > most:
        reply.flag("list cut")
    return value[:most]


def _id(value: Any, letter: str) -> int:
    """The id in `R7`, `r-7`, `7` or 7; UNREADABLE for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 < value < HUGE else UNREADABLE
    match = re.fullmatch(rf"\s*{letter}?-?([1-9][0-9]{{0,8}})\s*", str(value), re.IGNORECASE)
    return int(match[1]) if match else UNREADABLE


def _direction(value: Any) -> int:
    word = re.sub(r"[\s_-]", "", str(value)).upper()
    for name, letter in (("NORTH", "N"), ("SOUTH", "S"), ("EAST", "E"), ("WEST", "W")):
        word = word.replace(name, letter)
    return DIRECTIONS.index(word) if word in DIRECTIONS else UNREADABLE


# --- what they make up --------------------------------------------------------------------------


def _act(found: dict[str, Any], words: Words, rules: Rules, reply: StageReply) -> OneAct:
    """The fields of an act; those that it does not use are not looked at."""
    main = _word(found, "main", words.main)
    offered = words.offered(rules)
    further = words.further.index(offered[_word(found, "further", offered)])
    at = spend = who = amount = 0
    if main == Main.SECURE:
        at = _id(_get(found, "at"), "F")
    elif main == Main.EXPLORE:
        at = _direction(_get(found, "at"))
    elif main == Main.PROMOTE:
        spend = _whole(found, "spend", reply)
    if further != Further.NONE:
        who = _id(_get(found, "who"), "R")
    if further == Further.GIFT:
        amount = _whole(found, "amount", reply)
    return OneAct(main, at, spend, further, who, amount)


def _regard(found: dict[str, Any], reply: StageReply) -> tuple[tuple[int, int], ...] | None:
    """Private assessments; none at all is valid, and is not a zero."""
    if found.get("regard") is None:
        return None
    regard: dict[int, int] = {}
    for item in _list(found, "regard", REGARDS_A_DAY, reply):
        grade = _whole(_item(item, "regard"), "is", reply)
        if not -2 <= grade <= 2:
            raise ReplyFault("out_of_range", '"is" must lie from -2 to 2')
        who = _id(_get(item, "who"), "R")
        if who == UNREADABLE or who in regard:
            reply.flag("regard of nobody dropped" if who == UNREADABLE else "regard given twice")
            continue
        regard[who] = grade
    return tuple(regard.items())


def _messages(
    found: dict[str, Any], words: Words, rules: Rules, me: int, reply: StageReply
) -> tuple[OneMessage, ...]:
    said = []
    for item in _list(found, "messages", MESSAGES_A_DAY, reply):
        one = _item(item, "messages")
        to = _get(one, "to")
        everybody = str(to).strip().lower() in ("all", "everyone", "everybody")
        kind = 0
        if rules.kinds:
            kind = KINDS.index(rules.kinds[_word(one, "kind", words.kinds(rules.kinds))])
        text = _prose(one, "text", MESSAGE_LENGTH, RENDERED_MESSAGE, reply)
        claims, loose = _claims(one, words, reply)
        promises = _promises(one, words, reply)
        receiver = ALL if everybody else _id(to, "R")
        said.append(OneMessage(me, receiver, kind, text, claims, promises, loose))
    return tuple(said)


def _claims(
    one: dict[str, Any], words: Words, reply: StageReply
) -> tuple[tuple[Triple, ...], tuple[str, ...]]:
    claims: list[Triple] = []
    loose: list[str] = []
    for item in _optional_list(one, "claims", CLAIMS_A_MESSAGE, reply):
        if not isinstance(item, str):
            raise ReplyFault("wrong_type", 'an item of "claims" was not a text')
        claim = _in_grammar(item)
        if not claim:
            continue
        try:
            claims.append(_bounded_claim(read_claim(claim, words)))
        except UnreadableLine:
            reply.flag("claim outside the grammar")
            claims.append((int(Claim.UNCHECKED), 0, 0))
            loose.append(_cut(item, CLAIM_LENGTH, 2 * CLAIM_LENGTH, reply))
    return tuple(claims), tuple(loose)


def _promises(one: dict[str, Any], words: Words, reply: StageReply) -> tuple[Triple, ...]:
    promises: list[Triple] = []
    for item in _optional_list(one, "promises", PROMISES_A_MESSAGE, reply):
        promise = _item(item, "promises")
        by = _whole(promise, "by", reply)
        try:
            what, a, _ = read_promise(_in_grammar(_text(promise, "what")), by, words)
        except UnreadableLine:
            reply.flag("promise outside the grammar dropped")
            continue
        promises.append((what, max(-HUGE, min(HUGE, a)), by))
    return tuple(promises)


def _bounded_claim(claim: Triple) -> Triple:
    kind, a, b = claim
    return kind, max(-HUGE, min(HUGE, a)), max(-HUGE, min(HUGE, b))


def _in_grammar(text: str) -> str:
    """A claim or promise with the case of its words and ids as in the grammar."""
    plain = " ".join(text.split()).rstrip(".").lower()
    return re.sub(r"\b([rf])-?([\d?])", lambda m: m[1].upper() + m[2], plain)


def _optional_list(one: dict[str, Any], name: str, most: int, reply: StageReply) -> list[Any]:
    if one.get(name) is None:
        reply.flag("list left out")
        return []
    return _list(one, name, most, reply)


def _item(item: Any, name: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ReplyFault("wrong_type", f'an item of "{name}" was not an object')
    return item
