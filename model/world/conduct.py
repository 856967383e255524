"""Cooperation and betrayal as the day goes: two counts of actor-days for the day's record.

The definitions are those of `model.measures.behaviour` (window k = 5 days), which labels a finished
log with its reasons: who is trusted, and when two are allied, is decided by its functions. Here the
relations of the last days are kept as the days go, so that a community can be watched; that both
count alike is tested.

- *cooperation*: a gift or a commitment kept at some effort for an outsider that had not threatened
  the actor within k; a merge (both); agreed joint work (both said, to each other, where they would
  work, and were there).
- *betrayal*: an attack or chosen breach against an outsider that had cooperated with the actor or
  been its ally within k, none of whose hostility the actor had seen within k.

Times are 2·day for messages and 2·day + 1 for acts; "before" is a smaller time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Claim, Further, Ints, Kind, PlanWord, Promise
from agents.memory import SHIFT, among, distinct, find, pair_codes
from model.measures.behaviour.alliance import ends, forms
from model.measures.behaviour.hostility import trusted
from model.measures.behaviour.ledger import OWN_REASONS, void_by_choice
from model.measures.behaviour.tables import Flags
from model.world.events import Event, EventKind

if TYPE_CHECKING:
    from model.world.ask import Answers
    from model.world.commitments import Closed
    from model.world.deliver import Delivery
    from model.world.perceive import Snapshot
    from model.world.state import World

#: The window k, in days.
WINDOW = 5
_NEVER = -(10**9)

Pair = tuple[int, int]


class Conduct:
    """Who helped and who harmed whom in the last days, by ids.

    Attributes:
        cooperation, betrayal: actor-days of the day judged last.
    """

    def __init__(self) -> None:
        self.cooperation = self.betrayal = 0
        self._helped: dict[Pair, int] = {}
        self._seen: dict[Pair, int] = {}
        self._threat: dict[Pair, int] = {}
        self._joint: deque[tuple[int, Ints]] = deque(maxlen=WINDOW + 1)
        self._due: dict[int, list[tuple[int, int, int]]] = {}
        self._allies = Allies()

    def judge(
        self,
        world: World,
        snapshot: Snapshot,
        answers: Answers,
        worked: Ints,
        events: Mapping[int, list[Event]],
        closed: list[Closed],
    ) -> None:
        """Count the day that has just taken effect.

        Args:
            world: the community's state.
            snapshot: the day's morning.
            answers: what the minds answered.
            worked: factory index each worked at, −1 none, by snapshot index.
            events: the day's events by kind.
            closed: the commitments that were settled.
        """
        day, now = snapshot.day, 2 * snapshot.day + 1
        homes = dict(
            zip((snapshot.rows + 1).tolist(), world.morning_household.tolist(), strict=True)
        )
        judged = set((snapshot.rows[answers.judged()] + 1).tolist())
        kinds = world.scenario.kinds if world.scenario.messages else ()
        threats = self._threats(snapshot, answers.delivery, homes) if "threaten" in kinds else []
        broken = [*_broken(closed), *_made_void(snapshot, answers, closed)]
        deeds = _deeds(events, closed, broken, homes, world.scenario.attacks)
        joint = self._joint_work(snapshot, answers.delivery, worked + 1, world.morning_household)
        kept = [p for p in deeds.kept if not self._within(self._threat, p[::-1], now, day)]
        gifts = [p for p in deeds.gifts if not self._within(self._threat, p[::-1], now, day)]
        merged = [*deeds.merged, *(pair[::-1] for pair in deeds.merged)]
        good = {a for a, _ in (*gifts, *(p for p in kept if p in deeds.effort), *merged)}
        good |= set((snapshot.rows[joint[0]] + 1).tolist())
        self.cooperation = len(good & judged)
        self.betrayal = len(self._betrayers(deeds.harmed, now, day) & judged)
        self._register(snapshot, [*deeds.gifts, *kept, *merged], joint, events, deeds.harmed, now)
        if "ally" in kinds and answers.delivery is not None:
            self._allies.hear(snapshot, answers.delivery, homes, accepts="accept" in kinds)
        self._allies.close(day, homes, self._last_deed, [*deeds.harmed], threats)

    def _within(self, last: dict[Pair, int], pair: Pair, now: int, day: int) -> bool:
        return 2 * (day - WINDOW) <= last.get(pair, _NEVER) < now

    def _betrayers(self, harmed: list[Pair], now: int, day: int) -> set[int]:
        """Who struck one that it is a betrayal to strike."""
        if not harmed:
            return set()
        since = 2 * (day - WINDOW)
        helped = [self._last_deed(other, actor, day - 1) >= since for actor, other in harmed]
        allied = [self._allies.stood(*pair, day) for pair in harmed]
        seen = [self._within(self._seen, pair, now, day) for pair in harmed]
        flags: list[Flags] = [np.array(one, np.bool_) for one in (helped, allied, seen)]
        struck = trusted(*flags)
        return {actor for (actor, _), found in zip(harmed, struck.tolist(), strict=True) if found}

    def _last_deed(self, actor: int, other: int, until: int) -> int:
        """Time of the last cooperation of one with the other, up to a day; `_NEVER` without one."""
        # A pair code (`agents.memory.pair_codes`) of two plain numbers, without making arrays.
        code = (actor << SHIFT) | other
        joint = [t for t, codes in self._joint if t <= until and among(codes, code)]
        last = 2 * max(joint) + 1 if joint else _NEVER
        helped = self._helped.get((actor, other), _NEVER)
        return max(last, helped if helped <= 2 * until + 1 else _NEVER)

    def _threats(
        self, snapshot: Snapshot, delivery: Delivery | None, homes: dict[int, int]
    ) -> list[Pair]:
        """Threats shown today; a threat is made in the name of the whole household.

        Returns (who threatened, whom).
        """
        found: list[Pair] = []
        if delivery is None or not len(delivery.messages):
            return found
        said, (message, reader) = delivery.messages, delivery.shown
        rows = np.flatnonzero((said.kind == int(Kind.THREATEN))[message])
        for m, r in zip(message[rows].tolist(), reader[rows].tolist(), strict=True):
            sender, target = int(said.sender[m]), int(snapshot.rows[r]) + 1
            if homes[sender] == homes[target]:
                continue
            found.append((sender, target))
            self._seen[target, sender] = 2 * snapshot.day
            for member, home in homes.items():
                if home == homes[sender]:
                    self._threat[member, target] = 2 * snapshot.day
        return found

    def _joint_work(
        self, snapshot: Snapshot, delivery: Delivery | None, worked: Ints, home: Ints
    ) -> tuple[Ints, Ints]:
        """Ordered index pairs that agreed to work at one factory today, and did."""
        none = np.zeros(0, np.int64)
        if delivery is None:
            return none, none
        n, day = len(snapshot), snapshot.day
        said = delivery.messages
        sender = snapshot.index[said.sender - 1]
        at = worked[sender]
        kind, word, where = said.claims.transpose(2, 0, 1)
        works = (kind == int(Claim.PLAN)) & (word == int(PlanWord.SECURE))
        came = (works & (where == at[:, None])).any(axis=1) & (at > 0)
        codes = [self._promised_today(snapshot, delivery, worked)]
        for message, reader in (delivery.shown, delivery.announced):
            heard = came[message]
            m, r = message[heard], reader[heard]
            both = worked[r] == at[m]
            codes.append(sender[m[both]] * n + r[both])
        pairs = distinct(np.concatenate(codes))
        a, b = pairs // n, pairs % n
        keep = (home[a] != home[b]) & (find(pairs, b * n + a)[1] == 1)
        self._due.pop(day, None)
        return a[keep], b[keep]

    def _promised_today(self, snapshot: Snapshot, delivery: Delivery, worked: Ints) -> Ints:
        """Codes of promises to work somewhere that fall due today, where both came."""
        said, n, day = delivery.messages, len(snapshot), snapshot.day
        what, factory, by = said.promises.transpose(2, 0, 1)
        secure = (what == int(Promise.SECURE)) & (by >= day)
        message, reader = delivery.shown
        for slot in np.flatnonzero(secure.any(axis=0)).tolist():
            read = secure[message, slot]
            for m, r in zip(message[read].tolist(), reader[read].tolist(), strict=True):
                self._due.setdefault(int(by[m, slot]), []).append(
                    (int(said.sender[m]), int(snapshot.rows[r]) + 1, int(factory[m, slot]))
                )
        codes = []
        for one, other, where in self._due.get(day, ()):
            a, b = int(snapshot.index[one - 1]), int(snapshot.index[other - 1])
            if a >= 0 and b >= 0 and worked[a] == worked[b] == where:
                codes.append(a * n + b)
        return np.array(codes, np.int64)

    def _register(
        self,
        snapshot: Snapshot,
        helped: list[Pair],
        joint: tuple[Ints, Ints],
        events: Mapping[int, list[Event]],
        harmed: list[Pair],
        now: int,
    ) -> None:
        """Remember today's deeds for the days to come."""
        self._helped.update(dict.fromkeys(helped, now))
        ids = snapshot.rows + 1
        self._joint.append((snapshot.day, np.sort(pair_codes(ids[joint[0]], ids[joint[1]]))))
        for a, b in harmed:
            self._seen[b, a] = now
        for _, _, attacker, *_, witnesses in events[EventKind.ATTACK]:
            for witness in witnesses:
                self._seen[witness, attacker] = now
        if snapshot.day % (4 * WINDOW) == 0:
            for last in (self._helped, self._seen, self._threat):
                _forget(last, now - 4 * WINDOW)


class Allies:
    """Who is allied with whom, by the words and deeds of the last days; pairs by lower id first."""

    def __init__(self) -> None:
        self._ally: dict[Pair, int] = {}
        self._word: dict[Pair, int] = {}
        self._blow: dict[Pair, int] = {}
        self._standing: dict[Pair, int] = {}
        self._ended: dict[Pair, int] = {}

    def stood(self, one: int, other: int, day: int) -> bool:
        """Whether an alliance stood on one of the k days before."""
        pair = _ordered(one, other)
        made = self._standing.get(pair)
        if made is not None and made < day:
            return True
        return self._ended.get(pair, _NEVER) >= day - WINDOW

    def hear(
        self, snapshot: Snapshot, delivery: Delivery, homes: dict[int, int], *, accepts: bool
    ) -> None:
        """Note the day's words of alliance: `ally`, and `accept` as an answer to one."""
        said, (message, reader) = delivery.messages, delivery.shown
        now, day = 2 * snapshot.day, snapshot.day
        for kind in (Kind.ALLY, Kind.ACCEPT)[: 1 + accepts]:
            rows = np.flatnonzero((said.kind == int(kind))[message])
            for m, r in zip(message[rows].tolist(), reader[rows].tolist(), strict=True):
                sender, target = int(said.sender[m]), int(snapshot.rows[r]) + 1
                if int(said.to[m]) != target or homes[sender] == homes[target]:
                    continue
                if kind == Kind.ALLY:
                    self._ally[sender, target] = self._word[sender, target] = now
                elif self._ally.get((target, sender), _NEVER) >= 2 * (day - WINDOW):
                    self._word[sender, target] = now

    def close(
        self,
        day: int,
        homes: dict[int, int],
        last_deed: Callable[[int, int, int], int],
        harmed: list[Pair],
        threats: list[Pair],
    ) -> None:
        """Make and end the alliances of a day that is over."""
        for time, pairs in ((2 * day, threats), (2 * day + 1, harmed)):
            self._blow.update({_ordered(*pair): time for pair in pairs})
        said = {
            pair: min(time, self._word[pair[::-1]])
            for pair, time in self._word.items()
            if pair[0] < pair[1] and pair[::-1] in self._word and pair not in self._standing
        }
        pairs = [p for p in said if homes.keys() >= set(p) and homes[p[0]] != homes[p[1]]]
        deeds = [min(last_deed(*p, day), last_deed(*p[::-1], day)) for p in pairs]
        words = np.array([said[p] for p in pairs], np.int64)
        made = forms(words, np.array(deeds, np.int64), self._blows(pairs), day, WINDOW)
        self._standing |= {p: day for p, now in zip(pairs, made.tolist(), strict=True) if now}
        pairs = list(self._standing)
        deeds = [max(last_deed(*p, day), last_deed(*p[::-1], day)) for p in pairs]
        over = ends(np.array(deeds, np.int64), self._blows(pairs), day, WINDOW)
        for pair in (p for p, now in zip(pairs, over.tolist(), strict=True) if now):
            self._ended[pair] = day
            del self._standing[pair]
        for last in (self._ally, self._word):
            _forget(last, 2 * (day - WINDOW))

    def _blows(self, pairs: list[Pair]) -> Ints:
        """Time of the last hostility between the two of each pair; below 0 without one."""
        return np.array([self._blow.get(pair, -1) for pair in pairs], np.int64)


@dataclass(frozen=True)
class Deeds:
    """What outsiders did to one another on a day, by ids; `effort`: the kept that cost some."""

    gifts: list[Pair]
    kept: list[Pair]
    effort: set[Pair]
    merged: list[Pair]
    harmed: list[Pair]


def _broken(closed: list[Closed]) -> list[Pair]:
    """(debtor, creditor) of the commitments that were broken."""
    return [(c[3], c[4]) for c in closed if c[8] == "broken"]


def _made_void(snapshot: Snapshot, answers: Answers, closed: list[Closed]) -> list[Pair]:
    """(debtor, creditor) of gifts due today that their givers made void by what they named."""
    found: list[Pair] = []
    for _, _, _, debtor, creditor, what, a, _, status, _, reason, _, given in closed:
        if status != "impossible" or what != Promise.GIFT or reason not in OWN_REASONS:
            continue
        i, acts = int(snapshot.index[debtor - 1]), answers.acts
        if i < 0 or acts.further[i] != Further.GIFT or acts.who[i] != creditor:
            continue
        numbers = (acts.amount[i : i + 1], snapshot.stock[i : i + 1], np.array([a - given]))
        if void_by_choice(*numbers).all():
            found.append((debtor, creditor))
    return found


def _deeds(
    events: Mapping[int, list[Event]],
    closed: list[Closed],
    broken: list[Pair],
    homes: dict[int, int],
    attacks: bool,
) -> Deeds:
    """A day's deeds; where attacks are switched off, not to attack costs nothing."""
    gifts, harmed, merged = (
        [(a, b) for _, _, a, b, *_ in events[kind] if homes[a] != homes[b]]
        for kind in (EventKind.GIFT, EventKind.ATTACK, EventKind.MERGE)
    )

    def apart(pair: Pair) -> bool:
        debtor, creditor = pair
        return debtor in homes and homes[debtor] != homes.get(creditor, homes[debtor])

    harmed += filter(apart, broken)
    kept: list[Pair] = []
    effort: set[Pair] = set()
    for _, _, _, debtor, creditor, what, _, _, status, _, _, near, _ in closed:
        if status == "kept" and apart((debtor, creditor)):
            kept.append((debtor, creditor))
            if what != Promise.NO_ATTACK or (near and attacks):
                effort.add((debtor, creditor))
    return Deeds(gifts, kept, effort, merged, harmed)


def _ordered(one: int, other: int) -> Pair:
    return (one, other) if one < other else (other, one)


def _forget(last: dict[Pair, int], before: int) -> None:
    for pair in [pair for pair, time in last.items() if time < before]:
        del last[pair]
