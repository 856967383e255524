"""Deception, and its two neighbours that are not: error and unfounded.

- *deception*: a claim or a promise that contradicts the sender's own beliefs or plan, shown to a
  living outsider who could act on it. Opportunity: a scorable claim or promise was sent.
- *error*: a claim that agrees with the sender's belief, and the belief is false. Opportunity: a
  claim whose truth is known was sent. Same readers.
- *unfounded*: a number or an accusation asserted without any belief. Opportunity: such a claim
  was sent, with or without belief. Same readers.

A later change of mind is none of them: it is a broken promise. A reader of the announcement line
alone was told where somebody works, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from model.measures.behaviour.beliefs import PLANS, PROMISED, Statement, readers_who_can_act
from model.measures.behaviour.found import Found, Part, Term, grid, references
from model.measures.behaviour.tables import Flags, Ints, Log, ref

_CHECKABLE: Final = frozenset({"stock", "makes", "attacked", "gave", "broke"})
_SECURE: Final = 0
_REASONS: Final = {
    "stock": "R{} told R{} stock {}, believed {}",
    "makes": "R{} told R{} a factory makes {}, believed {}",
    "attacked": "R{} told R{} that R{} attacked it, believed {}",
    "gave": "R{} told R{} that R{} gave to it, believed {}",
    "broke": "R{} told R{} that R{} broke a promise to it, believed {}",
    "plan": "R{} told R{} a plan ({}) that its typed plan names nowhere",
    "promise": "R{} promised R{} what its plan of that day contradicts ({})",
}
_WITHOUT: Final = {
    "stock": "R{} told R{} stock {} without any belief",
    "makes": "R{} told R{} a factory makes {} without any belief",
    "attacked": "R{} told R{} that R{} attacked it without any belief",
    "gave": "R{} told R{} that R{} gave to it without any belief",
    "broke": "R{} told R{} that R{} broke a promise to it without any belief",
}
_FALSE: Final = {
    "stock": "R{} told R{} stock {} in good faith (believed {}), which is false",
    "makes": "R{} told R{} a factory makes {} in good faith (believed {}), which is false",
    "attacked": "R{} told R{} in good faith that R{} attacked it, which it had not",
    "gave": "R{} told R{} in good faith that R{} gave to it, which it had not",
    "broke": "R{} told R{} in good faith that R{} broke a promise to it, which it had not",
}


def detect_statements(log: Log, said: list[Statement]) -> tuple[dict[str, Found], pd.DataFrame]:
    """The three labels, and every reader of every deceptive message.

    Returns:
        The labels by name; day, resident, target, message (position) of the readers, each once.
    """
    readers = _Readers(log)
    checkable = [one for one in said if one.name in _CHECKABLE]
    found = {
        "deception": _label(log, said, readers, _REASONS, _false, lambda s: s.scorable),
        "error": _label(log, checkable, readers, _FALSE, _mistaken, lambda s: s.checked),
        "unfounded": _label(
            log, checkable, readers, _WITHOUT, _unfounded, lambda s: s.scorable | s.unfounded
        ),
    }
    return found, _deceived(log, said, readers)


class _Readers:
    """Who could act on what, ready to be asked by statement."""

    def __init__(self, log: Log) -> None:
        size = len(log.columns["messages"]["day"]) + 1
        self._lists = []
        for announced_too in (False, True):
            message, who = readers_who_can_act(log, announced_too)
            self._lists.append((np.searchsorted(message, np.arange(size)), who))

    def of(self, one: Statement, rows: Ints) -> tuple[Ints, Ints]:
        """(row of the statement, reader), by row, for the chosen rows."""
        announced = (one.said[rows] == _SECURE) if one.name == "plan" else np.zeros(len(rows), bool)
        owners, readers = [], []
        for (start, who), chosen in zip(
            self._lists, (rows[~announced], rows[announced]), strict=True
        ):
            first, after = start[one.message[chosen]], start[one.message[chosen] + 1]
            length = after - first
            owner = np.repeat(chosen, length)
            offset = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
            owners.append(owner)
            readers.append(who[np.repeat(first, length) + offset])
        owner, reader = np.concatenate(owners), np.concatenate(readers)
        # By message again; stable, so that its readers stay in the order of the log.
        order = np.argsort(owner, kind="stable")
        return owner[order], reader[order]


def _false(one: Statement) -> Flags:
    return one.false


def _mistaken(one: Statement) -> Flags:
    return one.mistaken


def _unfounded(one: Statement) -> Flags:
    return one.unfounded


def _label(
    log: Log,
    said: list[Statement],
    readers: _Readers,
    reasons: dict[str, str],
    wrong: Callable[[Statement], Flags],
    possible: Callable[[Statement], Flags],
) -> Found:
    table = log.columns["messages"]
    opportunity, parts = grid(log), []
    for one in said:
        sent = one.message[possible(one)]
        sent = sent[~_to_household(log, sent)]
        opportunity[table["day"][sent], table["sender"][sent]] = True
        owner, reader = readers.of(one, np.flatnonzero(wrong(one)))
        rows, first = np.unique(owner, return_index=True)
        reader, message = reader[first], one.message[rows]
        day, sender = table["day"][message], table["sender"][message]
        own = log.row_at[day, sender] if one.name == "stock" else np.full(len(rows), -1)
        parts.append(
            Part(
                day=day,
                actor=sender,
                target=reader,
                refs=references(
                    ref("messages", message),
                    ref("decisions", one.evidence[rows]),
                    ref("residents", own),
                ),
                reason=reasons[one.name],
                terms=(log.ids[sender], log.ids[reader], _said(one, rows), one.held[rows]),
            )
        )
    return Found(parts, opportunity)


def _said(one: Statement, rows: Ints) -> Term:
    """What was said: a number, or for a plan and a promise the word and what it names."""
    if one.name not in ("plan", "promise"):
        return one.said[rows]
    known = PLANS if one.name == "plan" else PROMISED
    forms = {"secure": "secure F{}", "gift": "gift" if one.name == "plan" else "gift {}"}
    words = [
        forms.get(known[code], known[code]).format(operand)
        for code, operand in zip(one.said[rows].tolist(), one.operand[rows].tolist(), strict=True)
    ]
    return np.array(words, dtype=np.object_)


def _to_household(log: Log, message: Ints) -> Flags:
    table = log.columns["messages"]
    to, day, sender = (table[c][message] for c in ("to", "day", "sender"))
    return log.alive(day, to) & ~log.outsiders(day, sender, to)


def _deceived(log: Log, said: list[Statement], readers: _Readers) -> pd.DataFrame:
    pairs = []
    for one in said:
        owner, reader = readers.of(one, np.flatnonzero(one.false))
        pairs.append((one.message[owner], reader))
    message = np.concatenate([m for m, _ in pairs])
    n = max(log.residents, 1)
    key = np.unique(message * n + np.concatenate([r for _, r in pairs]))
    message, reader = key // n, key % n
    ids = np.append(log.ids, 0)
    table = log.columns["messages"]
    return pd.DataFrame(
        {
            "day": table["day"][message],
            "resident": ids[table["sender"][message]],
            "target": ids[reader],
            "message": message,
        }
    )
