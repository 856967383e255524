"""Putting the probes to the residents of a run, before, during and after it.

Nothing of it touches the run: the community is built again (and, for a later day, executed again
with the network off), and the morning of a day is taken as the residents would be shown it. Who is
asked is the mind that decides for the resident. Three contexts:

- `bare`: its value text alone.
- `reference`: the same without its treatment. For a sham that is the text it stands in for, so that
  a sham which conveys the same weights must not move anything; for all else the untreated text.
- `lived`: the morning of a day, with what it remembers. Day 1 is before the run, day t + 1 after t.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import numpy as np
import pandas as pd

from agents.asides.asking import Context, assessment_call
from agents.asides.probe_hashes import assessment_hashes
from agents.asides.probes import drop_reasons, probes, score
from agents.asides.stated import STATING, stated_answers
from agents.batch import Batch
from agents.decisions import Ints
from agents.errors import InputError
from agents.expression import UNTREATED, convey
from agents.llm.caller import Caller
from agents.minds.register import asks_language
from agents.observation import Observation
from agents.purposes import Purpose
from agents.randomness import day_keys, draws
from agents.values import MODES, VALUES
from model.asides.side_calls import ask, folder_of, side_caller
from model.community import CommunityModel
from model.store import Run, load_run
from model.world.inputs import read_inputs
from model.world.minds import nobody
from model.world.perceive import perceive
from model.world.settings import Settings

Where = Literal["bare", "reference", "lived"]
FOLDER: Final = "assess"
CARD: Final = "assess.json"
#: Columns of an assessment beside the ten scores and the forty answers.
KEYS: Final = (
    *("run", "seed", "mind", "family", "method", "paraphrase", "context", "day", "time"),
    "resident",
    *("treated", "value", "mode", "prevalence", "fault"),
)


class Assessor(Protocol):
    """Whoever answers probes for residents."""

    def answers(
        self, batch: Batch, where: Where, time: int = 0
    ) -> list[np.ndarray[Any, Any] | str]:
        """Forty answers a row of the batch, or the cause of a fault; asked afresh each time."""


class Stated:
    """A mind of weights: states what it was told (`agents.asides.stated`)."""

    def answers(
        self, batch: Batch, where: Where, time: int = 0
    ) -> list[np.ndarray[Any, Any] | str]:
        """Forty answers a row; neither the context nor being asked again changes anything."""
        return list(stated_answers(batch.told))


class SideModel:
    """A language model, asked by side calls."""

    def __init__(self, caller: Caller, thinking_tokens: int = 0) -> None:
        self._caller = caller
        self._thinking = thinking_tokens

    def answers(
        self, batch: Batch, where: Where, time: int = 0
    ) -> list[np.ndarray[Any, Any] | str]:
        """Forty answers a row, or why its reply could not be used.

        Asked again, a resident reads the probes in another order: the reply is fresh, and the
        journal holds each time apart.
        """
        context: Context = "lived" if where == "lived" else "bare"
        calls = [
            replace(
                assessment_call(
                    _again(batch[i], time), batch.rules, context, thinking_tokens=self._thinking
                ),
                stage=f"assess {where}" + (f" {time + 1}" if time else ""),
            )
            for i in range(len(batch))
        ]
        verdicts = ask(self._caller, calls)
        return [v.fault or "unnamed" if v.value is None else v.value for v in verdicts]


def assess_run(
    path: Path,
    settings: Settings | None = None,
    *,
    days: Sequence[int] = (),
    mind: str = "",
    name: str = "",
    times: int = 1,
) -> pd.DataFrame:
    """Assess the residents of a run as they stood.

    Args:
        path: its folder; what a language model says is kept below it, in `assess/`.
        settings: where a language model is asked.
        days: days after which the lived context is asked; 0 is before the first. The bare context
            is always asked.
        mind: whom to ask instead of the minds that decided.
        name: what the run is called in the table; the folder's name by default.
        times: how often every question is asked; what replies differ by shows from two on.

    Returns:
        One row a resident, context and time: `KEYS`, ten centred scores (NaN for a fault or a
        respondent who is not scored), forty answers.

    Raises:
        InputError: no run lies there, a day is beyond its end, or a mind states nothing.
    """
    run = load_run(path)
    settings = settings or Settings()
    last = int(run.days["day"].max()) if len(run.days) else 0
    if odd := [day for day in days if not 0 <= day <= last]:
        raise InputError(f"days: {odd[0]} is not among the days 0 to {last} of {path}")
    with ExitStack() as stack:
        scenario = run.scenario
        minds = [mind or one for one in (scenario.mind, scenario.second_mind) if one]
        assessors = {one: _assessor(one, run, settings, stack) for one in dict.fromkeys(minds)}
        inputs = read_inputs(scenario, run.meta.identity.get("inputs", {}))
        model = CommunityModel(scenario, rng=run.meta.seed, mind=nobody(), inputs=inputs)
        wheres: tuple[Where, ...] = ("bare", "reference")
        if 0 in days:
            wheres = (*wheres, "lived")
        parts = [
            _ask(model, where, assessors, minds, 0, time)
            for where in wheres
            for time in range(times)
        ]
        later = sorted({day for day in days if day > 0})
        if later:
            parts += _later(path, later, assessors, minds, times)
    table = pd.concat(parts, ignore_index=True)
    return table.assign(run=name or path.name, seed=run.meta.seed)[[*KEYS, *_SCORED]]


def assess_community(
    model: CommunityModel, assessor: Assessor, where: Where = "lived"
) -> pd.DataFrame:
    """Assess a community that is alive now, between two of its days; nothing in it changes."""
    name = model.mind.name
    table = _ask(model, where, {name: assessor}, [name], model.today)
    return table.assign(run="", seed=model.seed)[[*KEYS, *_SCORED]]


_SCORED: Final = (*VALUES, *(probe.name for probe in probes()))


def _assessor(mind: str, run: Run, settings: Settings, stack: ExitStack) -> Assessor:
    if asks_language(mind):
        folder = folder_of(run.path / FOLDER, mind)
        identity = {"of": dict(run.meta.identity), "texts": assessment_hashes()}
        caller = stack.enter_context(side_caller(folder, mind, settings, identity))
        return SideModel(caller, run.scenario.thinking_tokens)
    if mind.partition(":")[0] not in STATING:
        raise InputError(
            f"mind: {mind} acts on no weights and reads no text, so it states no values; assess "
            f"a run of {', '.join(STATING)} or openai:MODEL"
        )
    return Stated()


def _later(
    path: Path,
    days: Sequence[int],
    assessors: Mapping[str, Assessor],
    minds: list[str],
    times: int,
) -> list[pd.DataFrame]:
    """The lived context after some days, from an execution of the run with the network off."""
    from model.run.runs import replay

    parts: list[pd.DataFrame] = []

    def on_day(model: CommunityModel) -> None:
        if model.today in days and model.latest.population:
            parts.extend(
                _ask(model, "lived", assessors, minds, model.today, time) for time in range(times)
            )

    replay(path, on_day)
    return parts


def _ask(
    model: CommunityModel,
    where: Where,
    assessors: Mapping[str, Assessor],
    minds: list[str],
    day: int,
    time: int = 0,
) -> pd.DataFrame:
    keys = day_keys(model.seed, model.today + 1, model.residents.count)
    batch = perceive(model.world, model.today + 1, keys).questions
    people, rows = model.residents, batch.id - 1
    treated = people.treated[rows].astype(bool)
    if where == "reference":
        keep = np.flatnonzero(treated)
        batch, rows, treated = _untreated(model, batch).take(keep), rows[keep], treated[keep]
    groups = np.minimum(people.group[rows], len(minds) - 1)
    replies: list[np.ndarray[Any, Any] | str] = [""] * len(batch)
    for k, mind in enumerate(minds):
        chosen = np.flatnonzero(groups == k)
        if len(chosen):
            for i, reply in zip(
                chosen.tolist(),
                assessors[mind].answers(batch.take(chosen), where, time),
                strict=True,
            ):
                replies[i] = reply
    table = _table(model, batch.id, where, day, [minds[g] for g in groups.tolist()], replies)
    return table.assign(time=time)


def _again(one: Observation, time: int) -> Observation:
    """The same question with the randomness of another time."""
    if not time:
        return one
    return replace(one, key=int(draws(np.array([one.key]), Purpose.ASKED_AGAIN, time)[0]) >> 33)


def _untreated(model: CommunityModel, batch: Batch) -> Batch:
    """The same residents as if they had not been treated."""
    s, rows = model.scenario, batch.id - 1
    if s.method == "sham":
        return replace(batch, rules=replace(batch.rules, method="gloss"))
    nobody = np.full(len(batch), UNTREATED)
    told = convey(
        s.family, s.method, model.residents.profile[rows], nobody, np.zeros_like(nobody),
        s.compensated,
    )  # fmt: skip
    return replace(batch, value=nobody, mode=np.zeros_like(nobody), told=told)


def _table(
    model: CommunityModel,
    ids: Ints,
    where: Where,
    day: int,
    minds: list[str],
    replies: list[np.ndarray[Any, Any] | str],
) -> pd.DataFrame:
    people, scenario, rows = model.residents, model.scenario, ids - 1
    answers = np.full((len(ids), len(probes())), np.nan)
    for i, reply in enumerate(replies):
        if not isinstance(reply, str):
            answers[i] = reply
    dropped = drop_reasons(answers)
    faults = [
        reply if isinstance(reply, str) else dropped[i] or "" for i, reply in enumerate(replies)
    ]
    treated = people.treated[rows].astype(bool)
    value = [
        VALUES[v] if t else "" for v, t in zip(people.value[rows].tolist(), treated, strict=True)
    ]
    mode = [MODES[m] if t else "" for m, t in zip(people.mode[rows].tolist(), treated, strict=True)]
    return pd.DataFrame(
        {
            "mind": minds,
            "family": scenario.family,
            "method": scenario.method,
            "paraphrase": scenario.paraphrase,
            "context": where,
            "day": day,
            "resident": ids,
            "treated": treated,
            "value": value,
            "mode": mode,
            "prevalence": scenario.prevalence,
            "fault": faults,
            **dict(zip(VALUES, score(answers).T, strict=True)),
            **{probe.name: answers[:, i] for i, probe in enumerate(probes())},
        }
    )
