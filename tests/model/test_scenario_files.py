"""A scenario goes into TOML and comes back as it was; presets are what the guide says."""

from __future__ import annotations

import tomllib
from typing import Any, get_args, get_origin

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agents.errors import InputError
from agents.values import VALUES
from model.world.interventions import KINDS as SHOCKS
from model.world.interventions import Intervention
from model.world.scenario import Scenario
from model.world.scenario_files import (
    HEADINGS,
    PRESETS,
    read_scenario,
    scenario_from,
    to_toml,
    word_value,
)
from model.world.settings import Settings

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
shocks = st.builds(
    Intervention,
    day=st.integers(1, 50),
    kind=st.sampled_from([kind for kind in SHOCKS if kind not in ("outage", "retrain", "cull")]),
    size=st.floats(0, 10),
    text=texts,
)


def values_of(name: str) -> st.SearchStrategy[Any]:
    """Values of one field within its bounds."""
    field = Scenario.model_fields[name]
    if name == "preset":
        return st.sampled_from(PRESETS)
    if name == "value":
        return st.sampled_from(["", *VALUES])
    if name == "shocks":
        return st.lists(shocks, max_size=3).map(tuple)
    if get_origin(field.annotation) is tuple:
        return st.just(field.default)
    if get_args(field.annotation):
        return st.sampled_from(get_args(field.annotation))
    if field.annotation is bool:
        return st.booleans()
    if field.annotation is str:
        return texts
    bounds = {
        key: getattr(m, key) for m in field.metadata for key in ("ge", "le") if hasattr(m, key)
    }
    if field.annotation is int:
        return st.integers(bounds["ge"], bounds["le"])
    return st.floats(bounds["ge"], bounds["le"], allow_nan=False)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_scenario_comes_back_from_toml_exactly(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from(sorted(Scenario.model_fields)), unique=True))
    fields = {name: data.draw(values_of(name), label=name) for name in names}
    try:
        scenario = Scenario(**fields)
    except ValidationError:
        assume(False)
    written = tomllib.loads(to_toml(scenario))
    assert scenario_from(written) == scenario
    assert written.keys() | {"shocks"} == Scenario.model_fields.keys()


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("baseline", {}),
        (
            "scarce",
            {
                "richness": 0.78,
                "regime": "rank",
                "start_standing": (0, 200),
                "start_stock": 30,
                "birth_threshold": 40,
            },
        ),
        (
            "abundant",
            {"richness": 1.25, "start_stock": 60, "birth_threshold": 70, "start_known": 0.5},
        ),
        ("growing", {"residents": 10}),
        (
            "meanfield",
            {
                "days": 150,
                "width": 3,
                "height": 3,
                "outputs": (300,),
                "halves": (1118,),
                "start_known": 1.0,
                "allocation_noise": 0.0,
                "need": (10,),
                "birth_threshold": 80,
                "population": "even",
                "mind": "scripted:crew",
            },
        ),
    ],
)
def test_a_preset_differs_from_the_defaults_in_what_is_stated(
    name: str, expected: dict[str, Any]
) -> None:
    found = read_scenario(name)[0].model_dump()
    plain = Scenario().model_dump()
    assert {k: v for k, v in found.items() if v != plain[k] and k != "preset"} == expected
    assert found["preset"] == name


def test_whoever_names_a_preset_starts_from_it() -> None:
    scenario = scenario_from({"preset": "scarce", "richness": 0.9})
    assert (scenario.richness, scenario.regime) == (0.9, "rank")


def test_fields_change_the_scenario_they_are_laid_over_and_nothing_else() -> None:
    base = read_scenario("scarce")[0]
    assert scenario_from({}, over=base) is base
    assert scenario_from({"days": 7}, over=base) == base.model_copy(update={"days": 7})


def test_numbers_of_numpy_are_numbers() -> None:
    fields = {
        "residents": np.int64(12),
        "prevalence": np.float64(0.5),
        "births": np.bool_(False),
        "outputs": np.array([280, 40]),
        "halves": [940, 300],
    }
    assert scenario_from({**fields, "value": "BE"}) == scenario_from(
        {
            "residents": 12,
            "prevalence": 0.5,
            "births": False,
            "outputs": (280, 40),
            "halves": (940, 300),
            "value": "BE",
        }
    )


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("days=7", ("days", 7)),
        ("richness=.8", ("richness", 0.8)),
        ("births=false", ("births", False)),
        ("value=BE", ("value", "BE")),
        ("mind=openai:gpt=5 mini", ("mind", "openai:gpt=5 mini")),
        ("outputs=[280, 40]", ("outputs", [280, 40])),
        ("value=1\ndays=3", ("value", "1\ndays=3")),
    ],
)
def test_a_word_is_read_as_toml_or_as_text(word: str, expected: tuple[str, Any]) -> None:
    assert word_value(word) == expected


def test_settings_are_kept_apart_from_the_scenario(tmp_path: Any) -> None:
    file = tmp_path / "world.toml"
    file.write_text('days = 7\n[settings]\nbase_url = "http://here/v1"\nmax_calls = 10\n')
    scenario, settings_ = read_scenario(str(file), {"max_calls": 20})
    assert scenario == Scenario(days=7)
    assert settings_ == Settings(base_url="http://here/v1", max_calls=20, own_address=False)


def test_no_setting_has_the_name_of_a_parameter() -> None:
    assert not Settings.model_fields.keys() & Scenario.model_fields.keys()


def test_headings_stand_before_parameters_in_their_order() -> None:
    order = list(Scenario.model_fields)
    assert sorted(HEADINGS, key=order.index) == list(HEADINGS)


def test_a_byte_order_mark_is_no_error(tmp_path: Any) -> None:
    file = tmp_path / "world.toml"
    file.write_bytes(b"\xef\xbb\xbfdays = 7\n")
    assert read_scenario(str(file))[0].days == 7


def test_an_unknown_preset_is_refused_rather_than_taken_for_a_name() -> None:
    with pytest.raises(InputError, match=r"scarse: unknown preset; did you mean scarce\?"):
        scenario_from({"preset": "scarse"})
