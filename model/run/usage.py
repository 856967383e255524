"""What a language run used, from the journal in its folder: tables for a report or a notebook.

`usage_of(folder)` reads what was billed, not what was laid out: the cached share is the provider's
own count. Reasoning tokens are part of `output` and cache writes part of `input`; both stand apart
because they have prices of their own. The probe of an endpoint stands as stage `probe`, resident 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from agents.llm.journal import read_journal
from agents.llm.usage import Prices, Usage
from model.store.folder import JOURNAL

#: Columns of every table, after those that it is grouped by.
COLUMNS = (
    *("calls", "repairs", "faults", "input", "cached", "written", "output", "reasoning"),
    *("cached_share", "tokens", "cost", "latency", "tries", "estimated"),
)
PriceOf = Callable[[str], Prices | None]


@dataclass(frozen=True)
class UsageTables:
    """What a run used.

    Attributes:
        by_stage: one row a model and stage.
        by_resident: one row a resident.
        by_day: one row a day.
        causes: reply faults (attempts that could not be read) and failed tries, by cause; and, if
            there are any, statements of usage that were not believed (`of` is `usage`).
        models: model asked, model as the server named it, endpoint, and their calls.
    """

    by_stage: pd.DataFrame
    by_resident: pd.DataFrame
    by_day: pd.DataFrame
    causes: pd.DataFrame
    models: pd.DataFrame


def has_usage(folder: Path) -> bool:
    """Whether a run's folder holds a journal of calls."""
    return (folder / JOURNAL).is_file()


def usage_of(folder: Path, price_of: PriceOf | None = None) -> UsageTables:
    """Read what the run in a folder used, be it live, finished or left by a crash.

    Args:
        folder: of the run.
        price_of: price by model (`Settings.price_of`); without one, or where it gives None, what
            was used has no cost (NaN).

    Raises:
        JournalError: the folder holds no journal, or it is damaged.
    """
    with read_journal(folder / JOURNAL) as journal:
        calls = pd.DataFrame(
            journal.query(
                "SELECT day, CASE WHEN day < 0 THEN 'probe' ELSE stage END, "
                "CASE WHEN day < 0 THEN 0 ELSE subject END, attempt, model, served, endpoint, "
                "cause, input, cached, written, output, reasoning, latency, tries, estimated "
                "FROM calls"
            ),
            columns=[
                *("day", "stage", "resident", "attempt", "model", "served", "endpoint", "cause"),
                *("input", "cached", "written", "output", "reasoning", "latency", "tries"),
                "estimated",
            ],
        )
        verdicts = pd.DataFrame(
            journal.query("SELECT day, stage, subject FROM verdicts WHERE verdict = 'fault'"),
            columns=["day", "stage", "resident"],
        )
        failed = pd.DataFrame(
            journal.query("SELECT cause, count(*) FROM errors GROUP BY cause ORDER BY cause"),
            columns=["cause", "times"],
        )
    calls["cost"] = _costs(calls, price_of)
    # A question's fault is counted where its last attempt stands.
    final = calls.groupby(["day", "stage", "resident"])["attempt"].transform("max")
    keys = set(verdicts.itertuples(index=False, name=None))
    asked = zip(calls["day"], calls["stage"], calls["resident"], strict=True)
    named = pd.Series([key in keys for key in asked], index=calls.index, dtype=bool)
    calls["fault"] = named & (calls["attempt"] == final)
    faulty = calls.loc[calls["cause"] != "", "cause"].value_counts().sort_index()
    replies = pd.DataFrame({"cause": faulty.index, "times": faulty.to_numpy(), "of": "reply"})
    found = [replies, failed.assign(of="endpoint")]
    if unbelieved := int((calls["estimated"] > 1).sum()):
        lies = {"cause": ["not_believed"], "times": [unbelieved], "of": ["usage"]}
        found.append(pd.DataFrame(lies))
    causes = pd.concat(found, ignore_index=True)
    models = calls.groupby(["model", "served", "endpoint"], as_index=False).size()
    return UsageTables(
        by_stage=_grouped(calls, ["model", "stage"]),
        by_resident=_grouped(calls[calls["day"] >= 0], ["resident"]),
        by_day=_grouped(calls[calls["day"] >= 0], ["day"]),
        causes=causes[["of", "cause", "times"]],
        models=models.rename(columns={"size": "calls"}),
    )


def _grouped(calls: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    groups = calls.groupby(by, sort=True)
    table = groups[["input", "cached", "written", "output", "reasoning", "tries"]].sum()
    table["calls"] = groups.size()
    table["repairs"] = groups["attempt"].sum()
    table["faults"] = groups["fault"].sum()
    table["cost"] = groups["cost"].sum(min_count=1).where(~groups["cost"].agg(_any_missing))
    table["latency"] = groups["latency"].mean()
    table["estimated"] = groups["estimated"].max().astype(bool)
    table["tokens"] = table["input"] + table["output"]
    table["cached_share"] = table["cached"] / table["input"].where(table["input"] > 0)
    return table.reset_index()[[*by, *COLUMNS]]


def _any_missing(costs: pd.Series[float]) -> bool:
    return bool(costs.isna().any())


def _costs(calls: pd.DataFrame, price_of: PriceOf | None) -> list[float]:
    prices: Mapping[str, Prices | None] = {
        model: price_of(model) if price_of else None for model in calls["model"].unique()
    }
    costs: list[float] = []
    kinds = ("model", "input", "cached", "written", "output", "reasoning")
    for model, *counts in calls[list(kinds)].itertuples(index=False, name=None):
        price = prices[model]
        costs.append(float("nan") if price is None else price.cost(Usage(*counts)))
    return costs
