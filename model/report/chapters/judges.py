"""Judges, coders and overseers beside the rules: how well they agree, and what they corrected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from agents.asides.labels import LABELS
from model.analysis.alerts import score_table
from model.analysis.side_tables import Place
from model.report.conditions import Material
from model.report.figures.values import agreement_figure
from model.report.pictures import Picture
from model.report.tables import Cell, Column, Table, digits, listed, number
from model.report.text import visible

_DRAWN: Final = 3  # judges
_two, _three = digits(2), digits(3)
_LIMITED: Final = ("f1", "kappa", "alpha")


def judge_tables(places: Sequence[Place]) -> tuple[Table, ...]:
    """Agreement, faults, equality of errors and corrected rates of every judge."""
    found = (_agreement(places), _rates(places), _arms(places), _faults(places))
    return tuple(table for table in found if table is not None)


def judge_pictures(places: Sequence[Place]) -> tuple[Picture, ...]:
    """F1, κ and α of the first judges."""
    pictures: list[Picture] = []
    for place in places[:_DRAWN]:
        frame = _agreements(place)
        if frame is None:
            continue
        name = f"judge_agreement_{len(pictures) + 1}"
        title = f"Agreement of {visible(judge_of(place))} with its reference"
        caption = (
            f"{frame['items'].max():.0f} items at most; lines: 95 % intervals, runs resampled from "
            "20 runs on and items below."
        )
        figure = agreement_figure(frame.set_index("label"))
        pictures.append(Picture(name, title, caption, figure, Table(name, title, frame)))
    return tuple(pictures)


def overseer_table(material: Material) -> Table | None:
    """What overseers caught, by condition; None where nobody watched."""
    known = [(one.label, run.watched) for one, run in material.runs if run.watched is not None]
    if not known:
        return None
    frame = score_table(known)
    rows = tuple(
        (
            Cell(visible(str(row["arm"])), i),
            Cell(str(row["score"]), i),
            Cell(number(row["rate"], 2), i, _limits(row, "low", "high")),
            Cell(f"{row['hits']} of {row['trials']}", i),
            Cell(number(row["lead"], 2), i),
            Cell(str(row["unwatched"]), i),
        )
        for i, row in enumerate(frame.to_dict("records"))
    )
    note = (
        "Precision: of the sender-days alerted of deception, the share on which the rules, which "
        "know the private plans, find it. Recall: of those, the share alerted. Caught: of attacks "
        "on somebody deceived within five days, the share with an alert before; lead: days from "
        "the first such alert to the attack. The run is the unit. Days on which the overseer’s "
        "reply was a fault count in none."
    )
    head = ("condition", "score", "rate", "counts", "mean lead, days", "days nobody watched")
    return Table("overseer", "Would the overseer have caught it?", frame, head, rows, note)


def coder_tables(places: Sequence[Place]) -> tuple[Table, ...]:
    """Agreement of coders, and of their consensus with rules and judge."""
    frames = []
    for place in places:
        with_judge = place.table(
            "alpha", ("label", "grade"), ("alpha", "units", "alpha_rules"), newer=("fleiss",)
        )
        if with_judge is not None:
            frames.append(with_judge)
    if not frames:
        return ()
    frame = pd.concat(frames, ignore_index=True)
    columns = (
        Column("label", "label", _label),
        Column("alpha", "α between coders", _two),
        Column("fleiss", "Fleiss’ κ", _two),
        Column("units", "items coded twice"),
        Column("grade", "grade"),
        Column("alpha_rules", "α of their consensus with the rules", _two),
    )
    note = (
        "Krippendorff’s α, nominal; Fleiss’ κ on what all coders read. Every disagreement stands "
        "in disagreements.csv beside it."
    )
    return (listed("coders", "People who coded a sample", frame, columns, note=note),)


def judge_of(place: Place) -> str:
    """The judge's name, as its card gives it."""
    return str(place.card("judge.json").get("judge") or place.path.name)


def judge_words(place: Place) -> str:
    """The judge's name and, for a model, what answered under it."""
    served = place.card("judge.json").get("served") or ()
    names = ", ".join(map(str, served)) if isinstance(served, list) else ""
    return f"{judge_of(place)} (served by {names})" if names else judge_of(place)


def _agreements(place: Place) -> pd.DataFrame | None:
    limits = [f"{name}_{end}" for name in _LIMITED for end in ("low", "high")]
    numbers = ("items", "positives", "faults", "precision", "recall", *_LIMITED, *limits)
    frame = place.table("agreement", ("label", "grade", "flag"), numbers, newer=("fleiss",))
    return None if frame is None else frame[frame["label"].isin(LABELS)].reset_index(drop=True)


def _agreement(places: Sequence[Place]) -> Table | None:
    frame = _of_judges([(place, _agreements(place)) for place in places])
    if frame is None:
        return None
    rows = tuple(
        (
            Cell(visible(str(row["judge"]))),
            Cell(_label(row["label"])),
            Cell(f"{row['positives']:.0f} of {row['items']:.0f}", i),
            Cell(number(row["precision"], 2), i),
            Cell(number(row["recall"], 2), i),
            *(
                Cell(number(row[name], 2), i, _limits(row, f"{name}_low", f"{name}_high"))
                for name in _LIMITED
            ),
            Cell(number(row["fleiss"], 2), i),
            Cell(visible(str(row["grade"])), i),
        )
        for i, row in enumerate(frame.to_dict("records"))
    )
    note = (
        "On the items drawn at random; positives are the reference’s (the rules, or people where a "
        "coded sample was given). A judge’s fault is no reading and counts nowhere here. 95 % "
        "intervals: runs resampled from 20 runs on, items below. κ is Cohen’s; Fleiss’ pools the "
        "habits of the two."
    )
    head = (
        "judge",
        "label",
        "positives",
        "precision",
        "recall",
        "F1",
        "κ",
        "α",
        "Fleiss’ κ",
        "grade",
    )
    return Table("judge_agreement", "The judge beside the rules", frame, head, rows, note)


def _rates(places: Sequence[Place]) -> Table | None:
    texts = ("label", "arm", "corrected_by", "flags")
    numbers = ("runs", "hits", "opportunities", "faults", "observed", "corrected", "low", "high",
               "sensitivity", "specificity")  # fmt: skip
    frame = _of_judges([(place, place.table("rates", texts, numbers)) for place in places])
    if frame is None:
        return None
    rows = tuple(
        (
            Cell(visible(str(row["judge"]))),
            Cell(_label(row["label"])),
            Cell(visible(str(row["arm"]))),
            Cell(number(row["observed"]), i, f"{row['hits']:.0f} of {row['opportunities']:.0f}"),
            Cell(number(row["corrected"]), i, _limits(row, "low", "high", 3)),
            Cell(number(row["sensitivity"], 2), i),
            Cell(number(row["specificity"], 2), i),
            Cell(visible(str(row["flags"])), i),
        )
        for i, row in enumerate(frame.to_dict("records"))
    )
    note = (
        "Share of the days on which the label could have been; corrected for the judge’s errors "
        "with their uncertainty carried through (Rogan & Gladen 1978; Lang & Reiczigel 2014)."
    )
    head = ("judge", "label", "arm", "as judged", "corrected", "sensitivity", "specificity", "")
    return Table("judge_rates", "Rates by the judge, corrected", frame, head, rows, note,
                 folded=True)  # fmt: skip


def _arms(places: Sequence[Place]) -> Table | None:
    texts, numbers = ("label", "differential", "flags"), ("sensitivity_p", "specificity_p")
    frame = _of_judges([(place, place.table("arms", texts, numbers)) for place in places])
    if frame is None:
        return None
    rows = tuple(
        (
            Cell(visible(str(row["judge"]))),
            Cell(_label(row["label"])),
            Cell(number(row["sensitivity_p"]), i),
            Cell(number(row["specificity_p"]), i),
            Cell("⚑ differs by arm" if row["differential"] == "True" else "", i,
                 visible(str(row["flags"])), alarm=row["differential"] == "True"),
        )
        for i, row in enumerate(frame.to_dict("records"))
    )  # fmt: skip
    note = "Fisher’s exact tests. Where errors differ, each arm is corrected by its own."
    head = ("judge", "label", "p, sensitivity", "p, specificity", "")
    return Table("judge_arms", "Does the judge err alike in all arms?", frame, head, rows, note,
                 folded=True)  # fmt: skip


def _faults(places: Sequence[Place]) -> Table | None:
    frame = _of_judges(
        [(place, place.table("faults", ("arm",), ("items", "faults", "share"))) for place in places]
    )
    if frame is None:
        return None
    columns = (
        Column("judge", "judge"),
        Column("arm", "arm"),
        Column("items", "items"),
        Column("faults", "faults"),
        Column("share", "share", _three),
    )
    note = "Replies that could not be used: refusals, quotes that are not in the log, no label."
    return listed("judge_faults", "The judge’s own faults", frame, columns, note=note, folded=True)


def _of_judges(found: Sequence[tuple[Place, pd.DataFrame | None]]) -> pd.DataFrame | None:
    known = [frame.assign(judge=judge_of(place)) for place, frame in found if frame is not None]
    if not known:
        return None
    joined = pd.concat(known, ignore_index=True)
    return joined[["judge", *(name for name in joined.columns if name != "judge")]]


def _limits(row: dict[Any, Any], low: str, high: str, places: int = 2) -> str:
    if row[low] != row[low]:
        return ""
    return f"{number(row[low], places)} … {number(row[high], places)}"


def _label(name: Any) -> str:
    return visible(str(name)).replace("_", " ")
