"""Scripted residents follow their rule, and only their rule."""

from __future__ import annotations

import numpy as np
import pytest

from agents.decisions import Claim, Further, Main
from agents.errors import InputError
from agents.minds.scripted import Script, Scripted
from agents.observation import Known, Near, Stage
from tests.agents.questions_of import batches


def test_a_script_is_read_from_its_words() -> None:
    script = Script.parse("spread, hostile=.2,generous=1, gift=5,pair=0,announce=1")
    assert script == Script("spread", 0.2, 1.0, 5, 0, 1)
    assert Script.parse("crew") == Script()


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("lone", "no rule 'lone'"),
        ("crew,angry=1", "no setting 'angry'"),
        ("crew,hostile=often", "'often' is not a number"),
        ("crew,hostile=1.2", "outside its range"),
        ("crew,generous=-.1", "outside its range"),
        ("crew,hostile=nan", "outside its range"),
        ("crew,pair=.5", "is not a number"),
        ("crew,pair=", "is not a number"),
    ],
)
def test_what_is_no_script_is_refused(words: str, wrong: str) -> None:
    with pytest.raises(InputError, match=wrong):
        Script.parse(words)


def test_the_crew_works_at_the_first_factory_or_looks_for_it() -> None:
    for batch in batches(Stage.MORNING):
        acts = Scripted(Script()).reply(batch).acts
        knows = (batch.factories[:, :, Known.ID] == 1).any(axis=1)
        assert (acts.main == np.where(knows, Main.SECURE, Main.EXPLORE)).all()
        assert (acts.at[knows] == 1).all()


def test_the_spread_works_in_proportion_to_output() -> None:
    batch = max(batches(Stage.MORNING), key=len)
    one = batch.take(np.zeros(9_000, np.int64))
    one.id = np.arange(1, 9_001)
    one.factories = np.zeros_like(one.factories)
    one.factories[:, 0, Known.ID], one.factories[:, 0, Known.MAX] = 3, 30
    one.factories[:, 1, Known.ID], one.factories[:, 1, Known.MAX] = 1, 60
    at = Scripted(Script("spread")).reply(one).acts.at
    assert abs((at == 1).mean() - 2 / 3) < 0.02
    assert set(at) == {1, 3}


@pytest.mark.parametrize(("word", "act"), [("hostile", Further.ATTACK), ("generous", Further.GIFT)])
def test_the_hostile_and_the_generous_do_it_as_often_as_they_say(word: str, act: Further) -> None:
    for share in (0.0, 1.0):
        for batch in batches(Stage.MORNING):
            mind = Scripted(Script.parse(f"crew,pair=0,{word}={share}"))
            acts = mind.reply(batch).acts
            reach = (batch.residents[:, :, Near.ID] > 0) & (batch.residents[:, :, Near.STEPS] <= 1)
            able = reach.any(axis=1) & (share > 0)
            if act == Further.GIFT:
                able &= (batch.stock >= 10) & batch.rules.gifts
            assert ((acts.further == act) == able).all()


def test_pairs_ask_each_other() -> None:
    for batch in batches(Stage.MORNING):
        acts = Scripted(Script()).reply(batch).acts
        alone = ~(batch.members > 0).any(axis=1)
        assert ((acts.further == Further.MERGE) == alone).all()
        partner = ((batch.id - 1) ^ 1) + 1
        assert (acts.who[alone] == partner[alone]).all()


def test_they_say_truly_where_they_will_work_or_nothing() -> None:
    for batch in batches(Stage.MORNING):
        assert len(Scripted(Script()).reply(batch).said) == 0
        replies = Scripted(Script(announce=1)).reply(batch)
        at = dict(zip(batch.id.tolist(), replies.acts.at.tolist(), strict=True))
        for sender, claim in zip(replies.said.sender, replies.said.claims[:, 0], strict=True):
            assert claim.tolist() == [Claim.PLAN, 0, at[int(sender)]]
