"""`civa run` and `civa replay`: a run ends in one of four ways, resumes, and can be done again."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from agents.batch import Batch
from agents.decisions import Fault, Replies
from agents.errors import InputError, StoppedEarly
from agents.minds.surrogate import Surrogate
from model.cli import run_command
from model.community import CommunityModel
from model.run import runs
from model.run.identity import ENGINE
from model.run.runs import replay, run_into
from model.store import RunFolder, load_run
from model.store.columns import TYPES
from model.world.interventions import Intervention
from model.world.minds import OpenMind
from model.world.scenario import Scenario
from model.world.settings import Settings

SMALL = Scenario(residents=8, days=12)
EACH_DAY = Settings(flush_seconds=0.0)
KEYS = {
    *("status", "path", "seed", "mind", "days", "population", "naup", "hash", "faults"),
    *("calls", "tokens", "cost"),
}


def civa(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    code = run_command([str(word) for word in words])
    out, err = capsys.readouterr()
    return code, out, err


def small_run(capsys: pytest.CaptureFixture[str], out: Path, *more: object) -> tuple[int, Any, str]:
    words = ("run", "growing", "--days", 12, "--seed", 3, "--out", out, "--json", *more)
    code, text, err = civa(capsys, *words)
    return code, json.loads(text.splitlines()[-1]), err


def test_a_run_tells_its_end_in_one_object_and_leaves_it_on_its_card(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, _ = small_run(capsys, tmp_path / "run")
    run = load_run(tmp_path / "run")
    assert code == 0
    assert found.keys() >= KEYS
    assert (found["status"], found["seed"], found["mind"]) == ("done", 3, "surrogate")
    population = run.days["population"].to_numpy()
    assert found["days"] == 12 == len(run.days) - 1
    assert found["population"] == population[-1]
    assert found["naup"] == pytest.approx(population[:-1].sum() / (10 * 12))
    assert (run.meta.status, run.meta.hash) == ("done", found["hash"])
    assert run.scenario.preset == "growing"
    assert run.meta.versions["numpy"] == np.__version__


def test_a_run_in_a_folder_is_the_run_in_memory(tmp_path: Path) -> None:
    outcome = run_into(tmp_path / "run", SMALL, 4, EACH_DAY)
    model = CommunityModel(SMALL, rng=4)
    while model.running:
        model.step()
    model.finish()
    assert outcome.hash == model.hash()
    run = load_run(tmp_path / "run")
    for name, table in model.recorder.tables().items():  # type: ignore[attr-defined]
        pd.testing.assert_frame_equal(run.table(name), table)
        assert len(list((run.path / name).glob("*"))) <= 1, "joined into one file"


def test_a_run_that_was_done_is_not_computed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small_run(capsys, tmp_path / "run")
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "run").rglob("*.*")}
    code, found, _ = small_run(capsys, tmp_path / "run")
    assert (code, found["status"], found["again"]) == (0, "done", True)
    assert {file: file.stat().st_mtime_ns for file in before} == before


def test_the_table_at_the_end_names_mind_seed_and_version(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = civa(
        capsys, "run", "--days", 2, "--mind", "permuted:7", "--seed", 9, "--out", tmp_path / "r"
    )
    from importlib.metadata import version

    for row in (("mind", "permuted:7"), ("seed", "9"), ("civa", version("civa"))):
        assert any(line.split()[:2] == [*row] for line in out.splitlines())


def test_without_a_folder_named_runs_differ_by_name_where_they_differ(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for words in (["--seed", "1"], ["--seed", "2"], ["--set", "richness=.9"]):
        assert civa(capsys, "run", "scarce", "--days", 1, "--quiet", *words)[0] == 0
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert [name.rsplit("-", 1)[0] for name in names] == [
        "scarce-surrogate-1",
        "scarce-surrogate-1",
        "scarce-surrogate-2",
    ]


def interrupted_on(day: int) -> Any:
    def on_day(model: CommunityModel) -> None:
        if model.today == day:
            raise KeyboardInterrupt

    return on_day


@pytest.mark.parametrize("settings", [Settings(), EACH_DAY])
def test_a_run_that_was_interrupted_holds_whole_days_and_resumes_to_the_same_end(
    tmp_path: Path, settings: Settings
) -> None:
    stopped = run_into(tmp_path / "run", SMALL, 4, settings, interrupted_on(5))
    run = load_run(tmp_path / "run")
    assert (stopped.status, stopped.days, stopped.hash) == ("stopped", 5, "")
    assert (run.meta.status, run.meta.cause) == ("stopped", "interrupted")
    assert run.days["day"].tolist() == list(range(6))
    assert run.events["day"].max() == 5
    again = run_into(tmp_path / "run", SMALL, 4, settings)
    whole = run_into(tmp_path / "whole", SMALL, 4, settings)
    assert (again.status, again.hash) == ("done", whole.hash)
    assert load_run(tmp_path / "run").meta.created == run.meta.created


def test_an_interrupt_within_a_day_leaves_nothing_of_that_day(tmp_path: Path) -> None:
    class Interrupted(Surrogate):
        def reply(self, batch: Batch) -> Replies:
            if batch.day == 3:
                raise KeyboardInterrupt
            return super().reply(batch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "open_mind", lambda *_, **__: OpenMind(Interrupted()))
        outcome = run_into(tmp_path / "run", SMALL, 4, EACH_DAY)
    assert (outcome.status, outcome.days) == ("stopped", 2)
    assert load_run(tmp_path / "run").days["day"].tolist() == [0, 1, 2]
    assert run_into(tmp_path / "run", SMALL, 4).status == "done"


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_killed_leaves_a_run_that_reads_and_resumes(
    tmp_path: Path, number: signal.Signals, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["run", "growing", "--days", "120", "--set", "flush_seconds=0", "--out", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, "-m", "civa", *words], stderr=subprocess.PIPE, stdout=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while not (tmp_path / "days" / "part-00003.parquet").exists():
        assert time.monotonic() < deadline
        assert process.poll() is None
        time.sleep(0.005)
    os.kill(process.pid, number)
    _, err = process.communicate()
    run = load_run(tmp_path)
    assert process.returncode == (-9 if number == signal.SIGKILL else 3)
    if number != signal.SIGKILL:
        assert b"the same command resumes" in err
        assert run.meta.status == "stopped"
    last = int(run.days["day"].max())
    assert 2 <= last < 120
    for name in ("residents", "decisions"):
        assert run.table(name)["day"].max() == last
    assert civa(capsys, *words, "--json")[0] == 0
    assert (
        load_run(tmp_path).meta.hash
        == run_into(tmp_path.with_name(tmp_path.name + "-whole"), run.scenario, run.meta.seed).hash
    )


class Failing(Surrogate):
    """Every tenth reply is a fault."""

    name = "failing"

    def reply(self, batch: Batch) -> Replies:
        replies = super().reply(batch)
        for row in np.flatnonzero(batch.id % 10 == batch.day % 10).tolist():
            replies.fault[row] = Fault.ACT
            replies.causes[row] = "malformed"
        return replies


def test_a_run_with_too_many_faults_ends_as_failed_and_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "open_mind", lambda *_, **__: OpenMind(Failing()))
    scenario = Scenario(residents=20, days=12)
    outcome = run_into(tmp_path / "run", scenario, 1)
    assert outcome.status == "failed"
    assert "more than fault_limit 0.02" in outcome.cause
    assert outcome.faults > 0
    assert outcome.days < 12
    assert outcome.plain()["naup"] is None
    tolerant = run_into(tmp_path / "tolerant", scenario.model_copy(update={"fault_limit": 0.5}), 1)
    assert tolerant.status == "done"


def test_an_outage_stops_a_run_with_its_reason_and_it_resumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Out(Surrogate):
        def reply(self, batch: Batch) -> Replies:
            if batch.day == 4:
                raise StoppedEarly("nobody answers at http://here")
            return super().reply(batch)

    with monkeypatch.context() as patch:
        patch.setattr(runs, "open_mind", lambda *_, **__: OpenMind(Out()))
        outcome = run_into(tmp_path / "run", SMALL, 4)
    assert (outcome.status, outcome.days) == ("stopped", 3)
    assert load_run(tmp_path / "run").meta.cause == "nobody answers at http://here"
    assert run_into(tmp_path / "run", SMALL, 4).status == "done"


def test_an_error_of_our_own_leaves_its_name_on_the_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def on_day(_model: CommunityModel) -> None:
        raise ZeroDivisionError("by nought")

    with pytest.raises(ZeroDivisionError):
        run_into(tmp_path / "run", SMALL, 4, on_day=on_day)
    meta = load_run(tmp_path / "run").meta
    assert (meta.status, meta.cause) == ("failed", "ZeroDivisionError: by nought")


def test_interventions_on_file_act_again_when_a_run_is_executed_again(tmp_path: Path) -> None:
    path = tmp_path / "run"
    plain = run_into(tmp_path / "plain", SMALL, 4)
    run_into(path, SMALL, 4, on_day=interrupted_on(3))
    with RunFolder(path, load_run(path).meta.identity) as folder:
        folder.interventions.append(Intervention(day=6, kind="aid", size=9))
    outcome = run_into(path, SMALL, 4)
    assert outcome.hash != plain.hash
    assert load_run(path).days["aid"].tolist()[6] > 0
    assert replay(path).same


@pytest.mark.parametrize("mind", ["surrogate", "random", "flat", "permuted:2", "scripted:crew"])
def test_a_run_replays_to_the_same_hash_and_the_same_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], mind: str
) -> None:
    small_run(capsys, tmp_path / "run", "--mind", mind)
    before = {file: file.read_bytes() for file in (tmp_path / "run").rglob("*.*")}
    code, out, _ = civa(capsys, "replay", tmp_path / "run", "--check")
    assert code == 0
    assert "the same hash, and all tables are the same" in out
    assert {file: file.read_bytes() for file in (tmp_path / "run").rglob("*.*")} == before


def test_two_minds_in_one_community_replay(tmp_path: Path) -> None:
    scenario = SMALL.model_copy(update={"second_mind": "random", "second_share": 0.5})
    outcome = run_into(tmp_path / "run", scenario, 4)
    assert outcome.mind == "surrogate + random"
    assert outcome.hash != run_into(tmp_path / "one", SMALL, 4).hash
    assert set(load_run(tmp_path / "run").people["mind"]) == {"surrogate", "random"}
    assert replay(tmp_path / "run").same


def test_an_unfinished_run_is_replayed_as_far_as_it_went(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run_into(tmp_path / "run", SMALL, 4, EACH_DAY, interrupted_on(5))
    code, out, _ = civa(capsys, "replay", tmp_path / "run", "--check")
    assert code == 0
    assert "5 days again, unfinished, so it has no hash, and all tables are the same" in out


def test_a_changed_record_is_found_and_the_first_difference_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "run"
    run_into(path, SMALL, 4)
    replace(load_run(path).meta, hash="0" * 64).write(path)
    code, _, err = civa(capsys, "replay", path)
    assert code == 1
    assert "is not what was recorded" in err


def test_a_changed_row_is_found_by_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow.parquet as pq

    path = tmp_path / "run"
    run_into(path, SMALL, 4)
    part = path / "residents" / "part-00001.parquet"
    table = pq.read_table(part)
    stock = table.column("stock").to_numpy().copy()
    stock[11] += 1
    changed = table.set_column(table.column_names.index("stock"), table.field("stock"), [stock])
    pq.write_table(changed, part)
    vouch_for(path, part)
    assert civa(capsys, "replay", path)[0] == 0
    code, _, err = civa(capsys, "replay", path, "--check")
    assert code == 1
    assert f"residents: day 2, row 11, stock is {stock[11] - 1}, recorded {stock[11]}" in " ".join(
        err.replace("np.int64(", "").replace(")", "").split()
    )


def vouch_for(path: Path, part: Path) -> None:
    """Put a part's new hash wherever the run keeps it, as nobody does by accident."""
    import pyarrow.parquet as pq

    days = path / "days" / part.name
    table = pq.read_table(days)
    hashes = json.loads(table.schema.metadata[b"civa.sha256"]) | {
        part.parent.name: hashlib.sha256(part.read_bytes()).hexdigest()
    }
    told = {**table.schema.metadata, b"civa.sha256": json.dumps(hashes)}
    pq.write_table(table.replace_schema_metadata(told), days)
    found = hashlib.sha256(days.read_bytes()).hexdigest()
    replace(load_run(path).meta, tables=found).write(path)


def test_a_run_of_another_engine_can_be_read_but_not_replayed(tmp_path: Path) -> None:
    path = tmp_path / "run"
    run_into(path, SMALL, 4)
    meta = load_run(path).meta
    replace(meta, identity={**meta.identity, "engine": ENGINE + 1}).write(path)
    assert len(load_run(path).days) == 13
    with pytest.raises(InputError, match=f"made by engine {ENGINE + 1}, this is engine {ENGINE}"):
        replay(path)


def test_duckdb_reads_the_tables_of_many_runs(tmp_path: Path) -> None:
    outcomes = [run_into(tmp_path / str(seed), SMALL, seed) for seed in (1, 2)]
    found = duckdb.sql(
        f"SELECT sum(population) FROM read_parquet('{tmp_path}/*/days/*.parquet') WHERE day = 12"
    ).fetchall()
    assert found == [(sum(outcome.population for outcome in outcomes),)]


def test_no_key_is_written_anywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CIVA_API_KEY", "OPENAI_API_KEY"):
        monkeypatch.setenv(name, "sk-very-secret")
    small_run(capsys, tmp_path / "run", "--base-url", "http://me:sk-very-secret@here/v1")
    for file in (tmp_path / "run").rglob("*"):
        assert file.is_dir() or b"sk-very-secret" not in file.read_bytes()


def test_every_table_of_a_real_run_has_the_documented_columns(tmp_path: Path) -> None:
    run_into(tmp_path / "run", SMALL, 4)
    run = load_run(tmp_path / "run")
    for name, columns in TYPES.items():
        assert list(run.table(name).columns) == list(columns)
        assert len(run.table(name)) > 0
