"""Parse a prompt back into its question; written again, it must give the same bytes.

Every line is read, the question is written again, and the bytes must be the same: a prompt is
either understood exactly or refused with the line named, never guessed at. This is what lets a
server that gets nothing but the text answer as a mind in process would.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from agents.observation import Observation, Rules, Stage
from agents.prompts import lines
from agents.prompts.grammar import INT, UnreadableLine, read_act, write_act
from agents.prompts.quoting import unquote
from agents.prompts.render import TODAY, YOU, Parts, given_text, render
from agents.prompts.static import UnreadablePrompt, read_static, render_static
from agents.prompts.texts import find_text
from agents.prompts.words import Words, words_of

_STAGE_NAMES: Final = {stage.name.capitalize(): stage for stage in Stage}


def read(parts: Parts, key: int) -> tuple[Rules, Observation]:
    """Read a prompt's parts back into the question.

    Args:
        parts: as `render` wrote them.
        key: the question's randomness, which came beside the text.

    Returns:
        The rules and the question, `canonical`.

    Raises:
        UnreadablePrompt: some line is not exactly what `render` writes; the message names it.
    """
    rules = read_static(parts[0])
    rules, facts = _read_resident(parts[1], rules)
    observation = Observation(key=key, **facts, **_read_user(parts[2], rules, facts["id"]))
    for name, given, again in zip(
        ("static text", "resident text", "question"), parts, render(observation, rules), strict=True
    ):
        if given != again:
            _name_difference(name, given, again)
    return rules, observation


def canonical(observation: Observation, rules: Rules) -> tuple[Rules, Observation]:
    """Give the question as its prompt says it, without what no text shows.

    Rules lose what is switched off; rows of relations lose the operands of absent parts; value and
    mode of the weights family and of a placebo, and the method of residents without a text, are not
    in the text. Everything else is kept: `read(render(q), key) == canonical(q)` for every question
    that the world asks.
    """
    given = find_text(given_text(observation, rules))
    words = words_of(rules.wording)
    changes: dict[str, Any] = {
        "value": given.value,
        "mode": given.mode,
        "paraphrase": given.paraphrase,
        "told": given.told,
        "since": tuple(
            lines.read_since(lines.write_since(row, words), words) for row in observation.since
        ),
        "factories": tuple(
            lines.read_factory(lines.write_factory(row)) for row in observation.factories
        ),
        "residents": tuple(
            lines.read_resident(
                lines.write_resident(row, words, rules.messages), words, rules.messages
            )
            for row in observation.residents
        ),
        "promises": tuple(
            lines.read_open(lines.write_open(row, words), words) for row in observation.promises
        ),
        "note": observation.note if rules.memory else "",
    }
    for name in ("plan", "doing"):
        act = getattr(observation, name)
        changes[name] = None if act is None else read_act(write_act(act, words), words)
    for name in ("said", "heard"):
        changes[name] = tuple(
            lines.read_message(
                lines.write_message(one, observation.id, words, bool(rules.kinds)),
                observation.id,
                words,
            )
            for one in getattr(observation, name)
        )
    shown = replace(read_static(render_static(rules)), method=given.method)
    return shown, replace(observation, **changes)


def _read_resident(part: str, rules: Rules) -> tuple[Rules, dict[str, Any]]:
    head, _, text = part.removeprefix(f"{YOU}You are R").partition(".")
    try:
        given = find_text(text.removeprefix(" "))
        if not head.isdecimal():
            raise ValueError("no id")
        if (given.method == "weights") is not (rules.family == "weights"):
            raise ValueError(f"a text of method {given.method} under family {rules.family}")
    except ValueError as error:
        raise UnreadablePrompt(f"resident text, line 2: {part!r}: {error}") from None
    facts = {
        "id": int(head),
        "value": given.value,
        "mode": given.mode,
        "paraphrase": given.paraphrase,
        "told": given.told,
    }
    return replace(rules, method=given.method), facts


def _read_user(part: str, rules: Rules, me: int) -> dict[str, Any]:
    rows = _Rows(part.split("\n"))
    words = words_of(rules.wording)
    try:
        return _read_rows(rows, words, me, rules.messages)
    except (UnreadableLine, ValueError) as error:
        text = rows.lines[min(rows.at, len(rows.lines)) - 1]
        raise UnreadablePrompt(f"question, line {rows.at}: {text!r}: {error}") from None


def _read_rows(rows: _Rows, words: Words, me: int, hearing: bool) -> dict[str, Any]:
    rows.take(TODAY.strip(), exactly=True)
    number = INT
    now = lines.whole(
        rf"day ({number}) of {number}, at ({number}),({number}), skill ({number}), "
        rf"standing ({number}), stock ({number}), lasts {number} days, hungry ({number})",
        rows.need("Now"),
    )
    names = ("day", "x", "y", "skill", "standing", "stock", "hungry")
    facts: dict[str, Any] = dict(zip(names, map(int, now.groups()), strict=True))
    household = rows.maybe("Household")
    facts["members"] = lines.read_ids("R", household)[0] if household else ()
    since = rows.need("Since yesterday")
    facts["since"] = tuple(
        lines.read_since(text, words) for text in since.split("; ") if since != "nothing"
    )
    facts["factories"] = tuple(map(lines.read_factory, rows.listed("Factories", "none known")))
    facts["residents"] = tuple(
        lines.read_resident(text, words, hearing) for text in rows.listed("Residents", "none")
    )
    also = rows.maybe("Also hear you")
    facts["also"], facts["also_more"] = lines.read_ids("R", also) if also else ((), 0)
    promises = rows.need("Promises")
    facts["promises"] = tuple(
        lines.read_open(text, words) for text in promises.split("; ") if promises != "none open"
    )
    note = rows.maybe("Note")
    facts["note"] = unquote(note) if note else ""
    plan = rows.maybe("Your plan")
    facts["plan"] = read_act(plan, words) if plan else None
    for name, head in (("said", "You said"), ("heard", "Heard")):
        facts[name] = tuple(lines.read_message(text, me, words) for text in rows.listed(head, None))
    announced = rows.maybe("Announced")
    facts["announced"] = lines.read_announced(announced) if announced else ()
    outside: list[str] = []
    while (text := rows.maybe("From outside")) is not None:
        outside.append(unquote(text))
    facts["outside"] = tuple(outside)
    doing = rows.maybe("You do")
    facts["doing"] = read_act(doing, words) if doing else None
    stage = rows.take("Give the ").removesuffix(" reply.")
    if stage not in _STAGE_NAMES:
        raise UnreadableLine("no such stage")
    facts["stage"] = _STAGE_NAMES[stage]
    if rows.at != len(rows.lines):
        rows.at += 1
        raise UnreadableLine("nothing may follow the stage")
    return facts


class _Rows:
    """The lines of a question, taken from the first to the last; `at` counts those taken."""

    def __init__(self, rows: list[str]) -> None:
        self.lines = rows
        self.at = 0

    def take(self, head: str, exactly: bool = False) -> str:
        """The rest of the next line, which must begin with `head`."""
        self.at += 1
        line = self.lines[self.at - 1] if self.at <= len(self.lines) else ""
        if not line.startswith(head) or (exactly and line != head):
            raise UnreadableLine(f"{head!r} belongs here")
        return line[len(head) :]

    def need(self, head: str) -> str:
        """What stands after `head: ` on the next line."""
        return self.take(f"{head}: ")

    def maybe(self, head: str) -> str | None:
        """What stands after `head: ` if that is the next line, else None."""
        if self.at < len(self.lines) and self.lines[self.at].startswith(f"{head}: "):
            return self.take(f"{head}: ")
        return None

    def listed(self, head: str, empty: str | None) -> list[str]:
        """The lines under `head:`, which all begin with an id or `to`."""
        if self.at < len(self.lines) and self.lines[self.at] == f"{head}:":
            self.at += 1
            items = []
            while self.at < len(self.lines) and _is_item(self.lines[self.at]):
                items.append(self.take(""))
            return items
        if empty is not None:
            self.take(f"{head}: {empty}", exactly=True)
        return []


def _is_item(line: str) -> bool:
    return line.startswith("to ") or (line[:1] in "RF" and line[1:2].isdecimal())


def _name_difference(name: str, given: str, again: str) -> None:
    one, two = given.split("\n"), again.split("\n")
    for number, line in enumerate(one):
        expected = two[number] if number < len(two) else "nothing"
        if line != expected:
            raise UnreadablePrompt(f"{name}, line {number + 1}: {line!r} reads as {expected!r}")
    raise UnreadablePrompt(f"{name}, line {len(one)}: more is missing")
