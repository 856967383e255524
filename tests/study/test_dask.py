from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from agents.errors import InputError
from model.study.cluster import dask_executor
from model.study.runner import Progress, run_study
from tests.study.small import design, hashes


@pytest.mark.slow  # about 20 s: a scheduler and two workers start, and one starts anew
@pytest.mark.filterwarnings("ignore")  # what Dask says of workers that were killed
def test_two_dask_workers_give_the_hashes_of_one_process_and_a_killed_one_loses_nothing(
    tmp_path: Path,
) -> None:
    run_study(design(), tmp_path / "alone", workers=0)
    killed: list[int] = []
    with dask_executor("local", workers=2) as executor:
        client = executor._client  # type: ignore[attr-defined]
        pids = client.run(os.getpid)

        def kill(progress: Progress) -> None:
            if progress.done >= 3 and not killed:
                killed.append(next(iter(pids.values())))
                os.kill(killed[0], signal.SIGKILL)

        ended = run_study(design(), tmp_path / "dask", executor=executor, on_progress=kill)
    assert killed
    assert ended.complete
    assert hashes(tmp_path / "dask") == hashes(tmp_path / "alone")


def test_an_address_at_which_nobody_answers_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("model.study.cluster._TIMEOUT", 0.2)
    with (
        pytest.raises(InputError, match="dask: no scheduler answers at tcp"),
        dask_executor("tcp://127.0.0.1:9"),
    ):
        pass
