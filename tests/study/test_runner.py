from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.errors import InputError
from model.study.job import UNFINISHED
from model.study.manifest import read_manifest
from model.study.many import Inline, local
from model.study.pool import WorkerPool
from model.study.runner import Ended, Progress, run_study
from model.study.store import load_study
from tests.study import works
from tests.study.small import design, hashes, planned


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, int], str]:
    """Hashes of the small study, run one by one in this process."""
    folder = tmp_path_factory.mktemp("undisturbed") / "study"
    run_study(design(), folder, workers=0)
    found = hashes(folder)
    assert len(found) == 15
    assert all(found.values())
    return found


def test_a_study_runs_every_cell_as_often_as_designed(tmp_path: Path) -> None:
    ended = run_study(design(), tmp_path / "study", workers=0)
    assert (ended.planned, ended.done, ended.failed, ended.complete) == (15, 15, {}, True)
    counts = load_study(tmp_path / "study").runs.groupby("cell").size().to_dict()
    assert counts == dict.fromkeys(
        ["control", "with BE 0.5", "with BE 1", "without BE 0.5", "without BE 1"], 3
    )


def test_the_same_call_finds_all_done_and_computes_nothing(tmp_path: Path) -> None:
    run_study(design(), tmp_path / "study", workers=0)
    again = run_study(design(), tmp_path / "study", workers=0, work=works.stopping)
    assert (again.done, again.lived, again.stopped) == (15, 0, 0)


def test_runs_are_recognised_by_what_they_are_not_by_their_order(
    tmp_path: Path, undisturbed: dict[tuple[str, int], str]
) -> None:
    run_study(design(), tmp_path / "study", workers=0)
    folder = tmp_path / "study" / "runs"
    kept = sorted(folder.iterdir())[::2]
    for run in kept:
        for file in sorted(run.rglob("*"), reverse=True):
            file.unlink() if file.is_file() else file.rmdir()
        run.rmdir()
    again = run_study(design(), tmp_path / "study", workers=0)
    assert again.lived == len(kept)
    assert hashes(tmp_path / "study") == undisturbed


def test_progress_counts_up_to_the_end(tmp_path: Path) -> None:
    seen: list[Progress] = []
    run_study(design(), tmp_path / "study", workers=0, on_progress=seen.append)
    assert [p.done for p in seen] == list(range(16))
    assert seen[-1].mornings == 15 * 30
    assert seen[-1].eta == 0.0


def test_two_runners_on_one_folder_make_one_study(
    tmp_path: Path, undisturbed: dict[tuple[str, int], str]
) -> None:
    ends: list[Ended] = []

    def run() -> None:
        ends.append(run_study(design(), tmp_path / "study", workers=0))

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ended.done for ended in ends] == [15, 15, 15]
    assert hashes(tmp_path / "study") == undisturbed
    assert not [p for p in (tmp_path / "study/runs").iterdir() if p.name.startswith(UNFINISHED)]


def test_any_executor_will_do(tmp_path: Path, undisturbed: dict[tuple[str, int], str]) -> None:
    with ThreadPoolExecutor(3) as threads:
        run_study(design(), tmp_path / "study", executor=threads)
    assert hashes(tmp_path / "study") == undisturbed


def test_killed_runners_lose_nothing(
    tmp_path: Path, undisturbed: dict[tuple[str, int], str]
) -> None:
    """Fourteen runners are killed at random moments; the next goes on where they were."""
    folder, chance = tmp_path / "study", random.Random(3)
    killed = 0
    while killed < 14:
        child = os.fork()
        if child == 0:
            try:
                run_study(design(), folder, workers=0)
            finally:
                os._exit(0)
        time.sleep(chance.uniform(0.0, 0.12))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        killed += 1
    ended = run_study(design(), folder, workers=0)
    assert ended.complete
    assert hashes(folder) == undisturbed
    assert len(list((folder / "runs").iterdir())) == 15


@pytest.mark.slow  # about 20 s: six workers start anew
def test_killed_workers_lose_nothing(
    tmp_path: Path, undisturbed: dict[tuple[str, int], str]
) -> None:
    pool, chance = WorkerPool(2), random.Random(7)
    folder, over, killed = tmp_path / "study", threading.Event(), []

    def kill() -> None:
        while len(killed) < 6 and not over.is_set():
            time.sleep(chance.uniform(0.0, 0.2))
            busy = [w.process.pid for w in list(pool._crew) if w.began < float("inf")]
            if busy:
                victim = chance.choice(busy)
                with contextlib.suppress(ProcessLookupError):  # it was faster
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        for turn in itertools.count():
            run_study(design(), folder, executor=pool)
            if len(killed) == 6:
                break
            for run in list((folder / "runs").iterdir())[:6]:
                run.rename(tmp_path / f"away-{turn}-{run.name}")
        run_study(design(), folder, executor=pool)
    finally:
        over.set()
        killer.join()
        pool.shutdown(cancel_futures=True)
    assert hashes(folder) == undisturbed


def test_cells_that_raise_hang_or_devour_memory_are_named_and_cost_no_other(
    tmp_path: Path,
) -> None:
    plan = design(
        runs=1,
        control=False,
        factors={"residents": [2, 3, 4, 5, 6, 7]},
        registration={"analysis": "contrasts"},
    )
    folder = tmp_path / "study"
    ended = run_study(plan, folder, workers=2, limit=6.0, memory=2 << 30, work=works.troubled)
    assert ended.done == 3
    causes = {cell: {row.cause for row in rows} for cell, rows in ended.failed.items()}
    assert causes == {
        "residents=3": {"ZeroDivisionError: poison"},
        "residents=4": {"the run took more than 6 s and was ended"},
        "residents=5": {"MemoryError: the run needs more memory than a worker may use"},
    }
    assert "works.py" in ended.failed["residents=3"][0].trace
    runs = load_study(folder).runs
    assert set(runs.loc[runs.status == "failed", "cell"]) == set(causes)
    assert runs.loc[runs.status == "failed", "naup"].isna().all()
    mended = run_study(plan, folder, workers=0)
    assert (mended.done, mended.lived, mended.failed) == (6, 3, {})


def test_a_run_over_its_time_ends_itself_where_nobody_can_kill_it(tmp_path: Path) -> None:
    plan = design(runs=1, control=False, factors={"value": ["BE"], "prevalence": [0.5]})
    ended = run_study(plan, tmp_path / "study", workers=0, limit=0.0)
    assert [row.cause for row in ended.failed["BE 0.5"]] == [
        "the run took more than 0 s (it was at day 1 of 5); allow more time, or make it smaller"
    ]


def test_a_run_that_stops_is_no_failure_and_no_other_is_begun(tmp_path: Path) -> None:
    ended = run_study(design(), tmp_path / "study", workers=0, work=works.stopping)
    assert (ended.done, ended.stopped, ended.failed) == (0, 1, {})
    assert ended.cause == "the disk is full; make room"


def test_ctrl_c_ends_at_once_and_keeps_what_is_finished(tmp_path: Path) -> None:
    def interrupt(progress: Progress) -> None:
        if progress.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_study(design(), tmp_path / "study", workers=0, on_progress=interrupt)
    ended = run_study(design(), tmp_path / "study", workers=0)
    assert (ended.done, ended.lived) == (15, 11)


def test_replicates_are_added_until_the_interval_is_narrow_or_the_cap_is_reached(
    tmp_path: Path,
) -> None:
    plan = design(
        runs=3,
        scenario={"preset": "growing", "days": 12},
        factors={"value": ["BE"], "prevalence": [1.0]},
        registration={"analysis": "dose", "outcome": "social_capital"},
        stop={"width": 0.01, "cap": 8, "batch": 3},
    )
    ended = run_study(plan, tmp_path / "study", workers=0)
    assert (ended.planned, ended.done) == (16, 16)
    assert planned(tmp_path / "study") == 16
    again = run_study(plan, tmp_path / "study", workers=0)
    assert (again.planned, again.lived) == (16, 0)
    wide = plan.model_copy(update={"stop": plan.stop.model_copy(update={"width": 9.0})})  # type: ignore[union-attr]
    assert run_study(wide, tmp_path / "wide", workers=0).planned == 6


def test_a_changed_design_is_refused_after_the_first_run(tmp_path: Path) -> None:
    run_study(design(), tmp_path / "study", workers=0)
    with pytest.raises(InputError, match=r"changed after its first run \(in runs\)"):
        run_study(design(runs=4), tmp_path / "study", workers=0)


def test_the_folder_of_another_study_is_refused(tmp_path: Path) -> None:
    run_study(design(), tmp_path / "study", workers=0)
    with pytest.raises(InputError, match="holds the study 'small', not 'other'"):
        run_study(design(name="other"), tmp_path / "study", workers=0)


def test_a_folder_that_holds_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("dear")
    with pytest.raises(InputError, match=r"holds something else \('thesis.tex'"):
        run_study(design(), tmp_path, workers=0)
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("content", ["{", '{"format": 99}', "[]", '{"format": 1}'])
def test_a_damaged_manifest_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "study.json").write_text(content)
    with pytest.raises(InputError, match=r"study\.json: (damaged|format|not written)"):
        run_study(design(), tmp_path, workers=0)


def test_runs_of_another_engine_are_not_mixed_in(tmp_path: Path) -> None:
    run_study(design(), tmp_path / "study", workers=0)
    replace(read_manifest(tmp_path / "study"), engine=0).write(tmp_path / "study")
    with pytest.raises(InputError, match="begun with engine 0"):
        run_study(design(), tmp_path / "study", workers=0)


def test_a_run_that_lies_under_a_false_name_is_not_taken(tmp_path: Path) -> None:
    run_study(design(), tmp_path / "study", workers=0)
    one, other = sorted((tmp_path / "study" / "runs").iterdir())[:2]
    one.rename(tmp_path / "aside")
    other.rename(one)
    with pytest.raises(InputError, match="holds another run than its name says"):
        load_study(tmp_path / "study").runs  # noqa: B018


class Breaking(Executor):
    """An executor that breaks as a whole, as the standard library's pool does."""

    def submit(self, *_: Any, **__: Any) -> Future[Any]:  # type: ignore[override]
        from concurrent.futures.process import BrokenProcessPool

        raise BrokenProcessPool("a child died")


def test_a_broken_executor_stops_the_study_resumable(tmp_path: Path) -> None:
    from agents.errors import StoppedEarly

    with pytest.raises(StoppedEarly, match="the executor broke"):
        run_study(design(), tmp_path / "study", executor=Breaking())
    assert run_study(design(), tmp_path / "study", workers=0).complete


def test_no_workers_means_this_process_and_some_means_others() -> None:
    assert isinstance(local(0), Inline)
    with pytest.raises(InputError, match="workers: -1 is out of range"):
        local(-1)
