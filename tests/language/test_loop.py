"""The loop thread runs what it is given, from anywhere, and stops what is cancelled."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
import time

import pytest

from agents.llm.loop import LoopThread, process_loop


@pytest.fixture
def thread():
    thread = LoopThread()
    yield thread
    thread.close()


async def double(value: int) -> int:
    await asyncio.sleep(0)
    return 2 * value


def test_a_result_comes_back(thread: LoopThread) -> None:
    assert thread.submit(double(21)) == 42


def test_an_error_comes_back_as_it_was_raised(thread: LoopThread) -> None:
    async def fail() -> None:
        raise LookupError("nothing here")

    with pytest.raises(LookupError, match="nothing here"):
        thread.submit(fail())


def test_days_follow_each_other_on_the_same_loop(thread: LoopThread) -> None:
    async def which() -> int:
        return id(asyncio.get_running_loop())

    assert len({thread.submit(which()) for _ in range(5)}) == 1


def test_it_serves_a_caller_who_has_a_loop_running_already(thread: LoopThread) -> None:
    async def notebook() -> tuple[int, int]:
        return thread.submit(double(1)), await thread.bridge(double(2))

    assert asyncio.run(notebook()) == (2, 4)


def test_an_interrupted_wait_cancels_the_work_and_lets_it_clean_up(thread: LoopThread) -> None:
    ended = []

    async def work() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.01)
            ended.append("cleaned up")

    with pytest.raises(KeyboardInterrupt):
        thread.submit(work())
    assert ended == ["cleaned up"]


def test_cancelling_a_started_future_cancels_its_work(thread: LoopThread) -> None:
    ended = threading.Event()

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    future = thread.start(work())
    time.sleep(0.01)
    future.cancel()
    assert ended.wait(5)


def test_waiting_for_oneself_is_refused(thread: LoopThread) -> None:
    async def inner() -> None:
        thread.submit(double(1))

    with pytest.raises(RuntimeError, match="await the coroutine"):
        thread.submit(inner())


def test_what_was_opened_is_closed_on_the_loop_last_come_first() -> None:
    thread, closed = LoopThread(), []

    def closer(name: str):
        async def close() -> None:
            closed.append((name, asyncio.get_running_loop() is thread.loop))

        return close

    thread.on_close(closer("first"))
    thread.on_close(closer("second"))
    thread.close()
    thread.close()
    assert closed == [("second", True), ("first", True)]


def test_closing_cancels_what_still_runs() -> None:
    thread = LoopThread()
    future = thread.start(asyncio.sleep(60))
    thread.close()
    assert future.cancelled()
    with pytest.raises(RuntimeError, match="closed"):
        thread.submit(double(1))
    with pytest.raises(RuntimeError, match="closed"):
        thread.start(double(1))
    gc.collect()  # no coroutine that was never awaited is left to warn


def test_a_process_has_one_loop_and_a_forked_child_one_of_its_own() -> None:
    assert process_loop() is process_loop()
    parent = process_loop().submit(double(3))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, str(process_loop().submit(double(4))).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(write)
    assert (parent, os.read(read, 10)) == (6, b"8")
    os.close(read)
