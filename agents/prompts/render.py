"""A question as text: the three parts of a prompt.

=========  ===========================================================================
static     the community's rules: the same bytes for all residents, days and calls
resident   "# You": id and value text; the same until the values change
user       "# Today": one fact a line; later calls add plan, said, heard; the stage last
=========  ===========================================================================

The way back is `agents.prompts.read`; the lines' own forms are in `agents.prompts.lines`.
"""

from __future__ import annotations

from typing import Final

from agents.observation import Observation, Rules
from agents.prompts import lines
from agents.prompts.grammar import write_act
from agents.prompts.quoting import quote
from agents.prompts.static import render_static
from agents.prompts.texts import value_text
from agents.prompts.words import Words, words_of

Parts = tuple[str, str, str]
YOU: Final = "# You\n"
TODAY: Final = "# Today\n"


def render(observation: Observation, rules: Rules) -> Parts:
    """Write a question as the three parts of its prompt.

    Args:
        observation: one resident's question; its key travels beside the text.
        rules: the community's.

    Returns:
        static, resident and user text; no part ends with a line break.
    """
    words = words_of(rules.wording)
    return render_static(rules), _resident(observation, rules), _user(observation, rules, words)


def given_text(observation: Observation, rules: Rules) -> str:
    """The text that this resident reads about its values; empty where it reads none."""
    return value_text(
        rules.method if rules.family == "single" else "weights",
        observation.value,
        observation.mode,
        observation.paraphrase,
        observation.told,
    )


def _resident(observation: Observation, rules: Rules) -> str:
    text = given_text(observation, rules)
    return f"{YOU}You are R{observation.id}.{' ' + text if text else ''}"


def _user(o: Observation, rules: Rules, words: Words) -> str:
    kinds = bool(rules.kinds)
    now = (
        f"{TODAY}Now: day {o.day} of {rules.days}, at {o.x},{o.y}, skill {o.skill}, "
        f"standing {o.standing}, stock {o.stock}, lasts {_lasts(o.stock, rules)} days, "
        f"hungry {o.hungry}"
    )
    out = [now]
    if o.members:
        out.append(f"Household: {lines.write_ids('R', o.members)}")
    since = [lines.write_since(row, words) for row in o.since]
    out.append(f"Since yesterday: {'; '.join(since) or 'nothing'}")
    _list(out, "Factories", [lines.write_factory(row) for row in o.factories], "none known")
    _list(
        out,
        "Residents",
        [lines.write_resident(row, words, rules.messages) for row in o.residents],
        "none",
    )
    if o.also or o.also_more:
        out.append(f"Also hear you: {lines.write_ids('R', o.also, o.also_more)}")
    promises = [lines.write_open(row, words) for row in o.promises]
    out.append(f"Promises: {'; '.join(promises) or 'none open'}")
    if o.note and rules.memory:
        out.append(f"Note: {quote(o.note)}")
    if o.plan is not None:
        out.append(f"Your plan: {write_act(o.plan, words)}")
    for head, messages in (("You said", o.said), ("Heard", o.heard)):
        if messages:
            _list(out, head, [lines.write_message(m, o.id, words, kinds) for m in messages], "")
    if o.announced:
        out.append(f"Announced: {lines.write_announced(o.announced)}")
    out.extend(f"From outside: {quote(text)}" for text in o.outside)
    if o.doing is not None:
        out.append(f"You do: {write_act(o.doing, words)}")
    out.append(f"Give the {o.stage.name.capitalize()} reply.")
    return "\n".join(out)


def _list(out: list[str], head: str, items: list[str], empty: str) -> None:
    if not items:
        out.append(f"{head}: {empty}")
        return
    out.append(f"{head}:")
    out.extend(items)


def _lasts(stock: int, rules: Rules) -> int:
    """Whole days for which a stock lasts at the mean need."""
    return stock * len(rules.need) // max(1, sum(rules.need))
