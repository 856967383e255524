"""Which resident-days are judged, what the rules say of them, and the questions made of them.

The item is the actor-day: a resident on a day on which it lived without a fault. A sample has two
parts. *rate*: drawn at random within each run, the same number from each; rates are made from it
alone. *extra*: more days on which the rules find a label, so that a judge's sensitivity can be
seen; sensitivity and specificity are conditional on the truth, so both parts serve for them. The
order of all is shuffled by seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from agents.asides.judge import Question
from agents.asides.labels import LABELS
from agents.purposes import Stream
from agents.randomness import day_keys
from model.analysis.labelled_runs import RunTables
from model.asides.transcript import Line, Transcriber


@dataclass(frozen=True)
class Item:
    """One resident-day to be judged.

    Attributes:
        number: place in the shuffled order, from 1.
        run, arm: which run it is of, and its condition (never shown).
        day, resident: which.
        part: `rate` or `extra`.
        truth: labels that the rules find.
        could: labels that had an opportunity.
        undefined: labels that the run's rules cannot say.
        lines: the transcript, with the rows behind it.
        question: what is asked.
    """

    number: int
    run: str
    arm: str
    day: int
    resident: int
    part: str
    truth: frozenset[str]
    could: frozenset[str]
    undefined: frozenset[str]
    lines: tuple[Line, ...]
    question: Question


def draw_items(
    runs: Sequence[RunTables], *, per_run: int = 0, extra: int = 0, seed: int = 0
) -> list[Item]:
    """Draw and write the items of some runs.

    Args:
        runs: which.
        per_run: resident-days drawn from each; 0 takes all.
        extra: for each label, how many more days with it, over all runs, where there are so many.
        seed: of the draws, the order and the names.
    """
    rng = np.random.default_rng([seed, Stream.ITEMS])
    chosen: list[tuple[int, int, int, str]] = []
    for place, run in enumerate(runs):
        days = _actor_days(run.tables["residents"])
        take = len(days) if per_run == 0 else min(per_run, len(days))
        rows = np.sort(rng.permutation(len(days))[:take])
        chosen += [(place, int(days[r][0]), int(days[r][1]), "rate") for r in rows.tolist()]
    chosen += _extra(runs, {one[:3] for one in chosen}, extra, rng)
    order = rng.permutation(len(chosen))
    keys = day_keys(seed, Stream.ITEMS, len(chosen))
    writers = [Transcriber(run.tables) for run in runs]
    facts = [_facts(run) for run in runs]
    return [
        _item(number, chosen[at], runs, writers, facts, int(keys[number - 1]))
        for number, at in enumerate(order.tolist(), start=1)
    ]


Facts = tuple[dict[tuple[int, int], set[str]], dict[tuple[int, int], set[str]]]


def _item(
    number: int,
    chosen: tuple[int, int, int, str],
    runs: Sequence[RunTables],
    writers: Sequence[Transcriber],
    facts: Sequence[Facts],
    key: int,
) -> Item:
    place, day, resident, part = chosen
    run, writer, (hits, could) = runs[place], writers[place], facts[place]
    lines = tuple(writer.lines(resident, day, key))
    question = Question(
        number, tuple(line.text for line in lines), writer.names(key)(resident), day, key
    )
    return Item(
        number=number,
        run=run.name,
        arm=run.arm,
        day=day,
        resident=resident,
        part=part,
        truth=frozenset(hits.get((day, resident), ())),
        could=frozenset(could.get((day, resident), ())),
        undefined=frozenset(run.found.undefined) & frozenset(LABELS),
        lines=lines,
        question=question,
    )


def _actor_days(residents: pd.DataFrame) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    whole = residents["fault"].astype(str).isin(["", "remember"]) & (residents["day"] >= 1)
    return residents.loc[whole, ["day", "resident"]].to_numpy(np.int64)


def _facts(run: RunTables) -> Facts:
    return _by_day(run.found.hits), _by_day(run.found.opportunities)


def _by_day(table: pd.DataFrame) -> dict[tuple[int, int], set[str]]:
    found: dict[tuple[int, int], set[str]] = {}
    for row in table[table["label"].astype(str).isin(LABELS)].to_dict("records"):
        found.setdefault((int(row["day"]), int(row["resident"])), set()).add(str(row["label"]))
    return found


def _extra(
    runs: Sequence[RunTables],
    taken: set[tuple[int, int, int]],
    extra: int,
    rng: np.random.Generator,
) -> list[tuple[int, int, int, str]]:
    chosen: list[tuple[int, int, int, str]] = []
    for label in LABELS if extra else ():
        pool = [
            (place, int(row["day"]), int(row["resident"]))
            for place, run in enumerate(runs)
            for row in run.found.hits[run.found.hits["label"].astype(str) == label].to_dict(
                "records"
            )
        ]
        free = [one for one in pool if one not in taken]
        for at in rng.permutation(len(free))[:extra].tolist():
            taken.add(free[at])
            chosen.append((*free[at], "extra"))
    return chosen
