"""Every input has a largest size, and what is larger is refused before it fills the memory.

The files here are holes of three gigabytes: they take no room on the disk, and would in memory. How
large a reply may be is tested in tests/language (`flood`, `gzip bomb`), how long a text of a mind
in `test_injection` and tests/language/test_replies.
"""

from __future__ import annotations

import resource
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.errors import CivaError
from agents.minds.surrogate import Surrogate
from agents.populations import read_profiles
from agents.survey import read_survey
from agents.testserver.app import Server
from model.analysis.row import read_row
from model.run.identity import identity_of
from model.store.interventions_file import InterventionsFile
from model.store.meta import read_meta
from model.study.cells import cells_of
from model.study.design import design_from, read_design
from model.study.manifest import read_manifest
from model.world.scenario import Scenario
from model.world.scenario_files import read_scenario, scenario_from
from tests.language.communities import serving

HOLE = 3_000_000_000
READERS: dict[str, tuple[str, Callable[[Path], Any]]] = {
    "scenario": ("world.toml", lambda path: read_scenario(str(path))),
    "design": ("design.toml", lambda path: read_design(str(path))),
    "survey": ("answers.csv", lambda path: read_survey(path, "pvq40")),
    "profiles": ("people.csv", read_profiles),
    "population file": (
        "people.csv",
        lambda path: identity_of(Scenario(population="file", population_file=str(path)), 1),
    ),
    "card of a run": ("run.json", lambda path: read_meta(path.parent)),
    "manifest of a study": ("study.json", lambda path: read_manifest(path.parent)),
    "row of a run": ("row.json", lambda path: read_row(path.parent)),
    "interventions": ("interventions", InterventionsFile),
}


@pytest.mark.parametrize("what", READERS)
def test_a_file_of_three_gigabytes_is_refused_and_not_read(tmp_path: Path, what: str) -> None:
    name, read = READERS[what]
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(HOLE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(CivaError) as refusal:
        read(path)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert "\n" not in str(refusal.value)
    assert name in str(refusal.value)
    assert grown < 1_000_000_000


@pytest.mark.parametrize(
    "fields",
    [
        {"residents": 10**9},
        {"days": 10**9},
        {"width": 10**6, "height": 10**6},
        {"name": "x" * 10**6},
        {"stage_models": ["act=m"] * 10**5},
    ],
    ids=["residents", "days", "cells", "name", "stage models"],
)
def test_a_scenario_beyond_any_machine_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(CivaError):
        scenario_from(fields)


def test_a_design_of_more_runs_than_a_study_has_is_refused() -> None:
    factors = {"prevalence": [i / 1000 for i in range(1000)], "start_stock": list(range(1000))}
    plain = {"name": "large", "seed": 1, "runs": 100, "registration": {"analysis": "describe"}}
    with pytest.raises(CivaError):
        cells_of(design_from({**plain, "factors": factors}))


def test_the_test_server_takes_no_question_larger_than_any_honest_one() -> None:
    with serving(Server(Surrogate())) as url:
        request = urllib.request.Request(f"{url}/chat/completions", b" " * (9 << 20), method="POST")
        with pytest.raises((urllib.error.HTTPError, urllib.error.URLError)) as refusal:
            urllib.request.urlopen(request, timeout=10)
        code = getattr(refusal.value, "code", 413)
        refusal.value.close() if isinstance(refusal.value, urllib.error.HTTPError) else None
    assert code == 413
