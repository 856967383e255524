"""The surrogate and every other offline mind: one question, one answer, whoever else is asked."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agents.batch import Batch
from agents.decisions import Further, Main
from agents.memo import Latest
from agents.minds.choice import (
    FURTHER,
    MAIN,
    NEVER,
    OTHER,
    WORK,
    choose,
    gumbel,
    meanings,
    need_of,
)
from agents.minds.constants import Temper
from agents.minds.mixed import Mixed
from agents.minds.nulls import RandomMind, flat, permuted
from agents.minds.others import Others
from agents.minds.scripted import Script, Scripted
from agents.minds.surrogate import Surrogate
from agents.minds.utilities import table
from agents.observation import Known, Near, Stage
from agents.randomness import day_keys
from agents.values import VALUES
from tests.agents.questions_of import batches, same_row

MINDS: tuple[Any, ...] = (
    Surrogate(),
    Surrogate(Temper(lies=False, expectation=0.0, value_factor=2.0, temperature=0.1), name="cold"),
    flat(Temper()),
    permuted(Temper(), 5),
    RandomMind(),
    Scripted(Script.parse("crew,announce=1"), "crew"),
    Scripted(Script.parse("spread,hostile=.3,generous=.3,pair=0"), "spread"),
    Mixed((Surrogate(), RandomMind(), flat(Temper())), lambda ids: ids % 3),
)
minds = pytest.mark.parametrize("mind", MINDS, ids=lambda mind: mind.name)
stages = pytest.mark.parametrize("stage", list(Stage), ids=lambda stage: stage.name.lower())


@minds
@stages
def test_a_batch_of_n_is_n_batches_of_one(mind: Any, stage: Stage) -> None:
    for batch in batches(stage)[::2]:
        whole = mind.reply(batch)
        for row in range(len(batch)):
            alone = mind.reply(batch.take(np.array([row])))
            same_row(whole, row, alone, 0, int(batch.id[row]))


@minds
@stages
def test_a_batch_in_any_order_is_the_same_batch(mind: Any, stage: Stage) -> None:
    lots = np.random.Generator(np.random.Philox(11))
    for batch in batches(stage):
        order = lots.permutation(len(batch))
        whole, turned = mind.reply(batch), mind.reply(batch.take(order))
        for at, row in enumerate(order.tolist()):
            same_row(whole, row, turned, at, int(batch.id[row]))


@minds
@stages
def test_a_question_put_as_one_typed_value_has_the_same_answer(mind: Any, stage: Stage) -> None:
    for batch in batches(stage)[::3]:
        whole = mind.reply(batch)
        for row in range(len(batch)):
            alone = mind.reply(Batch.of(batch.rules, [batch[row]]))
            same_row(whole, row, alone, 0, int(batch.id[row]))


@minds
@stages
def test_asking_twice_or_on_a_loop_gives_the_same_answer(mind: Any, stage: Stage) -> None:
    for batch in batches(stage)[:4]:
        first, again = mind.reply(batch), asyncio.run(mind.areply(batch))
        for row in range(len(batch)):
            same_row(first, row, again, row, int(batch.id[row]))


@minds
@stages
def test_answering_changes_nothing_in_the_question(mind: Any, stage: Stage) -> None:
    for batch in batches(stage)[:4]:
        before = [batch[row] for row in range(len(batch))]
        mind.reply(batch)
        assert [batch[row] for row in range(len(batch))] == before


@minds
@pytest.mark.parametrize("stage", [Stage.PERCEIVE, Stage.ACT, Stage.MORNING, Stage.EVENING])
def test_what_a_mind_does_is_feasible_for_what_it_is_shown(mind: Any, stage: Stage) -> None:
    further = set()
    for batch in batches(stage):
        acts = mind.reply(batch).acts
        ids = batch.residents[:, :, Near.ID]
        near = batch.residents[:, :, Near.STEPS] <= batch.rules.reach
        for row in range(len(batch)):
            if acts.main[row] == Main.SECURE:
                assert acts.at[row] in batch.factories[row, :, Known.ID]
            if acts.main[row] == Main.EXPLORE:
                assert 0 <= acts.at[row] < 8
            if acts.main[row] == Main.PROMOTE:
                assert batch.rules.promote_step <= acts.spend[row] <= batch.stock[row]
            further.add(int(acts.further[row]))
            paired = mind.name == "crew" and acts.further[row] == Further.MERGE
            if acts.further[row] != Further.NONE and not paired:
                assert acts.who[row] in ids[row][near[row] & (ids[row] > 0)]
            if acts.further[row] == Further.GIFT:
                assert 1 <= acts.amount[row] <= batch.stock[row]
                assert batch.rules.gifts
    assert len(further) > 1


def test_the_surrogate_acts_on_what_it_was_told_and_not_on_the_label() -> None:
    """Two residents told the same weights act alike, however they came by them."""
    for batch in batches(Stage.MORNING)[:5]:
        relabelled = replace(
            batch, value=np.full(len(batch), 3), mode=np.full(len(batch), 2), paraphrase=batch.id
        )
        one, other = Surrogate().reply(batch), Surrogate().reply(relabelled)
        for row in range(len(batch)):
            same_row(one, row, other, row, int(batch.id[row]))


def test_the_mind_of_zeros_acts_alike_whatever_it_was_told() -> None:
    for batch in batches(Stage.MORNING)[:5]:
        turned = replace(batch, told=batch.told[:, ::-1].copy())
        one, other = flat(Temper()).reply(batch), flat(Temper()).reply(turned)
        for row in range(len(batch)):
            same_row(one, row, other, row, int(batch.id[row]))


def test_another_key_gives_other_choices() -> None:
    batch = max(batches(Stage.MORNING), key=len)
    one = Surrogate().reply(batch).acts
    other = Surrogate().reply(replace(batch, key=batch.key ^ 12345)).acts
    assert one is not None
    assert other is not None
    assert (one.main != other.main).any() or (one.further != other.further).any()


def test_a_permuted_mind_gives_each_value_the_column_of_another() -> None:
    original, shuffled = table(), permuted(Temper(), 5).table
    columns = {tuple(original.entries[:, k]) for k in range(10)}
    assert {tuple(shuffled.entries[:, k]) for k in range(10)} == columns
    assert shuffled.hash != original.hash
    assert permuted(Temper(), 5).table.hash == shuffled.hash
    assert len({permuted(Temper(), seed).table.hash for seed in range(20)}) == 20


def test_every_entry_of_the_table_lies_within_two_and_has_its_reason() -> None:
    utilities = table()
    assert (np.abs(utilities.entries) <= 2).all()
    assert (utilities.entries == np.rint(utilities.entries)).all()
    for i, act in enumerate(utilities.acts):
        for k, value in enumerate(VALUES):
            assert (utilities.entries[i, k] != 0) == ((act, value) in utilities.reasons)
    assert all(reason.strip() and "\n" not in reason for reason in utilities.reasons.values())


def test_meaning_is_the_weighted_sum_over_the_ten_values() -> None:
    told = np.array([[50] * 10, [100, 0, 80, 20, 50, 50, 50, 50, 50, 50], [-50, *[61] * 9]])
    phi = meanings(told, table(), 0.5)
    np.testing.assert_allclose(phi.T, 0.5 * (told / 50.0) @ table().entries.T, rtol=1e-12)


def test_need_falls_from_three_toward_one_as_the_store_fills() -> None:
    need = need_of(np.array([0.0, 40.0, 1e9]))
    np.testing.assert_allclose(need, [3.0, 2 * (0.5 + 1 / (1 + 4 / 3)), 1.0], atol=1e-6)


def test_choices_follow_the_softmax_of_their_utility() -> None:
    n, temperature = 40_000, 0.7
    utility = np.tile([0.0, 1.0, 0.4, NEVER], (n, 1))
    chosen = choose(utility, gumbel(day_keys(1, 1, n), 4), temperature)
    shares = np.bincount(chosen, minlength=4) / n
    weight = np.exp(np.array([0.0, 1.0, 0.4]) / temperature)
    np.testing.assert_allclose(shares[:3], weight / weight.sum(), atol=0.01)
    assert shares[3] == 0.0


def test_no_two_choices_of_a_day_share_their_noise() -> None:
    columns = [list(range(64))[span] for span in (MAIN, FURTHER, WORK, OTHER)]
    flat_columns = [column for span in columns for column in span]
    assert len(set(flat_columns)) == len(flat_columns)
    noise = gumbel(day_keys(1, 1, 20_000), OTHER.stop)
    assert abs(np.corrcoef(noise.T) - np.eye(OTHER.stop)).max() < 0.04


def test_among_equal_targets_each_is_chosen_equally_often() -> None:
    n = 9_000
    batch = batches(Stage.MORNING)[0].take(np.zeros(n, np.int64))
    batch.key, batch.residents = day_keys(1, 1, n), np.zeros_like(batch.residents)
    batch.residents[:, [0, 3, 4], Near.ID] = (4, 9, 17)
    others = Others(batch)
    anybody, worth = np.ones(len(others), bool), np.full(len(others), 2.5)
    (who,), (found,) = others.best([anybody], [worth])
    chosen = np.bincount(who, minlength=18)[[4, 9, 17]]
    assert chosen.sum() == n
    assert (np.abs(chosen / n - 1 / 3) < 0.02).all()
    assert (found == 2.5).all()


def test_nobody_is_the_best_target_where_nobody_can_be_one() -> None:
    batch = batches(Stage.MORNING)[0].take(np.zeros(3, np.int64))
    batch.residents = np.zeros_like(batch.residents)
    nobody = Others(batch)
    who, worth = nobody.best([np.zeros(0, bool)] * 2, [np.zeros(0)] * 2)
    assert (who == 0).all()
    assert (worth == NEVER).all()
    assert who.shape == worth.shape == (2, 3)
    batch.residents[1:, 5, Near.ID] = 7
    (who,), (worth,) = Others(batch).best([np.array([True, False])], [np.array([-3.0, 9.0])])
    assert who.tolist() == [0, 7, 0]
    assert worth.tolist() == [NEVER, -3.0, NEVER]


def test_a_value_is_kept_until_what_it_is_of_differs() -> None:
    asked: list[list[int]] = []

    def halves(given: Any) -> Any:
        asked.append(given.tolist())
        return given / 2.0

    latest, given = Latest(halves), np.array([1, 2])
    assert latest(given).tolist() == latest(given.copy()).tolist() == [0.5, 1.0]
    assert asked == [[1, 2]]
    given[0] = 3
    assert latest(given).tolist() == [1.5, 1.0]
    assert latest(given[:1]).tolist() == [1.5]
    assert asked == [[1, 2], [3, 2], [3]]
    with pytest.raises(ValueError, match="read-only"):
        latest(given)[0] = 0.0
