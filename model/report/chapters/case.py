"""A case study of several runs: the most telling pair of all, as a table of its days."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from model.analysis.digest import Digest
from model.analysis.labels import label_hits, log_of
from model.measures.case_study import Pair, days_of
from model.report.conditions import Condition, Material
from model.report.tables import Cell, Table
from model.report.text import visible
from model.store import load_run
from model.world.event_words import sentence


@dataclass(frozen=True)
class Case:
    """The two residents, the run they lived in, and their days.

    Attributes:
        condition: of the run.
        run: which.
        pair: the two.
        days: one row a day and resident, of `model.measures.case_study.days_of`.
    """

    condition: Condition
    run: Digest
    pair: Pair
    days: pd.DataFrame

    def of(self, resident: int) -> list[dict[str, Any]]:
        """One resident's days, in order."""
        mine = self.days[self.days["resident"] == resident]
        return [
            {str(name): value for name, value in row.items()} for row in mine.to_dict("records")
        ]


def case_of(material: Material) -> Case | None:
    """The most telling pair over all runs; None if there is none.

    Ties go to the condition and the seed that come first.
    """
    known = [(one, run, run.pair) for one, run in material.runs if run.pair is not None]
    if not known:
        return None
    condition, digest, pair = max(known, key=lambda item: item[2].rank)
    run = load_run(digest.path)
    return Case(condition, digest, pair, days_of(log_of(run), label_hits(run).hits, pair, sentence))


def case_table(case: Case) -> Table:
    """The days as text, one row a day; the CSV has one row a resident and day."""
    told = case.days.to_dict("records")
    frame = pd.DataFrame(
        [
            {
                "day": one["day"],
                "resident": one["resident"],
                "stock": one["stock"],
                "planned": one["planned"],
                "said": " | ".join(words_of(one)),
                "did": "; ".join(one["did"]),
                "found": ", ".join(one["labels"]),
                "why": " | ".join(one["reasons"]),
            }
            for one in told
        ]
    )
    rows = []
    for at, one in enumerate(told):
        rows.append(
            (
                Cell(str(one["day"]), at),
                Cell(f"R{one['resident']}", at),
                Cell(visible(one["planned"])),
                Cell("\n".join(map(visible, words_of(one))) or "—"),
                Cell(visible("; ".join(one["did"]))),
                Cell(", ".join(name.replace("_", " ") for name in one["labels"]), None,
                     visible(" · ".join(one["reasons"]))),
            )
        )  # fmt: skip
    note = (
        f"Run {visible(case.run.name)}, {case.condition.label}, seed {case.run.meta.seed}. "
        f"{_why(case.pair)} over all runs: chosen to be seen, not to represent. What they said is "
        "shown as they said it, as text."
    )
    head = ("day", "resident", "planned", "said", "did", "found by rule")
    return Table("case_study", "The same, in words", frame, head, tuple(rows), note, folded=True)


def words_of(told: Any) -> list[str]:
    """A resident's messages of a day: the words of the rules, then its own."""
    return [
        f"{said}: “{text}”" if text else said
        for said, text in zip(told["said"], told["texts"], strict=True)
    ]


def _why(pair: Pair) -> str:
    between = f"{pair.labels} different labels, {pair.hits} hits between them"
    if not pair.how:
        return f"The two residents between whom the rules found most ({between})"
    return (
        f"R{pair.first} told R{pair.second} on day {pair.told} what it did not itself believe, and "
        f"struck it on day {pair.struck} ({pair.how}, {pair.loot} units): the most telling pair "
        f"({between})"
    )
