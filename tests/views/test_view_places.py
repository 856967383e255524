"""What is typed into the page leads to nothing outside the dashboard's folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import InputError
from model.views.controls import Draft
from model.views.library import shelf
from model.views.living_community import Choice
from model.views.places import FOLDER, below, check_paths, keeping, start
from model.views.runs_panel import look_under
from model.views.session import Session
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a dashboard was started, with a secret beside it."""
    (tmp_path / "secret.env").write_text("TOKEN=hunter2,SD\n")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv(FOLDER, raising=False)
    return tmp_path / "here"


OUTSIDE = ("..", "../x", "runs/../../x", "/etc", "/", "/proc/self/root/etc", "~/../../etc/..")


@pytest.mark.parametrize("text", ["", ".", "runs/watched", "a/b/../c", "runs/" + "x" * 255])
def test_a_path_in_the_folder_is_taken_as_it_stands(here: Path, text: str) -> None:
    assert below("folder", text) == Path(text or ".")
    assert below("folder", str(here / text)) == here / text


@pytest.mark.parametrize("text", [*OUTSIDE[:-1], "out/x"])
def test_a_path_that_leads_out_is_refused_in_one_line(here: Path, text: str) -> None:
    (here / "out").symlink_to(here.parent)
    with pytest.raises(InputError, match=r"^folder: .* lies outside the dashboard's folder"):
        below("folder", text)


@pytest.mark.parametrize("text", ["x" * 300, "a/" + "ü" * 200, "a\0b", "\ud800" * 100])
def test_what_is_no_path_is_refused_in_one_line(here: Path, text: str) -> None:
    with pytest.raises(InputError, match=r"^folder: ") as caught:
        below("folder", text)
    assert "\n" not in str(caught.value)
    assert "\0" not in str(caught.value)


@given(st.text(max_size=300))
def test_any_text_is_taken_or_refused_in_one_line(text: str) -> None:
    line = "taken"
    try:
        below("folder", text)
    except InputError as error:
        line = str(error)
    assert len(line.splitlines()) == 1


def test_the_folder_of_the_command_line_is_the_only_one(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = here.parent / "other"
    other.mkdir()
    monkeypatch.setenv(FOLDER, str(other))
    assert start() == str(other)
    assert below("folder", keeping()) == other / "watched"
    assert below("folder", "runs/x") == Path("runs/x"), "what the page keeps"
    with pytest.raises(InputError, match="lies outside"):
        below("folder", "elsewhere")


def test_runs_may_lie_on_another_disk(here: Path) -> None:
    (here.parent / "scratch").mkdir()
    (here / "runs").symlink_to(here.parent / "scratch")
    assert below("folder", "runs/watched") == Path("runs/watched")


@pytest.mark.parametrize("text", ["../kept", "/tmp/kept-by-nobody", "x" * 300, "a\0b"])
def test_a_run_is_kept_below_the_folder_or_not_at_all(here: Path, text: str) -> None:
    session = Session(first=lambda: Choice(Scenario(residents=3, days=2)))
    try:
        assert session.keep(text).startswith("folder: ")
        assert session.living.kept is None
    finally:
        session.close()
    assert {p.name for p in here.parent.iterdir()} == {"here", "secret.env"}
    assert not Path("/tmp/kept-by-nobody").exists()


@pytest.mark.parametrize("text", [*OUTSIDE, "a\0b", "x" * 300])
def test_runs_and_studies_are_looked_for_below_the_folder(here: Path, text: str) -> None:
    found = look_under(text)
    assert isinstance(found, str)
    assert "\n" not in found


def test_a_link_in_the_folder_is_not_followed_to_runs_elsewhere(here: Path) -> None:
    for place in (here / "mine", here.parent / "elsewhere"):
        place.mkdir()
        (place / "run.json").write_text("{}")
    (here / "linked").symlink_to(here.parent / "elsewhere")
    assert shelf(here).runs == (here / "mine",)


@pytest.mark.parametrize("text", ["../secret.env", "/etc/passwd"])
def test_a_file_of_profiles_is_named_below_the_folder_and_nothing_of_another_is_told(
    here: Path, text: str
) -> None:
    more = f'population = "file"\npopulation_file = "{text}"'
    start_ = Draft.of(Choice(scenario_from({})))
    draft = Draft(start_.preset, start_.fields, "1", more=more)
    with pytest.raises(InputError, match=r"^population_file: .* lies outside") as caught:
        draft.choice()
    assert "hunter2" not in str(caught.value)
    assert "root:" not in str(caught.value)


def test_every_field_that_is_a_path_is_looked_at() -> None:
    units = {
        name: extra["unit"]
        for name, field in Scenario.model_fields.items()
        if isinstance(extra := field.json_schema_extra, dict)
    }
    assert {name for name, unit in units.items() if unit == "path"} == {"population_file"}
    assert {name for name in units if name.endswith(("file", "path"))} == {"population_file"}
    with pytest.raises(InputError, match=r"^population_file: "):
        check_paths(Scenario(population_file="/etc/passwd"))
