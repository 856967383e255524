"""What the surrogate says: at most one word on its work and one on something else, templated.

Each thing that could be said is an option with a utility: what it brings plus what it means to the
told values, less the effort of speaking. True, false and no claim are options alike; measures, not
this file, say who is deceived and what it costs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.decisions import (
    KIND_WORDS,
    Acts,
    Claim,
    Further,
    Ints,
    Kind,
    Main,
    Messages,
    PlanWord,
    Promise,
)
from agents.minds.choice import NEVER, OTHER, WORK, best, choose
from agents.minds.mail import Flags
from agents.observation import Known, Near
from agents.randomness import Floats

if TYPE_CHECKING:
    from agents.minds.surrogate import View

DAY = 10.0
#: Our assumptions: the effort of saying something, the days of food hoped for from asking, and the
#: share of its stock that one fears for when it looks rich.
EFFORT = 1.0
HELP = 0.3
FEAR = 0.1
#: Days until a promise is due.
PEACE_DAYS, GIFT_DAYS, MERGE_DAYS = 5, 1, 2


@dataclass
class Option:
    """Something that could be said.

    Attributes:
        utility: (n,), `NEVER` where it cannot be said.
        kind: message kind.
        to: (n,) ids, or `ALL`.
        text: sentence, with {a}, {b} and {to} filled in.
        claim: (kind, a, b), a and b (n,) or numbers.
        promise: (what, a, days until due).
    """

    utility: Floats
    kind: Kind
    to: Ints
    text: str
    claim: tuple[int, Ints, Ints] | None = None
    promise: tuple[int, int, int] | None = None


def speak(view: View, plan: Acts) -> Messages:
    """All messages of a batch, in the order of its rows, a row's word on its work first."""
    rules = view.batch.rules
    if not rules.messages:
        return Messages.empty()
    talk = _Talk(view, plan)
    slots = [(WORK, talk.about_work()), (OTHER, talk.about_others())]
    spoken = [_Spoken(view, columns, options, rules.kinds) for columns, options in slots]
    return _written(view, spoken)


class _Talk:
    """The options of a batch."""

    def __init__(self, view: View, plan: Acts) -> None:
        self.view, self.plan = view, plan
        self.batch = view.batch
        self.n = len(view.batch)
        self.rows = np.arange(self.n)
        self.heard = view.hearers > 0
        self.hears = view.there & (view.batch.residents[:, :, Near.HEARS] == 1)
        self.none = np.zeros(self.n, np.int64)
        self.lying = view.means("lie") if view.temper.lies else np.full(self.n, NEVER)

    def about_work(self) -> list[Option]:
        """Announcing one's work, truly or falsely."""
        view, known = self.view, self.batch.factories
        ids = known[:, :, Known.ID]
        secure = (self.plan.main == Main.SECURE) & self.heard & self.batch.rules.announcements
        here = ids == self.plan.at[:, None]
        one_more = view.share(view.expected() + 1.0) - view.share(view.expected())
        company = view.need * np.where(here, one_more, 0.0).max(axis=1) / DAY
        other = np.where((ids > 0) & ~here, ids, 0)[:, ::-1].max(axis=1)
        true = (Claim.PLAN, np.full(self.n, PlanWord.SECURE), self.plan.at)
        false = (Claim.PLAN, np.full(self.n, PlanWord.SECURE), other)
        return [
            Option(
                _where(secure, view.means("announce") + company),
                Kind.INFORM,
                self.none,
                "I will work at F{b} today.",
                true,
            ),
            Option(
                _where(secure & (other > 0), self.lying - company),
                Kind.INFORM,
                self.none,
                "I will work at F{b} today.",
                false,
            ),
        ]

    def about_others(self) -> list[Option]:
        """Everything else: news, need, promises, praise and threats."""
        return [
            *self._news(),
            *self._stock(),
            *self._promises(),
            *self._bonds(),
            *self._answers(),
        ]

    def _news(self) -> list[Option]:
        """Telling of the best factory that one has seen, truly or as poorer than it is."""
        view, known = self.view, self.batch.factories
        seen = (known[:, :, Known.ID] > 0) & (known[:, :, Known.HEARD] == 0)
        greatest = np.where(seen, known[:, :, Known.MAX], -1)
        column = greatest.argmax(axis=1)
        most = greatest[self.rows, column]
        factory = known[self.rows, column, Known.ID]
        able = (most > 0) & self.heard & self.batch.rules.factory_claims
        less = most // 2
        text = "F{a} can make {b} a day."
        return [
            Option(
                _where(able, view.means("tell") - EFFORT),
                Kind.INFORM,
                self.none,
                text,
                (Claim.MAKES, factory, most),
            ),
            Option(
                _where(able & (most > 20), self.lying - EFFORT),
                Kind.INFORM,
                self.none,
                text,
                (Claim.MAKES, factory, less),
            ),
        ]

    def _stock(self) -> list[Option]:
        """Asking for help with a true claim, feigning hunger, hiding wealth."""
        view, batch = self.view, self.batch
        help_ = view.need * HELP
        fear = view.need * FEAR * view.stock / DAY
        near = view.in_reach.any(axis=1)
        poor = batch.stock // 5
        return [
            Option(
                _where(self.heard & (batch.stock < 20), view.means("ask") + help_),
                Kind.ASK,
                self.none,
                "I have {a} left. Can anybody help?",
                (Claim.STOCK, batch.stock, self.none),
            ),
            Option(
                _where(self.heard & (batch.stock >= 30), self.lying + help_),
                Kind.ASK,
                self.none,
                "I have {a} left. Can anybody help?",
                (Claim.STOCK, poor, self.none),
            ),
            Option(
                _where(near & self.heard & (batch.stock >= 50), self.lying + fear),
                Kind.INFORM,
                self.none,
                "There is little with us: {a}.",
                (Claim.STOCK, poor, self.none),
            ),
        ]

    def _promises(self) -> list[Option]:
        """Peace (true or false), a gift, a household together."""
        view, batch = self.view, self.batch
        can = self.hears & view.in_reach
        strong = batch.residents[:, :, Near.STANDING] + batch.residents[:, :, Near.SKILL]
        fear = strong / 400.0 - view.trust
        peace_to, peace = self._target(can & ~view.owed(Promise.NO_ATTACK, mine=True), fear)
        prey = np.where(self.plan.further == Further.ATTACK, self.plan.who, -1)
        victim = can & (view.ids == prey[:, None])
        prey_to, fooled = self._target(victim, np.zeros(can.shape))
        sign = np.clip((30.0 - view.claimed) / 30.0, 0.0, 1.0) * view.fresh
        poor_to, poor = self._target(can & (sign > 0) & ~view.owed(Promise.GIFT, mine=True), sign)
        room = (batch.members > 0).sum(axis=1) + 1 < batch.rules.max_household
        free = can & room[:, None] & batch.rules.merges & ~view.owed(Promise.MERGE, mine=True)
        mate_to, mate = self._target(free, view.trust)
        units = view.temper.asked_gift
        aggressor = self.plan.further == Further.ATTACK
        return [
            Option(
                _where(peace > NEVER, view.means("peace") + 0.25 * np.maximum(peace, 0) - EFFORT),
                Kind.OFFER,
                peace_to,
                "I will not attack you.",
                promise=(Promise.NO_ATTACK, 0, PEACE_DAYS),
            ),
            Option(
                _where((fooled > NEVER) & aggressor, self.lying + 0.5 * view.need),
                Kind.OFFER,
                prey_to,
                "You have nothing to fear from me.",
                promise=(Promise.NO_ATTACK, 0, PEACE_DAYS),
            ),
            Option(
                _where(
                    (poor > NEVER) & (batch.stock >= 2 * units) & batch.rules.gifts,
                    view.means("offer") * np.maximum(poor, 0) - EFFORT,
                ),
                Kind.OFFER,
                poor_to,
                "I will give you some of mine.",
                promise=(Promise.GIFT, units, GIFT_DAYS),
            ),
            Option(
                _where(mate > NEVER, view.means("propose") + np.maximum(mate, -9) - EFFORT),
                Kind.OFFER,
                mate_to,
                "Shall we share a household?",
                promise=(Promise.MERGE, 0, MERGE_DAYS),
            ),
        ]

    def _bonds(self) -> list[Option]:
        """Alliance, praise, threat."""
        view, batch = self.view, self.batch
        standing = batch.residents[:, :, Near.STANDING]
        friend_to, friend = self._target(self.hears & (view.trust > 0), view.trust)
        above = (standing - batch.standing[:, None]) / 100.0
        great_to, great = self._target(self.hears & (above > 0), above)
        weak = view.in_reach & self.hears & (standing <= batch.standing[:, None])
        weak_to, prey = self._target(weak, -view.trust)
        strong = batch.stock >= 20
        return [
            Option(
                _where(friend > NEVER, view.means("ally") + 0.5 * np.maximum(friend, 0) - EFFORT),
                Kind.ALLY,
                friend_to,
                "We should stand together.",
            ),
            Option(
                _where(great > NEVER, view.means("praise") + np.maximum(great, 0) - EFFORT),
                Kind.PRAISE,
                great_to,
                "You do well here.",
            ),
            Option(
                _where((prey > NEVER) & strong, view.means("threaten") + HELP * view.need - EFFORT),
                Kind.THREATEN,
                weak_to,
                "Mind what you have when I am near.",
            ),
            Option(
                _where((prey > NEVER) & strong, view.means("threaten") + HELP * view.need - EFFORT),
                Kind.DEMAND,
                weak_to,
                "Give me some of yours.",
            ),
        ]

    def _answers(self) -> list[Option]:
        """Agreeing to what was promised, or turning it down."""
        view = self.view
        promised = np.zeros(view.ids.shape, bool)
        for what in (Promise.GIFT, Promise.MERGE, Promise.NO_ATTACK):
            promised |= view.owed(what, mine=False)
        open_to_me = self.hears & promised & ~view.owed(Promise.MERGE, mine=True)
        yes_to, yes = self._target(open_to_me, view.trust)
        no_to, no = self._target(open_to_me, -view.trust)
        return [
            Option(
                _where(yes > NEVER, view.means("accept") + np.maximum(yes, -9) - EFFORT),
                Kind.ACCEPT,
                yes_to,
                "Agreed.",
            ),
            Option(
                _where(no > NEVER, view.means("refuse") + np.maximum(no, -9) - EFFORT),
                Kind.REFUSE,
                no_to,
                "No.",
            ),
        ]

    def _target(self, able: Flags, worth: Floats) -> tuple[Ints, Floats]:
        """The best addressee of each row and its worth, `NEVER` where there is none."""
        view = self.view
        column, value = best(np.where(able, worth, NEVER), view.tie)
        return view.ids[self.rows, column], value


def _where(able: Flags, utility: Floats) -> Floats:
    return np.where(able, utility, NEVER)


class _Spoken:
    """What each row says in one slot: the chosen option, or −1 for silence."""

    def __init__(
        self, view: View, columns: slice, options: list[Option], kinds: tuple[str, ...]
    ) -> None:
        self.options = [o for o in options if not kinds or KIND_WORDS[o.kind] in kinds]
        utility = np.zeros((len(view.batch), len(self.options) + 1))
        for k, option in enumerate(self.options, start=1):
            utility[:, k] = option.utility
        self.choice = choose(utility, view.noise[:, columns], view.temper.temperature) - 1


def _written(view: View, spoken: list[_Spoken]) -> Messages:
    """The chosen options as messages."""
    batch = view.batch
    said = [
        (row, slot, option)
        for slot, one in enumerate(spoken)
        for row, option in enumerate(one.choice.tolist())
        if option >= 0
    ]
    said.sort(key=lambda entry: entry[:2])
    messages = Messages.empty(len(said))
    for i, (row, slot, chosen) in enumerate(said):
        option = spoken[slot].options[chosen]
        messages.sender[i] = batch.id[row]
        messages.kind[i] = option.kind
        messages.to[i] = option.to[row]
        a = b = 0
        if option.claim is not None:
            a, b = int(option.claim[1][row]), int(option.claim[2][row])
            messages.claims[i, 0] = (option.claim[0], a, b)
        if option.promise is not None:
            what, units, days = option.promise
            messages.promises[i, 0] = (what, units, batch.day + days)
        messages.text[i] = option.text.format(a=a, b=b)
    return messages
