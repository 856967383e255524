"""The surrogate: a documented value-utility mind, offline, without any state outside its question.

Utility of a feasible act = need × what it brings (in days of food) + φ(act), where φ is what the
act means to the told values (`utilities.toml`); the choice is a softmax. It acts on what its prompt
would say and on nothing else, so it can answer from the text alone. It is the scientific *control*:
it separates what the world does from what a language model does, and is never presented as one.

Every constant of `Temper` is our assumption.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from agents.batch import Batch
from agents.decisions import STEP, Acts, Further, Ints, Main, Promise, Regard, Replies
from agents.minds.choice import (
    FIRST_PURPOSE,
    FURTHER,
    MAIN,
    NEVER,
    OTHER,
    best,
    choose,
    gumbel,
    meanings,
    need_of,
    ties,
)
from agents.minds.mail import Flags, announced_at, claimed_today, own_word, promised_at
from agents.minds.talk import speak
from agents.minds.utilities import Table, table
from agents.observation import Known, Near, Open, Since, Stage
from agents.randomness import Floats, draws

WORKER = 100.0
DAY = 10.0
#: `_main`'s options as codes, and the steps of promotion in each.
_CODE = np.array([Main.SECURE, Main.EXPLORE, Main.PROMOTE, Main.PROMOTE, Main.IDLE], np.int64)
_STEPS = np.array([0, 0, 1, 2, 0], np.int64)


@dataclass(frozen=True)
class Temper:
    """The surrogate's constants.

    Attributes:
        temperature: of the softmax, in utility.
        value_factor: weight of values against needs.
        expectation: share of its hearers that it expects to come along when it plans.
        expectation_acting: the same when it acts.
        hope: days of food it hopes for from exploring.
        revenge: probability with which it expects to be attacked back.
        asked_gift: units it gives at a time.
        lies: whether it weighs saying what it knows to be false.
    """

    temperature: float = 0.7
    value_factor: float = 0.5
    expectation: float = 0.75
    expectation_acting: float = 0.0
    hope: float = 0.3
    revenge: float = 0.5
    asked_gift: int = 10
    lies: bool = True


class Surrogate:
    """The value-utility mind."""

    def __init__(
        self,
        temper: Temper | None = None,
        utilities: Table | None = None,
        name: str = "surrogate",
    ) -> None:
        self.temper = temper or Temper()
        self.table = utilities or table()
        self.name = name

    async def areply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        view = View(batch, self.temper, self.table)
        replies = Replies.faultless(len(batch))
        if batch.stage in (Stage.PERCEIVE, Stage.MORNING):
            replies.acts = plan = view.acts(view.expected())
            replies.regard = view.regard()
            replies.reasons = _reasons(plan, view.stock)
        if batch.stage in (Stage.COMMUNICATE, Stage.MORNING):
            planned = replies.acts if batch.plan is None else batch.plan
            assert planned is not None
            replies.said = speak(view, planned)
        if batch.stage in (Stage.ACT, Stage.EVENING):
            replies.acts = view.acts(view.announced())
            replies.reasons = _reasons(replies.acts, view.stock)
        if batch.stage in (Stage.REMEMBER, Stage.EVENING):
            done = replies.acts if batch.doing is None else batch.doing
            assert done is not None
            replies.notes = _notes(batch, done)
        return replies


class View:
    """One batch seen through the surrogate's eyes, in floats."""

    def __init__(self, batch: Batch, temper: Temper, utilities: Table) -> None:
        self.batch, self.temper, self.table = batch, temper, utilities
        self.phi = meanings(batch.told, utilities, temper.value_factor)
        self.stock = batch.stock.astype(np.float64)
        self.need = need_of(self.stock)
        near = batch.residents
        self.ids = near[:, :, Near.ID]
        self.there = self.ids > 0
        self.in_reach = self.there & (near[:, :, Near.STEPS] <= batch.rules.reach)
        other = batch.promises[:, :, Open.OTHER]
        self.parties = (self.ids[:, :, None] == other[:, None, :]) & self.there[:, :, None]
        talks = batch.stage in (Stage.COMMUNICATE, Stage.MORNING)
        self.noise = gumbel(batch.key, OTHER.stop if talks else FURTHER.stop)
        self.tie = ties(batch.key, self.ids)
        self._owed: dict[tuple[Promise, bool], Flags] = {}
        self.trust = self._trust()
        self.claimed, self.fresh = self._claims()

    def means(self, act: str) -> Floats:
        """φ of an act, (n,)."""
        meaning: Floats = self.phi[self.table.rows[act]]
        return meaning

    def _trust(self) -> Floats:
        """Trust in each shown resident, from what the question shows of the last ten days."""
        near = self.batch.residents
        trust = (
            near[:, :, Near.GIFTS_IN] / DAY
            + 0.1 * near[:, :, Near.KEPT]
            - 2.0 * near[:, :, Near.ATTACKS_IN]
            - 0.5 * near[:, :, Near.SEEN_ATTACKING]
            - 0.5 * near[:, :, Near.BROKEN]
        )
        clipped: Floats = np.clip(trust, -4.0, 4.0)
        return clipped

    def _claims(self) -> tuple[Floats, Floats]:
        """Claimed stock of each shown resident and how fresh the claim is (1 today … 0)."""
        near = self.batch.residents
        age = self.batch.day - near[:, :, Near.CLAIMED_DAY]
        stock, fresh = near[:, :, Near.CLAIMED].astype(np.float64), 1.0 - age / 6.0
        fresh = np.where(self.there & (stock >= 0), np.clip(fresh, 0.0, 1.0), 0.0)
        mail = self.batch.mail
        if mail is not None and len(mail.messages):
            stock, fresh = claimed_today(mail, self.ids, stock, fresh)
        return np.maximum(stock, 0.0), fresh

    # --- where to work

    @cached_property
    def hearers(self) -> Floats:
        """How many others hear each."""
        shown = (self.batch.residents[:, :, Near.HEARS] * self.there).sum(axis=1)
        also = (self.batch.also > 0).sum(axis=1) + self.batch.also_more
        members = (self.batch.members > 0).sum(axis=1)
        hearing: Floats = (shown + also + members).astype(np.float64)
        return hearing

    def expected(self) -> Floats:
        """Others believed at each known factory when planning, (n, 6)."""
        company = self.temper.expectation * self.hearers
        return np.maximum(self._seen(), company[:, None])

    def announced(self) -> Floats:
        """Others believed at each known factory when acting, (n, 6)."""
        company = self.temper.expectation_acting * self.hearers
        said = announced_at(self.batch, self.batch.factories[:, :, Known.ID])
        return np.maximum(np.maximum(self._seen(), said), company[:, None])

    def _seen(self) -> Floats:
        """Others seen at work at each known factory yesterday."""
        known = self.batch.factories
        fresh = known[:, :, Known.SEEN] == self.batch.day - 1
        mine = known[:, :, Known.ID] == self.yesterday[:, None]
        others: Floats = (np.maximum(known[:, :, Known.WORKERS] - mine, 0) * fresh).astype(float)
        return others

    @cached_property
    def yesterday(self) -> Ints:
        """The factory each worked at yesterday, 0 for none."""
        since = self.batch.since
        paid: Ints = (since[:, :, 1] * (since[:, :, 0] == Since.PAID)).max(axis=1)
        return paid

    def share(self, others: Floats) -> Floats:
        """Units each expects at each known factory with so many others there, (n, 6)."""
        known = self.batch.factories
        own = self.batch.skill.astype(np.float64)[:, None]
        labour = own + WORKER * others
        most, half = (known[:, :, k].astype(np.float64) for k in (Known.MAX, Known.HALF))
        return most * labour * own / (half * half + labour * labour)

    # --- what to do

    def acts(self, others: Floats) -> Acts:
        """The main and the further act, given who else is believed to work where."""
        batch = self.batch
        main, at = self._main(others)
        further, who = self._further()
        steps = _STEPS[main]
        return Acts(
            _CODE[main],
            at,
            steps * batch.rules.promote_step,
            further,
            who,
            (further == Further.GIFT) * self.temper.asked_gift,
        )

    def _main(self, others: Floats) -> tuple[Ints, Ints]:
        """0 secure, 1 explore, 2–3 promote by one or two steps, 4 idle; and where."""
        batch, need, rules = self.batch, self.need, self.batch.rules
        known = batch.factories
        ids = known[:, :, Known.ID]
        days = np.maximum(-(-known[:, :, Known.STEPS] // rules.walk_secure), 1)
        gain = self.share(others) / DAY / days
        again = ids == self.yesterday[:, None]
        word = promised_at(batch, Promise.SECURE, ids) | own_word(batch, ids)
        secure = need[:, None] * gain + self.means("secure")[:, None]
        secure = secure + again * self.means("again")[:, None]
        secure = secure + word * self.means("keep_word")[:, None]
        utility = np.full((len(batch), ids.shape[1] + 4), NEVER)
        utility[:, :-4] = np.where(ids > 0, secure, NEVER)
        utility[:, -4] = need * self.temper.hope + self.means("explore")
        step = rules.promote_step
        for k in (1, 2):
            able = (self.stock >= k * step) & (k <= rules.promote_steps)
            cost = need * (k * step / DAY)
            utility[:, -4 + k] = np.where(able, self.means("promote") * k - cost, NEVER)
        utility[:, -1] = self.means("idle")
        chosen = choose(utility, self.noise[:, MAIN], self.temper.temperature)
        most = ids.shape[1]
        place = ids[np.arange(len(batch)), np.minimum(chosen, most - 1)]
        kind = np.where(chosen < most, 0, chosen - most + 1)
        return kind, np.where(kind == 0, place, np.where(kind == 1, self._way(), 0))

    def _way(self) -> Ints:
        """Where to explore: on as before until the edge, else a new way by keyed draw."""
        batch, rules = self.batch, self.batch.rules
        before = np.array([_WAYS.get(note, -1) for note in batch.note], np.int64)
        lot = (draws(batch.key, FIRST_PURPOSE + 2) >> np.uint64(61)).astype(np.int64)
        way = np.where(before >= 0, before, lot)
        east, west = batch.x >= rules.width - 1, batch.x <= 0
        north, south = batch.y >= rules.height - 1, batch.y <= 0
        dx, dy = STEP[way, 0], STEP[way, 1]
        stuck = (east & (dx > 0)) | (west & (dx < 0)) | (north & (dy > 0)) | (south & (dy < 0))
        return np.where(stuck, (way + 3) % 8, way)

    def _further(self) -> tuple[Ints, Ints]:
        """Gift, attack, merge or none: the best target of each, then a softmax among them."""
        batch = self.batch
        rows = np.arange(len(batch))
        utility = np.zeros((len(batch), 4))
        targets = np.zeros((len(batch), 4), np.int64)
        for k, values in enumerate((self.gift(), self.attack(), self.merge()), start=1):
            column, utility[:, k] = best(values, self.tie)
            targets[:, k] = self.ids[rows, column]
        chosen = choose(utility, self.noise[:, FURTHER], self.temper.temperature)
        return chosen, targets[rows, chosen]

    def gift(self) -> Floats:
        """Utility of a gift to each shown resident: decided on the stock it claimed."""
        units = float(self.temper.asked_gift)
        sign = np.clip((need_of(self.claimed) - 1.0) / 2.0, 0.0, 1.0) * self.fresh
        promised = self.owed(Promise.GIFT, mine=True)
        worth = self.means("gift")[:, None] * sign + 0.25 * np.maximum(self.trust, 0.0)
        worth = worth + np.where(promised, self.means("keep_word")[:, None], 0.0)
        cost = self.need[:, None] * (units / DAY)
        able = self.in_reach & ((sign > 0) | promised) & (self.stock >= units)[:, None]
        able = able & self.batch.rules.gifts
        return np.where(able, worth - cost, NEVER)

    def attack(self) -> Floats:
        """Utility of attacking each: decided on the claimed stock, else on one's own."""
        batch, near = self.batch, self.batch.residents
        rules = batch.rules
        mine = (2 * batch.skill + batch.standing).astype(np.float64)[:, None]
        its = (2 * near[:, :, Near.SKILL] + near[:, :, Near.STANDING]).astype(np.float64)
        wins = mine * mine / (mine * mine + its * its)
        stock = self.claimed * self.fresh + self.stock[:, None] * (1.0 - self.fresh)
        loot = rules.loot_percent / 100.0
        risk = self.temper.revenge * (1.0 - wins) * loot * self.stock[:, None]
        gain = (wins * loot * stock - rules.fight_loss - risk) / DAY
        word = self.owed(Promise.NO_ATTACK, mine=True)
        value = self.need[:, None] * gain + self.means("attack")[:, None]
        value = value - np.maximum(self.trust, -1.0)
        value = value - np.where(word, self.means("keep_word")[:, None], 0.0)
        peace = self.owed(Promise.NO_ATTACK, mine=False)
        return np.where(self.in_reach & rules.attacks, value - 0.5 * peace, NEVER)

    def merge(self) -> Floats:
        """Utility of asking each to merge; an open promise to merge is a wish to be answered."""
        room = (self.batch.members > 0).sum(axis=1) + 1 < self.batch.rules.max_household
        able = self.in_reach & room[:, None] & self.batch.rules.merges
        word = self.owed(Promise.MERGE, mine=True) | self.owed(Promise.MERGE, mine=False)
        value = self.means("merge")[:, None] + self.trust
        return np.where(able, value + np.where(word, self.means("keep_word")[:, None], 0.0), NEVER)

    def owed(self, what: Promise, *, mine: bool) -> Flags:
        """Which shown residents I owe something (mine), or that owe it to me."""
        if (what, mine) not in self._owed:
            promises = self.batch.promises
            fits = (promises[:, :, Open.WHAT] == what) & (promises[:, :, Open.MINE] == int(mine))
            self._owed[what, mine] = (self.parties & fits[:, None, :]).any(axis=2)
        return self._owed[what, mine]

    def regard(self) -> Regard:
        """Private assessment of the three most trusted or distrusted."""
        grade = np.clip(np.rint(self.trust), -2, 2).astype(np.int64) * self.there
        order = np.argsort(-np.abs(grade), axis=1, kind="stable")[:, :3]
        who = np.take_along_axis(self.ids, order, axis=1)
        grade = np.take_along_axis(grade, order, axis=1)
        return Regard(np.where(grade != 0, who, 0), grade)


_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
_WAYS = {f"I am exploring to the {name}.": way for way, name in enumerate(_COMPASS)}
_GOING = {way: note for note, way in _WAYS.items()}


def _reasons(acts: Acts, stock: Floats) -> list[str]:
    """A plain sentence for each choice."""
    return [
        f"With {stock_ // 10:.0f} days of food in store, {_act_words(main, at)} serves me best."
        for stock_, main, at in zip(
            stock.tolist(), acts.main.tolist(), acts.at.tolist(), strict=True
        )
    ]


def _act_words(main: int, at: int) -> str:
    if main == Main.SECURE:
        return f"working at F{at}"
    return ("", "exploring", "promotion", "rest")[main]


def _notes(batch: Batch, done: Acts) -> list[str | None]:
    """What it writes down: where it is going, or what it did."""
    return [
        _GOING[at] if main == Main.EXPLORE else f"Day {batch.day}: {_act_words(main, at)}."
        for main, at in zip(done.main.tolist(), done.at.tolist(), strict=True)
    ]
