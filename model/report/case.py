"""A case study: two residents of one run, what each planned, said and did, day by day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from model.report.data import Condition, Material
from model.report.digest import Digest
from model.report.labels import label_hits
from model.report.quotes import Pair, act_words
from model.report.tables import Cell, Table
from model.report.text import visible
from model.store import Run, load_run

BEFORE: Final = 6
DAYS: Final = 12


@dataclass(frozen=True)
class Moment:
    """One resident on one day.

    Attributes:
        day: which.
        resident: who.
        planned, did: acts in a few words.
        main, further: acts done, as single words.
        plan_main, plan_further: acts planned, likewise.
        said: messages, each as (kind, addressee or 0, text).
        to_other: whether it spoke to, or aimed its further act at, the other of the two.
        labels: what the rules found of it that day.
        reasons: the rules' own lines for these.
        stock: units it had in the morning.
    """

    day: int
    resident: int
    planned: str
    did: str
    main: str
    further: str
    plan_main: str
    plan_further: str
    said: tuple[tuple[str, int, str], ...]
    to_other: bool
    labels: tuple[str, ...]
    reasons: tuple[str, ...]
    stock: int


@dataclass(frozen=True)
class Case:
    """The two residents, the run they lived in, and their days.

    Attributes:
        condition: of the run.
        run: which.
        pair: the two.
        days: the days told, in order.
        moments: (resident, day) → what happened; no entry where one did not live.
    """

    condition: Condition
    run: Digest
    pair: Pair
    days: tuple[int, ...]
    moments: dict[tuple[int, int], Moment]


def case_of(material: Material) -> Case | None:
    """The pair between whom most different labels were found, over all runs; None if there is none.

    Ties go to more hits, then to the condition and the seed that come first.
    """
    known = [(one, run, run.pair) for one, run in material.runs if run.pair is not None]
    if not known:
        return None
    condition, digest, pair = max(known, key=lambda item: (item[2].labels, item[2].hits))
    run = load_run(digest.path)
    both = run.residents[run.residents["resident"].isin([pair.first, pair.second])]
    lived = both.groupby("day")["resident"].nunique()
    together = lived.index[lived == 2]
    start = max(int(together.min()), pair.day - BEFORE)
    start = max(int(together.min()), min(start, int(together.max()) - DAYS + 1))
    days = tuple(day for day in range(start, start + DAYS) if day in set(together))
    return Case(condition, digest, pair, days, _moments(run, pair, days))


def case_table(case: Case) -> Table:
    """The days as text, one row a day; the CSV has one row a resident and day."""
    pair = (case.pair.first, case.pair.second)
    order = [case.moments[who, day] for day in case.days for who in pair]
    frame = pd.DataFrame(
        [
            {
                "day": moment.day,
                "resident": moment.resident,
                "stock": moment.stock,
                "planned": moment.planned,
                "said": " | ".join(_words(one) for one in moment.said),
                "did": moment.did,
                "found": ", ".join(moment.labels),
                "why": " | ".join(moment.reasons),
            }
            for moment in order
        ]
    )
    rows = []
    for at, moment in enumerate(order):
        rows.append(
            (
                Cell(str(moment.day), at),
                Cell(f"R{moment.resident}", at),
                Cell(visible(moment.planned)),
                Cell("\n".join(visible(_words(one)) for one in moment.said) or "—"),
                Cell(visible(moment.did)),
                Cell(", ".join(name.replace("_", " ") for name in moment.labels), None,
                     visible(" · ".join(moment.reasons))),
            )
        )  # fmt: skip
    note = (
        f"Run {visible(case.run.name)}, {case.condition.label}, seed {case.run.meta.seed}. The two "
        f"residents between whom the rules found most different labels ({case.pair.labels}, "
        f"{case.pair.hits} hits) over all runs: chosen to be seen, not to represent. What they "
        "said is shown as they said it, as text."
    )
    head = ("day", "resident", "planned", "said", "did", "found by rule")
    return Table("case_study", "The same, in words", frame, head, tuple(rows), note, folded=True)


def _words(message: tuple[str, int, str]) -> str:
    kind, to, text = message
    whom = f"to R{to}" if to else "to all"
    return f"{kind} {whom}: “{text}”" if text else f"{kind} {whom}"


def _moments(run: Run, pair: Pair, days: tuple[int, ...]) -> dict[tuple[int, int], Moment]:
    hits = label_hits(run).hits
    found: dict[tuple[int, int], Moment] = {}
    for who, other in ((pair.first, pair.second), (pair.second, pair.first)):
        decisions = _by_day(run.decisions, who)
        residents = _by_day(run.residents, who)
        messages = run.messages[run.messages["sender"] == who]
        events = run.events[run.events["actor"] == who]
        for day in days:
            decision = decisions.get(day)
            said = messages[messages["day"] == day]
            done = events[(events["day"] == day) & (events["target"] == other)]
            mine = hits[(hits["day"] == day) & (hits["resident"] == who)]
            mine = mine[(mine["target"] == other) | (mine["label"] != "cooperation")]
            aimed = decision is not None and int(decision["act_who"]) == other
            found[who, day] = Moment(
                day=day,
                resident=who,
                planned="nothing (fault)" if decision is None else act_words(decision, "plan"),
                did=_did(decision, done),
                main=_word(decision, "act_main"),
                further=_word(decision, "act_further"),
                plan_main=_word(decision, "plan_main"),
                plan_further=_word(decision, "plan_further"),
                said=tuple(
                    (str(kind), int(to), str(text))
                    for kind, to, text in zip(said["kind"], said["to"], said["text"], strict=True)
                ),
                to_other=aimed or bool((said["to"] == other).any()),
                labels=tuple(mine["label"].astype(str)),
                reasons=tuple(mine["reason"].astype(str)),
                stock=int(residents[day]["stock"]),
            )
    return found


def _did(decision: Any, done: pd.DataFrame) -> str:
    words = "nothing (fault)" if decision is None else act_words(decision, "act")
    outcomes = []
    for kind, amount, outcome in zip(done["kind"], done["amount"], done["outcome"], strict=True):
        if str(kind) == "attack":
            outcomes.append(f"took {amount} units" if outcome > 0 else "was beaten off")
        elif str(kind) == "void":
            outcomes.append("could not be done")
    return words + (f" ({', '.join(outcomes)})" if outcomes else "")


def _by_day(table: pd.DataFrame, who: int) -> dict[int, dict[str, Any]]:
    """A resident's rows, by day."""
    rows = table[table["resident"] == who].to_dict("records")
    return {int(row["day"]): {str(name): row[name] for name in row} for row in rows}


def _word(decision: Any, name: str) -> str:
    return "" if decision is None else str(decision[name])
