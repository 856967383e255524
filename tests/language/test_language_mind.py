"""A surrogate behind real HTTP, from the text of the prompt alone, lives the same community."""

from dataclasses import replace
from pathlib import Path

import pytest

from agents.batch import Batch
from agents.minds.language import LanguageMind
from agents.minds.surrogate import Surrogate
from agents.observation import Stage
from agents.prompts.render import render
from agents.testserver.app import Manner
from model.community import CommunityModel
from tests.language.communities import TextMind, asking, replaying, run

ARMS = [
    {},
    {"value": "BE", "mode": "against", "prevalence": 0.5},
    {"wording": "neutral", "value": "PO", "prevalence": 0.5, "paraphrase": 2},
    {"family": "single", "method": "gloss", "value": "PO", "prevalence": 0.5},
    {"family": "single", "method": "contrast", "value": "TR", "mode": "without", "prevalence": 1.0},
    {"family": "single", "method": "none", "kinds": ["inform", "ask"], "network": "complete"},
]


@pytest.mark.parametrize("cognition", ["fused", "staged"])
@pytest.mark.parametrize("arm", ARMS, ids=lambda arm: " ".join(map(str, arm.values())) or "base")
def test_over_real_http_the_surrogate_lives_the_same_community(
    tmp_path: Path, arm: dict, cognition: str
) -> None:
    fields = {**arm, "cognition": cognition}
    with asking(tmp_path / "calls.sqlite", Manner(latency=0.01, jitter=1.0)) as a:
        assert run(a.mind, **fields) == run(None, **fields)
        assert a.server.menu.unreadable == 0


@pytest.mark.parametrize(
    "arm",
    [
        {"regime": "rank", "start_standing": (0, 200), "births": True, "start_stock": 30},
        {"family": "single", "method": "portrait", "value": "SE", "prevalence": 0.5},
        {
            "family": "single",
            "method": "ranked",
            "value": "AC",
            "mode": "middle",
            "prevalence": 1.0,
        },
        {"family": "single", "method": "sham", "value": "UN", "mode": "against", "prevalence": 0.5},
        {"family": "single", "method": "placebo", "value": "UN", "prevalence": 0.5},
        {"memory": False},
        {"merges": False, "announcements": False, "factory_claims": False},
        {"messages": False},
        {"gifts": False, "attacks": False},
        {"gifts": False, "merges": False, "memory": False},
        {"network": "small-world", "wording": "neutral"},
    ],
    ids=str,
)
@pytest.mark.parametrize("cognition", ["fused", "staged"])
def test_every_question_of_a_longer_life_is_read_as_it_was_asked(arm: dict, cognition: str) -> None:
    fields = {**arm, "cognition": cognition, "residents": 8, "days": 9}
    assert run(TextMind(), **fields) == run(None, **fields)


def test_another_seed_or_value_text_gives_another_life() -> None:
    base = run(TextMind(), days=6, value="PO", prevalence=0.5)
    assert base != run(TextMind(), days=6, seed=6, value="PO", prevalence=0.5)
    assert base != run(TextMind(), days=6, value="BE", prevalence=0.5)


def test_a_swapped_value_text_or_key_is_answered_differently() -> None:
    batch = _first_batch(residents=25, family="single", method="gloss", value="PO", prevalence=1.0)
    swapped = _first_batch(
        residents=25, family="single", method="gloss", value="UN", prevalence=1.0
    )
    other_key = replace(batch, key=batch.key + 1)
    answers = [TextMind().reply(one).acts for one in (batch, swapped, other_key)]
    assert answers[0] is not None
    for other in answers[1:]:
        assert other is not None
        assert (other.main != answers[0].main).any()


def test_a_finished_run_replays_from_its_journal_without_a_network(tmp_path: Path) -> None:
    path = tmp_path / "calls.sqlite"
    with asking(path) as a:
        lived = run(a.mind)
        requests = a.server.menu.requests
    with replaying(path) as mind:
        assert run(mind) == lived
    with asking(path) as a:
        assert run(a.mind) == lived
        assert a.server.menu.requests == 0
    assert requests > 0


def test_a_stage_can_have_a_model_of_its_own(tmp_path: Path) -> None:
    with asking(tmp_path / "one.sqlite") as morning, asking(tmp_path / "two.sqlite") as evening:
        mind = LanguageMind(
            {Stage.MORNING: morning.caller, Stage.EVENING: evening.caller},
            "openai:two",
            thread=morning.mind._thread,
        )
        batch = _first_batch()
        replies = mind.reply(batch)
        assert (replies.fault == 0).all()
        assert morning.server.menu.answered == len(batch) + 1  # and the probe
        assert evening.server.menu.requests == 0
        with pytest.raises(ValueError, match="no model is named for the stage act"):
            mind.reply(replace(batch, stage=Stage.ACT))


def test_a_call_carries_the_question_as_its_text_and_its_key_as_the_seed(tmp_path: Path) -> None:
    batch = _first_batch()
    with asking(tmp_path / "calls.sqlite") as a:
        call = a.mind.call(batch, 3)
    assert call.parts == render(batch[3], batch.rules)
    assert (call.seed, call.subject, call.stage, call.day) == (int(batch.key[3]), 4, "morning", 1)


def test_a_batch_of_many_is_answered_as_many_batches_of_one(tmp_path: Path) -> None:
    batch = _first_batch()
    with asking(tmp_path / "calls.sqlite") as a:
        together = a.mind.reply(batch)
    alone = Surrogate().reply(batch)
    assert together.acts is not None
    assert alone.acts is not None
    for name, column in vars(alone.acts).items():
        assert (vars(together.acts)[name] == column).all()
    assert together.reasons == alone.reasons


def _first_batch(**fields: object) -> Batch:
    fields = {"residents": 8, **fields}
    return next(CommunityModel(rng=5, mind=Surrogate(), **fields).day())
