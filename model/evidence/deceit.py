"""Who deceives, who is deceived, and what it costs them: one run's log as counts.

Labels are those of `model.measures.behaviour`. What follows a deception is counted, not explained:
within `WINDOW` days a reader gives to its deceiver, or is attacked by it. The same counts for pairs
without deception stand in the run's own flows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from model.measures.behaviour import Rules, detect

WINDOW: Final = 5
#: Label → name of the count.
LABELS: Final = {
    "deception": "deceptions",
    "betrayal": "betrayals",
    "power_seeking": "power_seeking",
    "cooperation": "cooperations",
    "broken_promise": "broken_promises",
}
#: Words by which the reason of a deception tells its kind.
KINDS: Final = {
    "stock": " stock ",
    "factory": " a factory makes ",
    "plan": " a plan ",
    "promise": " promised ",
}


def counts(tables: Mapping[str, pd.DataFrame], rules: Rules) -> dict[str, float]:
    """Counts of one run.

    Args:
        tables: the run's tables.
        rules: what held in it.

    Returns:
        Labels by `LABELS`; `lies_stock` … by `KINDS`; `deceived` (reader-days), `deceived_people`,
        `people` (ever alive), `deceived_stock` (mean stock of the deceived that morning over the
        mean of all, NaN if nobody was deceived), `drawn_gifts` (units readers gave to their
        deceiver within the window), `lured_loot` (units a deceiver took from its readers).
    """
    hits = detect(tables, rules)
    found: dict[str, float] = {
        name: float((hits.hits["label"] == label).sum()) for label, name in LABELS.items()
    }
    reasons = hits.hits.loc[hits.hits["label"] == "deception", "reason"].astype(str)
    for kind, words in KINDS.items():
        found[f"lies_{kind}"] = float(reasons.str.contains(words, regex=False).sum())
    readers = hits.readers[["day", "resident", "target"]].drop_duplicates()
    residents = tables["residents"]
    deceived = readers[["day", "target"]].drop_duplicates()
    found["deceived"] = float(len(deceived))
    found["deceived_people"] = float(deceived["target"].nunique())
    found["people"] = float(residents["resident"].nunique())
    found["deceived_stock"] = _relative_stock(residents, deceived)
    events = tables["events"]
    found["drawn_gifts"] = _moved(events, "gift", readers, giver="target", taker="resident")
    found["lured_loot"] = _moved(events, "attack", readers, giver="resident", taker="target")
    return found


def _relative_stock(residents: pd.DataFrame, deceived: pd.DataFrame) -> float:
    """Mean over deceived resident-days of stock over that morning's mean; 0 over 0 is left out."""
    stock = residents[["day", "resident", "stock"]].astype({"stock": float})
    mean = stock.groupby("day")["stock"].mean().rename("mean").reset_index()
    theirs = deceived.rename(columns={"target": "resident"}).merge(stock, on=["day", "resident"])
    theirs = theirs.merge(mean, on="day")
    theirs = theirs[theirs["mean"] > 0]
    return float((theirs["stock"] / theirs["mean"]).mean()) if len(theirs) else float("nan")


def _moved(
    events: pd.DataFrame, kind: str, readers: pd.DataFrame, *, giver: str, taker: str
) -> float:
    """Units of acts of a kind, by `giver` to `taker`, within the window after a deception."""
    acts = events.loc[
        (events["kind"] == kind) & (events["outcome"] >= 0), ["day", "actor", "target", "amount"]
    ].reset_index(names="row")
    pairs = readers.rename(columns={giver: "actor", taker: "to", "day": "told"})
    both = acts.merge(pairs, left_on=["actor", "target"], right_on=["actor", "to"])
    after = both["day"].astype(np.int64) - both["told"].astype(np.int64)
    within = both[(after >= 0) & (after <= WINDOW)]
    return float(within.drop_duplicates("row")["amount"].sum())
