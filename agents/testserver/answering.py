"""From a request's text to the question and the answer: nothing else is known here.

No run id, no header, no memory of earlier requests: the rules, the resident, the values and the day
are read from the prompt, the randomness from its seed. What cannot be read exactly is refused with
the line named, never guessed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from agents.batch import Batch
from agents.llm.probe import PROBE_PARTS, PROBE_SCHEMA
from agents.minds import Mind
from agents.observation import Observation, Rules
from agents.prompts.columns import answer
from agents.prompts.read import read
from agents.prompts.render import YOU
from agents.prompts.replies import REPAIR
from agents.prompts.schemas import schema
from agents.prompts.static import UnreadablePrompt
from agents.testserver.side_questions import Aside, aside
from agents.testserver.wire import BadRequest, WireRequest, check_schema

BETWEEN: Final = "\n\n"


@dataclass(frozen=True)
class ServedQuestion:
    """What a request asks: a resident's question, or only whether the connection works.

    Attributes:
        question: None for a test of the connection.
        rules: the community's; None for a test.
        attempt: 0, or 1 where the client says that the last reply could not be used.
        beside: a question beside the run (probes, a judge's, an overseer's), read.
    """

    question: Observation | None
    rules: Rules | None
    attempt: int = 0
    beside: Aside | None = None

    @property
    def where(self) -> dict[str, Any]:
        """Day, stage, resident and attempt, for the record of what was dealt."""
        if self.beside is not None:
            return self.beside.where
        if self.question is None:
            return {"day": -1, "stage": "probe", "resident": 0, "attempt": 0}
        one = self.question
        stage = one.stage.name.lower()
        return {"day": one.day, "stage": stage, "resident": one.id, "attempt": self.attempt}


def understand(request: WireRequest) -> ServedQuestion:
    """Read a request's prompt.

    Raises:
        BadRequest: some line of it, or its schema, cannot be read exactly; the message says which.
    """
    if (request.system, request.user) == (BETWEEN.join(PROBE_PARTS[:2]), PROBE_PARTS[2]):
        check_schema(request.schema, PROBE_SCHEMA)
        return ServedQuestion(None, None)
    if (beside := aside(request)) is not None:
        return ServedQuestion(None, None, beside.attempt, beside)
    if request.seed is None:
        raise BadRequest("seed: missing; a question's randomness travels as its seed", "seed")
    static, between, you = request.system.partition(BETWEEN + YOU)
    if not between:
        raise BadRequest(f"system message: no line {YOU.strip()!r}")
    user, repaired, wrong = request.user.partition(BETWEEN)
    try:
        rules, question = read((static, YOU + you, user), request.seed)
    except UnreadablePrompt as error:
        raise BadRequest(str(error)) from None
    if repaired:
        last = f". Give the {question.stage.name.capitalize()} reply again."
        if not (wrong.startswith(REPAIR) and wrong.endswith(last)) or "\n" in wrong:
            raise BadRequest(f"question, last line: {wrong!r} is no request to repair a reply")
    check_schema(request.schema, schema(question.stage, rules))
    return ServedQuestion(question, rules, int(bool(repaired)))


def decide(asked: ServedQuestion, mind: Mind) -> str:
    """The mind's answer as the JSON text that the question asks for."""
    if asked.beside is not None:
        return asked.beside.reply
    if asked.question is None or asked.rules is None:
        return json.dumps({"answer": "yes"})
    one = asked.question
    replies = mind.reply(Batch.of(asked.rules, [one]))
    found = answer(replies, 0, one.id, one.stage, asked.rules)
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False)
