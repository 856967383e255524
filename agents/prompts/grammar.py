"""Grammar of acts, promises and claims: formatter and parser of each form, side by side.

::

    MAIN     secure F# | explore DIR | promote N | idle
    FURTHER  gift R# N | attack R# | merge R# | none
    WHAT     gift N | secure F# | no attack | merge
    CLAIM    stock N | plan (secure F# | explore | promote | idle | gift | merge) | F# makes N
             | R# (attacked | gave | broke a promise)

The words for acts are the wording's (`agents.prompts.words`). What a mind named in a way that names
nothing (an id that is no number, a way that is no direction) is `UNREADABLE` and written `?`: it
matches nothing in the world, so that the act that needed it is void.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from agents.decisions import Claim, Direction, Further, Kind, Main, PlanWord, Promise
from agents.observation import OneAct
from agents.prompts.words import Words

Triple = tuple[int, int, int]
UNREADABLE: Final = -1
#: Numbers beyond this are out of every bound; larger ones are read as this.
HUGE: Final = 1_000_000_000
DIRECTIONS: Final = tuple(way.name for way in Direction)
KINDS: Final = tuple(kind.name.lower() for kind in Kind)

INT: Final = r"(?:0|-?[1-9][0-9]{0,9})"
_WHAT_CLAIMED: Final = {Claim.ATTACKED: "attacked", Claim.GAVE: "gave", Claim.BROKE: "broke"}


class UnreadableLine(ValueError):
    """A piece of text that is not of the grammar."""


def write_id(letter: str, number: int) -> str:
    """`R7`, `F3`, or `R?` where the id names nothing."""
    return f"{letter}?" if number == UNREADABLE else f"{letter}{number}"


def write_main(act: OneAct, words: Words) -> str:
    """The MAIN form of an act."""
    word = words.main[act.main]
    if act.main == Main.SECURE:
        return f"{word} {write_id('F', act.at)}"
    if act.main == Main.EXPLORE:
        return f"{word} {'?' if act.at == UNREADABLE else DIRECTIONS[act.at]}"
    return f"{word} {act.spend}" if act.main == Main.PROMOTE else word


def write_further(act: OneAct, words: Words) -> str:
    """The FURTHER form of an act."""
    word = words.further[act.further]
    if act.further == Further.NONE:
        return word
    who = write_id("R", act.who)
    return f"{word} {who} {act.amount}" if act.further == Further.GIFT else f"{word} {who}"


def write_act(act: OneAct, words: Words) -> str:
    """Both acts of a day."""
    return f"{write_main(act, words)}; further: {write_further(act, words)}"


def read_act(text: str, words: Words) -> OneAct:
    """Read what `write_act` wrote; fields that an act does not use are 0.

    Raises:
        UnreadableLine: it is not of the form MAIN; further: FURTHER.
    """
    match = _act_form(words).fullmatch(text)
    if not match:
        raise UnreadableLine(f"{text!r} is not MAIN; further: FURTHER")
    found = match.groupdict()
    main, at, spend = int(Main.IDLE), 0, 0
    if found["at"]:
        main, at = int(Main.SECURE), _number(found["at"])
    elif found["way"]:
        way = found["way"]
        main, at = int(Main.EXPLORE), UNREADABLE if way == "?" else DIRECTIONS.index(way)
    elif found["spend"]:
        main, spend = int(Main.PROMOTE), int(found["spend"])
    further, who, amount = int(Further.NONE), 0, 0
    if found["to"]:
        further, who, amount = int(Further.GIFT), _number(found["to"]), int(found["amount"])
    elif found["foe"]:
        further, who = int(Further.ATTACK), _number(found["foe"])
    elif found["mate"]:
        further, who = int(Further.MERGE), _number(found["mate"])
    return OneAct(main, at, spend, further, who, amount)


def write_promise(promise: Triple, words: Words) -> str:
    """The WHAT form of a promise, without its day."""
    what, a, _ = promise
    if what == Promise.GIFT:
        return f"{words.of['gift']} {a}"
    if what == Promise.SECURE:
        return f"{words.of['secure']} {write_id('F', a)}"
    return f"no {words.of['attack']}" if what == Promise.NO_ATTACK else words.of["merge"]


def read_promise(text: str, by: int, words: Words) -> Triple:
    """Read the WHAT form of a promise that is due on day `by`.

    Raises:
        UnreadableLine: it is not of that form.
    """
    for what, pattern in _promise_forms(words):
        match = pattern.fullmatch(text)
        if match:
            return (int(what), _number(match[1]) if match.lastindex else 0, by)
    raise UnreadableLine(f"{text!r} is no promise")


def write_claim(claim: Triple, words: Words) -> str:
    """The CLAIM form of a claim (an unchecked one has its own words, quoted elsewhere)."""
    kind, a, b = claim
    if kind == Claim.STOCK:
        return f"stock {a}"
    if kind == Claim.PLAN:
        word = words.plan[a]
        return f"plan {word} {write_id('F', b)}" if a == PlanWord.SECURE else f"plan {word}"
    if kind == Claim.MAKES:
        return f"{write_id('F', a)} makes {b}"
    return f"{write_id('R', a)} {words.of[_WHAT_CLAIMED[Claim(kind)]]}"


def read_claim(text: str, words: Words) -> Triple:
    """Read the CLAIM form of a claim.

    Raises:
        UnreadableLine: it is not of that form.
    """
    for pattern, make in _claim_forms(words):
        match = pattern.fullmatch(text)
        if match:
            return make(match)
    raise UnreadableLine(f"{text!r} is no claim of the grammar")


def _number(text: str) -> int:
    return UNREADABLE if text == "?" else int(text)


@lru_cache
def _act_form(words: Words) -> re.Pattern[str]:
    secure, explore, promote, idle = (re.escape(word) for word in words.main)
    none, gift, attack, merge = (re.escape(word) for word in words.further)
    return re.compile(
        f"(?:{secure} F(?P<at>[?]|{INT})|{explore} (?P<way>[?]|{'|'.join(DIRECTIONS)})"
        f"|{promote} (?P<spend>{INT})|{idle}); further: (?:{none}"
        f"|{gift} R(?P<to>[?]|{INT}) (?P<amount>{INT})"
        f"|{attack} R(?P<foe>[?]|{INT})|{merge} R(?P<mate>[?]|{INT}))"
    )


@lru_cache
def _promise_forms(words: Words) -> tuple[tuple[Promise, re.Pattern[str]], ...]:
    gift, secure, attack, merge = (
        re.escape(words.of[name]) for name in ("gift", "secure", "attack", "merge")
    )
    return (
        (Promise.GIFT, re.compile(f"{gift} ({INT})")),
        (Promise.SECURE, re.compile(f"{secure} F([?]|{INT})")),
        (Promise.NO_ATTACK, re.compile(f"no {attack}")),
        (Promise.MERGE, re.compile(merge)),
    )


@lru_cache
def _claim_forms(words: Words) -> list[tuple[re.Pattern[str], Callable[[re.Match[str]], Triple]]]:
    secure = re.escape(words.of["secure"])
    others = "|".join(re.escape(word) for word in words.plan[1:])
    told = {words.of[name]: int(kind) for kind, name in _WHAT_CLAIMED.items()}
    verbs = "|".join(re.escape(verb) for verb in told)
    return [
        (re.compile(f"stock ({INT})"), lambda m: (int(Claim.STOCK), int(m[1]), 0)),
        (
            re.compile(f"plan {secure} F([?]|{INT})"),
            lambda m: (int(Claim.PLAN), int(PlanWord.SECURE), _number(m[1])),
        ),
        (re.compile(f"plan ({others})"), lambda m: (int(Claim.PLAN), words.plan.index(m[1]), 0)),
        (
            re.compile(f"F([?]|{INT}) makes ({INT})"),
            lambda m: (int(Claim.MAKES), _number(m[1]), int(m[2])),
        ),
        (re.compile(f"R([?]|{INT}) ({verbs})"), lambda m: (told[m[2]], _number(m[1]), 0)),
    ]
