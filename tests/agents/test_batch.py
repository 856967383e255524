"""A batch is its rows: columns and single observations carry the same facts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.batch import Batch, messages_of, one_message
from agents.decisions import Claim, Messages
from agents.observation import (
    ALSO_SHOWN,
    ANNOUNCED_FACTORIES,
    ANNOUNCED_RESIDENTS,
    FACTORIES_SHOWN,
    HEARD_SHOWN,
    LATER,
    MEMBERS_SHOWN,
    PROMISES_SHOWN,
    RESIDENTS_SHOWN,
    SINCE_SHOWN,
    OneMessage,
    Stage,
)
from model.community import CommunityModel
from tests.agents.questions_of import asked, batches
from tests.model.minds import Wild

stages = pytest.mark.parametrize("stage", list(Stage), ids=lambda stage: stage.name.lower())


@stages
def test_a_question_survives_the_way_into_a_batch_and_back(stage: Stage) -> None:
    for batch in batches(stage):
        for row in range(len(batch)):
            one = batch[row]
            assert Batch.of(batch.rules, [one])[0] == one


@stages
def test_a_whole_batch_survives_the_way_through_its_questions(stage: Stage) -> None:
    for batch in batches(stage):
        questions = [batch[row] for row in range(len(batch))]
        back = Batch.of(batch.rules, questions)
        assert [back[row] for row in range(len(back))] == questions
        names = ("id", "key", "since", "factories", "residents", "also", "promises", "told")
        assert all(np.array_equal(getattr(batch, n), getattr(back, n)) for n in names)


@stages
def test_taking_rows_takes_their_questions(stage: Stage) -> None:
    for batch in batches(stage)[:6]:
        order = np.random.Generator(np.random.Philox(3)).permutation(len(batch))
        taken = batch.take(order)
        assert [taken[i] for i in range(len(order))] == [batch[int(row)] for row in order]


@settings(max_examples=15)
@given(salt=st.integers(0, 10**6), staged=st.booleans())
def test_the_questions_of_wild_communities_survive_too(salt: int, staged: bool) -> None:
    model = CommunityModel(
        rng=salt,
        mind=Wild(salt, fault_share=0.1),
        residents=9,
        width=5,
        height=5,
        factory_spacing=2,
        cognition="staged" if staged else "fused",
        days=5,
    )
    while model.running:
        for batch in asked(model):
            questions = [batch[row] for row in range(len(batch))]
            back = Batch.of(batch.rules, questions)
            assert [back[row] for row in range(len(back))] == questions


@stages
def test_every_list_keeps_to_its_cap_and_shows_what_its_stage_shows(stage: Stage) -> None:
    seen_mail = False
    for batch in batches(stage):
        for row in range(len(batch)):
            one = batch[row]
            assert len(one.members) <= MEMBERS_SHOWN
            assert len(one.since) <= SINCE_SHOWN
            assert len(one.factories) <= FACTORIES_SHOWN
            assert len(one.residents) <= RESIDENTS_SHOWN
            assert len(one.also) <= ALSO_SHOWN
            assert len(one.promises) <= PROMISES_SHOWN
            assert len(one.heard) <= HEARD_SHOWN
            assert len(one.said) <= 2
            assert len(one.announced) <= ANNOUNCED_FACTORIES
            assert all(len(line.who) <= ANNOUNCED_RESIDENTS for line in one.announced)
            assert sum(one.told) == 500
            seen_mail |= bool(one.heard)
            assert (one.plan is None) == (stage in (Stage.PERCEIVE, Stage.MORNING))
            assert (one.doing is not None) == (stage is Stage.REMEMBER)
            if stage in LATER:
                assert one.also == ()
    assert seen_mail == (stage in LATER)


codes = st.integers(-(10**9), 10**9)
triples = st.tuples(st.integers(0, 5), codes, codes)


@st.composite
def messages(draw: st.DrawFn) -> OneMessage:
    claims = draw(st.lists(st.tuples(st.integers(0, 6), codes, codes), max_size=2))
    loose = tuple("loose" + str(i) for i, claim in enumerate(claims) if claim[0] == 6)
    promises = draw(st.lists(st.tuples(st.integers(0, 3), codes, codes), max_size=2))
    return OneMessage(
        sender=draw(st.integers(1, 50)),
        to=draw(st.integers(0, 50)),
        kind=draw(st.integers(0, 8)),
        text=draw(st.text(max_size=30)),
        claims=tuple(claims),
        promises=tuple(promises),
        loose=loose,
    )


@given(st.lists(messages(), max_size=8), st.integers(0, 100))
def test_messages_survive_columns_any_order_and_joining(many: list[OneMessage], seed: int) -> None:
    columns = messages_of(many)
    assert [one_message(columns, i) for i in range(len(many))] == many
    order = np.random.Generator(np.random.Philox(seed)).permutation(len(many))
    taken = columns.take(order)
    assert [one_message(taken, i) for i in range(len(many))] == [many[i] for i in order]
    half = len(many) // 2
    parts = [columns.take(np.arange(half)), columns.take(np.arange(half, len(many)))]
    joined = Messages.join(parts)
    assert [one_message(joined, i) for i in range(len(many))] == many


def test_a_blank_message_claims_and_promises_nothing() -> None:
    blank = one_message(Messages.empty(1), 0)
    assert (blank.claims, blank.promises, blank.loose) == ((), (), ())
    assert Messages.empty(1).claims[0, 0, 0] == Claim.NONE
