"""The language mind: a stage's questions as prompts, the replies as a stage's columns.

It writes each question (`agents.prompts`), asks all of a stage at once (`agents.llm`), and reads
what comes back. A reply that cannot be used after one repair is a fault in its row, with its cause;
what it means for the resident's day is the world's to decide. An endpoint's fault is no resident's:
it ends the run, resumable. Staged and fused cognition differ only in the stages that they ask.

A chat model of your own, from Python::

    with over(ChatAnthropic(model="…"), Path("journal")) as mind:
        model = CommunityModel(residents=25, rng=1, mind=mind)
        model.step()
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

from agents.batch import Batch
from agents.decisions import Replies
from agents.llm.caller import Call, Caller, CallVerdict, ask_all
from agents.llm.loop import LoopThread, process_loop
from agents.minds import Mind
from agents.minds.mixed import Mixed, together
from agents.observation import Stage
from agents.prompts.columns import gather
from agents.prompts.render import render
from agents.prompts.replies import StageReply, read_reply, repair_text
from agents.prompts.schemas import REPLY_TOKENS, bounded, schema, schema_name

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from langchain_core.language_models import BaseChatModel

    from agents.decisions import Ints
    from agents.llm.limiter import Limits
    from agents.llm.retry import RetryPolicy
    from agents.llm.spending import Caps
    from agents.llm.usage import Prices

T = TypeVar("T")
Question = tuple[Caller, Call[StageReply]]


class LanguageMind:
    """Decides by asking a language model; one row, one call.

    Args:
        caller: asks the run's questions; by stage where stages have models of their own.
        name: what every table and report calls this mind, e.g. `openai:gpt-5-mini`.
        thinking_tokens: added to the longest reply of every stage, for models that reason first.
        stage_seconds: the longest that one stage may take, or None.
        thread: the loop on which the caller's endpoint lives; None takes the process's own.

    Raises:
        ValueError: a mapping without a caller for any stage.
    """

    def __init__(
        self,
        caller: Caller | Mapping[Stage, Caller],
        name: str,
        *,
        thinking_tokens: int = 0,
        stage_seconds: float | None = None,
        thread: LoopThread | None = None,
    ) -> None:
        if isinstance(caller, Caller):
            caller = dict.fromkeys(Stage, caller)
        self._callers = dict(caller)
        if not self._callers:
            raise ValueError("caller: no stage has a model")
        self.name = name
        self.seconds = stage_seconds
        self._thinking = thinking_tokens
        self._thread = thread

    def reply(self, batch: Batch) -> Replies:
        """Answer a stage's questions, waiting for them on the loop of the language calls.

        Raises:
            StoppedEarly: the endpoint or a budget ends the run; it can be resumed.
            Divergence: the journal holds the replies to other questions.
        """
        return self._loop.submit(self._answer(batch))

    async def areply(self, batch: Batch) -> Replies:
        """The same, from any event loop."""
        return await on(self._loop, self._answer(batch))

    def questions(self, batch: Batch) -> list[Question]:
        """The calls that ask a batch, each with whom it goes to."""
        caller = self._callers.get(batch.stage)
        if caller is None:
            raise ValueError(f"no model is named for the stage {batch.stage.name.lower()}")
        return [(caller, self.call(batch, row)) for row in range(len(batch))]

    def call(self, batch: Batch, row: int) -> Call[StageReply]:
        """The call that asks one row of a batch: exactly what will be sent."""
        question = batch[row]
        stage, rules = batch.stage, batch.rules
        wire = schema(stage, rules)
        return Call(
            day=batch.day,
            stage=stage.name.lower(),
            subject=question.id,
            parts=render(question, rules),
            schema=wire,
            schema_name=schema_name(stage),
            seed=question.key,
            max_reply_tokens=REPLY_TOKENS[stage] + self._thinking,
            read=partial(read_reply, stage=stage, rules=rules, me=question.id),
            repair=partial(repair_text, stage=stage),
            bounded=bounded(wire),
        )

    async def _answer(self, batch: Batch) -> Replies:
        return gathered(batch.stage, await put(self.questions(batch), self.seconds))

    @property
    def _loop(self) -> LoopThread:
        return self._thread or process_loop()


class LanguageMixed(Mixed):
    """Several minds behind one, of which some ask language models: all are asked at once.

    Args:
        minds: who decides; the language minds among them share a journal and a loop.
        group_of: which of them decides for residents of these ids.
        thread: the loop of their endpoints; None takes the process's own.
    """

    def __init__(
        self,
        minds: tuple[Mind, ...],
        group_of: Callable[[Ints], Ints],
        thread: LoopThread | None = None,
    ) -> None:
        super().__init__(minds, group_of)
        self._thread = thread
        limits = [m.seconds for m in minds if isinstance(m, LanguageMind) and m.seconds is not None]
        self._seconds = min(limits, default=None)

    def reply(self, batch: Batch) -> Replies:
        """Ask each mind its own residents, waiting on the loop of the language calls."""
        return (self._thread or process_loop()).submit(self._answer(batch))

    async def areply(self, batch: Batch) -> Replies:
        """The same, from any event loop."""
        return await on(self._thread or process_loop(), self._answer(batch))

    async def _answer(self, batch: Batch) -> Replies:
        parts = self.parts(batch)
        asked: list[Question] = []
        for rows, mind in parts:
            if isinstance(mind, LanguageMind):
                asked += mind.questions(batch.take(rows))
        verdicts = iter(await put(asked, self._seconds))
        replies = []
        for rows, mind in parts:
            if isinstance(mind, LanguageMind):
                reply = gathered(batch.stage, [next(verdicts) for _ in rows])
            else:
                reply = mind.reply(batch.take(rows))
            replies.append((rows, reply))
        return together(batch, replies)


async def put(
    questions: Sequence[Question], seconds: float | None
) -> list[CallVerdict[StageReply]]:
    """Put questions at once; what ended the stage before (an outage) is given another chance."""
    for caller in {caller for caller, _ in questions}:
        caller.resume()
    return await ask_all(questions, seconds)


def gathered(stage: Stage, verdicts: Sequence[CallVerdict[StageReply]]) -> Replies:
    """Verdicts as a stage's columns."""
    answers = [v.fault or "unnamed" if v.value is None else v.value for v in verdicts]
    return gather(stage, answers)


async def on(thread: LoopThread, work: Coroutine[object, object, T]) -> T:
    """Await work that belongs on one loop, from that loop or from another."""
    if asyncio.get_running_loop() is thread.loop:
        return await work
    return await thread.bridge(work)


@contextmanager
def over(
    model: BaseChatModel,
    folder: Path | None = None,
    *,
    name: str = "",
    thinking_tokens: int = 0,
    stage_seconds: float | None = None,
    caps: Caps | None = None,
    prices: Prices | None = None,
    limits: Limits | None = None,
    policy: RetryPolicy | None = None,
) -> Iterator[LanguageMind]:
    """A mind over any chat model of langchain, for as long as the `with` lasts.

    Args:
        model: asked as it is; one of langchain's OpenAI family is given our connections and no
            retries of its own.
        folder: where the journal lies: the same community asked again in the same folder pays
            nothing twice. None keeps it only while the mind is open.
        name: what tables and reports call the mind; the model's own name by default.
        thinking_tokens: added to the longest reply of every stage.
        stage_seconds: the longest that one stage may take.
        caps: what may be spent.
        prices: what a million tokens cost.
        limits: how often the endpoint may be asked.
        policy: when to give up.

    Raises:
        JournalError: the journal in the folder is another mind's, damaged or in use.
    """
    from agents.llm.client import EndpointSettings
    from agents.llm.endpoint import process_endpoints
    from agents.llm.journal import open_journal
    from agents.llm.spending import Spending

    endpoint = process_endpoints().open(EndpointSettings(""), limits, policy, model)
    called = endpoint.client.name
    name = name or called
    with TemporaryDirectory(prefix="civa-") as spare:
        place = Path(spare) if folder is None else folder
        place.mkdir(parents=True, exist_ok=True)
        journal = open_journal(place / "calls.sqlite", json.dumps({"mind": name}))
        try:
            spending = Spending(caps, {called: prices} if prices else None, journal.spent())
            caller = Caller(journal, endpoint, spending, cache_key=name)
            yield LanguageMind(
                caller, name, thinking_tokens=thinking_tokens, stage_seconds=stage_seconds
            )
        finally:
            journal.close()
