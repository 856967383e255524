"""Worker processes behind the standard `Executor`; one that crashes takes down its own job alone.

The standard library's process pool breaks as a whole when one worker is killed, and cannot end a
task that hangs. Here every worker has a pipe of its own, so a death or a time limit costs the task
that the worker held, and that worker is replaced. Workers are spawned (Mesa demands it), import
once, do not hear Ctrl-C, and end by themselves when the process that made them is gone.
"""

from __future__ import annotations

import math
import os
import pickle
import resource
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import import_module
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from typing import Any, ParamSpec, TypeVar

from agents.errors import CivaError
from model.run.process import calm_collector
from model.study.job import TimedOut

P = ParamSpec("P")
T = TypeVar("T")

_IMPORTED = (
    "model.run.runs",
    "agents.minds.surrogate",
    "agents.minds.nulls",
    "agents.minds.scripted",
)
_PATIENCE = 2.0  # seconds beyond its limit that a task is given to end itself


class WorkerLost(CivaError):
    """The process that did the work died."""


class WorkerPool(Executor):
    """Processes that work off tasks.

    Args:
        workers: how many.
        limit: seconds after which a task's worker is killed.
        memory: bytes that a worker may use; beyond them a task fails with `MemoryError`.
    """

    def __init__(self, workers: int, limit: float = math.inf, memory: int | None = None) -> None:
        if workers < 1:
            raise ValueError(f"workers: {workers} cannot work; give at least 1")
        self.workers, self._limit, self._memory = workers, limit, memory
        self._context = get_context("spawn")
        self._waiting: deque[tuple[Future[Any], bytes]] = deque()
        self._lock = threading.Lock()
        self._wake_reader, self._wake_writer = self._context.Pipe(duplex=False)
        self._crew: list[_Worker] = []
        self._closing = self._killing = False
        self._manager: threading.Thread | None = None

    @property
    def pids(self) -> list[int]:
        """Process ids of the workers now alive."""
        return [worker.process.pid for worker in self._crew if worker.process.pid is not None]

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queue a call; function and arguments travel by pickle."""
        from multiprocessing.reduction import ForkingPickler

        future: Future[T] = Future()
        task = bytes(ForkingPickler.dumps((fn, args, kwargs)))
        with self._lock:
            if self._closing:
                raise RuntimeError("cannot submit to a pool that was shut down")
            self._waiting.append((future, task))
            if self._manager is None:
                self._manager = threading.Thread(
                    target=self._manage, name="civa-workers", daemon=True
                )
                self._manager.start()
        self._wake()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more work; with `cancel_futures` also end what is being done, at once."""
        with self._lock:
            self._closing = True
            self._killing = self._killing or cancel_futures
            manager = self._manager
        if manager is not None:
            self._wake()
            if wait:
                manager.join()

    def _wake(self) -> None:
        self._wake_writer.send_bytes(b"!")

    def _manage(self) -> None:
        """The manager's thread: hand out tasks, take results, replace the dead."""
        try:
            while not self._killing:
                self._hand_out()
                with self._lock:
                    over = self._closing and not self._waiting
                if over and not any(worker.future for worker in self._crew):
                    break
                self._listen()
        finally:
            for future in [worker.future for worker in self._crew if worker.future]:
                future.set_exception(WorkerLost("the pool was shut down"))
            with self._lock:
                waiting, self._waiting = list(self._waiting), deque()
            for future, _ in waiting:
                future.cancel()
            for worker in self._crew:
                worker.end()
            self._crew = []

    def _hand_out(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    return
                idle = next((worker for worker in self._crew if worker.idle), None)
                if idle is None:
                    if len(self._crew) >= self.workers:
                        return
                    idle = _Worker(self._context, self._memory)
                    self._crew.append(idle)
                future, task = self._waiting.popleft()
            if future.set_running_or_notify_cancel():
                idle.begin(future, task)

    def _listen(self) -> None:
        """Wait for whatever happens next, and deal with it."""
        now = time.monotonic()
        ends = [worker.began + self._limit + _PATIENCE for worker in self._crew if worker.future]
        patience = max(0.0, min(ends, default=math.inf) - now)
        ears: list[Any] = [self._wake_reader, *(worker.pipe for worker in self._crew)]
        ears += [worker.process.sentinel for worker in self._crew]
        heard = wait(ears, None if math.isinf(patience) else patience)
        if self._wake_reader in heard:
            self._wake_reader.recv_bytes()
        for worker in list(self._crew):
            if worker.pipe in heard or worker.process.sentinel in heard:
                if not worker.hear():
                    self._crew.remove(worker)
            elif worker.future and time.monotonic() > worker.began + self._limit + _PATIENCE:
                self._crew.remove(worker)
                worker.kill(TimedOut(f"the run took more than {self._limit:g} s and was ended"))


class _Worker:
    """One process, its pipe, and what it is doing."""

    def __init__(self, context: Any, memory: int | None) -> None:
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, memory), daemon=True)
        self.process.start()
        theirs.close()
        self.future: Future[Any] | None = None
        self.began = math.inf
        self._task = b""
        self._ready = False

    @property
    def idle(self) -> bool:
        """Whether it can take a task, or will once it has started."""
        return self.future is None

    def begin(self, future: Future[Any], task: bytes) -> None:
        """Give it a task; the clock runs once it has imported what it needs."""
        self.future, self._task = future, task
        if self._ready:
            self._send()

    def _send(self) -> None:
        self.began = time.monotonic()
        try:
            self.pipe.send_bytes(self._task)
        except OSError:
            return  # it is dead: its sentinel will say so

    def hear(self) -> bool:
        """Take what it says; False if it is gone."""
        try:
            if not self.pipe.poll():
                raise EOFError
            word, value = self.pipe.recv()
        except (EOFError, OSError):
            self._lost()
            return False
        if word == "ready":
            self._ready = True
            if self.future:
                self._send()
            return True
        future, self.future, self.began = self.future, None, math.inf
        if future is not None:
            if word == "done":
                future.set_result(value)
            else:
                future.set_exception(value)
        if word == "last":
            self.end()
            return False
        return True

    def _lost(self) -> None:
        self.process.join()
        code = self.process.exitcode or 0
        how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
        if code == -signal.SIGKILL:
            how += ", perhaps because memory ran out"
        if self.future:
            self.future.set_exception(WorkerLost(f"the worker process {how}"))
        self.future = None
        self.pipe.close()

    def kill(self, error: Exception) -> None:
        """End it in the middle of its task."""
        future, self.future = self.future, None
        self.end()
        if future:
            future.set_exception(error)

    def end(self) -> None:
        """End it, whatever it does."""
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _work(pipe: Connection, memory: int | None) -> None:
    """What a worker does all its life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in _IMPORTED:
        import_module(name)
    if memory is not None:
        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (memory, hard))
    pipe.send(("ready", None))
    with calm_collector():
        while _one_task(pipe):
            pass


def _one_task(pipe: Connection) -> bool:
    """Take a task and answer it; whether there may be another."""
    try:
        fn, args, kwargs = pipe.recv()
    except EOFError:
        return False
    try:
        answer = ("done", fn(*args, **kwargs))
    except MemoryError:
        # Nothing may be trusted after this: a fresh process takes over.
        pipe.send(("last", MemoryError("the run needs more memory than a worker may use")))
        return False
    except BaseException as error:
        error.add_note("".join(traceback.format_exception(error)).rstrip())
        answer = ("failed", error)
    pipe.send_bytes(_packed(answer))
    return True


def _packed(answer: tuple[str, Any]) -> bytes:
    """An answer as it travels; what cannot be taken apart and put together is told in words."""
    try:
        packed = pickle.dumps(answer)
        pickle.loads(packed)  # noqa: S301 - our own bytes; an exception may not come back
    except Exception as error:
        told = RuntimeError(f"{type(answer[1]).__name__}: {answer[1]} (not sent whole: {error})")
        return pickle.dumps(("failed", told))
    return packed


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
    sys.stderr.flush()
    os._exit(1)
