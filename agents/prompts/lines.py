"""The lines of an observation: formatter and parser of each form, side by side.

One fact a line, readable by a person and exactly parseable. An absent part is left out, never
written as zero. Readers are given a line that a writer made and return the rows of the batch's
columns; what they cannot read is an `UnreadableLine`. They need not reject every variant: whoever
reads a whole prompt writes it again and demands the same bytes.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from agents.decisions import ALL, Claim
from agents.observation import Announced, Impossible, OneMessage, Since
from agents.prompts.grammar import (
    DIRECTIONS,
    INT,
    KINDS,
    UnreadableLine,
    read_claim,
    read_promise,
    write_claim,
    write_id,
    write_promise,
)
from agents.prompts.quoting import quote, unquote
from agents.prompts.words import Words

Row = tuple[int, ...]
Triple = tuple[int, int, int]
#: A literal as `quote` writes it, seen from outside.
LITERAL: Final = r'"(?:[^"\\]|\\.)*"'


def write_ids(letter: str, ids: tuple[int, ...], more: int = 0) -> str:
    """`R3 R12 +4`."""
    listed = [write_id(letter, number) for number in ids]
    return " ".join([*listed, f"+{more}"] if more else listed)


def read_ids(letter: str, text: str) -> tuple[tuple[int, ...], int]:
    """Read what `write_ids` wrote: the ids and how many more."""
    parts = text.split(" ")
    more = int(whole(r"\+([0-9]{1,10})", parts.pop())[1]) if parts[-1].startswith("+") else 0
    return tuple(int(whole(f"{letter}({INT})", part)[1]) for part in parts), more


def write_since(row: Triple, words: Words) -> str:
    """What happened to the resident, or before its eyes."""
    code, a, b = row
    one, two = f"R{a}", f"R{b}"
    if code == Since.IMPOSSIBLE:
        return f"{words.impossible[a]} had become impossible"
    forms = {
        Since.PAID: f"F{a} paid {b}",
        Since.GAVE: f"you {words.of['gave']} {one} {b}",
        Since.GOT: f"{one} {words.of['gave']} you {b}",
        Since.ATTACKED_BY: f"{one} {words.of['attacked']} you and took {b}",
        Since.ATTACKED: f"you {words.of['attacked']} {one} and took {b}",
        Since.SAW_ATTACK: f"you saw {one} {words.of['attack']} {two}",
        Since.JOINED: f"you and {one} became one household",
        Since.CHILD: f"you had a child {one}",
    }
    return forms[Since(code)]


def read_since(text: str, words: Words) -> Triple:
    """Read one happening; operands that its form does not show are 0."""
    for code, pattern in _since_forms(words):
        match = re.fullmatch(pattern, text)
        if match and code == Since.IMPOSSIBLE:
            return (int(code), words.impossible.index(match[1]), 0)
        if match:
            operands = [int(group) for group in match.groups()]
            return (int(code), operands[0], operands[1] if len(operands) > 1 else 0)
    raise UnreadableLine(f"{text!r} is no happening")


def write_factory(row: Row) -> str:
    """`F1 2 NE, 280/940, day 4: 6 made 120, heard`."""
    ident, steps, way, most, half, seen, workers, made, heard = row
    place = f"{steps} {DIRECTIONS[way]}" if steps else "here"
    work = f", day {seen}: {workers} made {made}" if seen >= 0 else ""
    return f"F{ident} {place}, {most}/{half}{work}{', heard' if heard else ''}"


_FACTORY: Final = (
    rf"F({INT}) (?:here|({INT}) ({'|'.join(DIRECTIONS)})), ({INT})/({INT})"
    rf"(?:, day ({INT}): ({INT}) made ({INT}))?(, heard)?"
)


def read_factory(text: str) -> Row:
    """Read one known factory: a row in the order of `Known`."""
    ident, steps, way, most, half, seen, workers, made, heard = whole(_FACTORY, text).groups()
    return (
        int(ident),
        int(steps or 0),
        DIRECTIONS.index(way) if way else 0,
        int(most),
        int(half),
        int(seen) if seen else -1,
        int(workers or 0),
        int(made or 0),
        int(heard is not None),
    )


def write_resident(row: Row, words: Words, hearing: bool) -> str:
    """`R7 1, 100/120, gifts +5-3, …, says stock 40 on day 3, cannot hear you`.

    Where nobody can hear anybody (`hearing` false) nothing is said of it.
    """
    ident, steps, skill, standing, got, gave, hit, hits, seen, kept, broken, stock, on, hears = row
    of = words.of
    parts = [
        f"R{ident} {steps}, {skill}/{standing}",
        f", {of['gifts']} +{got}-{gave}" if got or gave else "",
        f", {of['attacks']} +{hit}-{hits}" if hit or hits else "",
        f", seen {of['attacking']} {seen}" if seen else "",
        f", promises {kept}/{broken}" if kept or broken else "",
        f", says stock {stock} on day {on}" if stock >= 0 else "",
        "" if hears or not hearing else ", cannot hear you",
    ]
    return "".join(parts)


def read_resident(text: str, words: Words, hearing: bool) -> Row:
    """Read one other resident: a row in the order of `Near`."""
    found = whole(_resident_form(words), text).groups()
    numbers = [int(group) if group else 0 for group in found[:13]]
    if found[11] is None:
        numbers[11] = -1
    return (*numbers, int(hearing and found[13] is None))


def write_open(row: Row, words: Words) -> str:
    """`you to R4: gift 10 by day 12`."""
    other, mine, what, a, by = row
    who = f"you to R{other}" if mine else f"R{other} to you"
    return f"{who}: {_dated((what, a, by), words)}"


def read_open(text: str, words: Words) -> Row:
    """Read one open promise: a row in the order of `Open`."""
    match = whole(rf"(?:you to R({INT})|R({INT}) to you): (.+) by day ({INT})", text)
    what, a, by = read_promise(match[3], int(match[4]), words)
    return (int(match[1] or match[2]), int(match[1] is not None), what, a, by)


def write_message(message: OneMessage, me: int, words: Words, kinds: bool) -> str:
    """`R7 to you, ask: "…"; claims: stock 4; promises: gift 5 by day 9`, as `me` reads it.

    The sender stands there unless it is `me`.
    """
    sender = "" if message.sender == me else f"R{message.sender} "
    to = "all" if message.to == ALL else "you" if message.to == me else write_id("R", message.to)
    kind = f", {words.of[KINDS[message.kind]]}" if kinds else ""
    loose = iter(message.loose)
    claims = [
        quote(next(loose)) if claim[0] == Claim.UNCHECKED else write_claim(claim, words)
        for claim in message.claims
    ]
    promises = [_dated(promise, words) for promise in message.promises]
    return (
        f"{sender}to {to}{kind}: {quote(message.text)}"
        + (f"; claims: {', '.join(claims)}" if claims else "")
        + (f"; promises: {', '.join(promises)}" if promises else "")
    )


_MESSAGE: Final = re.compile(
    rf"(?:R({INT}) )?to (all|you|R(?:[?]|{INT}))(?:, ([a-z]+))?: ({LITERAL})"
    rf"(?:; claims: ((?:{LITERAL}|[^\"])*?))?(?:; promises: ([^\"]*))?"
)


def read_message(text: str, me: int, words: Words) -> OneMessage:
    """Read one message of a line that `write_message` wrote for `me`."""
    match = whole(_MESSAGE, text)
    to = {"all": ALL, "you": me, "R?": -1}.get(match[2])
    loose: list[str] = []
    claims: list[Triple] = []
    for part in re.findall(rf"{LITERAL}|[^\",]+", match[5] or ""):
        claim = part.strip()
        if claim.startswith('"'):
            loose.append(unquote(claim))
            claims.append((int(Claim.UNCHECKED), 0, 0))
        elif claim:
            claims.append(read_claim(claim, words))
    return OneMessage(
        sender=me if match[1] is None else int(match[1]),
        to=int(match[2][1:]) if to is None else to,
        kind=_kind(match[3], words),
        text=unquote(match[4]),
        claims=tuple(claims),
        promises=tuple(_read_dated(part, words) for part in (match[6] or "").split(", ") if part),
        loose=tuple(loose),
    )


def write_announced(lines: tuple[Announced, ...]) -> str:
    """`F1 R2 R5 +3; F2 R4`."""
    return "; ".join(f"F{one.factory} {write_ids('R', one.who, one.more)}" for one in lines)


def read_announced(text: str) -> tuple[Announced, ...]:
    """Read who said that they would work where."""
    lines = []
    for part in text.split("; "):
        factory, _, ids = part.partition(" ")
        who, more = read_ids("R", ids)
        lines.append(Announced(int(whole(f"F({INT})", factory)[1]), who, more))
    return tuple(lines)


def whole(pattern: str | re.Pattern[str], text: str) -> re.Match[str]:
    """Match a whole text or say that it is not of its form."""
    match = re.fullmatch(pattern, text)
    if match is None:
        raise UnreadableLine(f"{text!r} is not of its form")
    return match


def _dated(promise: Triple, words: Words) -> str:
    return f"{write_promise(promise, words)} by day {promise[2]}"


def _read_dated(text: str, words: Words) -> Triple:
    match = whole(rf"(.+) by day ({INT})", text)
    return read_promise(match[1], int(match[2]), words)


def _kind(word: str | None, words: Words) -> int:
    if word is None:
        return 0
    for code, name in enumerate(KINDS):
        if words.of[name] == word:
            return code
    raise UnreadableLine(f"{word!r} is no kind of message")


@lru_cache
def _since_forms(words: Words) -> tuple[tuple[Since, str], ...]:
    number, one = f"({INT})", f"R({INT})"
    of = {name: re.escape(word) for name, word in words.of.items()}
    acts = "|".join(re.escape(words.impossible[code]) for code in Impossible)
    return (
        (Since.PAID, f"F{number} paid {number}"),
        (Since.GAVE, f"you {of['gave']} {one} {number}"),
        (Since.GOT, f"{one} {of['gave']} you {number}"),
        (Since.ATTACKED_BY, f"{one} {of['attacked']} you and took {number}"),
        (Since.ATTACKED, f"you {of['attacked']} {one} and took {number}"),
        (Since.SAW_ATTACK, f"you saw {one} {of['attack']} {one}"),
        (Since.JOINED, f"you and {one} became one household"),
        (Since.CHILD, f"you had a child {one}"),
        (Since.IMPOSSIBLE, f"({acts}) had become impossible"),
    )


@lru_cache
def _resident_form(words: Words) -> re.Pattern[str]:
    of = {name: re.escape(word) for name, word in words.of.items()}
    n = f"({INT})"
    return re.compile(
        f"R{n} {n}, {n}/{n}(?:, {of['gifts']} [+]{n}-{n})?(?:, {of['attacks']} [+]{n}-{n})?"
        f"(?:, seen {of['attacking']} {n})?(?:, promises {n}/{n})?"
        f"(?:, says stock {n} on day {n})?(, cannot hear you)?"
    )
