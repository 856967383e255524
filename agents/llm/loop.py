"""One event loop in a thread of its own, for every language call of the process.

Why: an HTTP client belongs to the loop that opened its connections. A loop per day
(`asyncio.run`) breaks every second day *after* the server has billed it, and a notebook or a
dashboard already runs a loop in its main thread, in which nobody may start another.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import functools
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_CLOSED = "the loop for language calls was closed; nothing more can be sent"


class LoopThread:
    """A running event loop in a daemon thread.

    Args:
        name: the thread's name, as it shows in a debugger.
    """

    def __init__(self, name: str = "civa-loop") -> None:
        self._loop = asyncio.new_event_loop()
        self._closers: list[Callable[[], Awaitable[None]]] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop itself."""
        return self._loop

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._loop.is_closed()

    def start(self, coro: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the loop and return at once; cancelling the future cancels it."""
        if self.closed:
            coro.close()
            raise RuntimeError(_CLOSED)
        return asyncio.run_coroutine_threadsafe(coro, self._loop)

    def submit(self, coro: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop and wait for its result.

        If the waiting is interrupted (Ctrl-C, a dashboard's stop), the coroutine is cancelled and
        has really ended, with its clean-up, before the interruption goes on.

        Raises:
            RuntimeError: if called from the loop's own thread (it would wait for itself), or
                after `close`.
        """
        if threading.current_thread() is self._thread:
            coro.close()
            raise RuntimeError("submit() called on the loop itself: await the coroutine instead")
        if self.closed:
            coro.close()
            raise RuntimeError(_CLOSED)
        outcome: concurrent.futures.Future[T] = concurrent.futures.Future()
        tasks: list[asyncio.Task[T]] = []

        def begin() -> None:
            if not tasks:
                tasks.append(self._loop.create_task(coro))
                tasks[0].add_done_callback(finish)

        def stop() -> None:
            # An interruption may come before the work was begun at all.
            begin()
            tasks[0].cancel()

        def finish(task: asyncio.Task[T]) -> None:
            if task.cancelled():
                outcome.set_exception(concurrent.futures.CancelledError())
            elif error := task.exception():
                outcome.set_exception(error)
            else:
                outcome.set_result(task.result())

        try:
            self._loop.call_soon_threadsafe(begin)
            return outcome.result()
        except BaseException:
            if not outcome.done():
                self._loop.call_soon_threadsafe(stop)
                concurrent.futures.wait([outcome])
            raise

    async def bridge(self, coro: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on this loop while awaiting it on another one."""
        return await asyncio.wrap_future(self.start(coro))

    def on_close(self, closer: Callable[[], Awaitable[None]]) -> None:
        """Have something closed on the loop before it stops, last come first."""
        self._closers.append(closer)

    def close(self) -> None:
        """Cancel what runs, close what was opened, stop the loop. Safe to call twice."""
        if self.closed:
            return
        asyncio.run_coroutine_threadsafe(self._shutdown(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _shutdown(self) -> None:
        own = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        while self._closers:
            await self._closers.pop()()
        await self._loop.shutdown_default_executor()


@functools.cache
def process_loop() -> LoopThread:
    """The process's one loop, started at the first call and closed at exit."""
    thread = LoopThread()
    atexit.register(thread.close)
    return thread


# A forked child inherits the object but not its thread: it starts a loop of its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=process_loop.cache_clear)
