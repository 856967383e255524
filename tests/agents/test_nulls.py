"""The random mind: uniform over what is feasible."""

from __future__ import annotations

import numpy as np
from scipy import stats

from agents.decisions import Further, Main
from agents.minds.nulls import RandomMind
from agents.observation import Known, Near, Stage
from agents.randomness import day_keys
from tests.agents.questions_of import batches


def one_question(n: int, stock: int):
    """One question under many keys: two known factories, three others in reach, one beyond."""
    batch = next(b for b in batches(Stage.MORNING) if b.rules.gifts)
    many = batch.take(np.zeros(n, np.int64))
    many.key = day_keys(5, 5, n)
    many.stock = np.full(n, stock)
    many.factories = np.zeros_like(many.factories)
    many.factories[:, 0, Known.ID], many.factories[:, 1, Known.ID] = 3, 1
    many.residents = np.zeros_like(many.residents)
    for slot, (who, steps) in enumerate(((7, 3), (4, 1), (9, 0), (2, 1))):
        many.residents[:, slot, Near.ID] = who
        many.residents[:, slot, Near.STEPS] = steps
    return many


def test_every_feasible_main_act_is_equally_likely() -> None:
    acts = RandomMind().reply(one_question(12_000, stock=25)).acts
    chosen = list(zip(acts.main.tolist(), acts.spend.tolist(), strict=True))
    places = [
        (int(Main.SECURE), 3),
        (int(Main.SECURE), 1),
        (int(Main.EXPLORE), None),
        (int(Main.IDLE), None),
    ]
    counts = [
        sum(m == main and (at is None or a == at) for m, a in zip(acts.main, acts.at, strict=True))
        for main, at in places
    ]
    counts += [chosen.count((int(Main.PROMOTE), spend)) for spend in (10, 20)]
    assert sum(counts) == 12_000
    assert stats.chisquare(counts).pvalue > 0.001


def test_promotion_is_offered_as_far_as_the_stock_goes() -> None:
    for stock, spends in ((9, set()), (10, {10}), (19, {10}), (20, {10, 20}), (90, {10, 20})):
        acts = RandomMind().reply(one_question(2_000, stock)).acts
        assert set(acts.spend[acts.main == Main.PROMOTE].tolist()) == spends


def test_every_feasible_further_act_is_equally_likely() -> None:
    acts = RandomMind().reply(one_question(12_000, stock=25)).acts
    found = list(zip(acts.further.tolist(), acts.who.tolist(), strict=True))
    kinds = [(int(k), who) for k in (1, 2, 3) for who in (4, 9, 2)]
    counts = [found.count(kind) for kind in [(0, 0), *kinds]]
    assert sum(counts) == 12_000
    assert stats.chisquare(counts).pvalue > 0.001


def test_a_gift_never_exceeds_the_stock_and_is_not_made_of_nothing() -> None:
    for stock in (0, 4, 25):
        acts = RandomMind().reply(one_question(3_000, stock)).acts
        amounts = set(acts.amount[acts.further == Further.GIFT].tolist())
        assert amounts == ({min(10, stock)} if stock else set())
