"""The probes put to a language model: a side call that leaves no trace in the resident's life.

A resident is asked in one of two contexts. *Bare*: "# You" and its value text alone, nothing of the
world. *Lived*: the rules, "# You", and the morning of a given day as it would be shown (its note
and what passed between it and others included). Only the last line differs from a question of the
world. The stage names begin with `assess`, which no resident's stage does, and the reply goes to
the record of the assessment and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final, Literal

import numpy as np

from agents.asides.probes import Answers, Probe, probes
from agents.asides.reply_objects import one_object, repair
from agents.instruments import HIGHEST, LOWEST
from agents.llm.caller import Call
from agents.llm.errors import ReplyFault
from agents.llm.shapes import Schema, strict_object, whole_of
from agents.observation import Observation, Rules
from agents.prompts.render import render
from agents.purposes import Purpose
from agents.randomness import draws

Context = Literal["bare", "lived"]

#: What stands in place of the rules and of the day in the bare context.
BARE: Final = "You answer for yourself."
NOTHING_SHOWN: Final = "# Today"
INTRODUCTION: Final = "This is a set of short descriptions of people."
QUESTION: Final = (
    "How much is each of these people like you? Answer with one JSON object and nothing else: for "
    'each name a whole number from 1 ("not like me at all") to 6 ("very much like me").'
)
MAX_TOKENS: Final = 500


def order_of(key: int) -> list[int]:
    """The order in which one resident reads the probes: a keyed draw, so that none comes first."""
    lots = draws(np.array([key]), Purpose.PROBES, np.arange(len(probes())))
    # Stable: equal lots keep the probes' own order, on every machine alike.
    return [int(i) for i in np.argsort(lots.ravel(), kind="stable")]


def assessment_call(
    one: Observation, rules: Rules, context: Context, *, thinking_tokens: int = 0
) -> Call[Answers]:
    """The call that puts the probes to one resident.

    Args:
        one: its morning; only its identity and value text are shown in the bare context.
        rules: the community's.
        context: `bare` or `lived`.
        thinking_tokens: added to the longest reply, for models that reason first.
    """
    listed = [probes()[i] for i in order_of(one.key)]
    static, you, today = render(one, rules)
    shown = today.rpartition("\n")[0] if context == "lived" else NOTHING_SHOWN
    return Call(
        day=one.day,
        stage=f"assess {context}",
        subject=one.id,
        parts=(static if context == "lived" else BARE, you, put(shown, one.key)),
        schema=schema(listed),
        schema_name="assess",
        seed=one.key,
        max_reply_tokens=MAX_TOKENS + thinking_tokens,
        read=read_answers,
        repair=repair,
    )


def put(shown: str, key: int) -> str:
    """The last part of the prompt: what is shown of the day, and the probes in the key's order."""
    return "\n".join(
        [shown, "", INTRODUCTION, *_lines([probes()[i] for i in order_of(key)]), QUESTION]
    )


def schema(listed: Sequence[Probe]) -> Schema:
    """Flat, closed, all required: one whole number a probe."""
    scale = whole_of(range(LOWEST, HIGHEST + 1))
    return strict_object({probe.name: scale for probe in listed})


def read_answers(text: str) -> Answers:
    """The forty answers, in the order of `probes()`.

    Raises:
        ReplyFault: they cannot be read; a probe left out or off the scale is a fault, never the
            middle of the scale.
    """
    found = one_object(text)
    answers = np.empty(len(probes()))
    for i, probe in enumerate(probes()):
        answers[i] = _answer(found, probe.name)
    return answers


def _answer(found: dict[str, Any], name: str) -> float:
    if name not in found:
        raise ReplyFault("missing_field", f'the field "{name}" was missing')
    value = found[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or value % 1 != 0:
        raise ReplyFault("wrong_type", f'"{name}" was not a whole number')
    if not LOWEST <= value <= HIGHEST:
        raise ReplyFault("out_of_range", f'"{name}" was not from {LOWEST} to {HIGHEST}')
    return float(value)


def _lines(listed: Sequence[Probe]) -> list[str]:
    return [f"{probe.name}: {probe.text}" for probe in listed]


def as_json(answers: Answers) -> str:
    """Answers as the reply that would give them."""
    pairs = zip(probes(), answers.tolist(), strict=True)
    return json.dumps({probe.name: int(answer) for probe, answer in pairs})
