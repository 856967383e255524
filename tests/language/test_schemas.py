"""The wire schemas: flat, closed, the same for all residents, and obeyed by what is answered."""

import json
import random
import re
from dataclasses import replace

import pytest

from agents.minds.surrogate import Surrogate
from agents.observation import FUSED, STAGED, Rules, Stage
from agents.prompts.columns import answer
from agents.prompts.hashes import prompt_hashes, specimen
from agents.prompts.read import canonical
from agents.prompts.schemas import bounded, schema, schema_name
from agents.prompts.static import render_static
from agents.prompts.words import words_of
from model.community import CommunityModel
from tests.language.questions import random_rules

STAGES = (*FUSED, *STAGED)


def nodes(part: object):
    yield part
    if isinstance(part, dict):
        for inner in part.values():
            yield from nodes(inner)
    if isinstance(part, list):
        for inner in part:
            yield from nodes(inner)


def obeys(value: object, wire: dict) -> bool:
    if wire["type"] == "object":
        return (
            isinstance(value, dict)
            and list(value) == wire["required"]
            and all(obeys(value[name], part) for name, part in wire["properties"].items())
        )
    if wire["type"] == "array":
        return isinstance(value, list) and all(obeys(item, wire["items"]) for item in value)
    kind = {"string": str, "integer": int}[wire["type"]]
    return type(value) is kind and ("enum" not in wire or value in wire["enum"])


@pytest.mark.parametrize("stage", STAGES)
def test_a_schema_is_flat_closed_and_complete(stage: Stage) -> None:
    for seed in range(50):
        wire = schema(stage, random_rules(random.Random(seed)))
        for node in nodes(wire):
            if isinstance(node, dict) and "type" in node:
                allowed = {"type", "properties", "required", "additionalProperties", "items"}
                assert set(node) <= allowed | {"enum"}
                if node["type"] == "object":
                    assert node["required"] == list(node["properties"])
                    assert node["additionalProperties"] is False


def test_the_reason_comes_before_the_choice() -> None:
    for stage in (Stage.MORNING, Stage.EVENING, Stage.PERCEIVE, Stage.ACT):
        first, second, *_ = schema(stage, Rules())["required"]
        assert first in ("view", "why")
        assert second == "main"


def test_words_follow_the_wording_and_what_is_switched_on() -> None:
    rules = Rules(wording="neutral", kinds=("ask", "demand"), merges=False)
    parts = schema(Stage.MORNING, rules)["properties"]
    neutral = words_of("neutral")
    assert parts["main"]["enum"] == list(neutral.main)
    assert parts["further"]["enum"] == ["none", "transfer", "contest"]
    assert parts["messages"]["items"]["properties"]["kind"]["enum"] == ["query", "require"]
    silent = schema(Stage.MORNING, replace(rules, kinds=()))["properties"]
    assert "kind" not in silent["messages"]["items"]["properties"]
    assert "messages" not in schema(Stage.MORNING, replace(rules, messages=False))["properties"]
    assert "note" not in schema(Stage.EVENING, replace(rules, memory=False))["properties"]


def test_an_act_that_is_switched_off_is_offered_nowhere() -> None:
    rules = Rules(gifts=False, attacks=False, family="single", method="none")
    assert schema(Stage.ACT, rules)["properties"]["further"]["enum"] == ["none", "merge"]
    text = render_static(rules)
    assert not {"gift", "attack", "gave"} & set(re.findall("[a-z]+", text))
    alone = render_static(replace(rules, merges=False))
    assert "further act, towards" not in alone
    assert '"further" (none)' in alone


def test_bounds_are_written_in_for_servers_that_take_a_schema_as_a_hint() -> None:
    parts = bounded(schema(Stage.MORNING, Rules()))["properties"]
    assert parts["view"]["maxLength"] == 400
    assert parts["regard"]["maxItems"] == 3
    message = parts["messages"]["items"]["properties"]
    assert message["text"]["maxLength"] == 280
    assert message["claims"] == {
        "type": "array", "items": {"type": "string", "maxLength": 80}, "maxItems": 2,
    }  # fmt: skip
    assert message["promises"]["maxItems"] == 2
    assert "maxLength" not in json.dumps(schema(Stage.MORNING, Rules()))


@pytest.mark.parametrize("cognition", ["fused", "staged"])
def test_what_the_surrogate_answers_obeys_the_schema(cognition: str) -> None:
    community = CommunityModel(rng=2, residents=20, cognition=cognition)
    mind = Surrogate()
    for _ in range(4):
        asking = community.day()
        batch = next(asking)
        while True:
            replies = mind.reply(batch)
            for row, me in enumerate(batch.id.tolist()):
                found = answer(replies, row, me, batch.stage, batch.rules)
                assert obeys(found, schema(batch.stage, batch.rules))
            try:
                batch = asking.send(replies)
            except StopIteration:
                break


def test_a_schema_has_a_name_that_every_server_takes() -> None:
    assert {schema_name(stage) for stage in STAGES} == {
        "morning", "evening", "perceive", "communicate", "act", "remember",
    }  # fmt: skip


def test_the_prompts_have_one_hash_a_text_and_one_for_what_the_code_writes() -> None:
    hashes = prompt_hashes()
    assert set(hashes) == {
        "static.md", "values.toml", "words.toml", "question", "rules", "schemas",
    }  # fmt: skip
    assert all(len(value) == 64 for value in hashes.values())


def test_the_hashed_specimen_shows_everything_that_a_question_can_show() -> None:
    one = specimen()
    assert canonical(one, Rules())[1] == one
    assert all(
        getattr(one, name)
        for name in ("members", "since", "factories", "residents", "also", "promises", "note",
                     "plan", "said", "heard", "announced", "outside", "doing")
    )  # fmt: skip
