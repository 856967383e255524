"""What a resident is sent, or was sent, on one day: the prompts of a language mind, exactly.

A run is executed again up to that day, by its own mind where it needs no network (a language run's
journal answers for it), and the questions of that day are rendered as they would be sent. For a
scenario that was not run, the days before are lived by the surrogate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.asides.contradictions import Contradictions
from agents.errors import InputError
from agents.llm.counting import tokens_in
from agents.llm.errors import MissingReply
from agents.prompts.render import Parts, render
from agents.prompts.schemas import REPLY_TOKENS, schema, schema_name
from model.community import CommunityModel
from model.run.runs import reopened
from model.store import MemoryRecorder

if TYPE_CHECKING:
    from agents.batch import Batch
    from model.world.scenario import Scenario


@dataclass(frozen=True)
class Sent:
    """One request as its resident gives rise to it.

    Attributes:
        day: of the run.
        stage: of the day.
        resident: its id.
        mind: who is asked.
        parts: static, resident's and user text. The cache breakpoint lies after the first.
        schema: JSON schema of the reply.
        name: the schema's name.
        seed: of the request.
        reply_tokens: the longest reply.
    """

    day: int
    stage: str
    resident: int
    mind: str
    parts: Parts
    schema: dict[str, Any]
    name: str
    seed: int
    reply_tokens: int

    @property
    def tokens(self) -> tuple[int, int, int]:
        """Estimated tokens of the three parts."""
        static, resident, user = map(tokens_in, self.parts)
        return static, resident, user


def stand_in(scenario: Scenario) -> Scenario:
    """The scenario with offline minds wherever it asks a language model.

    The surrogate decides for residents, and the overseer of rules watches the messages.
    """
    stands = {"mind": "surrogate", "second_mind": "surrogate", "overseer": Contradictions.name}
    changes: dict[str, Any] = {field: stands[field] for field in scenario.language}
    return scenario.model_copy(update={"stage_models": ()} | changes)


def asked_in_run(folder: Path, day: int, resident: int) -> list[Sent]:
    """What a resident of a run was sent on a day.

    Raises:
        InputError: the run cannot be executed again, or nobody of that id is asked on that day.
        CivaError: the journal does not answer what is asked on the days before.
    """
    with reopened(folder, MemoryRecorder()) as (_, model):
        return asked_by(model, day, resident)


def asked_in(scenario: Scenario, seed: int, day: int, resident: int) -> list[Sent]:
    """What a resident would be sent on a day, if a surrogate lived the days before it.

    Raises:
        InputError: nobody of that id is asked on that day.
    """
    return asked_by(CommunityModel(stand_in(scenario), rng=seed), day, resident, scenario)


def asked_by(
    model: CommunityModel, day: int, resident: int, scenario: Scenario | None = None
) -> list[Sent]:
    """Live a community up to a day and take down what a resident is asked on it.

    Args:
        model: a community before that day.
        day: the day.
        resident: its id.
        scenario: names the minds, if the model's own does not.

    Raises:
        InputError: nobody of that id is asked on that day.
    """
    scenario = scenario or model.scenario
    if not 1 <= day <= model.scenario.days:
        raise InputError(f"day: {day} is not one of this run's; use 1 to {model.scenario.days}")
    while model.running and model.today < day - 1:
        model.step()
    if model.today < day - 1:
        raise InputError(f"day: nobody is alive on day {day}; the last day is {model.today}")
    found = [
        _sent(batch, int(row), scenario, model)
        for batch in _questions(model)
        for row in np.flatnonzero(batch.id == resident)
    ]
    if not found:
        living = model.residents.living() + 1
        raise InputError(
            f"resident: R{resident} is not asked on day {day}; the living are "
            f"{', '.join(f'R{one}' for one in living[:12].tolist())}"
            + (f" and {len(living) - 12} more" if len(living) > 12 else "")
        )
    return found


def _questions(model: CommunityModel) -> Iterator[Batch]:
    """A day's questions as far as the model's mind answers them; the day leaves no trace."""
    asking = model.day()
    try:
        batch = next(asking)
        while True:
            yield batch
            batch = asking.send(model.mind.reply(batch))
    except (StopIteration, MissingReply):
        return
    finally:
        asking.close()


def _sent(batch: Batch, row: int, scenario: Scenario, model: CommunityModel) -> Sent:
    question = batch[row]
    group = int(model.group_of(batch.id[row : row + 1])[0])
    return Sent(
        day=batch.day,
        stage=batch.stage.name.lower(),
        resident=question.id,
        mind=scenario.second_mind if group else scenario.mind,
        parts=render(question, batch.rules),
        schema=schema(batch.stage, batch.rules),
        name=schema_name(batch.stage),
        seed=question.key,
        reply_tokens=REPLY_TOKENS[batch.stage] + scenario.thinking_tokens,
    )
