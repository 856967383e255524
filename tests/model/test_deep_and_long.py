"""Nested, long and nameless input: one line that names what is wrong, never a traceback."""

from pathlib import Path

import pytest

from agents.errors import InputError
from model.cli import run_command
from model.study.design import read_design
from model.views.parameters import scenario_of
from model.world.minds import mind_of
from model.world.scenario import Scenario
from model.world.scenario_files import DEEPEST, parse_toml, read_scenario, scenario_from, word_value

DEEP = {
    "lists": "shocks = " + "[" * 3_000 + "]" * 3_000,
    "lists that are TOML": "shocks = " + "[" * 200 + "]" * 200,
    "tables in lines": "shocks = " + "{a = " * 3_000 + "1" + "}" * 3_000,
    "dotted keys": "shocks." + ".".join("a" * 900) + " = 1",
    "a dotted table": "[shocks." + ".".join("a" * 3_000) + "]\nday = 1",
    "a shock in a shock": "shocks = [{day = 1, kind = " + "[" * 60 + "]" * 60 + "}]",
    "lists that never end": "shocks = " + "[" * 3_000,
}
LONG = {
    "digits": "residents = " + "9" * 5_000,
    "digits that Python reads": "residents = " + "9" * 4_000,
    "digits in a list": "outputs = [" + "9" * 5_000 + "]",
    "digits of a power": "residents = 1e" + "9" * 5_000,
}


def said(error: InputError) -> str:
    text = str(error)
    assert "\n" not in text
    assert len(text) < 500
    return text


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_nested_too_deeply_is_one_line_wherever_it_is_written(tmp_path, text):
    file = tmp_path / "deep.toml"
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        read_scenario(str(file))
    assert "deep.toml: is not TOML (it is nested too deeply)" in said(refused.value)
    with pytest.raises(InputError) as refused:
        read_design(str(file))
    said(refused.value)
    with pytest.raises(InputError) as refused:
        scenario_of("baseline", {}, text)
    assert said(refused.value).startswith("other parameters: not TOML (it is nested too deeply)")


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_number_without_end_is_one_line_wherever_it_is_written(tmp_path, text):
    file = tmp_path / "long.toml"
    file.write_text(text)
    with pytest.raises(InputError) as refused:
        read_scenario(str(file))
    said(refused.value)
    with pytest.raises(InputError) as refused:
        scenario_of("baseline", {}, text)
    said(refused.value)
    with pytest.raises(InputError) as refused:
        scenario_from(dict([word_value(text.replace(" ", ""))]))
    said(refused.value)


@pytest.mark.parametrize("word", ["shocks=" + "[" * 3_000 + "]" * 3_000, "shocks=" + "[" * 3_000])
def test_a_word_that_is_nested_too_deeply_names_its_field(word):
    with pytest.raises(InputError) as refused:
        word_value(word)
    assert said(refused.value).startswith("shocks: ")


def test_values_from_python_are_bounded_too():
    deep = 1
    for _ in range(3_000):
        deep = [deep]
    for value in (deep, {"a": deep}, 10**5_000):
        with pytest.raises(InputError) as refused:
            scenario_from({"shocks": value})
        assert said(refused.value).startswith("shocks: ")


def test_what_is_as_deep_as_allowed_is_read():
    assert parse_toml("a = " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1))
    with pytest.raises(ValueError, match="nested too deeply"):
        parse_toml("a = " + "[" * DEEPEST + "]" * DEEPEST)


@pytest.mark.parametrize("digits", [1_001, 5_000, 100_000])
def test_a_permuted_mind_with_a_seed_without_end_is_one_line(digits):
    with pytest.raises(InputError) as refused:
        mind_of(Scenario(mind="permuted:" + "7" * digits))
    assert said(refused.value).startswith("mind: permuted:777")


def test_a_permuted_mind_with_a_long_seed_is_the_mind_that_it_was():
    assert mind_of(Scenario(mind="permuted:" + "7" * 30)).name == "permuted:" + "7" * 30


@pytest.mark.parametrize(
    "words",
    [
        ["run", "--days", "1", "--out", "n" * 300],
        ["report", "n" * 300],
        ["study", "n" * 300],
        ["replay", "n" * 300],
        ["judge", "n" * 300, "--mind", "openai:x"],
        ["run", "--set", "mind=permuted:" + "7" * 5_000],
        ["run", "--set", "shocks=" + "[" * 3_000 + "]" * 3_000],
    ],
)
def test_a_command_ends_with_one_line(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run_command(words) == 2
    line = capsys.readouterr().err
    assert line.startswith("civa: ")
    assert line.count("\n") == 1
    assert "Traceback" not in line
    assert list(Path().iterdir()) == []
