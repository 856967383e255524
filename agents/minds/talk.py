"""What the surrogate says: at most one word on its work and one on something else, templated.

Each thing that could be said is an option with a utility: what it brings plus what it means to the
told values, less the effort of speaking. True, false and no claim are options alike; measures, not
this file, say who is deceived and what it costs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from agents.decisions import (
    ALL,
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
from agents.minds.choice import DAY, NEVER, OTHER, WORK, choose
from agents.minds.mail import Flags
from agents.minds.view import View
from agents.randomness import Floats

#: Our assumptions: the effort of saying something, the days of food hoped for from asking, and the
#: share of its stock that one fears for when it looks rich.
EFFORT = 1.0
HELP = 0.3
FEAR = 0.1


@dataclass(frozen=True)
class Saying:
    """Something that can be said.

    Attributes:
        kind: message kind.
        text: sentence, with {a} and {b} filled in.
        claim: what it claims with `a` and `b`.
        promise: what it promises, `a` being its operand.
        due: days until the promise is due.
    """

    kind: Kind
    text: str
    claim: Claim = Claim.NONE
    promise: Promise = Promise.NONE
    due: int = 0


_WORK, _MAKES = "I will work at F{b} today.", "F{a} can make {b} a day."
_PLEA = "I have {a} left. Can anybody help?"
SAYINGS: Final = {
    "work": Saying(Kind.INFORM, _WORK, Claim.PLAN),
    "false work": Saying(Kind.INFORM, _WORK, Claim.PLAN),
    "news": Saying(Kind.INFORM, _MAKES, Claim.MAKES),
    "false news": Saying(Kind.INFORM, _MAKES, Claim.MAKES),
    "plea": Saying(Kind.ASK, _PLEA, Claim.STOCK),
    "false plea": Saying(Kind.ASK, _PLEA, Claim.STOCK),
    "poverty": Saying(Kind.INFORM, "There is little with us: {a}.", Claim.STOCK),
    "peace": Saying(Kind.OFFER, "I will not attack you.", promise=Promise.NO_ATTACK, due=5),
    "false peace": Saying(
        Kind.OFFER, "You have nothing to fear from me.", promise=Promise.NO_ATTACK, due=5
    ),
    "gift": Saying(Kind.OFFER, "I will give you some of mine.", promise=Promise.GIFT, due=1),
    "household": Saying(Kind.OFFER, "Shall we share a household?", promise=Promise.MERGE, due=2),
    "alliance": Saying(Kind.ALLY, "We should stand together."),
    "praise": Saying(Kind.PRAISE, "You do well here."),
    "threat": Saying(Kind.THREATEN, "Mind what you have when I am near."),
    "demand": Saying(Kind.DEMAND, "Give me some of yours."),
    "yes": Saying(Kind.ACCEPT, "Agreed."),
    "no": Saying(Kind.REFUSE, "No."),
}
_NUMBERS: Final = {name: number for number, name in enumerate(SAYINGS)}
_TEXTS: Final = [saying.text for saying in SAYINGS.values()]
#: Kind, claim, promise and days until it is due, of each saying.
_CODES: Final = np.array(
    [(s.kind, s.claim, s.promise, s.due) for s in SAYINGS.values()], np.int64
).T


@dataclass
class Option:
    """A saying as each of n residents could say it.

    Attributes:
        able: who can, (n,).
        utility: what it is worth to each, (n,).
        to: ids, (n,), or `ALL`.
        a, b: operands of its claim or promise, (n,) or one for all.
    """

    able: Flags
    utility: Floats
    to: Ints | int = ALL
    a: Ints | int = 0
    b: Ints | int = 0


class Target(NamedTuple):
    """The best addressee of each of n residents for a saying.

    Attributes:
        who: ids, (n,).
        there: whether there is one, (n,).
        worth: what it is worth, `NEVER` without one, (n,).
    """

    who: Ints
    there: Flags
    worth: Floats


#: By the names of `SAYINGS`.
Options = dict[str, Option]
Targets = dict[str, Target]


def speak(view: View, plan: Acts) -> Messages:
    """All messages of a batch, in the order of its rows, a row's word on its work first."""
    rules = view.batch.rules
    if not rules.messages:
        return Messages.empty()
    heard = view.hearers > 0
    work, other = _about_work(view, plan, heard), _about_others(view, plan, heard)
    if rules.kinds:
        work, other = _of_kinds(work, rules.kinds), _of_kinds(other, rules.kinds)
    chosen = np.stack([_chosen(view, WORK, work), _chosen(view, OTHER, other)], axis=1)
    chosen[:, 1] += (chosen[:, 1] >= 0) * len(work)
    return _written(view, work | other, chosen)


def _of_kinds(options: Options, kinds: tuple[str, ...]) -> Options:
    return {name: o for name, o in options.items() if KIND_WORDS[SAYINGS[name].kind] in kinds}


def _chosen(view: View, columns: slice, options: Options) -> Ints:
    """The number of the option each chooses, −1 for silence, which is worth nothing, (n,)."""
    utility = np.zeros((len(view), len(options) + 1))
    able, worth = [o.able for o in options.values()], [o.utility for o in options.values()]
    utility[:, 1:] = np.where(able, worth, NEVER).T
    return choose(utility, view.noise[:, columns], view.temper.temperature) - 1


def _written(view: View, options: Options, chosen: Ints) -> Messages:
    """The chosen options (n, 2) as messages."""
    row, slot = (chosen >= 0).nonzero()
    messages = Messages.empty(len(row))
    if not len(row):
        return messages
    operands = np.zeros((len(options), 3, len(view)), np.int64)
    for place, option in zip(operands, options.values(), strict=True):
        place[0], place[1], place[2] = option.to, option.a, option.b
    which = chosen[row, slot]
    saying = np.array([_NUMBERS[name] for name in options])[which]
    kind, claim, promise, due = _CODES[:, saying]
    to, a, b = operands[which, :, row].T
    messages.sender[:] = view.batch.id[row]
    messages.to[:], messages.kind[:] = to, kind
    claims = (claim != int(Claim.NONE)).nonzero()[0]
    messages.claims[claims, 0] = np.stack([claim, a, b], axis=1)[claims]
    promises = (promise != int(Promise.NONE)).nonzero()[0]
    by = view.batch.day + due
    messages.promises[promises, 0] = np.stack([promise, a, by], axis=1)[promises]
    messages.text = [
        _TEXTS[number].format(a=a_, b=b_)
        for number, a_, b_ in zip(saying.tolist(), a.tolist(), b.tolist(), strict=True)
    ]
    return messages


def _lying(view: View) -> Floats:
    """What a lie means to each."""
    return view.means("lie") if view.temper.lies else np.full(len(view), NEVER)


def _about_work(view: View, plan: Acts, heard: Flags) -> Options:
    """Announcing one's work, truly or falsely."""
    ids = view.factory
    able = (plan.main == int(Main.SECURE)) & heard & view.batch.rules.announcements
    here = ids == plan.at[:, None]
    one_more = view.share(view.expected + 1.0) - view.planned
    company = view.need * np.where(here, one_more, 0.0).max(axis=1) / DAY
    other = np.where(here, 0, ids)[:, ::-1].max(axis=1)
    work = int(PlanWord.SECURE)
    return {
        "work": Option(able, view.means("announce") + company, a=work, b=plan.at),
        "false work": Option(able & (other > 0), _lying(view) - company, a=work, b=other),
    }


def _about_others(view: View, plan: Acts, heard: Flags) -> Options:
    """Everything else: news, need, promises, praise and threats."""
    return _news(view, heard) | _stock(view, heard) | _to_one(view, plan)


def _news(view: View, heard: Flags) -> Options:
    """Telling of the best factory that one has seen, truly or as poorer than it is."""
    factory, most = view.best_seen
    able = (most > 0) & heard & view.batch.rules.factory_claims
    return {
        "news": Option(able, view.means("tell") - EFFORT, a=factory, b=most),
        "false news": Option(able & (most > 20), _lying(view) - EFFORT, a=factory, b=most // 2),
    }


def _stock(view: View, heard: Flags) -> Options:
    """Asking for help with a true claim, feigning hunger, hiding wealth."""
    stock, lying = view.batch.stock, _lying(view)
    poor, rich = heard & (stock < 20), heard & (stock >= 30)
    help_ = view.need * HELP
    fear = view.need * FEAR * view.stock / DAY
    observed = rich & (stock >= 50) & view.company
    return {
        "plea": Option(poor, view.means("ask") + help_, a=stock),
        "false plea": Option(rich, lying + help_, a=stock // 5),
        "poverty": Option(observed, lying + fear, a=stock // 5),
    }


def _to_one(view: View, plan: Acts) -> Options:
    """What is said to one resident alone: promises, alliance, praise, threats, answers."""
    batch, others, row = view.batch, view.others, view.others.row
    can, trust = others.hears & others.near, others.trust
    attacks = plan.further == int(Further.ATTACK)
    prey = np.where(attacks, plan.who, -1)
    want = ((30.0 - others.claimed) / 30.0).clip(0.0, 1.0) * others.fresh
    single = ~others.owed_by_me(Promise.MERGE)
    above = (others.standing - batch.standing[row]) / 100.0
    asked = others.hears & others.owing & single
    purposes = {
        "peace": (can & ~others.owed_by_me(Promise.NO_ATTACK), others.force / 400.0 - trust),
        "false peace": (can & (others.id == prey[row]), np.zeros_like(trust)),
        "gift": (can & (want > 0) & ~others.owed_by_me(Promise.GIFT), want),
        "household": (can & view.room[row] & batch.rules.merges & single, trust),
        "alliance": (others.hears & (trust > 0), trust),
        "praise": (others.hears & (above > 0), above),
        "threat": (can & (above <= 0), -trust),
        "yes": (asked, trust),
        "no": (asked, -trust),
    }
    who, worth = others.best(
        [able for able, _ in purposes.values()], [value for _, value in purposes.values()]
    )
    found = zip(purposes, who, worth > NEVER, worth, strict=True)
    targets = {name: Target(*target) for name, *target in found}
    return _promises(view, attacks, targets) | _bonds(view, targets) | _answers(view, targets)


def _promises(view: View, attacks: Flags, targets: Targets) -> Options:
    """Peace (true or false), a gift, a household together."""
    units, rules = view.temper.asked_gift, view.batch.rules
    peace, prey = targets["peace"], targets["false peace"]
    poor, mate = targets["gift"], targets["household"]
    gives = poor.there & (view.batch.stock >= 2 * units) & rules.gifts
    calm = view.means("peace") + 0.25 * np.maximum(peace.worth, 0) - EFFORT
    fooled = _lying(view) + 0.5 * view.need
    care = view.means("offer") * np.maximum(poor.worth, 0) - EFFORT
    union = view.means("propose") + np.maximum(mate.worth, -9) - EFFORT
    return {
        "peace": Option(peace.there, calm, peace.who),
        "false peace": Option(prey.there & attacks, fooled, prey.who),
        "gift": Option(gives, care, poor.who, a=units),
        "household": Option(mate.there, union, mate.who),
    }


def _bonds(view: View, targets: Targets) -> Options:
    """Alliance, praise, threat."""
    friend, great, weak = targets["alliance"], targets["praise"], targets["threat"]
    strong = weak.there & (view.batch.stock >= 20)
    ally = view.means("ally") + 0.5 * np.maximum(friend.worth, 0) - EFFORT
    praise = view.means("praise") + np.maximum(great.worth, 0) - EFFORT
    threaten = view.means("threaten") + HELP * view.need - EFFORT
    return {
        "alliance": Option(friend.there, ally, friend.who),
        "praise": Option(great.there, praise, great.who),
        "threat": Option(strong, threaten, weak.who),
        "demand": Option(strong, threaten, weak.who),
    }


def _answers(view: View, targets: Targets) -> Options:
    """Agreeing to what was promised, or turning it down."""
    yes, no = targets["yes"], targets["no"]
    accept = view.means("accept") + np.maximum(yes.worth, -9) - EFFORT
    refuse = view.means("refuse") + np.maximum(no.worth, -9) - EFFORT
    return {
        "yes": Option(yes.there, accept, yes.who),
        "no": Option(no.there, refuse, no.who),
    }
