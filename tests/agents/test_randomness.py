"""Keyed randomness: published vectors, uniformity, and independence of everything else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from agents.purposes import MINDS, Purpose
from agents.randomness import (
    below,
    day_keys,
    draws,
    splitmix64,
    uniform,
)

seeds = st.integers(0, 2**64 - 1)
days = st.integers(0, 5_000)


def test_splitmix64_gives_the_published_values_of_seed_1234567() -> None:
    """The reference values of Vigna's splitmix64.c, as published with Rosetta Code's task."""
    gamma = np.uint64(0x9E3779B97F4A7C15)
    states = np.uint64(1234567) + gamma * np.arange(5, dtype=np.uint64)
    assert splitmix64(states).tolist() == [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]


@given(st.lists(st.integers(0, 2**64 - 1), min_size=2, max_size=50, unique=True))
def test_splitmix64_never_gives_one_value_for_two_states(states: list[int]) -> None:
    assert len(set(splitmix64(np.array(states, np.uint64)).tolist())) == len(states)


@given(seeds, days, st.integers(1, 60), st.integers(1, 60))
def test_a_residents_key_does_not_depend_on_how_many_there_are(
    seed: int, day: int, few: int, more: int
) -> None:
    shared = min(few, more)
    assert (day_keys(seed, day, few)[:shared] == day_keys(seed, day, more)[:shared]).all()


@given(seeds, days)
def test_keys_have_31_bits(seed: int, day: int) -> None:
    keys = day_keys(seed, day, 20)
    assert keys.dtype == np.int64
    assert ((keys >= 0) & (keys < 2**31)).all()


def test_days_and_seeds_have_keys_of_their_own() -> None:
    keys = [tuple(day_keys(seed, day, 5)) for seed in range(30) for day in range(30)]
    assert len(set(keys)) == len(keys)


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=20), st.integers(0, 200))
def test_the_draws_of_many_keys_are_those_of_each(keys: list[int], purpose: int) -> None:
    key = np.array(keys)
    one_by_one = [int(draws(key[i : i + 1], purpose)[0]) for i in range(len(key))]
    assert draws(key, purpose).tolist() == one_by_one


@given(st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=20), st.integers(0, 10_000))
def test_draws_broadcast_an_index_against_the_keys(keys: list[int], index: int) -> None:
    key = np.array(keys)
    table = draws(key[:, None], 3, np.array([0, index]))
    assert (table[:, 1] == draws(key, 3, index)).all()
    assert (table[:, 0] == draws(key, 3)).all()


def test_no_two_purposes_share_a_draw() -> None:
    key = np.array([12345])
    words = [int(draws(key, purpose, index)[0]) for purpose in range(200) for index in range(50)]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("purpose", [int(Purpose.ORDER), int(Purpose.CONTEST), MINDS + 1])
@pytest.mark.parametrize("by", ["key", "index", "day"])
def test_draws_are_uniform_over_keys_indices_and_days(purpose: int, by: str) -> None:
    n = 20_000
    if by == "key":
        words = draws(day_keys(7, 3, n), purpose)
    elif by == "index":
        words = draws(np.array([99]), purpose, np.arange(n))
    else:
        words = draws(np.array([day_keys(7, day, 1)[0] for day in range(2_000)]), purpose)
    assert stats.kstest(uniform(words), "uniform").pvalue > 0.001
    bits = np.unpackbits(words.view(np.uint8).reshape(-1, 8), axis=1).mean(axis=0)
    assert (np.abs(bits - 0.5) < 4.5 * 0.5 / np.sqrt(len(words))).all()


@pytest.mark.parametrize("apart", [(1, 0), (0, 1)])
def test_neighbouring_purposes_and_indices_are_uncorrelated(apart: tuple[int, int]) -> None:
    keys = day_keys(5, 1, 20_000)
    one, other = uniform(draws(keys, 4, 9)), uniform(draws(keys, 4 + apart[0], 9 + apart[1]))
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03


@given(st.integers(1, 10_000), st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=50))
def test_below_stays_below(bound: int, words: list[int]) -> None:
    values = below(np.array(words, np.uint64), bound)
    assert ((values >= 0) & (values < bound)).all()


@pytest.mark.parametrize("bound", [2, 3, 7, 10])
def test_below_gives_every_value_equally_often(bound: int) -> None:
    values = below(draws(day_keys(1, 1, 30_000), 2), bound)
    assert stats.chisquare(np.bincount(values, minlength=bound)).pvalue > 0.001


def test_uniform_never_gives_one() -> None:
    extremes = uniform(np.array([0, 2**64 - 1], np.uint64))
    assert extremes[0] == 0.0
    assert extremes[1] < 1.0
