"""A user's file is read once, before the first day: identity and world come from the same bytes."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.errors import InputError
from agents.populations import pan_cultural, write_profiles
from agents.values import told_weights
from model.asides.assess import assess_run
from model.community import CommunityModel
from model.run.identity import digest, identity_of
from model.run.runs import replay, run_into
from model.store import load_run
from model.study.job import Job
from model.study.many import run_many
from model.study.runner import run_study
from model.views.living_community import Choice, Living
from model.views.story import saved_story
from model.world.inputs import read_inputs
from model.world.scenario import Scenario
from model.world.scenario_files import scenario_from
from tests.study.small import design

#: Fields of the scenario that name a file of the user.
PATHS = ("population_file",)


def people(path: Path, seed: int = 1, n: int = 12) -> Path:
    """A file of profiles drawn by seed."""
    write_profiles(path, told_weights(pan_cultural(n, np.random.default_rng(seed))))
    return path


def arriving(path: Path, **fields: Any) -> Scenario:
    """A community that newcomers enter on every day and by chance, from a file of profiles."""
    shocks = [{"day": day, "kind": "newcomers", "size": 1} for day in range(2, 7)]
    plain = {"residents": 6, "days": 8, "population": "file", "immigration": 0.5, "shocks": shocks}
    return scenario_from(plain | {"population_file": str(path)} | fields)


def hash_of(scenario: Scenario, on_day: Callable[[int], object] = lambda day: None) -> str:
    model = CommunityModel(scenario, rng=3)
    while model.running:
        on_day(model.today)
        model.step()
    return model.hash()


def test_every_field_that_names_a_file_is_known_here() -> None:
    extra: Any = {name: info.json_schema_extra for name, info in Scenario.model_fields.items()}
    assert tuple(name for name, one in extra.items() if one["unit"] == "path") == PATHS
    assert set(read_inputs(Scenario()).hashes) == set()


@pytest.mark.parametrize("change", ["replaced", "deleted"])
def test_a_file_changed_on_day_3_changes_nothing(tmp_path: Path, change: str) -> None:
    scenario = arriving(people(tmp_path / "people.csv"))
    undisturbed = hash_of(scenario)

    def disturb(day: int) -> None:
        if day == 3 and change == "replaced":
            people(tmp_path / "people.csv", seed=2)
        elif day == 3:
            (tmp_path / "people.csv").unlink()

    assert hash_of(scenario, disturb) == undisturbed


#: Profiles of all residents of such a run, as the version made them that read the file again for
#: every newcomer: SHA-256 of their weights.
DRAWN = {
    "file": "6fed362b9869783f",
    "explicit": "2c0badfe76a9cfe4",
    "even": "e3e0807ac0a3a30a",
}
WEIGHTS = [[50] * 10, *([a, 100 - a] * 5 for a in (100, 0, 60, 40, 90, 10))]


@pytest.mark.parametrize("population", DRAWN)
def test_newcomers_are_drawn_from_the_founders_as_they_always_were(
    tmp_path: Path, population: str
) -> None:
    write_profiles(tmp_path / "people.csv", np.array(WEIGHTS))
    source = {
        "file": {"population_file": str(tmp_path / "people.csv")},
        "explicit": {"profiles": WEIGHTS},
        "even": {},
    }[population]
    plain = arriving(Path(), residents=7, mind="random", population="even").model_dump(mode="json")
    fields = plain | {"population": population, "population_file": ""} | source
    model = CommunityModel(scenario_from(fields), rng=3)
    while model.running:
        model.step()
    people = model.residents
    assert people.count == 16
    weights = people.profile[: people.count].astype("<i8").tobytes()
    assert hashlib.sha256(weights).hexdigest()[:16] == DRAWN[population]


_OPENS = """
import sys
from pathlib import Path
seen, day = [], [0]
def note(event, args):
    if event == "open" and isinstance(args[0], (str, bytes)):
        name = args[0].decode() if isinstance(args[0], bytes) else args[0]
        seen.append((day[0], name))
sys.addaudithook(note)
from model.run.runs import replay, run_into
from model.world.scenario_files import read_scenario
home = Path(sys.argv[1])
scenario, settings = read_scenario(str(home / "world.toml"))
def on_day(model):
    day[0] = model.today
run_into(home / "run", scenario, 3, settings, on_day)
day[0] = 0
first = len(seen)
replay(home / "run", on_day)
import json
ours = [(d, str(Path(n).relative_to(home))) for d, n in seen if n.startswith(str(home))]
cut = sum(n.startswith(str(home)) for _, n in seen[:first])
print(json.dumps([ours[:cut], ours[cut:]]))
"""


@pytest.mark.parametrize("field", PATHS)
def test_no_file_of_the_user_is_opened_after_day_0_and_each_once(
    tmp_path: Path, field: str
) -> None:
    people(tmp_path / "people.csv")
    (tmp_path / "world.toml").write_text(
        f'residents = 6\ndays = 8\npopulation = "file"\n{field} = "{tmp_path / "people.csv"}"\n'
        'immigration = 0.8\n[[shocks]]\nday = 4\nkind = "newcomers"\nsize = 2\n'
    )
    told = subprocess.run(
        [sys.executable, "-c", _OPENS, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    run, again = json.loads(told.stdout)
    users = [(day, name) for day, name in run if not name.startswith("run")]
    assert users == [(0, "world.toml"), (0, "people.csv")]
    assert any(day > 0 for day, name in run if name.startswith("run/")), "days were recorded"
    assert [(day, name) for day, name in again if not name.startswith("run")] == [(0, "people.csv")]


def test_the_identity_is_that_of_what_was_lived_whatever_the_file_is_by_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dashboard keeps a community on day 4 whose file was replaced on day 2."""
    monkeypatch.chdir(tmp_path)
    file = people(tmp_path / "people.csv")
    before, scenario = file.read_bytes(), arriving(file)
    identity = identity_of(scenario, 3)
    living = Living(Choice(scenario, 3), None, lambda: None, lambda _: None, float)
    for day in range(4):
        living.driver.step()
        while living.driver.active:
            pass
        if day == 1:
            people(file, seed=2)
    living.keep(tmp_path / "kept")
    living.close().result()
    assert load_run(tmp_path / "kept").meta.identity == identity
    with pytest.raises(InputError, match=r"difference in inputs\.population_file"):
        replay(tmp_path / "kept")
    file.write_bytes(before)
    assert run_into(tmp_path / "kept", scenario, 3).hash == hash_of(scenario)


def test_a_run_whose_file_changed_after_it_was_planned_is_not_lived(tmp_path: Path) -> None:
    file = people(tmp_path / "people.csv")
    job = Job(arriving(file), 3)
    planned = job.key
    people(file, seed=2)
    (row,) = run_many([job], workers=0, out=tmp_path / "runs")
    assert (row.status, row.key) == ("failed", planned)
    assert "population_file: " in row.cause
    assert "has changed since the run was planned" in row.cause
    assert list((tmp_path / "runs").iterdir()) == []


def test_a_study_of_a_file_is_lived_with_the_file_it_was_planned_with(tmp_path: Path) -> None:
    file = people(tmp_path / "people.csv")
    fields = arriving(file).model_dump(mode="json", exclude_defaults=True)
    plan = design(scenario=fields, factors={"value": ["BE"], "prevalence": [1.0]}, runs=1)
    ended = run_study(plan, tmp_path / "study", workers=0)
    assert ended.complete, ended.failed
    for row in ended.rows:
        assert digest(load_run(row.path).meta.identity) == row.key


def test_what_is_made_of_a_run_afterwards_is_refused_where_its_file_is_another(
    tmp_path: Path,
) -> None:
    file = people(tmp_path / "people.csv")
    run_into(tmp_path / "run", arriving(file, days=2, shocks=()), 3)
    assert len(saved_story(tmp_path / "run").origin.founders) == 6
    people(file, seed=2)
    for use in (lambda: saved_story(tmp_path / "run").origin, lambda: assess_run(tmp_path / "run")):
        with pytest.raises(InputError, match=r"population_file: .* is not the file that the run"):
            use()


def test_a_file_that_is_named_and_not_used_is_part_of_the_identity_and_not_needed_to_live(
    tmp_path: Path,
) -> None:
    """As it always was: hashed where it is named, and read as profiles where it is used."""
    file = tmp_path / "people.csv"
    file.write_text("no table")
    scenario = Scenario(population_file=str(file))
    assert "population_file" in identity_of(scenario, 1)["inputs"]
    file.unlink()
    assert CommunityModel(scenario, rng=1).residents.count == 25


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"a,b\n1,2\n", "no column sd"),
        (b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_file_that_holds_no_profiles_is_one_line_and_nothing_is_written(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_bytes(content)
    with pytest.raises(InputError, match=words):
        run_into(tmp_path / "run", arriving(file), 1)
    assert [one.name for one in tmp_path.iterdir()] == ["people.csv"]
