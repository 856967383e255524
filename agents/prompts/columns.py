"""Typed replies as a stage's columns, and a row of the columns as the JSON that a mind would send.

`gather` is the way in: what a language mind read becomes `Replies`. `answer` is the way out: what a
mind in process decided becomes the object that the question asked for. `answer`, then `read_reply`,
then `gather` gives back the same row, which is what lets a server answer as any mind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents.batch import messages_of, one_message
from agents.decisions import (
    ACT_FIELDS,
    ALL,
    Acts,
    Claim,
    Fault,
    Further,
    Main,
    Regard,
    Replies,
)
from agents.observation import OneAct, OneMessage, Rules, Stage
from agents.prompts.grammar import (
    DIRECTIONS,
    KINDS,
    UNREADABLE,
    write_claim,
    write_id,
    write_promise,
)
from agents.prompts.replies import StageReply
from agents.prompts.words import Words, words_of

FAULT_AT = {
    Stage.PERCEIVE: Fault.PERCEIVE,
    Stage.COMMUNICATE: Fault.COMMUNICATE,
    Stage.ACT: Fault.ACT,
    Stage.REMEMBER: Fault.REMEMBER,
    Stage.MORNING: Fault.PERCEIVE,
    Stage.EVENING: Fault.ACT,
}
"""The fault that a reply that cannot be used is, by the stage that asked for it."""

_IDLE = OneAct(int(Main.IDLE), 0, 0, int(Further.NONE), 0, 0)


def gather(stage: Stage, answers: Sequence[StageReply | str]) -> Replies:
    """Make a stage's columns of one answer a row: a reply, or the cause of a fault.

    Rows of a fault carry no decision; their columns are filled and never read.
    """
    n = len(answers)
    replies = Replies.faultless(n)
    good: list[StageReply] = []
    for row, answer in enumerate(answers):
        if isinstance(answer, str):
            replies.fault[row] = FAULT_AT[stage]
            replies.causes[row] = answer
            good.append(StageReply())
        else:
            good.append(answer)
            if answer.flags:
                replies.flags[row] = tuple(answer.flags)
    if stage in (Stage.PERCEIVE, Stage.ACT, Stage.MORNING, Stage.EVENING):
        acts = [one.act or _IDLE for one in good]
        columns = (np.array([getattr(a, f) for a in acts], np.int64) for f in ACT_FIELDS)
        replies.acts = Acts(*columns)
        replies.reasons = [one.reason or "" for one in good]
    if stage in (Stage.PERCEIVE, Stage.MORNING):
        replies.regard = Regard.none(n)
        for row, one in enumerate(good):
            for place, (who, grade) in enumerate(one.regard or ()):
                replies.regard.who[row, place] = who
                replies.regard.grade[row, place] = grade
    if stage in (Stage.COMMUNICATE, Stage.MORNING):
        replies.said = messages_of([message for one in good for message in one.said])
    if stage in (Stage.REMEMBER, Stage.EVENING):
        replies.notes = [one.note for one in good]
    return replies


def answer(replies: Replies, row: int, me: int, stage: Stage, rules: Rules) -> dict[str, Any]:
    """Write one row of a stage's columns as the JSON object that the stage asks for."""
    words = words_of(rules.wording)
    found: dict[str, Any] = {}
    if stage in (Stage.PERCEIVE, Stage.MORNING):
        found["view"] = _reason(replies, row)
        found |= _fields(replies.acts, row, words)
        found["regard"] = _regard(replies.regard, row)
    if stage in (Stage.ACT, Stage.EVENING):
        found["why"] = _reason(replies, row)
        found |= _fields(replies.acts, row, words)
    if stage is Stage.COMMUNICATE or (stage is Stage.MORNING and rules.messages):
        said = replies.said
        rows = [] if said is None else np.flatnonzero(said.sender == me).tolist()
        found["messages"] = [
            _message(one_message(said, i), words, rules) for i in rows if said is not None
        ]
    if stage is Stage.REMEMBER or (stage is Stage.EVENING and rules.memory):
        note = None if replies.notes is None else replies.notes[row]
        found["note"] = note or ""
    return found


def _reason(replies: Replies, row: int) -> str:
    return "" if replies.reasons is None else replies.reasons[row]


def _fields(acts: Acts | None, row: int, words: Words) -> dict[str, Any]:
    act = _IDLE if acts is None else OneAct(*(int(getattr(acts, f)[row]) for f in ACT_FIELDS))
    at = ""
    if act.main == Main.SECURE:
        at = write_id("F", act.at)
    elif act.main == Main.EXPLORE:
        at = "?" if act.at == UNREADABLE else DIRECTIONS[act.at]
    return {
        "main": words.main[act.main],
        "at": at,
        "spend": act.spend,
        "further": words.further[act.further],
        "who": "" if act.further == Further.NONE else write_id("R", act.who),
        "amount": act.amount,
    }


def _regard(regard: Regard | None, row: int) -> list[dict[str, Any]]:
    if regard is None:
        return []
    pairs = zip(regard.who[row].tolist(), regard.grade[row].tolist(), strict=True)
    return [{"who": f"R{who}", "is": grade} for who, grade in pairs if who]


def _message(one: OneMessage, words: Words, rules: Rules) -> dict[str, Any]:
    found: dict[str, Any] = {"to": "all" if one.to == ALL else write_id("R", one.to)}
    if rules.kinds:
        found["kind"] = words.of[KINDS[one.kind]]
    loose = iter(one.loose)
    found["text"] = one.text
    found["claims"] = [
        next(loose) if claim[0] == Claim.UNCHECKED else write_claim(claim, words)
        for claim in one.claims
    ]
    found["promises"] = [
        {"what": write_promise(promise, words), "by": promise[2]} for promise in one.promises
    ]
    return found
