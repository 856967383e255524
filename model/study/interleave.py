"""Many communities on one event loop: while one waits for its replies, the others live on.

A language mind's day is waiting. Driven one by one, a study would be as slow as its communities
are long; interleaved, they share the endpoint's limiter, and the provider's limit sets the pace.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Generator, Iterable
from concurrent.futures import Executor, Future
from concurrent.futures import wait as wait_for
from pathlib import Path
from typing import Any, Final, TypeVar

from agents.batch import Batch
from agents.decisions import Replies
from agents.llm.journal import read_journal
from agents.llm.loop import LoopThread, process_loop
from agents.llm.spending import Spending
from agents.minds import Mind
from model.analysis.row import Row
from model.run.runs import Question, running
from model.store.folder import JOURNAL
from model.store.places import ROW
from model.study.job import Clock, Job, found, keep, resumed_name
from model.study.rows import row_of
from model.world.settings import Settings

T = TypeVar("T")
Answer = Callable[[Mind, Batch], Awaitable[Replies]]

#: Communities that live at a time; each asks all its residents at once.
AT_ONCE: Final = 32


async def drive(questions: Generator[Question, Replies, T], answer: Answer) -> T:
    """Answer a generator's questions until it returns.

    Cancelled, it ends the generator as an interrupt would, and lets it return.

    Args:
        questions: of a run (`model.run.runs.running`), or of a day (`model.run.runs.ask_of`).
        answer: asks a mind.
    """
    try:
        mind, batch = next(questions)
        while True:
            try:
                replies = await answer(mind, batch)
            except asyncio.CancelledError:
                mind, batch = questions.throw(KeyboardInterrupt())
            except Exception as error:
                mind, batch = questions.throw(error)
            else:
                mind, batch = questions.send(replies)
    except StopIteration as end:
        result: T = end.value
        return result


async def ask(mind: Mind, batch: Batch) -> Replies:
    """Ask a mind on the loop on which all language calls of this process live."""
    return await process_loop().bridge(mind.areply(batch))


async def live_among(
    job: Job,
    out: Path | None = None,
    limit: float = math.inf,
    shared: Spending | None = None,
) -> Row:
    """Live one run among others on this loop, into a folder that a later start resumes.

    Arguments and errors as `model.study.job.live`; a folder is needed, because the journal of
    calls lies in it. What may be spent is the study's, in `shared`, not each run's.
    """
    if out is None:
        raise ValueError("out: a run that asks a language model needs a folder for its journal")
    final = out / job.folder
    if (final / ROW).exists():
        return found(final, job)
    part = out / resumed_name(job.folder)
    clock = Clock(limit)
    settings = job.settings if shared is None else uncapped(job.settings)
    questions = running(
        part, job.scenario, job.seed, settings, clock, shared=shared, inputs=job.inputs()
    )
    outcome = await drive(questions, ask)
    return keep(part, final, job, row_of(job, outcome, clock.model, clock.seconds))


def uncapped(settings: Settings) -> Settings:
    """Settings under which a run spends what its study allows."""
    return settings.model_copy(update=dict.fromkeys(("max_calls", "max_tokens", "max_money")))


def accounts(settings: Settings, models: Iterable[str], folders: Iterable[Path]) -> Spending:
    """The accounts of a study, with what its finished runs have spent.

    Args:
        settings: caps and prices.
        models: names of all models that its runs ask.
        folders: of its finished runs.
    """
    prices = {model: settings.price_of(model) for model in models}
    known = {model: price for model, price in prices.items() if price is not None}
    spending = Spending(settings.caps(), known, name="study")
    for folder in folders:
        if (folder / JOURNAL).exists():
            journal = read_journal(folder / JOURNAL)
            try:
                for model, (calls, usage) in journal.spent().items():
                    spending.carry(model, calls, usage)
            finally:
                journal.close()
    return spending


class Interleaved(Executor):
    """Runs coroutines on one event loop in a thread of its own.

    Args:
        workers: communities that live at a time.
    """

    def __init__(self, workers: int = AT_ONCE) -> None:
        self.workers = workers
        self._thread = LoopThread("civa-study")
        self._going: set[Future[Any]] = set()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start a coroutine function."""
        future = self._thread.start(fn(*args, **kwargs))
        self._going.add(future)
        future.add_done_callback(self._going.discard)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End; with `cancel_futures` interrupt what lives, and let it write how far it came."""
        if wait and not cancel_futures:
            wait_for(list(self._going))
        self._thread.close()
