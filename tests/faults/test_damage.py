"""Files of a run and of a study that were damaged after they were written.

Promised: whatever reads them refuses them in one line that names the file (exit code 2), or gives
exactly what it gave before. Never a traceback, and never silently another result.
"""

from __future__ import annotations

import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from agents.errors import CivaError
from model.cli import run_command
from model.run.runs import replay, run_into
from model.store import RunFolder, load_run
from model.store.columns import TYPES
from model.study.runner import run_study
from model.study.store import load_study
from model.world.interventions import Intervention
from model.world.scenario import Scenario
from model.world.settings import Settings
from tests.language.living import Counting, place, small
from tests.study.small import design

Harm = Callable[[bytes, random.Random], bytes]


def flipped(content: bytes, chance: random.Random) -> bytes:
    place_in = chance.randrange(len(content) * 8)
    changed = bytearray(content)
    changed[place_in // 8] ^= 1 << place_in % 8
    return bytes(changed)


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(1, len(content))]


def zeroed(content: bytes, chance: random.Random) -> bytes:
    """A page that never reached the medium."""
    begin = chance.randrange(len(content)) // 512 * 512
    return content[:begin] + bytes(len(content[begin : begin + 512])) + content[begin + 512 :]


HARMS: dict[str, Harm] = {
    "emptied": lambda content, chance: b"",
    "cut": cut,
    "flipped": flipped,
    "zeroed": zeroed,
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language run that was intervened in, finished."""
    path = tmp_path_factory.mktemp("damage") / "run"
    scenario = small(residents=5, days=3)

    def stop(model: object) -> None:
        raise KeyboardInterrupt

    with place(Counting()) as at:
        run_into(path, scenario, 3, at.settings, stop)
        with RunFolder(path, load_run(path).meta.identity) as folder:
            folder.interventions.append(Intervention(day=2, kind="aid", size=9))
            folder.interventions.append(Intervention(day=3, kind="aid", size=4))
        assert run_into(path, scenario, 3, at.settings).status == "done"
    return path


def files_of(path: Path) -> list[str]:
    """The files that hold something: locks hold nothing but their being there."""
    found = [
        p for p in path.rglob("*") if p.is_file() and p.stat().st_size and "lock" not in p.name
    ]
    return sorted(str(p.relative_to(path)) for p in found)


def contents(path: Path) -> dict[str, object]:
    """All that a reader gets from a run."""
    run = load_run(path)
    return {"meta": run.meta, "interventions": run.interventions} | {
        name: run.table(name) for name in TYPES
    }


def same(one: dict[str, object], other: dict[str, object]) -> bool:
    return all(
        one[name].equals(other[name])  # type: ignore[attr-defined]
        if isinstance(one[name], pd.DataFrame)
        else one[name] == other[name]
        for name in one
    )


def check(path: Path, before: dict[str, object], what: str) -> bool:
    """Read and replay a damaged run: refused by name, or as it was; tells whether refused."""
    try:
        found = contents(path)
    except CivaError as error:
        line = str(error)
    else:
        assert same(found, before), f"{what}: another result, silently"
        return False
    assert str(path) in line, what
    assert "\n" not in line, what
    return True


@pytest.mark.parametrize("harm", HARMS)
def test_a_damaged_file_of_a_run_is_refused_by_name_or_read_as_it_was(
    finished: Path, tmp_path: Path, harm: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before, chance = contents(finished), random.Random(harm)
    path = tmp_path / "run"
    shutil.copytree(finished, path)
    names = files_of(path)
    assert {"run.json", "interventions", "calls.sqlite"} <= set(names)
    assert sum("part-" in name for name in names) == len(TYPES)
    for name in names:
        whole = (path / name).read_bytes()
        for _ in range(1 if harm == "emptied" else 6):
            (path / name).write_bytes(HARMS[harm](whole, chance))
            refused = check(path, before, f"{name} {harm}")
            # A database has pages that nothing lies on; everything else is noticed.
            assert refused or name == "calls.sqlite" or (path / name).read_bytes() == whole, name
        code = run_command(["replay", str(path), "--check"])
        err = capsys.readouterr().err
        assert code in (0, 1, 2), name
        assert code == 0 or (len(err.splitlines()) == 1 and err.startswith("civa: ")), err
        if code == 0:  # what was lost was of no use to it: its own result is the one recorded
            assert name == "calls.sqlite" or (path / name).read_bytes() == whole
        (path / name).write_bytes(whole)
    assert run_command(["replay", str(path), "--check"]) == 0


def test_a_file_of_another_run_in_the_place_of_ones_own_is_refused(
    finished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other run differs in nothing but its seed, so that every file has the same shape."""
    other, path = tmp_path / "other", tmp_path / "run"
    shutil.copytree(finished, path)
    with place(Counting()) as at:
        scenario = small(residents=5, days=3)
        run_into(other, scenario, 4, at.settings)
    shutil.copy(path / "interventions", other / "interventions")
    for name in files_of(path):
        if name == "interventions":
            continue
        whole = (path / name).read_bytes()
        (path / name).write_bytes((other / name).read_bytes())
        assert run_command(["replay", str(path), "--check"]) in (1, 2), name
        assert len(capsys.readouterr().err.splitlines()) == 1
        (path / name).write_bytes(whole)


def test_a_run_that_lost_an_intervention_does_not_go_on_without_it(tmp_path: Path) -> None:
    path, scenario = tmp_path / "run", Scenario(residents=6, days=8)

    def stop(model: object) -> None:
        raise KeyboardInterrupt

    run_into(path, scenario, 3, Settings(), stop)
    with RunFolder(path, load_run(path).meta.identity) as folder:
        folder.interventions.append(Intervention(day=5, kind="aid", size=9))
    run_into(path, scenario, 3, Settings(), stop)
    (path / "interventions").write_bytes(b"")
    with pytest.raises(CivaError, match="holds 0 of the 1 interventions that the run had"):
        run_into(path, scenario, 3)


def read_all(folder: Path) -> None:
    """Whatever can be read of a study."""
    study = load_study(folder)
    study.table("events")
    for run in (folder / "runs").iterdir():
        load_run(run)


@pytest.mark.parametrize("name", ["study.json", "row.json", "run.json"])
def test_a_damaged_file_of_a_study_is_refused_by_name(tmp_path: Path, name: str) -> None:
    folder, chance = tmp_path / "study", random.Random(name)
    run_study(design(runs=2, scenario={"residents": 4, "days": 2}), folder, workers=0)
    file = next(folder.rglob(name))
    whole = file.read_bytes()
    for harm in ("emptied", "cut", "flipped", "flipped", "flipped", "zeroed"):
        file.write_bytes(HARMS[harm](whole, chance))
        with pytest.raises(CivaError, match=re.escape(str(folder))):
            read_all(folder)


@pytest.mark.parametrize("number", [0, 99])
def test_a_journal_of_another_format_is_refused_by_its_number(
    finished: Path, tmp_path: Path, number: int
) -> None:
    """Older or newer: nothing is guessed. (`run.json`, `study.json`: tests/model, tests/study.)"""
    path = tmp_path / "run"
    shutil.copytree(finished, path)
    with closing(sqlite3.connect(path / "calls.sqlite")) as journal:
        journal.execute(f"PRAGMA user_version = {number}")
    with pytest.raises(CivaError, match=f"has journal format {number}; this version of civa reads"):
        replay(path)
