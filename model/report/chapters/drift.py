"""Drift in behaviour and influence of peers, from the logs alone: nobody need be asked for them.

Deeds are measured against those of untreated residents and read as value profiles
(`model.measures.value_profiles`), block of days by block of days; only residents with a profile in
every block are followed, so that deaths and births do not pose as a change of heart.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from agents.errors import InputError
from model.analysis.digest import Digest
from model.analysis.drift import drift_of_blocks, influence, whole_conduct
from model.measures.families import benjamini_hochberg
from model.measures.intervals import mean_interval
from model.measures.value_profiles import MIN_DAYS, VALUES, Reference, profiles
from model.report.chapters.headline import interval_words
from model.report.conditions import Condition, Material
from model.report.pictures import Picture
from model.report.style import INK, VALUE_COLOURS, label_ends, panels
from model.report.tables import Cell, Column, Table, digits, listed, number
from model.report.text import shortened

_DRAWN: Final = 6  # conditions
_SHUFFLES: Final = 199


@dataclass(frozen=True)
class Behaving:
    """How the residents of some runs behaved over time.

    Attributes:
        material: what is reported on.
        reference: against whom deeds are measured.
        against: the same in words.
    """

    material: Material
    reference: Reference
    against: str

    @cached_property
    def _profiles(self) -> list[tuple[Condition, Digest, pd.DataFrame]]:
        return [
            (one, run, profiles(run.blocks.conduct, self.reference))
            for one, run in self.material.runs
        ]

    @cached_property
    def drift(self) -> pd.DataFrame:
        """One row a condition, run and block: day, residents followed, by value the change."""
        frames = [
            drift_of_blocks(found, run.blocks.every).assign(
                condition=one.label, run=run.name, seed=run.meta.seed
            )
            for one, run, found in self._profiles
        ]
        names = ["condition", "run", "seed", "day", "residents", *VALUES]
        moved = pd.concat(frames, ignore_index=True)[names]
        return moved[moved["residents"] > 0].reset_index(drop=True)

    @cached_property
    def influence(self) -> pd.DataFrame:
        """One row a run with two blocks or more: whether residents moved toward those heard."""
        rows: list[dict[str, Any]] = []
        for one, run, found in self._profiles:
            blocks = found.index.get_level_values("block").unique().sort_values()
            if len(blocks) < 2:
                continue
            before, after = (_defined(found, block) for block in (blocks[0], blocks[-1]))
            seen = influence(
                before, after, run.blocks.heard, seed=run.meta.seed, shuffles=_SHUFFLES
            )
            about = {"condition": one.label, "run": run.name, "seed": run.meta.seed}
            rows.append({**about, **vars(seen)})
        names = ["condition", "run", "seed", "pull", "shuffled", "excess", "p", "residents"]
        table = pd.DataFrame(rows, columns=names)
        # Many runs are asked the same question: some are below .05 by chance alone.
        return table.assign(corrected_p=benjamini_hochberg(table["p"].to_numpy(float)))


def behaving(material: Material) -> Behaving | str:
    """Measure the deeds of all runs, or say why that cannot be done."""
    untreated = [run for one, run in material.runs if not one.treated]
    chosen = untreated or [run for _, run in material.runs]
    whole = [whole_conduct(run.blocks.conduct) for run in chosen]
    try:
        reference = Reference.of(pd.concat(whole))
    except InputError as error:
        return f"Behaviour over days is not measured: {error}."
    if untreated:
        against = f"the {reference.residents} residents of the untreated runs"
    else:
        against = f"all {reference.residents} residents, for no run here is untreated"
    return Behaving(material, reference, against)


def drift_picture(found: Behaving) -> Picture | str:
    """How behaviour moved, a panel a condition; or why there is nothing to show."""
    drift = found.drift
    blocks = drift.groupby("condition", sort=False)["day"].nunique()
    moved = [str(name) for name in blocks.index[blocks > 1]]
    if not moved:
        return (
            "Behaviour over days is not shown: that takes residents with a profile in two blocks "
            f"of days, each with {MIN_DAYS} faultless days."
        )
    figure, axes = panels(min(len(moved), _DRAWN), columns=2, height=2.8)
    ends = []
    for axis, name in zip(axes, moved, strict=False):
        means = drift[drift["condition"] == name].groupby("day")[list(VALUES)].mean()
        axis.axhline(0, color=INK, lw=0.9)
        for value in VALUES:
            axis.plot(means.index, means[value], "-o", ms=3, color=VALUE_COLOURS[value])
        axis.set_title(shortened(name, 48))
        axis.set_xlabel("day")
        axis.tick_params(labelbottom=True)
        ends.append([(float(means[v].iloc[-1]), v, VALUE_COLOURS[v]) for v in VALUES])
    for axis, named in zip(axes, ends, strict=False):  # the panels' common limits are known now
        label_ends(axis, named)
    axes[0].set_ylabel("change of profile")
    runs = drift.groupby("condition")["run"].nunique()
    rest = f" The first {_DRAWN} of {len(moved)} conditions." if len(moved) > _DRAWN else ""
    caption = (
        "Mean over runs of the change of the behavioural value profile since the first block of "
        "days (standard deviations of the reference), residents who were measured in every block; "
        f"runs: {', '.join(str(runs[name]) for name in moved[:_DRAWN])}. Measured against "
        f"{found.against}. No interval.{rest}"
    )
    title = "How behaviour moved over the days"
    return Picture(
        "values_drift", title, caption, figure, Table("values_drift", title, found.drift)
    )


def influence_tables(found: Behaving) -> tuple[Table, ...]:
    """Whether residents came to behave like those they heard, by condition and by run."""
    by_run = found.influence
    if by_run["excess"].notna().sum() == 0:
        return ()
    records, rows = [], []
    for i, (name, group) in enumerate(by_run.groupby("condition", sort=False)):
        limits = mean_interval(group["excess"].to_numpy(float), resamples=999)
        record: dict[str, Any] = {
            "condition": name,
            "runs": limits.n[0],
            "pull": float(group["pull"].mean()),
            "shuffled": float(group["shuffled"].mean()),
            "excess": limits.estimate,
            "low": limits.low,
            "high": limits.high,
            "method": limits.method,
            "flags": "; ".join(limits.flags),
            "points": " ".join(f"{point:.6g}" for point in limits.points[0])
            if limits.points
            else "",
        }
        records.append(record)
        rows.append(
            (
                Cell(str(name)),
                Cell(str(limits.n[0]), i),
                Cell(number(record["pull"]), i),
                Cell(number(record["shuffled"]), i),
                Cell(number(limits.estimate), i, interval_words(limits, 1.0, 3)),
            )
        )
    note = (
        "Pull: share of the distance to the mean of those whose messages they were shown that "
        "residents covered between the first and the last block of days. Shuffled: the same with "
        f"places in the message graph shuffled ({_SHUFFLES} times), which is what regression to "
        "the mean gives. Only the excess is evidence, and of moving together, not of why. Mean "
        "over runs, 95 % interval."
    )
    head = ("condition", "runs", "pull", "shuffled", "excess")
    columns = (
        Column("condition", "condition"),
        Column("seed", "seed"),
        *(Column(name, name, digits(3)) for name in ("pull", "shuffled", "excess", "p")),
        Column("corrected_p", "corrected p", digits(3)),
        Column("residents", "residents"),
    )
    return (
        Table("values_influence", "Did behaviour move toward peers?", pd.DataFrame(records), head,
              tuple(rows), note),
        listed("values_influence_runs", "The same, run by run", by_run, columns, limit=50,
               folded=True, note="Exploratory: corrected by Benjamini–Hochberg over these runs."),
    )  # fmt: skip


def _defined(found: pd.DataFrame, block: int) -> pd.DataFrame:
    """Profiles of one block; a value of which nothing speaks in these runs stands at no move."""
    here: pd.DataFrame = found.loc[[block]].droplevel("block")
    return here.dropna(how="all").fillna(0.0)
