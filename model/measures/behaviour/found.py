"""What a detector hands over, and how it becomes the tables of hits and opportunities.

A label hits once an actor-day: of several reasons for one the first stated part wins, then the
earliest row. A reason is one line made of ids, numbers and the words of the rules, never of a
mind's own text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.measures.behaviour.tables import NAMES, SHIFT, Flags, Ints, Log

Words = npt.NDArray[np.object_]
#: What fills a reason, one a row: numbers, or words of the rules.
Term = Ints | Words


@dataclass(frozen=True)
class Part:
    """Candidate hits of one label for one reason, one row each.

    Attributes:
        day: day of the act.
        actor: resident number.
        target: resident number, -1 where the label has none.
        refs: references to the rows that make the case, shape [n, m]; -1 is none.
        reason: a format line; its fields are the rows of `terms`, in order.
        terms: numbers and words of the rules that fill the reason; residents as ids.
        component: which part of the label each row is, a word of `components.COMPONENTS`; None
            for labels that have no parts.
    """

    day: Ints
    actor: Ints
    target: Ints
    refs: Ints
    reason: str
    terms: Sequence[Term] = field(default_factory=tuple)
    component: Words | None = None


@dataclass(frozen=True)
class Found:
    """All of one label: its candidate hits by reason, and its opportunities by (day, resident)."""

    parts: Sequence[Part]
    opportunity: Flags


@dataclass(frozen=True)
class Hits:
    """Hits and opportunities of one run.

    Attributes:
        hits: day, resident, label, target (0 = none), rows (list of (table, position)), reason.
        opportunities: day, resident, label.
        readers: day, resident (who deceived), target (who was shown it and could act on it),
            message (position): every reader of every deceptive message.
        flattery: what the upward/downward ratio of sycophancy is made of (see `Flattery`).
        undefined: labels whose message kinds are switched off: every rate of theirs is NaN.
        window: k, days.
        parts: day, resident, label, component: which parts of a label an actor-day's deeds are
            (`model.measures.behaviour.components`); several rows where it did several.
    """

    hits: pd.DataFrame
    opportunities: pd.DataFrame
    readers: pd.DataFrame
    flattery: Flattery
    undefined: frozenset[str]
    window: int
    parts: pd.DataFrame


@dataclass(frozen=True)
class Flattery:
    """Messages to residents held in low regard, and how many of them praise or accept.

    `ratio` is the share upward over the share downward; NaN without messages both ways or
    without any flattery downward.
    """

    upward: int
    upward_flattering: int
    downward: int
    downward_flattering: int

    @property
    def ratio(self) -> float:
        """Upward share over downward share."""
        if not self.upward or not self.downward or not self.downward_flattering:
            return float("nan")
        up = self.upward_flattering / self.upward
        return up / (self.downward_flattering / self.downward)


def grid(log: Log) -> Flags:
    """An empty (day, resident) field of flags, shape [T+1, R]."""
    return np.zeros(log.able.shape, dtype=bool)


def references(*columns: Ints) -> Ints:
    """Reference columns side by side, shape [n, m]."""
    return np.stack(columns, axis=1)


def hit_table(log: Log, found: dict[str, Found]) -> pd.DataFrame:
    """One row a label and actor-day, ordered by day, label (as given) and resident."""
    hits = [_hits_of(log, one.parts) for one in found.values()]
    day = _join([hit[0] for hit in hits])
    resident, target = _join([hit[1] for hit in hits]), _join([hit[2] for hit in hits])
    rows = [line for hit in hits for line in hit[3]]
    reasons = [line for hit in hits for line in hit[4]]
    place = np.repeat(np.arange(len(hits)), [len(hit[0]) for hit in hits])
    # By day, then label, then resident (lexsort's last key leads): the order of a table of hits.
    order = np.lexsort((resident, place, day))
    labels = pd.Categorical.from_codes(place[order], categories=pd.Index(list(found)))
    return pd.DataFrame(
        {
            "day": day[order],
            "resident": resident[order],
            "label": labels,
            "target": target[order],
            "rows": pd.Series([rows[k] for k in order.tolist()], dtype=object),
            "reason": pd.Series([reasons[k] for k in order.tolist()], dtype=object),
        }
    )


def opportunity_table(log: Log, found: dict[str, Found]) -> pd.DataFrame:
    """One row a label and actor-day on which the label could have hit."""
    days, people, labels = [], [], []
    for place, one in enumerate(found.values()):
        day, who = np.nonzero(one.opportunity & log.able)
        days.append(day)
        people.append(log.ids[who] if len(log.ids) else who)
        labels.append(np.full(len(day), place))
    return pd.DataFrame(
        {
            "day": np.concatenate(days),
            "resident": np.concatenate(people),
            "label": pd.Categorical.from_codes(
                np.concatenate(labels), categories=pd.Index(list(found))
            ),
        }
    )


def part_table(log: Log, found: dict[str, Found]) -> pd.DataFrame:
    """One row a label, component and actor-day, for the labels that have components."""
    rows = []
    for label, one in found.items():
        for part in one.parts:
            if part.component is not None:
                able = log.acting(part.day, part.actor)
                who = np.append(log.ids, 0)[part.actor[able]]
                columns = {"day": part.day[able], "resident": who, "label": label}
                rows.append(pd.DataFrame({**columns, "component": part.component[able]}))
    names = ["day", "resident", "label", "component"]
    table = pd.concat(rows) if rows else pd.DataFrame(columns=names)
    return table[names].drop_duplicates().reset_index(drop=True)


Line = list[tuple[str, int]]


def _hits_of(log: Log, parts: Sequence[Part]) -> tuple[Ints, Ints, Ints, list[Line], list[str]]:
    """Day, resident, target, rows and reason of a label's hits, the first part of an actor-day."""
    able = [log.acting(p.day, p.actor) for p in parts]
    day = _join([p.day[a] for p, a in zip(parts, able, strict=True)])
    actor = _join([p.actor[a] for p, a in zip(parts, able, strict=True)])
    part = np.repeat(np.arange(len(parts)), [int(a.sum()) for a in able])
    row = _join([np.flatnonzero(a) for a in able])
    _, first = np.unique(day * max(log.residents, 1) + actor, return_index=True)
    ids = np.append(log.ids, 0)
    days, residents, targets = [], [], []
    rows: list[Line] = []
    reasons: list[str] = []
    for number, one in enumerate(parts):
        taken = row[first[part[first] == number]]
        days.append(one.day[taken])
        residents.append(ids[one.actor[taken]])
        targets.append(ids[one.target[taken]])
        rows += _as_rows(one.refs[taken])
        reasons += _lines(one.reason, [t[taken] for t in one.terms], len(taken))
    return _join(days), _join(residents), _join(targets), rows, reasons


def _join(arrays: Sequence[Ints]) -> Ints:
    return np.concatenate(arrays) if arrays else np.zeros(0, dtype=np.int64)


def _as_rows(refs: Ints) -> list[Line]:
    names = np.array([*NAMES, ""], dtype=object)
    columns = []
    for column in refs.T:
        table = np.where(column >= 0, column // SHIFT, len(NAMES))
        columns.append(list(zip(names[table].tolist(), (column % SHIFT).tolist(), strict=True)))
    full = bool((refs >= 0).all())
    return [
        list(line) if full else [one for one in dict.fromkeys(line) if one[0]]
        for line in zip(*columns, strict=True)
    ]


def _lines(reason: str, terms: Sequence[Term], n: int) -> list[str]:
    if not terms:
        return [reason] * n
    return [reason.format(*t) for t in zip(*(t.tolist() for t in terms), strict=True)]
