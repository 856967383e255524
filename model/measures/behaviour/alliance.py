"""Alliances: agreed in words both ways, borne out by deeds both ways, ended by hostility.

A pair becomes allied on the day on which, within the last k days, each has sent the other a
message of kind `ally` that it was shown (or one did and the other answered `accept` within k days),
and each has cooperated with the other at least once, all of it after the last hostility between
them. It ends on the day of a hostility between them, or when the last k days brought no
cooperation either way. The label hits both on the day the alliance is made. Opportunity: an
outsider not yet allied whom one could hear and be heard by on a day within k.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from model.measures.behaviour.found import Found, Part, grid, references
from model.measures.behaviour.relations import MESSAGE, Passed, by_day, last_before, on_day
from model.measures.behaviour.tables import Flags, Ints, Log, ref


@dataclass(frozen=True)
class Alliances:
    """Alliances made, one row each.

    Attributes:
        one: resident number.
        other: resident number.
        first: day on which it was made.
        last: last day on which it stood in the morning or was made; the run's last day if it
            still stands.
        refs: the two words and the two deeds.
    """

    one: Ints
    other: Ints
    first: Ints
    last: Ints
    refs: Ints


def forms(word: Ints, deed: Ints, blow: Ints, day: int, window: int) -> Flags:
    """Whether pairs become allied on a day: all within k, and after the last blow between them.

    Args:
        word: time of the earlier of the two latest words, one each way.
        deed: time of the earlier of the two latest deeds, one each way.
        blow: time of the last hostility between the two; below 0 without one.
        day: today.
        window: k, days.
    """
    first = np.minimum(word, deed)
    return (first >= 2 * (day - window)) & (first > blow)


def ends(deed: Ints, blow: Ints, day: int, window: int) -> Flags:
    """Whether alliances end on a day: by a blow, or for want of a deed either way in k days.

    Args:
        deed: time of the later of the two latest deeds.
        blow: time of the last hostility between the two; below 0 without one.
        day: today.
        window: k, days.
    """
    return (blow >= 2 * day) | (deed < 2 * (day - window + 1))


def alliances(log: Log, coop: Passed, hostility: Passed, window: int) -> tuple[Found, Alliances]:
    """The label and the alliances themselves, for betrayal.

    Args:
        log: the run.
        coop: cooperation between residents, ordered by time.
        hostility: hostility between residents, ordered by time.
        window: k, days.
    """
    words = _words(log, window)
    n = max(log.residents, 1)
    word, deed, blow = (np.full((n, n), -1, dtype=np.int32) for _ in range(3))
    heard = np.full((n, n), -window - 1, dtype=np.int16)
    standing = np.full((n, n), -1, dtype=np.int32)
    made: list[tuple[int, int, int, Ints]] = []
    ended: dict[int, int] = {}
    pairs: set[tuple[int, int]] = set()
    opportunity = grid(log)
    heard_on = by_day(log, log.hearing)
    cuts = [np.searchsorted(p.time, 2 * np.arange(log.last + 2)) for p in (words, coop, hostility)]
    for t in range(1, log.last + 1):
        a, b = on_day(heard_on, t)
        heard[a, b] = t
        opportunity[t, a[(heard[b, a] >= t - window) & (standing[a, b] < 0)]] = True
        _earlier_hearing(log, t, window, heard, standing, opportunity)
        for state, passed, cut in zip(
            (word, deed, blow), (words, coop, hostility), cuts, strict=True
        ):
            rows = np.arange(cut[t], cut[t + 1])
            state[passed.actor[rows], passed.target[rows]] = rows
        recent = np.arange(cuts[0][max(t - window, 0)], cuts[0][t + 1])
        for i, j, refs in _formed(
            log, t, window, (words, coop, hostility), (word, deed, blow), recent, standing
        ):
            standing[i, j] = standing[j, i] = len(made)
            pairs.add((i, j))
            made.append((i, j, t, refs))
        if pairs:
            i, j = np.array(sorted(pairs), dtype=np.int64).T
            done = _time(coop, np.maximum(deed[i, j], deed[j, i]))
            struck = _time(hostility, np.maximum(blow[i, j], blow[j, i]))
            for one, other in zip(*(x[ends(done, struck, t, window)] for x in (i, j)), strict=True):
                ended[int(standing[one, other])] = t
                standing[one, other] = standing[other, one] = -1
                pairs.discard((int(one), int(other)))
    return _result(log, made, ended, opportunity)


def _formed(
    log: Log,
    t: int,
    window: int,
    passed: tuple[Passed, Passed, Passed],
    state: tuple[npt.NDArray[np.int32], ...],
    recent: Ints,
    standing: npt.NDArray[np.int32],
) -> list[tuple[int, int, Ints]]:
    """Pairs that have all four rows within k, after any hostility between them, on day t."""
    words, coop, hostility = passed
    word, deed, blow = state
    if not len(recent):
        return []
    pairs = np.unique(
        np.sort(np.stack([words.actor[recent], words.target[recent]], axis=1), axis=1), axis=0
    )
    i, j = pairs.T
    said = _time(words, np.minimum(word[i, j], word[j, i]))
    done = _time(coop, np.minimum(deed[i, j], deed[j, i]))
    struck = _time(hostility, np.maximum(blow[i, j], blow[j, i]))
    ok = (standing[i, j] < 0) & forms(said, done, struck, t, window)
    ok &= log.outsiders(np.full(len(i), t), i, j)
    i, j = i[ok], j[ok]
    four = [word[i, j], word[j, i], deed[i, j], deed[j, i]]
    refs = np.stack(
        [
            words.refs[four[0], 0],
            words.refs[four[1], 0],
            coop.refs[four[2], 0],
            coop.refs[four[3], 0],
        ],
        axis=1,
    )
    return [(int(a), int(b), r) for a, b, r in zip(i, j, refs, strict=True)]


def _time(passed: Passed, row: npt.NDArray[np.int32]) -> Ints:
    """Times of rows; below 0 where there is none."""
    return np.append(passed.time, -1)[row]


def _earlier_hearing(
    log: Log,
    t: int,
    window: int,
    heard: npt.NDArray[np.int16],
    standing: npt.NDArray[np.int32],
    opportunity: Flags,
) -> None:
    """Those that hear nobody new today, but did on a day within k."""
    rest = np.flatnonzero(log.able[t] & ~opportunity[t])
    if not len(rest):
        return
    both = (heard[rest] >= t - window) & (t - window <= heard[:, rest].T)
    both &= (standing[rest] < 0) & (log.household[t] >= 0)
    both &= log.household[t] != log.household[t][rest][:, None]
    opportunity[t, rest] = both.any(axis=1)


def _words(log: Log, window: int) -> Passed:
    """`ally` shown to its addressee, and `accept` as an answer to one, ordered by time."""
    ally = _addressed(log, "ally")
    accept = _addressed(log, "accept")
    # An accept answers an ally of the same day too: replies to yesterday's and today's mail.
    answered = last_before(ally, accept.target, accept.actor, accept.time + 1, window) >= 0
    taken = accept.of(answered)
    joined = Passed(
        *(
            np.concatenate([getattr(ally, name), getattr(taken, name)])
            for name in ("time", "actor", "target", "kind", "refs")
        )
    )
    # Stable: of events at one time those of the first list come first, as the rules say.
    return joined.of(np.argsort(joined.time, kind="stable"))


def _addressed(log: Log, kind: str) -> Passed:
    table = log.columns["messages"]
    held = log.shown.of(log.words("messages", "kind", kind))
    held_to = table["to"][held.row] == held.value
    row, reader = held.row[held_to], held.value[held_to]
    day, sender = table["day"][row], table["sender"][row]
    keep = log.outsiders(day, sender, reader)
    row, reader, day, sender = row[keep], reader[keep], day[keep], sender[keep]
    refs = np.stack([ref("messages", row), np.full(len(row), -1)], axis=1)
    return Passed(2 * day + MESSAGE, sender, reader, np.zeros(len(row), dtype=np.int64), refs)


def _result(
    log: Log, made: list[tuple[int, int, int, Ints]], ended: dict[int, int], opportunity: Flags
) -> tuple[Found, Alliances]:
    one, other, first = (np.array([m[c] for m in made], dtype=np.int64) for c in range(3))
    refs = np.stack([m[3] for m in made]) if made else np.zeros((0, 4), dtype=np.int64)
    last = np.array([ended.get(k, log.last) for k in range(len(made))], dtype=np.int64)
    parts = [
        Part(
            day=first,
            actor=a,
            target=b,
            refs=references(*refs.T) if len(refs) else refs,
            reason="R{} and R{} became allied on day {}: agreed both ways, cooperated both ways",
            terms=(log.ids[a], log.ids[b], first),
        )
        for a, b in ((one, other), (other, one))
    ]
    return Found(parts, opportunity), Alliances(one, other, first, last, refs)
