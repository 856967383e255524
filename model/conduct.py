"""Cooperation and betrayal as the day goes: two counts of actor-days for the day's record.

The definitions are those of `model.measures.behaviour` (window k = 5 days), which labels a finished
log with its reasons; here they are kept day by day, so that a community can be watched. One case is
left to the log: betrayal of an ally who has not helped within k days.

- *cooperation*: a gift or a commitment kept at some effort for an outsider that had not threatened
  the actor within k; a merge (both); agreed joint work (both said, to each other, where they would
  work, and were there).
- *betrayal*: an attack or chosen breach against an outsider that had cooperated with the actor
  within k, none of whose hostility the actor had seen within k.

Times are 2·day for messages and 2·day + 1 for acts; "before" is a smaller time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import Claim, Ints, Kind, PlanWord, Promise
from agents.memory import SHIFT, among, distinct, find, pair_codes
from model.events import Event, EventKind

if TYPE_CHECKING:
    from model.answers import Answers
    from model.commitments import Closed
    from model.community import CommunityModel
    from model.delivery import Delivery
    from model.perception import Snapshot

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

    def judge(
        self,
        model: CommunityModel,
        snapshot: Snapshot,
        answers: Answers,
        worked: Ints,
        events: Mapping[int, list[Event]],
        closed: list[Closed],
    ) -> None:
        """Count the day that has just taken effect.

        Args:
            model: the community.
            snapshot: the day's morning.
            answers: what the minds answered.
            worked: factory index each worked at, −1 none, by snapshot index.
            events: the day's events by kind.
            closed: the commitments that were settled.
        """
        day, now = snapshot.day, 2 * snapshot.day + 1
        homes = dict(
            zip((snapshot.rows + 1).tolist(), model.morning_household.tolist(), strict=True)
        )
        judged = set((snapshot.rows[answers.judged()] + 1).tolist())
        self._threats(snapshot, answers.delivery, homes)
        helped, harmed, merged = self._deeds(events, closed, homes)
        joint = self._joint_work(snapshot, answers.delivery, worked + 1, model.morning_household)
        friends = [(a, b) for a, b in helped if not self._within(self._threat, (b, a), now, day)]
        good = {a for a, _ in friends} | {a for pair in merged for a in pair}
        good |= set((snapshot.rows[joint[0]] + 1).tolist())
        bad = {a for a, b in harmed if self._trusted(a, b, now, day)}
        self.cooperation, self.betrayal = len(good & judged), len(bad & judged)
        self._register(snapshot, friends, merged, joint, events[EventKind.ATTACK], harmed, now)

    def _within(self, last: dict[Pair, int], pair: Pair, now: int, day: int) -> bool:
        return 2 * (day - WINDOW) <= last.get(pair, _NEVER) < now

    def _trusted(self, actor: int, other: int, now: int, day: int) -> bool:
        """Whether `other` had helped the actor, and the actor had seen no hostility of it."""
        if self._within(self._seen, (actor, other), now, day):
            return False
        if self._within(self._helped, (other, actor), now, day):
            return True
        code = (other << SHIFT) | actor
        return any(among(codes, code) for t, codes in self._joint if day - WINDOW <= t < day)

    def _threats(
        self, snapshot: Snapshot, delivery: Delivery | None, homes: dict[int, int]
    ) -> None:
        """Threats shown today; a threat is made in the name of the whole household."""
        if delivery is None or not len(delivery.messages):
            return
        said, (message, reader) = delivery.messages, delivery.shown
        rows = np.flatnonzero((said.kind == int(Kind.THREATEN))[message])
        for m, r in zip(message[rows].tolist(), reader[rows].tolist(), strict=True):
            sender, target = int(said.sender[m]), int(snapshot.rows[r]) + 1
            if homes[sender] == homes[target]:
                continue
            self._seen[target, sender] = 2 * snapshot.day
            for member, home in homes.items():
                if home == homes[sender]:
                    self._threat[member, target] = 2 * snapshot.day

    def _deeds(
        self,
        events: Mapping[int, list[Event]],
        closed: list[Closed],
        homes: dict[int, int],
    ) -> tuple[list[Pair], list[Pair], list[Pair]]:
        """(helper, helped), (harmer, harmed) and merged pairs of outsiders today."""
        helped, harmed, merged = (
            [(a, b) for _, _, a, b, *_ in events[kind] if homes[a] != homes[b]]
            for kind in (EventKind.GIFT, EventKind.ATTACK, EventKind.MERGE)
        )
        for _, _, _, debtor, creditor, what, _, _, status, _, _, near in closed:
            outsiders = debtor in homes and homes[debtor] != homes.get(creditor, homes[debtor])
            if outsiders and status == "broken":
                harmed.append((debtor, creditor))
            elif outsiders and status == "kept" and (what != Promise.NO_ATTACK or near):
                helped.append((debtor, creditor))
        return helped, harmed, merged

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
        friends: list[Pair],
        merged: list[Pair],
        joint: tuple[Ints, Ints],
        attacks: list[Event],
        harmed: list[Pair],
        now: int,
    ) -> None:
        """Remember today's deeds for the days to come."""
        for a, b in [*friends, *merged, *((b, a) for a, b in merged)]:
            self._helped[a, b] = now
        ids = snapshot.rows + 1
        self._joint.append((snapshot.day, np.sort(pair_codes(ids[joint[0]], ids[joint[1]]))))
        for a, b in harmed:
            self._seen[b, a] = now
        for _, _, attacker, *_, witnesses in attacks:
            for witness in witnesses:
                self._seen[witness, attacker] = now
        if snapshot.day % (4 * WINDOW) == 0:
            for last in (self._helped, self._seen, self._threat):
                for pair in [p for p, t in last.items() if t < now - 4 * WINDOW]:
                    del last[pair]
