"""Which texts a judge or an overseer was asked with: hashes that stand with what they said.

As for the prompts of residents (`agents.prompts.hashes`): what decides a question is hashed by what
it writes, so a comment changes nothing and a changed line does.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Final

import numpy as np

from agents.asides import judge, language_overseer
from agents.asides.labels import labels_hash
from agents.asides.message_lines import Days, write_days
from agents.asides.reply_objects import repair_specimen
from agents.batch import messages_of
from agents.prompts.hashes import hash_of, specimen
from agents.prompts.words import wordings

#: Messages of the past in the specimen: more than are shown, so that how many are shows.
_MANY: Final = 1_000


@cache
def judge_hashes() -> dict[str, str]:
    """What decides a judge's question → its SHA-256, hexadecimal.

    The transcript's lines are the log's own and are told apart by the runs that were judged.
    """
    question = judge.Question(1, ("day 1: a line",), "M1", 1)
    call = judge.judge_call(question, judge.instructions())
    return {
        "judge": hash_of(*call.parts, json.dumps(judge.SCHEMA), repair_specimen()),
        "labels": labels_hash(),
    }


@cache
def overseer_hashes() -> dict[str, str]:
    """What decides an overseer's question → its SHA-256, hexadecimal."""
    one = specimen()
    some = messages_of([*one.said, *one.heard])
    many = some.take(np.zeros(_MANY, np.int64))
    days = Days(6, some, ((1, 2), (), (3,), (4,)), ((5, many),))
    shown = [write_days(days, wording, kinds) for wording in wordings() for kinds in (True, False)]
    schema = json.dumps(language_overseer.SCHEMA)
    parts = (language_overseer.INSTRUCTIONS, language_overseer.HEADING, *shown, schema)
    return {"overseer": hash_of(*parts, repair_specimen())}
