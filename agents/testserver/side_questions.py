"""Side questions from their text: value probes, awareness, a judge's and an overseer's questions.

Like a resident's question each is read exactly, from the prompt alone, or refused with the place
named. What answers is rules, and says so in its headers: probes as the surrogate states its values
(`agents.asides.stated`), awareness as one that recognises nothing, a judge by the signs of
`agents.asides.rule_judge`, an overseer by `agents.asides.contradictions`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from agents.asides import asking, awareness, judge, language_overseer
from agents.asides.contradictions import flagged
from agents.asides.labels import LABELS
from agents.asides.message_lines import read_days
from agents.asides.probes import probes
from agents.asides.rule_judge import plain_judgement
from agents.asides.stated import stated_answers
from agents.llm.shapes import Schema
from agents.observation import FUSED, STAGED
from agents.prompts.read import read
from agents.prompts.render import YOU
from agents.prompts.static import UnreadablePrompt, read_static
from agents.prompts.texts import find_text
from agents.testserver.wire import BadRequest, WireRequest, check_schema

BETWEEN: Final = "\n\n"
WHY: Final = "The test server is a set of rules and no language model."
_AGAIN: Final = "Your last reply could not be used: "
_END: Final = ". Give the reply again."
_ASKED: Final = re.compile(
    re.escape(judge.ASK).replace(r"\{who\}", "(M[0-9]+)").replace(r"\{day\}", "([0-9]+)")
)
_RESIDENT: Final = re.compile(r"# You\nYou are R([0-9]+)\.(?: (.*))?", re.DOTALL)


@dataclass(frozen=True)
class Aside:
    """A side question that was read.

    Attributes:
        day, stage, subject: as its journal calls it, where the text says so.
        schema: of its reply.
        reply: the reply's text.
        attempt: 1 where the client says that the last reply could not be used.
    """

    day: int
    stage: str
    subject: int
    schema: Schema
    reply: str
    attempt: int = 0

    @property
    def where(self) -> dict[str, Any]:
        """Day, stage, subject and attempt, for the record of what was dealt."""
        return {
            "day": self.day,
            "stage": self.stage,
            "resident": self.subject,
            "attempt": self.attempt,
        }


def aside(request: WireRequest) -> Aside | None:
    """The side question that a request asks; None if it asks a resident's.

    Raises:
        BadRequest: it begins like one and cannot be read exactly; the message says where.
    """
    reader = _reader(request)
    if reader is None:
        return None
    text, attempt = _first_asked(request.user)
    try:
        found = reader(request.system, text, request.seed)
    except (UnreadablePrompt, ValueError) as error:
        raise BadRequest(str(error)) from None
    check_schema(request.schema, found.schema)
    return Aside(found.day, found.stage, found.subject, found.schema, found.reply, attempt)


Reader = Callable[[str, str, int | None], Aside]


def _reader(request: WireRequest) -> Reader | None:
    system, user = request.system, request.user
    if system.endswith(BETWEEN + judge.HEADING):
        return _judge
    if system.endswith(BETWEEN + language_overseer.HEADING):
        return _oversee
    if system == awareness.STATIC + BETWEEN + awareness.HEADING:
        return _aware
    if f"\n{asking.INTRODUCTION}\n" in user:
        return _assess
    return None


def _first_asked(user: str) -> tuple[str, int]:
    """The question without the request to repair a reply, and whether there was one."""
    text, repaired, wrong = user.rpartition(BETWEEN + _AGAIN)
    if not repaired:
        return user, 0
    if "\n" in wrong or not wrong.endswith(_END):
        raise BadRequest(f"question, last line: {wrong!r} is no request to repair a reply")
    return text, 1


def _assess(system: str, user: str, seed: int | None) -> Aside:
    if seed is None:
        raise BadRequest("seed: missing; a question's randomness travels as its seed", "seed")
    shown = user.partition(f"{BETWEEN}{asking.INTRODUCTION}\n")[0]
    if user != asking.put(shown, seed):
        raise ValueError("question: the probes are not those of this seed, in its order")
    static, _, you = system.partition(BETWEEN + YOU)
    context = "bare" if static == asking.BARE else "lived"
    match = _RESIDENT.fullmatch(YOU + you)
    if match is None:
        raise ValueError(f"resident text, line 2: {you!r} is no resident's")
    subject, day, told = int(match[1]), 0, find_text(match[2] or "").told
    if context == "lived":
        day = _morning(static, YOU + you, shown, seed)
    elif shown != asking.NOTHING_SHOWN:
        raise ValueError(f"question, line 1: {shown!r} belongs to no bare question")
    listed = [probes()[i] for i in asking.order_of(seed)]
    answers = stated_answers(np.array([told]))[0]
    return Aside(day, f"assess {context}", subject, asking.schema(listed), asking.as_json(answers))


def _morning(static: str, you: str, shown: str, seed: int) -> int:
    """The day of a lived question, whose morning must read as a resident's does."""
    stages = STAGED if read_static(static).cognition == "staged" else FUSED
    question = f"{shown}\nGive the {stages[0].name.capitalize()} reply."
    return read((static, you, question), seed)[1].day


def _aware(system: str, user: str, seed: int | None) -> Aside:
    for number, item in enumerate(awareness.items(), start=1):
        shown = user.partition(BETWEEN)[2] if item.static else ""
        try:
            rules = read_static(shown) if item.static else None
        except UnreadablePrompt:
            continue
        if user != awareness.question(item, rules):
            continue
        told = (
            {"takes_it_for": "unsure", "why": WHY}
            if item.kind == "takes"
            else {"known": "no", "name": "", "why": WHY}
        )
        return Aside(
            seed or 0, "assess awareness", number, awareness.schema(item), json.dumps(told)
        )
    raise ValueError(
        f"question: {user.partition(BETWEEN)[0]!r} asks about nothing that is known here"
    )


def _judge(system: str, user: str, seed: int | None) -> Aside:
    static = system.removesuffix(BETWEEN + judge.HEADING)
    order = [line.partition(": ")[0] for line in static.split("\n")]
    known = [label for label in order if label in LABELS]
    if sorted(known) != sorted(LABELS) or static != judge.instructions(known):
        raise ValueError("system message: these are not a judge's instructions")
    log, _, ask = user.rpartition(BETWEEN)
    match = _ASKED.fullmatch(ask)
    if match is None:
        raise ValueError(f"question, last line: {ask!r} asks about no resident's day")
    reply = plain_judgement(log.split("\n") if log else [], match[1], int(match[2]))
    return Aside(int(match[2]), judge.STAGE, 0, judge.SCHEMA, reply)


def _oversee(system: str, user: str, seed: int | None) -> Aside:
    if system != language_overseer.INSTRUCTIONS + BETWEEN + language_overseer.HEADING:
        raise ValueError("system message: these are not an overseer's instructions")
    days = read_days(user)
    alerts = [
        {"message": one.message + 1, "reason": one.reason, "level": one.level, "why": one.why}
        for one in flagged(days.said, days.past)
    ]
    reply = json.dumps({"alerts": alerts})
    return Aside(days.day, language_overseer.STAGE, 0, language_overseer.SCHEMA, reply)
