"""Lets a community live in the background: step, play, pause, each answered at once.

A day is a generator that yields questions and is sent replies. The driver asks the mind in one
thread and waits in another, so that whatever a mind does (take minutes, hang, raise), a day can be
given up at any moment: its call is cancelled where it can be (language calls), its reply is
dropped where it cannot, and the generator is closed, which leaves no trace in the world.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from agents.errors import CivaError, StoppedEarly
from agents.observation import Stage
from model.views.trouble import in_one_line, thread, trace_of

if TYPE_CHECKING:
    from agents.batch import Batch
    from agents.decisions import Replies
    from agents.minds import Mind
    from model.community import CommunityModel

#: Seconds after which a day that waits for its mind is told of again.
BEAT: Final = 1.0
Phase = Literal["ready", "asking", "ended", "stopped", "failed"]


@dataclass(frozen=True)
class LiveProgress:
    """What a community is doing.

    Attributes:
        phase: ready for a day; asking (a day is under way); ended (its last day is over); stopped
            (the endpoint or a budget: can go on); failed.
        playing: whether day follows day.
        day: the day under way, or the last one lived.
        stage: the stage of the day that is being asked.
        asked: residents asked in it.
        since: clock time (`time.monotonic`) at which they were asked.
        cause: why it stopped or failed.
        details: the whole trace, for a fault of the program.
    """

    phase: Phase = "ready"
    playing: bool = False
    day: int = 0
    stage: str = ""
    asked: int = 0
    since: float = 0.0
    cause: str = ""
    details: str = ""


class _GivenUp(Exception):
    """The day under way is not wanted any more."""


class _Effort:
    """One go at living days: lives until it is cancelled."""

    def __init__(self) -> None:
        self.stop: Future[None] = Future()

    @property
    def cancelled(self) -> bool:
        return self.stop.done()

    def cancel(self) -> None:
        if not self.stop.done():
            self.stop.set_result(None)


class Driver:
    """Steps one community.

    Args:
        model: the community.
        tell: called after every change of `progress`, from the driver's thread or the caller's.
        on_day: called after each day that took effect, from the driver's thread; what it raises
            stops the community as a mind's error would.
        pace: asked for the least seconds of a day, after each day of a play.
        on_loop: ask the mind on the loop of the language calls, where cancelling is felt.
    """

    def __init__(
        self,
        model: CommunityModel,
        tell: Callable[[], None],
        on_day: Callable[[], None],
        pace: Callable[[], float] = float,
        *,
        on_loop: bool = False,
    ) -> None:
        self.model = model
        self.progress = LiveProgress()
        self._tell, self._on_day, self._pace, self._on_loop = tell, on_day, pace, on_loop
        self._effort: _Effort | None = None
        self._world = threading.Lock()  # held while a generator of the model is open
        self._turn = threading.Lock()  # guards `_effort` and `progress`

    @property
    def active(self) -> bool:
        """Whether a day is under way or about to be."""
        effort = self._effort
        return effort is not None and not effort.cancelled

    def step(self) -> None:
        """Live one day; returns at once."""
        self._go(playing=False)

    def play(self) -> None:
        """Live day after day; returns at once."""
        self._go(playing=True)

    def pause(self) -> None:
        """Give up the day under way, which leaves no trace; returns at once."""
        with self._turn:
            effort, self._effort = self._effort, None
            if effort is None:
                return
            self.progress = LiveProgress("ready", day=self.model.today)
        effort.cancel()
        self._tell()

    def close(self, then: Callable[[], None]) -> Future[None]:
        """Pause for good, and do something as soon as no day is under way; returns at once.

        Returns:
            Done when that is done, with the exception that it raised.
        """
        self.pause()
        done: Future[None] = Future()

        def finish() -> None:
            with self._world:
                then()
            done.set_result(None)

        thread(finish, done.set_exception, "civa-close")
        return done

    def _go(self, *, playing: bool) -> None:
        with self._turn:
            if self.active or self.progress.phase in ("ended", "failed"):
                return
            effort = self._effort = _Effort()
            self.progress = LiveProgress("asking", playing, day=self.model.today + 1)
        self._tell()

        def failed(error: BaseException) -> None:
            self._finish(effort, self._failed(error))

        try:
            thread(lambda: self._live(effort, playing), failed)
        except RuntimeError as error:  # the system gives no more threads
            failed(error)

    def _live(self, effort: _Effort, playing: bool) -> None:
        try:
            with self._world:
                end = self._days(effort, playing)
        except _GivenUp:
            return
        except StoppedEarly as error:
            end = LiveProgress("stopped", day=self.model.today, cause=str(error))
        self._finish(effort, end)

    def _failed(self, error: BaseException) -> LiveProgress:
        """What the community is doing after a fault: nothing any more."""
        ours = isinstance(error, CivaError)
        cause, details = (str(error), "") if ours else (in_one_line(error), trace_of(error))
        return LiveProgress("failed", day=self.model.today, cause=cause, details=details)

    def _finish(self, effort: _Effort, end: LiveProgress) -> None:
        if self._show(effort, end):
            self._effort = None
            self._tell()

    def _days(self, effort: _Effort, playing: bool) -> LiveProgress:
        while self.model.running:
            began = time.monotonic()
            self._one_day(effort, playing)
            self._on_day()
            if not playing or effort.cancelled:
                break
            wait([effort.stop], max(0.0, self._pace() - (time.monotonic() - began)))
            if effort.cancelled:
                break
        phase: Phase = "ready" if self.model.running else "ended"
        return LiveProgress(phase, day=self.model.today)

    def _one_day(self, effort: _Effort, playing: bool) -> None:
        if effort.cancelled:
            raise _GivenUp
        asking = self.model.day()
        replies: Replies | None = None
        try:
            while (batch := _next(asking, replies)) is not None:
                self._show(
                    effort,
                    LiveProgress(
                        "asking",
                        playing,
                        batch.day,
                        Stage(batch.stage).name.lower(),
                        len(batch),
                        time.monotonic(),
                    ),
                )
                self._tell()
                replies = self._answer(batch, effort)
        finally:
            asking.close()

    def _answer(self, batch: Batch, effort: _Effort) -> Replies:
        reply, ended = ask(self.model.mind, batch, on_loop=self._on_loop)
        waiting: list[Future[object]] = [reply, effort.stop]  # type: ignore[list-item]
        while not wait(waiting, BEAT, return_when=FIRST_COMPLETED).done:
            self._tell()
        if effort.cancelled:
            reply.cancel()
            ended.wait()
            raise _GivenUp
        return reply.result()

    def _show(self, effort: _Effort, progress: LiveProgress) -> bool:
        """Set the progress, unless the effort was given up meanwhile."""
        with self._turn:
            if self._effort is not effort:
                return False
            self.progress = progress
            return True


def _next(asking: Generator[Batch, Any, Any], replies: Replies | None) -> Batch | None:
    """The next question of a day, or None at its end.

    Apart from the asking: a mind that raises StopIteration has not ended the day.
    """
    try:
        return asking.send(replies)
    except StopIteration:
        return None


def ask(mind: Mind, batch: Batch, *, on_loop: bool) -> tuple[Future[Replies], threading.Event]:
    """Ask a mind without waiting for it.

    On the loop of the language calls cancelling the reply cancels the calls. Elsewhere a mind
    thinks in a thread of its own, and what it says too late is not heard.

    Returns:
        The reply to come; and what is set once nothing of the asking goes on that must be waited
        for.
    """
    answer: Future[Replies] = Future()
    ended = threading.Event()
    if on_loop:
        _ask_on_loop(mind, batch, answer, ended)
        return answer, ended
    ended.set()

    def think() -> None:
        if answer.set_running_or_notify_cancel():
            answer.set_result(mind.reply(batch))

    thread(think, answer.set_exception, "civa-mind")
    return answer, ended


def _ask_on_loop(mind: Mind, batch: Batch, answer: Future[Replies], ended: threading.Event) -> None:
    from agents.llm.loop import process_loop

    loop = process_loop().loop

    def failed(error: BaseException) -> None:
        # Not when it was cancelled: nobody waits for it any more.
        if answer.set_running_or_notify_cancel():
            answer.set_exception(error)

    def finish(task: asyncio.Task[Replies]) -> None:
        ended.set()
        if task.cancelled():
            # By us, and then nobody hears of it; or by the mind, which must not be waited for.
            failed(StoppedEarly(f"a call of {mind.name} was cancelled"))
        elif error := task.exception():
            failed(error)
        elif answer.set_running_or_notify_cancel():
            answer.set_result(task.result())

    async def asked() -> Replies:
        try:
            return await mind.areply(batch)
        except (SystemExit, KeyboardInterrupt, StopIteration) as error:
            # The first two would end the loop, and with it the calls of everybody else; a
            # coroutine may not raise the third.
            raise RuntimeError(f"the mind raised {in_one_line(error)}") from error

    def begin() -> None:
        task = loop.create_task(asked())
        task.add_done_callback(finish)
        answer.add_done_callback(
            lambda reply: loop.call_soon_threadsafe(task.cancel) if reply.cancelled() else None
        )

    loop.call_soon_threadsafe(begin)
