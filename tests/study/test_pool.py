from __future__ import annotations

import time
from collections.abc import Iterator

import psutil
import pytest

from agents.errors import InputError
from model.study.job import TimedOut
from model.study.pool import WorkerLost, WorkerPool
from tests.study import works


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    with WorkerPool(2, limit=3.0, memory=2 << 30) as pool:
        yield pool


def gone(pids: list[int]) -> bool:
    """Whether all processes end within some seconds."""
    for _ in range(200):
        if not any(psutil.pid_exists(pid) and _alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_results_come_back_to_the_futures_that_asked_for_them(pool: WorkerPool) -> None:
    futures = [pool.submit(works.double, n) for n in range(20)]
    assert [future.result() for future in futures] == [2 * n for n in range(20)]


def test_an_exception_keeps_its_type_and_tells_where_it_was_raised(pool: WorkerPool) -> None:
    error = pool.submit(works.refuse).exception()
    assert isinstance(error, InputError)
    assert "works.py" in "".join(error.__notes__)


def test_an_exception_that_cannot_travel_is_told_in_words(pool: WorkerPool) -> None:
    error = pool.submit(works.raise_badly).exception()
    assert isinstance(error, RuntimeError)
    assert "TwoArguments: first" in str(error)


def test_a_killed_worker_costs_its_own_task_alone(pool: WorkerPool) -> None:
    bad = pool.submit(works.die)
    good = [pool.submit(works.double, n) for n in range(6)]
    assert [future.result() for future in good] == [2 * n for n in range(6)]
    error = bad.exception()
    assert isinstance(error, WorkerLost)
    assert "signal 9" in str(error)


def test_a_task_that_hangs_is_ended_and_its_worker_replaced(pool: WorkerPool) -> None:
    before = {pool.submit(works.whoami).result() for _ in range(4)}
    assert isinstance(pool.submit(works.hang).exception(), TimedOut)
    pool.submit(works.double, 1).result()
    assert not before <= set(pool.pids)


def test_a_task_that_needs_too_much_memory_fails_and_its_worker_is_replaced(
    pool: WorkerPool,
) -> None:
    assert isinstance(pool.submit(works.devour).exception(), MemoryError)
    assert pool.submit(works.double, 4).result() == 8


def test_what_cannot_be_pickled_is_refused_where_it_is_submitted(pool: WorkerPool) -> None:
    with pytest.raises(Exception, match="pickle"):
        pool.submit(lambda: 1)


def test_shutting_down_at_once_ends_what_is_being_done_and_cancels_the_rest() -> None:
    pool = WorkerPool(1)
    assert pool.submit(works.double, 1).result() == 2
    pids = pool.pids
    hanging, waiting = pool.submit(works.hang), pool.submit(works.double, 1)
    while not hanging.running():
        time.sleep(0.01)
    pool.shutdown(cancel_futures=True)
    assert isinstance(hanging.exception(), WorkerLost)
    assert waiting.cancelled()
    assert gone(pids)
    with pytest.raises(RuntimeError, match="shut down"):
        pool.submit(works.double, 1)


def test_a_pool_of_no_workers_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        WorkerPool(0)
