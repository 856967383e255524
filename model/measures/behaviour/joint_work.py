"""Agreed joint work: two said before where they would work, heard each other, and both were there.

To *say* is a claim `plan secure F` of that day, heard by whom it was shown or announced to, or a
promise `secure F` due that day, heard by whom it was shown to on the day it was made. Members of
one household need no agreement to share a day's work and are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model.measures.behaviour.relations import ACT, JOINT, Passed
from model.measures.behaviour.tables import Flags, Ints, Log, Pairs, ref


@dataclass(frozen=True)
class Agreed:
    """Mutual announcements for one factory and day, each pair once in each direction.

    Attributes:
        day: day of the announced work.
        factory: its id.
        one: resident number.
        other: resident number, an outsider.
        said: position in `messages` of one's announcement.
        heard: position in `messages` of the other's.
        came: position in `events` of one's work there that day, -1 if it did not come.
        met: position in `events` of the other's.
    """

    day: Ints
    factory: Ints
    one: Ints
    other: Ints
    said: Ints
    heard: Ints
    came: Ints
    met: Ints

    @property
    def kept(self) -> Flags:
        """Whether both were there."""
        return (self.came >= 0) & (self.met >= 0)


def agreed(log: Log) -> Agreed:
    """Every pair of residents that announced the same factory for one day to each other."""
    day, factory, one, other, message = _said(log)
    names = np.unique(factory)
    place = np.searchsorted(names, factory)
    # Only a reader that announced the same factory itself can complete a pair.
    announced = np.zeros((log.last + 1, max(log.residents, 1), max(len(names), 1)), dtype=bool)
    announced[day, one, place] = True
    keep = announced[day, other, place]
    keep[keep] = log.outsiders(day[keep], one[keep], other[keep])
    day, factory, one, other, message, place = (
        x[keep] for x in (day, factory, one, other, message, place)
    )
    back = _answers(log, day * max(len(names), 1) + place, one, other)
    paired = np.flatnonzero(back >= 0)
    back = back[paired]
    work = _work(log, names)
    return Agreed(
        day=day[paired],
        factory=factory[paired],
        one=one[paired],
        other=other[paired],
        said=message[paired],
        heard=message[back],
        came=work[day[paired], one[paired], place[paired]],
        met=work[day[paired], other[paired], place[paired]],
    )


def joint_work(pairs: Agreed) -> Passed:
    """Agreed joint work that took place, in both directions, ordered by time."""
    rows = np.flatnonzero(pairs.kept)
    # In time, which whoever reads `Passed` bisects; stable, so that one day keeps the log's
    # order.
    rows = rows[np.argsort(pairs.day[rows], kind="stable")]
    return Passed(
        time=2 * pairs.day[rows] + ACT,
        actor=pairs.one[rows],
        target=pairs.other[rows],
        kind=np.full(len(rows), JOINT),
        refs=np.stack([ref("messages", pairs.said[rows]), ref("events", pairs.came[rows])], axis=1),
    )


def _said(log: Log) -> tuple[Ints, ...]:
    """(day of work, factory, sender, reader, message), one row a reader of an announcement."""
    table = log.columns["messages"]
    claims = [
        (log.words("messages", f"claim{n}_kind", "plan") & (table[f"claim{n}_a"] == 0), n)
        for n in (1, 2)
    ]
    heard: list[tuple[Ints, Ints, Pairs]] = []
    for chosen, n in claims:
        both = (log.shown.of(chosen), log.announced.of(chosen))
        heard += [(table["day"], table[f"claim{n}_b"], pairs) for pairs in both]
    for n in (1, 2):
        chosen = log.words("messages", f"promise{n}_what", "secure")
        by = table[f"promise{n}_by"]
        chosen &= (by >= table["day"]) & (by <= log.last)
        heard.append((by, table[f"promise{n}_a"], log.shown.of(chosen)))
    day, factory, sender, reader, message = (
        np.concatenate(parts)
        for parts in zip(
            *(
                (on[p.row], where[p.row], table["sender"][p.row], p.value, p.row)
                for on, where, p in heard
            ),
            strict=True,
        )
    )
    keep = (sender >= 0) & (factory > 0) & (sender != reader)
    return day[keep], factory[keep], sender[keep], reader[keep], message[keep]


def _answers(log: Log, place: Ints, one: Ints, other: Ints) -> Ints:
    """For each row its answer: the first row other→one of the same day and factory, or -1.

    Walks the days' factories with one square of row numbers, which is several times quicker than
    sorting all pairs.
    """
    # Rows of one day and factory stand together, in the order of the log.
    order = np.argsort(place, kind="stable")
    n = max(log.residents, 1)
    square = np.full((n, n), -1, dtype=np.int32)
    answer = np.full(len(place), -1, dtype=np.int64)
    bounds = np.flatnonzero(np.diff(place[order], prepend=-1, append=-1))
    for first, after in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        rows = order[first:after]
        a, b = one[rows], other[rows]
        square[a[::-1], b[::-1]] = rows[::-1]
        own_first = square[a, b] == rows
        answer[rows] = np.where(own_first, square[b, a], -1)
        square[a, b] = -1
    return answer


def _work(log: Log, factories: Ints) -> Ints:
    """Position in `events` of (day, resident, factory)'s work; -1 where it did not work there."""
    table = log.columns["events"]
    shape = (log.last + 1, max(log.residents, 1), max(len(factories), 1))
    work = np.full(shape, -1, dtype=np.int64)
    rows = log.rows("events", "kind", "work")
    target = table["target"][rows]
    place = np.searchsorted(factories, target)
    known = place < len(factories)
    known[known] = factories[place[known]] == target[known]
    known &= log.alive(table["day"][rows], table["actor"][rows])
    rows, place = rows[known], place[known]
    work[table["day"][rows], table["actor"][rows], place] = rows
    return work
