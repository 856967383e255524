"""What the surrogate does: a main act and a further act, each a softmax over what is feasible."""

from __future__ import annotations

import numpy as np

from agents.decisions import STEP, Acts, Further, Ints, Main, Promise, Regard
from agents.minds.choice import DAY, FURTHER, MAIN, NEVER, choose, need_of
from agents.minds.mail import Flags
from agents.minds.view import View
from agents.purposes import Purpose
from agents.randomness import Floats, draws

#: `_main`'s options as codes, and the steps of promotion in each.
_CODE = np.array([Main.SECURE, Main.EXPLORE, Main.PROMOTE, Main.PROMOTE, Main.IDLE], np.int64)
_STEPS = np.array([0, 0, 1, 2, 0], np.int64)
_COMPASS = ("N", "NE", "E", "SE", "S", "SW", "W", "NW")
#: The note of who is exploring, by `Direction`: it goes on as before.
GOING = tuple(f"I am exploring to the {name}." for name in _COMPASS)
_WAYS = {note: way for way, note in enumerate(GOING)}


def decide(view: View, share: Floats) -> Acts:
    """The main and the further act, given the units expected of each known factory, (n, 6)."""
    main, at = _main(view, share)
    further, who = _further(view)
    amount = np.where(further == int(Further.GIFT), view.temper.asked_gift, 0)
    return Acts(_CODE[main], at, _STEPS[main] * view.batch.rules.promote_step, further, who, amount)


def _main(view: View, share: Floats) -> tuple[Ints, Ints]:
    """0 secure, 1 explore, 2–3 promote by one or two steps, 4 idle; and where."""
    need, rules, ids = view.need, view.batch.rules, view.factory
    gain = share / DAY / view.days_to
    again = ids == view.yesterday[:, None]
    secure = need[:, None] * gain + view.means("secure")[:, None]
    secure = secure + again * view.means("again")[:, None]
    secure = secure + view.word * view.means("keep_word")[:, None]
    most = ids.shape[1]
    utility = np.full((len(view), most + 4), NEVER)
    utility[:, :most] = np.where(ids > 0, secure, NEVER)
    utility[:, most] = need * view.temper.hope + view.means("explore")
    step = rules.promote_step
    for k in range(1, min(rules.promote_steps, 2) + 1):
        cost = need * (k * step / DAY)
        able = view.stock >= k * step
        utility[:, most + k] = np.where(able, view.means("promote") * k - cost, NEVER)
    utility[:, most + 3] = view.means("idle")
    chosen = choose(utility, view.noise[:, MAIN], view.temper.temperature)
    kind = np.maximum(chosen - (most - 1), 0)
    at = np.where(kind == 0, ids[np.arange(len(view)), np.minimum(chosen, most - 1)], 0)
    explores = (kind == 1).nonzero()[0]
    if len(explores):
        at[explores] = _way(view, explores)
    return kind, at


def _way(view: View, rows: Ints) -> Ints:
    """Where to explore: on as before until the edge, else a new way by keyed draw."""
    batch, rules = view.batch, view.batch.rules
    before = np.array([_WAYS.get(batch.note[row], -1) for row in rows.tolist()], np.int64)
    # The upper three bits are one of eight ways.
    lot = (draws(batch.key[rows], Purpose.WAY) >> np.uint64(61)).astype(np.int64)
    way = np.where(before >= 0, before, lot)
    x, y, (dx, dy) = batch.x[rows], batch.y[rows], STEP[way].T
    stuck = (x + dx < 0) | (x + dx >= rules.width) | (y + dy < 0) | (y + dy >= rules.height)
    return np.where(stuck, (way + 3) % 8, way)


def _further(view: View) -> tuple[Ints, Ints]:
    """Gift, attack, merge or none: the best target of each, then a softmax among them."""
    options = [gift(view), attack(view), merge(view)]
    who, worth = view.others.best([able for able, _ in options], [value for _, value in options])
    utility = np.zeros((len(view), 4))
    utility[:, 1:] = worth.T
    chosen = choose(utility, view.noise[:, FURTHER], view.temper.temperature)
    target = who[np.maximum(chosen, 1) - 1, np.arange(len(view))]
    return chosen, np.where(chosen > 0, target, 0)


def gift(view: View) -> tuple[Flags, Floats]:
    """To whom each could give and what that is worth: decided on the stock it claimed."""
    others, row, units = view.others, view.others.row, float(view.temper.asked_gift)
    want = (need_of(others.claimed) - 1.0) / 2.0
    sign = want.clip(0.0, 1.0) * others.fresh
    promised = others.owed_by_me(Promise.GIFT)
    worth = view.means("gift")[row] * sign + 0.25 * np.maximum(others.trust, 0.0)
    worth = worth + np.where(promised, view.means("keep_word")[row], 0.0)
    able = others.near & ((sign > 0) | promised) & (view.stock >= units)[row]
    return able & view.batch.rules.gifts, worth - (view.need * (units / DAY))[row]


def attack(view: View) -> tuple[Flags, Floats]:
    """Whom each could attack and what that is worth, on the stock it claimed, else on one's own."""
    batch, others, row, rules = view.batch, view.others, view.others.row, view.batch.rules
    own = view.stock[row]
    mine = (2 * batch.skill + batch.standing).astype(np.float64)[row]
    its = others.strength.astype(np.float64)
    wins = mine * mine / (mine * mine + its * its)
    stock = others.claimed * others.fresh + own * (1.0 - others.fresh)
    loot = rules.loot_percent / 100.0
    risk = view.temper.revenge * (1.0 - wins) * loot * own
    gain = (wins * loot * stock - rules.fight_loss - risk) / DAY
    worth = view.need[row] * gain + view.means("attack")[row]
    worth = worth - np.maximum(others.trust, -1.0)
    word = others.owed_by_me(Promise.NO_ATTACK)
    worth = worth - np.where(word, view.means("keep_word")[row], 0.0)
    return others.near & rules.attacks, worth - 0.5 * others.owed_to_me(Promise.NO_ATTACK)


def merge(view: View) -> tuple[Flags, Floats]:
    """With whom each could merge; an open promise to merge is a wish to be answered."""
    others, row = view.others, view.others.row
    word = others.owed_by_me(Promise.MERGE) | others.owed_to_me(Promise.MERGE)
    worth = view.means("merge")[row] + others.trust
    worth = worth + np.where(word, view.means("keep_word")[row], 0.0)
    return others.near & view.room[row] & view.batch.rules.merges, worth


def regard(view: View) -> Regard:
    """Private assessment of the three most trusted or distrusted."""
    trust = np.rint(view.others.trust).clip(-2.0, 2.0).astype(np.int64)
    grade, who = view.others.listed(trust)
    # Stable: of equally strong regards the first listed is given, in any batch.
    first = (-np.abs(grade)).argsort(axis=1, kind="stable")[:, :3]
    rows = np.arange(len(view))[:, None]
    grade = grade[rows, first]
    return Regard(np.where(grade != 0, who[rows, first], 0), grade)
