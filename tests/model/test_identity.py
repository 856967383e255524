"""Two runs are the same run if and only if all that decides what happens is the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from agents.minds.utilities import table
from agents.prompts.hashes import prompt_hashes
from model.run.identity import ENGINE, canonical, digest, identity_of
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from


def test_an_identity_is_engine_seed_mind_scenario_prompts_and_inputs() -> None:
    found = identity_of(Scenario(), 3)
    assert found.keys() == {"engine", "seed", "mind", "scenario", "prompts", "inputs"}
    assert (found["engine"], found["seed"], found["mind"]) == (ENGINE, 3, "surrogate")
    assert scenario_from(found["scenario"]) == Scenario()


@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=5))
def test_a_digest_does_not_depend_on_the_order_of_names(given_: dict[str, int]) -> None:
    other = dict(sorted(given_.items(), reverse=True))
    assert digest(given_) == digest(other)
    assert json.loads(canonical(given_)) == given_


@pytest.mark.parametrize(
    "change",
    [{"days": 51}, {"richness": 1.01}, {"mind": "random"}, {"paraphrase": 1}, {"preset": "x"}],
)
def test_every_parameter_is_part_of_it(change: dict[str, object]) -> None:
    one, other = identity_of(Scenario(), 1), identity_of(Scenario(**change), 1)  # type: ignore[arg-type]
    assert digest(one) != digest(other)


def test_the_seed_is_part_of_it() -> None:
    assert digest(identity_of(Scenario(), 1)) != digest(identity_of(Scenario(), 2))


def test_the_surrogates_table_is_part_of_its_runs_and_of_no_others() -> None:
    assert identity_of(Scenario(), 1)["inputs"] == {"utilities": table().hash}
    assert identity_of(Scenario(mind="permuted:4"), 1)["inputs"] == {"utilities": table().hash}
    assert identity_of(Scenario(mind="random"), 1)["inputs"] == {}


def test_prompts_are_part_of_runs_that_ask_a_language_model() -> None:
    asked = identity_of(Scenario(second_mind="openai:m", second_share=0.5), 1)
    assert asked["prompts"] == prompt_hashes()
    assert {"static.md", "values.toml", "words.toml"} <= asked["prompts"].keys()
    assert asked["mind"] == "surrogate + openai:m"
    assert identity_of(Scenario(), 1)["prompts"] == {}


def test_the_content_of_a_population_file_is_part_of_it_and_it_must_be_there(
    tmp_path: Path,
) -> None:
    file = tmp_path / "profiles.csv"
    scenario = Scenario(population="file", population_file=str(file))
    with pytest.raises(InputError, match=r"population_file: .* is no file"):
        identity_of(scenario, 1)
    file.write_text("one")
    before = digest(identity_of(scenario, 1))
    file.write_text("two")
    assert digest(identity_of(scenario, 1)) != before
