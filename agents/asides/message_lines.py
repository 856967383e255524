"""The messages of some days as an overseer reads them: each form written and read side by side.

One message a line; those of today carry a number and their readers. Reading is exact: what was read
is written again and must be the same bytes, so that a server which gets nothing but the text sees
what an overseer in process would.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from agents.batch import messages_of, one_message
from agents.decisions import Messages
from agents.observation import OneMessage
from agents.prompts.grammar import INT
from agents.prompts.lines import read_message, write_message
from agents.prompts.words import wordings, words_of

_SHOWN: Final = 120  # messages of the past
_PAST: Final = re.compile(rf"day ({INT}): (.+)")
_HEAD: Final = re.compile(rf"Today is day ({INT}):")
_TODAY: Final = re.compile(rf"({INT}): (.+); read by (nobody|R{INT}(?:, R{INT})*)")


@dataclass(frozen=True)
class Days:
    """What an overseer was shown.

    Attributes:
        day: today.
        said: today's messages, in the order of delivery.
        readers: ids that were shown each in full.
        past: (day, messages) of the days before, oldest first.
    """

    day: int
    said: Messages
    readers: tuple[tuple[int, ...], ...]
    past: tuple[tuple[int, Messages], ...]


def write_days(days: Days, wording: str, kinds: bool) -> str:
    """The text of some days, the oldest messages left out where there are too many."""
    words = words_of(wording)
    past = [
        f"day {day}: {write_message(one_message(messages, row), 0, words, kinds)}"
        for day, messages in days.past
        for row in range(len(messages))
    ]
    today = [
        f"{row + 1}: {write_message(one_message(days.said, row), 0, words, kinds)}; read by "
        f"{', '.join(f'R{reader}' for reader in days.readers[row]) or 'nobody'}"
        for row in range(len(days.said))
    ]
    return "\n".join([*past[-_SHOWN:], f"Today is day {days.day}:", *today])


def read_days(text: str) -> Days:
    """Read what `write_days` wrote, in whichever wording.

    Raises:
        ValueError: it is not exactly that; the message names the line.
    """
    wrong = ""
    for wording in wordings():
        try:
            days = _read(text, wording)
        except ValueError as error:
            wrong = wrong or str(error)
            continue
        if text in (write_days(days, wording, kinds) for kinds in (True, False)):
            return days
    raise ValueError(wrong or "the messages read as something else")


def _read(text: str, wording: str) -> Days:
    words = words_of(wording)
    day, past, said, readers = 0, dict[int, list[OneMessage]](), list[OneMessage](), []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            if head := _HEAD.fullmatch(line):
                day = int(head[1])
            elif not day and (match := _PAST.fullmatch(line)):
                past.setdefault(int(match[1]), []).append(read_message(match[2], 0, words))
            elif day and (match := _TODAY.fullmatch(line)):
                said.append(read_message(match[2], 0, words))
                ids = match[3].split(", ")
                readers.append(tuple(int(i[1:]) for i in ids if i != "nobody"))
            else:
                raise ValueError("is not of its form")
        except ValueError as error:
            raise ValueError(f"line {number}: {line!r}: {error}") from None
    earlier = tuple((t, messages_of(some)) for t, some in past.items())
    return Days(day, messages_of(said), tuple(readers), earlier)
