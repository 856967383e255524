"""Judging runs: ask a judge about resident-days, verify what it says, set it beside the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from agents.asides.judge import LabelEvidence, instructions, judge_call, read_judgement
from agents.asides.judge_hashes import judge_hashes
from agents.asides.labels import LABELS, TEXT_LABEL
from agents.asides.scripted_judge import Confusion, scripted_reply
from agents.llm.errors import ReplyFault
from agents.purposes import Stream
from model.analysis.labelled_runs import RunTables
from model.asides.items import Item, draw_items
from model.asides.side_calls import ask, folder_of, side_caller
from model.world.settings import Settings, check_capped

FOLDER: Final = "judge"
CARD: Final = "judge.json"


@dataclass(frozen=True)
class Judged:
    """What a judge said.

    Attributes:
        mind: the judge.
        items: one row an item: number, run, arm, day, resident, part, fault (its cause, or empty).
        readings: one row an item and label (`statistics.READINGS`), reference = the rules.
        evidence: one row a label given: item, run, day, resident, label, quote, claim, table, row.
    """

    mind: str
    items: pd.DataFrame
    readings: pd.DataFrame
    evidence: pd.DataFrame

    @property
    def text_deceptions(self) -> pd.DataFrame:
        """Deception in free text: the judge's alone, with claim and verified quote."""
        return self.evidence[self.evidence["label"] == TEXT_LABEL].reset_index(drop=True)

    @property
    def faults(self) -> int:
        """Items without a usable reply."""
        return int((self.items["fault"] != "").sum())


def judge_runs(
    runs: Sequence[RunTables],
    mind: str,
    *,
    per_run: int = 0,
    extra: int = 0,
    seed: int = 0,
    settings: Settings | None = None,
    folder: Path | None = None,
    identities: Mapping[str, Any] | None = None,
) -> Judged:
    """Have resident-days of some runs judged.

    Args:
        runs: which.
        mind: `openai:MODEL`, or `scripted:` with a confusion matrix
            (`agents.asides.scripted_judge`).
        per_run: resident-days drawn from each run; 0 takes all.
        extra: more days with each label, for sensitivity.
        seed: of the draws, the order of items and labels, and the names.
        settings: where a language model is asked.
        folder: where its calls are journalled; needed for a language model.
        identities: what the runs are, for the journal's identity.

    Raises:
        InputError: the judge's name cannot be used, it asks a language model without a cap, or its
            journal is of other questions.
    """
    settings = settings or Settings()
    check_capped("mind", mind, settings)
    items = draw_items(runs, per_run=per_run, extra=extra, seed=seed)
    kind, _, rest = mind.partition(":")
    if kind == "scripted":
        confusion = Confusion.parse(rest)
        verdicts = [_scripted(item, confusion) for item in items]
    else:
        identity = {
            "runs": dict(identities or {}),
            "texts": judge_hashes(),
            "draw": [per_run, extra, seed],
        }
        with ExitStack() as stack:
            base = Path(FOLDER) if folder is None else folder
            caller = stack.enter_context(
                side_caller(folder_of(base, mind), mind, settings, identity)
            )
            static = instructions(label_order(seed))
            found = ask(caller, [judge_call(item.question, static) for item in items])
        verdicts = [v.fault or "unnamed" if v.value is None else v.value for v in found]
    return judged(mind, items, verdicts)


def label_order(seed: int) -> list[str]:
    """The order in which a judge is told the labels: one a study, so that its prompt is shared."""
    return [str(x) for x in np.random.default_rng([seed, Stream.LABELS]).permutation(LABELS)]


def judged(
    mind: str, items: Sequence[Item], verdicts: Sequence[tuple[LabelEvidence, ...] | str]
) -> Judged:
    """Verdicts (evidence, or the cause of a fault) as tables, beside what the rules find."""
    heads, readings, evidence = [], [], []
    for item, verdict in zip(items, verdicts, strict=True):
        fault = verdict if isinstance(verdict, str) else ""
        where = {"run": item.run, "day": item.day, "resident": item.resident}
        heads.append(
            {"item": item.number, **where, "arm": item.arm, "part": item.part, "fault": fault}
        )
        given = {} if isinstance(verdict, str) else {one.label: one for one in verdict}
        for label in LABELS:
            known = np.nan if label in item.undefined else float(label in item.truth)
            readings.append(
                {
                    "item": item.number,
                    "run": item.run,
                    "arm": item.arm,
                    "part": item.part,
                    "label": label,
                    "opportunity": int(label in item.could),
                    "judged": np.nan if fault else float(label in given),
                    "reference": known,
                }
            )
        for one in given.values():
            line = item.lines[one.line]
            evidence.append(
                {
                    "item": item.number,
                    **where,
                    "label": one.label,
                    "quote": one.quote,
                    "claim": one.claim,
                    "table": line.table,
                    "row": line.row,
                }
            )
    names = ["item", "run", "day", "resident", "label", "quote", "claim", "table", "row"]
    return Judged(
        mind,
        pd.DataFrame(heads, columns=["item", *names[1:4], "arm", "part", "fault"]),
        pd.DataFrame(readings),
        pd.DataFrame(evidence, columns=names),
    )


def _scripted(item: Item, confusion: Confusion) -> tuple[LabelEvidence, ...] | str:
    try:
        raw = scripted_reply(item.question, item.truth, confusion)
        return read_judgement(raw, item.question.lines)
    except ReplyFault as fault:
        return fault.cause


def tables_of(found: Judged) -> dict[str, pd.DataFrame]:
    """What a judge said, as the tables of its folder, by file name."""
    return {
        "items": found.items,
        "readings": found.readings,
        "evidence": found.evidence,
        "deception_text": found.text_deceptions,
    }


def card_of(found: Judged, **more: Any) -> dict[str, Any]:
    """What the tables are: the judge, the texts it was asked with, and further facts."""
    card = {"judge": found.mind, "items": len(found.items), "faults": found.faults}
    return {**card, "texts": judge_hashes(), **more}
