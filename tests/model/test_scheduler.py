"""The resource scheduler: production law, regimes, exact shares, food and debt."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.purposes import Purpose
from agents.randomness import day_keys, draws
from agents.regimes import REGIMES
from model.world.scenario import Scenario
from model.world.scheduler import (
    Factories,
    Households,
    feed,
    needs,
    noise_factors,
    produce,
    split,
)
from tests.model.communities import live, quiet, table
from tests.model.minds import Puppet, secure


def column(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def made(labour: int, most: int, half: int) -> int:
    return int(produce(column(labour), column(most), column(half))[0])


# --- the production law


def test_half_of_the_greatest_output_is_made_at_the_half_labour() -> None:
    assert made(940, 280, 940) == 140
    assert made(0, 280, 940) == 0
    assert made(10**9, 280, 940) == 279


@given(st.integers(0, 10**7), st.integers(0, 10**6), st.integers(1, 10**6))
def test_output_is_the_law_rounded_down_exactly(labour: int, most: int, half: int) -> None:
    exact = Fraction(most * labour**2, half**2 + labour**2)
    assert made(labour, most, half) == exact.numerator // exact.denominator


@given(st.integers(0, 10**5), st.integers(0, 10**5), st.integers(1, 10**5))
def test_more_hands_never_make_less(labour: int, most: int, half: int) -> None:
    assert made(labour, most, half) <= made(labour + 100, most, half) <= most


@pytest.mark.parametrize(("most", "half", "best"), [(280, 940, 14.9), (40, 300, 6.7), (20, 200, 5)])
def test_the_best_output_per_head_is_reached_at_the_half_labour(
    most: int, half: int, best: float
) -> None:
    """100 · P / 2H, as `docs` and the rules say: a poor factory feeds nobody alone."""
    labour = np.arange(1, 5000)
    per_head = most * labour / (half**2 + labour**2) * 100
    assert labour[per_head.argmax()] == half
    assert per_head.max() == pytest.approx(best, abs=0.05)


@given(st.floats(0.0, 5.0))
def test_richness_multiplies_the_greatest_output(richness: float) -> None:
    factories = Factories([(0, 0), (5, 5)], Scenario(outputs=(280, 40), halves=(940, 300)))
    greatest = factories.greatest(richness)
    exact = np.array([280, 40]) * richness
    assert (np.abs(greatest - exact) <= 1).all()
    assert (greatest <= exact + 1e-3).all()


# --- shares

crews = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 10**9)), min_size=1, max_size=40)
amounts = st.lists(st.integers(0, 10**5), min_size=3, max_size=3)


@given(crews, amounts)
def test_shares_add_up_exactly_and_differ_from_proportion_by_less_than_one(
    crew: list[tuple[int, int]], amount: list[int]
) -> None:
    at, weight = (np.array(side, np.int64) for side in zip(*crew, strict=True))
    made_there = np.array(amount) * (np.bincount(at, minlength=3) > 0)
    share = split(made_there, weight, at)
    assert (share >= 0).all()
    for factory in range(3):
        mine = at == factory
        assert share[mine].sum() == made_there[factory]
        whole = int(weight[mine].sum())
        for got, w in zip(share[mine].tolist(), weight[mine].tolist(), strict=True):
            assert abs(Fraction(int(made_there[factory]) * w, whole) - got) < 1


@given(crews, amounts)
def test_who_has_the_greater_weight_never_has_less(
    crew: list[tuple[int, int]], amount: list[int]
) -> None:
    at, weight = (np.array(side, np.int64) for side in zip(*crew, strict=True))
    share = split(np.array(amount) * (np.bincount(at, minlength=3) > 0), weight, at)
    for factory in range(3):
        mine = np.flatnonzero(at == factory)
        order = mine[np.argsort(weight[mine], kind="stable")]
        assert (np.diff(share[order])[np.diff(weight[order]) > 0] >= 0).all()


def test_equal_remainders_go_to_the_earlier() -> None:
    assert split(column(10), column(1, 1, 1), column(0, 0, 0)).tolist() == [4, 3, 3]
    assert split(column(11), column(1, 1, 1), column(0, 0, 0)).tolist() == [4, 4, 3]


@pytest.mark.parametrize(
    ("regime", "base"),
    [
        ("equal", [1, 1, 1, 1]),
        ("contribution", [100, 150, 120, 80]),
        ("rank", [100, 190, 130, 100]),
    ],
)
def test_a_regime_weighs_who_worked(regime: str, base: list[int]) -> None:
    skill, standing = column(100, 150, 120, 80), column(10, 100, 40, 500)
    crew = column(0, 0, 0, 1)
    assert REGIMES[regime].base(skill, standing, crew).tolist() == base


@pytest.mark.parametrize(
    ("regime", "paid"), [("equal", [40, 40]), ("contribution", [32, 48]), ("rank", [20, 60])]
)
def test_a_regime_decides_what_each_is_paid(regime: str, paid: list[int]) -> None:
    """Two at a factory that makes 80 units, with skill 100 and 150, standing 100 and 300."""
    mind = Puppet({1: {1: secure(1), 2: secure(1)}})
    model = quiet(mind, places=[(5, 5)] * 2, factory=(5, 5), regime=regime, halves=(125,))
    model.residents.skill[1], model.residents.standing[1] = 150, 300
    live(model, 1)
    assert table(model, "residents")["paid"].tolist() == paid
    assert model.latest.output == 80


# --- noise and need


def test_noise_is_bell_shaped_around_one() -> None:
    lots = draws(day_keys(3, 1, 200_000), Purpose.SHARE)
    noise = noise_factors(lots, 0.2, 0.05) / 65536
    assert noise.mean() == pytest.approx(1.0, abs=0.002)
    assert noise.std() == pytest.approx(0.2, abs=0.002)
    assert noise.min() >= 0.05 - 1e-4
    within = [np.mean(np.abs(noise - 1) < k * 0.2) for k in (1, 2)]
    assert within == pytest.approx([0.675, 0.957], abs=0.01)


@pytest.mark.parametrize("floor", [0.001, 0.05, 0.9, 1.0])
def test_noise_never_falls_below_its_floor(floor: float) -> None:
    lots = draws(day_keys(3, 1, 20_000), Purpose.SHARE)
    assert noise_factors(lots, 1.0, floor).min() >= round(floor * 65536) >= 1


def test_without_noise_every_factor_is_one() -> None:
    assert set(noise_factors(draws(day_keys(3, 1, 50), 1), 0.0, 0.05)) == {65536}


def test_needs_are_equally_likely() -> None:
    need = needs(draws(day_keys(3, 1, 30_000), Purpose.NEED), (9, 10, 11))
    assert set(need) == {9, 10, 11}
    assert (np.abs(np.bincount(need)[9:] / 30_000 - 1 / 3) < 0.01).all()


# --- food


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 20), st.integers(0, 40)),
        min_size=1,
        max_size=12,
    ),
    st.lists(st.integers(0, 100), min_size=4, max_size=4),
    st.integers(0, 100),
)
def test_everybody_eats_what_the_store_allows_and_owes_the_rest(
    people: list[tuple[int, int, int]], stores: list[int], seed: int
) -> None:
    home, need, debt = (np.array(side, np.int64) for side in zip(*people, strict=True))
    homes = Households(4)
    for row, store in enumerate(stores):
        homes.found(store, row)
    lots = draws(day_keys(seed, 1, len(people)), Purpose.FEED)
    eaten, left = feed(need, debt, home, lots, homes)
    assert (eaten >= 0).all()
    assert (left >= 0).all()
    assert (eaten + left == need + debt).all()
    for at in range(4):
        mine = home == at
        assert eaten[mine].sum() == min(stores[at], (need + debt)[mine].sum())
        assert homes.store[at] == stores[at] - eaten[mine].sum()
        # At most one member is fed in part: the store is eaten down in order.
        assert (mine & (eaten > 0) & (left > 0)).sum() <= 1


def test_a_short_store_feeds_its_members_in_drawn_order() -> None:
    fed = set()
    for seed in range(40):
        homes = Households(4)
        homes.found(10, 0)
        lots = draws(day_keys(seed, 1, 3), Purpose.FEED)
        eaten, _ = feed(column(10, 10, 10), column(0, 0, 0), column(0, 0, 0), lots, homes)
        assert sorted(eaten.tolist()) == [0, 0, 10]
        fed.add(int(eaten.argmax()))
    assert fed == {0, 1, 2}


def test_the_hungry_are_removed_when_their_debt_exceeds_the_limit() -> None:
    model = live(quiet(residents=1, start_stock=25, hunger_limit=30))
    assert [day.debt for day in model.days] == [0, 0, 0, 5, 15, 25, 0]
    assert (model.today, model.latest.population, model.running) == (6, 0, False)
    assert model.latest.removals_hunger == 1


def test_what_is_paid_back_makes_the_debt_smaller() -> None:
    mind = Puppet({day: {1: secure(1)} for day in (4, 5)})
    model = live(quiet(mind, places=[(5, 5)], factory=(5, 5), start_stock=5), 5)
    assert [day.debt for day in model.days] == [0, 5, 15, 25, 0, 0]
    assert [day.stock for day in model.days] == [5, 0, 0, 0, 15, 55]


# --- households


def test_a_household_joins_with_its_store_its_members_and_its_last_birth() -> None:
    homes = Households(1)
    for row, store in enumerate((5, 7, 9)):
        homes.found(store, row)
    homes.last_birth[1] = 4
    homes.join(0, 1)
    assert (homes.store[:3].tolist(), homes.size[:3].tolist()) == ([12, 0, 9], [2, 0, 1])
    assert homes.last_birth[0] == 4
    assert homes.stock_of(0) == 6
    homes.join(2, 0)
    homes.leave(2, 1)
    assert homes.members[2] == [0, 2]
    assert homes.stock_of(2) == 10
