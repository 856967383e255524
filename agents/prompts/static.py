"""System block 1: the community's rules in words, the same bytes for all residents, days and calls.

`static.md` holds one paragraph a line. A line may begin with its conditions in brackets (`births`,
`!merges`, `network=other`, joined by `&`); names in braces are the scenario's numbers and the
wording's words. A heading gets a blank line before it. `read_static` goes the other way by the same
file: it matches lines, takes the numbers out of them, writes the rules again and demands the same
bytes.

What the text does not say has its default in the rules that are read back: with births off, the
three numbers of births; without messages, all that concerns them; and the method of the single
family, which only a resident's own text shows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final

from agents.decisions import (
    CLAIMS_A_MESSAGE,
    MESSAGE_LENGTH,
    MESSAGES_A_DAY,
    NOTE_LENGTH,
    PROMISES_A_MESSAGE,
    REGARDS_A_DAY,
)
from agents.observation import CLAIM_DAYS, HEARD_SHOWN, RELATION_DAYS, Rules
from agents.prompts.grammar import KINDS
from agents.prompts.texts import glossary
from agents.prompts.words import Words, wordings, words_of
from agents.regimes import REGIMES

_PLACE: Final = re.compile(r"\{([A-Za-z_]+)\}")
_CONDITION: Final = re.compile(r"\[([^\]]+)\] (.*)")
_NUMBERS: Final = tuple(field.name for field in fields(Rules) if field.type == "int")
_NETWORKS: Final = ("distance", "complete")
_CONSTANTS: Final = {
    "claims_a_message": CLAIMS_A_MESSAGE,
    "message_length": MESSAGE_LENGTH,
    "messages_a_day": MESSAGES_A_DAY,
    "note_length": NOTE_LENGTH,
    "promises_a_message": PROMISES_A_MESSAGE,
    "regards_a_day": REGARDS_A_DAY,
    "heard_shown": HEARD_SHOWN,
    "relation_days": RELATION_DAYS,
    "claim_days": CLAIM_DAYS,
}


class UnreadablePrompt(ValueError):
    """A prompt that this project did not write; the message names the line."""


@lru_cache(maxsize=64)
def render_static(rules: Rules) -> str:
    """Write the rules as the first system block, without a line break at its end.

    Raises:
        InputError: unknown wording.
    """
    flags = _flags(rules)
    places = _places(rules)
    lines: list[str] = []
    for conditions, body in _template():
        if all(flags[name] is wanted for name, wanted in conditions):
            if body.startswith("# ") and lines:
                lines.append("")
            lines.append(_PLACE.sub(lambda m: str(places[m[1]]), body))
    return "\n".join(lines)


@lru_cache(maxsize=64)
def read_static(text: str) -> Rules:
    """Read the rules out of a first system block.

    Raises:
        UnreadablePrompt: it is not exactly what `render_static` writes for some rules.
    """
    best = _Reading(Rules(), -1, "")
    for words in wordings().values():
        reading = _match(text.split("\n"), words)
        if reading.stuck is None and reading.rules is not None:
            again = render_static(reading.rules)
            if again == text:
                return reading.rules
            reading = _differing(text, again)
        if reading.line > best.line:
            best = reading
    raise UnreadablePrompt(
        f"static text, line {best.line + 1}: {best.stuck!r} is not of these rules"
    )


@dataclass(frozen=True)
class _Reading:
    rules: Rules | None
    line: int
    stuck: str | None = None


@cache
def _template() -> tuple[tuple[tuple[tuple[str, bool], ...], str], ...]:
    lines = []
    for line in (files(__package__) / "static.md").read_text("utf-8").splitlines():
        match = _CONDITION.fullmatch(line)
        names = [name.strip() for name in match[1].split("&")] if match else []
        conditions = tuple((name.lstrip("!"), not name.startswith("!")) for name in names)
        lines.append((conditions, match[2] if match else line))
    return tuple(lines)


def _flags(rules: Rules) -> dict[str, bool]:
    network = rules.network if rules.network in _NETWORKS else "other"
    return {
        "fused": rules.cognition == "fused",
        "staged": rules.cognition == "staged",
        "weights": rules.family == "weights",
        "gifts": rules.gifts,
        "attacks": rules.attacks,
        "merges": rules.merges,
        "further": rules.gifts or rules.attacks or rules.merges,
        "births": rules.births and rules.merges,
        "messages": rules.messages,
        "announcements": rules.announcements,
        "factory_claims": rules.factory_claims,
        "memory": rules.memory,
        "somekinds": bool(rules.kinds),
        "accepts": "accept" in rules.kinds,
        "refuses": "refuse" in rules.kinds,
        **{f"network={name}": network == name for name in (*_NETWORKS, "other")},
    }


def _places(rules: Rules) -> Mapping[str, Any]:
    words = words_of(rules.wording)
    secure = f"{words.of['secure']} F#"
    promises = [
        *([f"{words.of['gift']} N"] if rules.gifts else []),
        secure,
        *([f"no {words.of['attack']}"] if rules.attacks else []),
        *([words.of["merge"]] if rules.merges else []),
    ]
    return {
        **words.of,
        **_CONSTANTS,
        **{name: getattr(rules, name) for name in (*_NUMBERS, "network")},
        "need": _series(rules.need),
        "sharing": REGIMES[rules.regime].says,
        "kinds": ", ".join(words.kinds(rules.kinds)),
        "Accept": words.of["accept"].capitalize(),
        "Refuse": words.of["refuse"].capitalize(),
        "main_words": ", ".join(words.main),
        "further_words": ", ".join(words.offered(rules)),
        "amount_is": f"units for {words.of['gift']}" if rules.gifts else "0",
        "passed": _passed(rules, words),
        "claim_forms": _claim_forms(rules, words),
        "promise_words": _either(promises),
        "message_fields": _message_fields(rules),
        "glossary": glossary(),
    }


def _either(words: list[str]) -> str:
    return ", ".join(words[:-1]) + f" or {words[-1]}" if words[1:] else words[0]


def _passed(rules: Rules, words: Words) -> str:
    """What a line about another resident says of the past."""
    of = words.of
    fights = f"{of['attacks']} +suffered-done, how often they were seen {of['attacking']} others"
    return ", ".join(
        [
            *([f"{of['gifts']} +received-given"] if rules.gifts else []),
            *([fights] if rules.attacks else []),
            "promises kept/broken towards you",
        ]
    )


def _claim_forms(rules: Rules, words: Words) -> str:
    of = words.of
    offered = words.offered(rules)
    acts = [word for word in words.plan[1:] if word in (*words.main, *offered)]
    plans = [f"plan {of['secure']} F#", *(f"plan {word}" for word in acts)]
    forms = ["stock N (what you have)"]
    if rules.announcements:
        forms.append(f"{_either(plans)} (what you will do today)")
    if rules.factory_claims:
        forms.append("F# makes N (the most that factory makes in a day)")
    deeds = [
        *([f"R# {of['attacked']}"] if rules.attacks else []),
        *([f"R# {of['gave']}"] if rules.gifts else []),
        f"R# {of['broke']}",
    ]
    return "; ".join([*forms, f"{_either(deeds)} (to you, ever)"])


def _message_fields(rules: Rules) -> str:
    kind = '"kind", ' if rules.kinds else ""
    return f'{{"to", {kind}"text", "claims": [], "promises": [{{"what", "by"}}]}}'


def _match(lines: list[str], words: Words) -> _Reading:
    """Lay the template along the lines; stop at the first line that no paragraph fits."""
    kept = [(number, line) for number, line in enumerate(lines) if line]
    at, values, held = 0, dict[str, str](), set[str]()
    for conditions, body in _template():
        match = _pattern(body, words).fullmatch(kept[at][1]) if body and at < len(kept) else None
        if match:
            held |= {name for name, wanted in conditions if wanted}
            values |= match.groupdict()
            at += 1
        elif body and not conditions:
            break
    if at < len(kept):
        return _Reading(None, *kept[at])
    try:
        return _Reading(_rules(values, held, words), -1)
    except ValueError as error:
        return _Reading(None, 0, str(error))


def _rules(values: dict[str, str], held: set[str], words: Words) -> Rules:
    plain = Rules()
    changes: dict[str, Any] = {name: int(values[name]) for name in _NUMBERS if name in values}
    if "need" in values:
        changes["need"] = tuple(int(n) for n in re.split(r", | or ", values["need"]))
    if "sharing" in values:
        changes["regime"] = next(k for k, r in REGIMES.items() if r.says == values["sharing"])
    chosen = [name.partition("=")[2] for name in held if name.startswith("network=")]
    if chosen:
        changes["network"] = values.get("network", "") if chosen[0] == "other" else chosen[0]
    speaking = "messages" in held
    if speaking:
        name_of = {words.of[name]: name for name in KINDS}
        listed = values["kinds"].split(", ") if "kinds" in values else []
        changes["kinds"] = tuple(name_of[word] for word in listed if word in name_of)
    return replace(
        plain,
        **changes,
        gifts="gifts" in held,
        attacks="attacks" in held,
        merges="merges" in held,
        births="births" in held,
        messages=speaking,
        announcements="announcements" in held if speaking else plain.announcements,
        factory_claims="factory_claims" in held if speaking else plain.factory_claims,
        memory="memory" in held,
        wording=words.name,
        cognition="fused" if "fused" in held else "staged",
        family="weights" if "weights" in held else "single",
        method="weights" if "weights" in held else "none",
    )


@lru_cache(maxsize=512)
def _pattern(body: str, words: Words) -> re.Pattern[str]:
    """A paragraph as a pattern: scenario numbers are groups, all else stands for itself."""
    out, end, seen = [], 0, set[str]()
    fixed = {**words.of, **_CONSTANTS, "glossary": glossary()}
    groups = {"need": r"[0-9 ,or]+", "kinds": r"[a-z, ]+", "network": r"[\w .-]+"}
    groups["sharing"] = "|".join(re.escape(regime.says) for regime in REGIMES.values())
    groups |= dict.fromkeys(_NUMBERS, "[0-9]+")
    for place in _PLACE.finditer(body):
        name = place[1]
        out.append(re.escape(body[end : place.start()]))
        if name in fixed:
            out.append(re.escape(str(fixed[name])))
        elif name in groups and name not in seen:
            out.append(f"(?P<{name}>{groups[name]})")
        else:  # follows from the rest; the second writing checks it
            out.append(".+?")
        seen.add(name)
        end = place.end()
    return re.compile("".join(out) + re.escape(body[end:]))


def _differing(text: str, again: str) -> _Reading:
    pairs = zip(text.split("\n"), again.split("\n") + [""] * text.count("\n"), strict=False)
    number, line = next((n, a) for n, (a, b) in enumerate(pairs) if a != b)
    return _Reading(None, number, line)


def _series(numbers: tuple[int, ...]) -> str:
    texts = [str(n) for n in numbers]
    return texts[0] if len(texts) == 1 else _either(texts)
