"""The language mind: a stage's questions as prompts, the replies as a stage's columns.

It writes each question (`agents.prompts`), asks all of a stage at once (`agents.llm`), and reads
what comes back. A reply that cannot be used after one repair is a fault in its row, with its cause;
what it means for the resident's day is the world's to decide. An endpoint's fault is no resident's:
it ends the run, resumable. Staged and fused cognition differ only in the stages that they ask.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from agents.batch import Batch
from agents.decisions import Replies
from agents.llm.caller import Call, Caller
from agents.llm.loop import LoopThread, process_loop
from agents.observation import Stage
from agents.prompts.columns import gather
from agents.prompts.render import render
from agents.prompts.replies import Reply, read_reply, repair_text
from agents.prompts.schemas import REPLY_TOKENS, schema, schema_name


class LanguageMind:
    """Decides by asking a language model; one row, one call.

    Args:
        caller: asks the run's questions; by stage where stages have models of their own.
        name: what every table and report calls this mind, e.g. `openai:gpt-5-mini`.
        thinking_tokens: added to the longest reply of every stage, for models that reason first.
        stage_seconds: the longest that one stage may take, or None.
        thread: the loop on which the caller's endpoint lives; None takes the process's own.

    Raises:
        ValueError: a mapping without a caller for some stage.
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
        self._thinking = thinking_tokens
        self._seconds = stage_seconds
        self._thread = thread

    def reply(self, batch: Batch) -> Replies:
        """Answer a stage's questions, waiting for them on the loop of the language calls."""
        return (self._thread or process_loop()).submit(self.areply(batch))

    async def areply(self, batch: Batch) -> Replies:
        """The same, on the loop itself.

        Raises:
            StoppedEarly: the endpoint or a budget ends the run; it can be resumed.
            Divergence: the journal holds the replies to other questions.
        """
        caller = self._callers.get(batch.stage)
        if caller is None:
            raise ValueError(f"no model is named for the stage {batch.stage.name.lower()}")
        calls = [self.call(batch, row) for row in range(len(batch))]
        verdicts = await caller.ask_many(calls, self._seconds)
        answers: list[Reply | str] = []
        for verdict in verdicts:
            if verdict.value is None:
                answers.append(verdict.fault or "unnamed")
            else:
                answers.append(verdict.value)
        return gather(batch.stage, answers)

    def call(self, batch: Batch, row: int) -> Call[Reply]:
        """The call that asks one row of a batch: exactly what will be sent."""
        question = batch[row]
        stage, rules = batch.stage, batch.rules
        return Call(
            day=batch.day,
            stage=stage.name.lower(),
            subject=question.id,
            parts=render(question, rules),
            schema=schema(stage, rules),
            schema_name=schema_name(stage),
            seed=question.key,
            max_reply_tokens=REPLY_TOKENS[stage] + self._thinking,
            read=partial(read_reply, stage=stage, rules=rules, me=question.id),
            repair=partial(repair_text, stage=stage),
        )
