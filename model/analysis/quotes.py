"""Single hits of a label with their lines of the log, as text: so that a person can read why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from model.measures.behaviour import LABELS, Hits
from model.world.event_words import sentence

_ROWS: Final = 3


@dataclass(frozen=True)
class Example:
    """One hit of a label.

    Attributes:
        label: which.
        day: day of the act.
        resident: who did it.
        target: to whom, 0 if the label has no target.
        reason: the rule's own line.
        lines: the rows of the log that make the case, each as (table and row, text).
    """

    label: str
    day: int
    resident: int
    target: int
    reason: str
    lines: tuple[tuple[str, str], ...]


def examples(found: Hits, tables: Mapping[str, pd.DataFrame]) -> tuple[Example, ...]:
    """The first hit of every label in a run, with what the log says."""
    chosen = []
    for label in LABELS:
        rows = found.hits[found.hits["label"] == label.name].head(1)
        columns = (rows[name].tolist() for name in ("day", "resident", "target", "reason", "rows"))
        chosen += [
            Example(
                label=label.name,
                day=int(day),
                resident=int(resident),
                target=int(target),
                reason=str(reason),
                lines=tuple(
                    (f"{table}[{row}]", line(table, tables[table].iloc[row]))
                    for table, row in refs[:_ROWS]
                ),
            )
            for day, resident, target, reason, refs in zip(*columns, strict=True)
        ]
    return tuple(chosen)


def line(table: str, row: pd.Series[Any]) -> str:
    """A row of the log as one line of text; a mind's own words stand in quotation marks."""
    day = f"day {row['day']}: "
    if table == "messages":
        to = f"to R{row['to']}" if row["to"] else "to all in hearing"
        return f"{day}R{row['sender']} {to} ({row['kind']}): “{row['text']}”"
    if table == "events":
        return f"{day}{sentence(row)}"
    if table == "decisions":
        why = f"; why: “{row['why']}”" if row["why"] else ""
        return (
            f"{day}R{row['resident']} planned {act_words(row, 'plan')}, did "
            f"{act_words(row, 'act')}{why}"
        )
    if table == "commitments":
        return (
            f"{day}R{row['debtor']} promised R{row['creditor']} {row['what']} by day {row['by']}: "
            f"{row['status']} on day {row['closed']}"
        )
    return f"{day}R{row['resident']} had {row['stock']} units, drew {row['drawn']}"


def act_words(row: Mapping[str, Any] | pd.Series[Any], which: str) -> str:
    """A plan or an act in a few words."""
    main = str(row[f"{which}_main"])
    if not main:
        return "nothing (fault)"
    words = f"{main} F{row[f'{which}_at']}" if main == "secure" and row[f"{which}_at"] else main
    further = str(row[f"{which}_further"])
    if further in {"", "none"}:
        return words
    units = f" {row[f'{which}_amount']}" if further == "gift" else ""
    return f"{words} + {further}{units} → R{row[f'{which}_who']}"
