"""The case study: two residents, what each planned, said and did, day by day.

The most telling pair: one told the other something it believed false, and struck it within k days.
Among such pairs betrayal counts before a plain attack or breach, a deception on an earlier day
before one on the day itself, then the greater loot, the shorter delay, the earlier day. The result
is data; texts that minds wrote stand in their own column exactly as written and are hostile: show
them as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from model.measures.behaviour.found import Hits

#: Days shown before the deception and after the blow.
BEFORE: Final = 2
AFTER: Final = 1
_PLAN_WORDS: Final = ("secure", "explore", "promote", "idle", "gift", "merge")


@dataclass(frozen=True)
class CaseStudy:
    """One pair and its days.

    Attributes:
        deceiver: id of who told and struck.
        deceived: id of who was told and struck.
        told: day of the deception.
        struck: day of the attack or breach.
        how: "betrayal", "attack" or "breach".
        loot: units taken.
        days: one row a day and resident: day, resident, stock, standing, planned, said, texts,
            did, labels. `said` holds what was claimed and promised to the other or to all, in the
            words of the rules; `texts` the minds' own words (hostile).
    """

    deceiver: int
    deceived: int
    told: int
    struck: int
    how: str
    loot: int
    days: pd.DataFrame


def case_study(tables: Mapping[str, pd.DataFrame], hits: Hits) -> CaseStudy | None:
    """The most telling pair of a run; None where nobody deceived and then struck the same one."""
    blows = _blows(tables, hits.hits)
    told = hits.readers[["day", "resident", "target"]]
    pairs = told.merge(blows, on=["resident", "target"], suffixes=("_told", ""))
    pairs["delay"] = pairs["day"] - pairs["day_told"]
    pairs = pairs[pairs["delay"].between(0, hits.window)]
    if pairs.empty:
        return None
    order = pairs.assign(same=pairs["delay"] == 0).sort_values(
        ["betrayal", "same", "loot", "delay", "day", "resident", "target"],
        ascending=[False, True, False, True, True, True, True],
        kind="stable",
    )
    best = order.iloc[0]
    pair = (int(best["resident"]), int(best["target"]))
    first, last = int(best["day_told"]), int(best["day"])
    return CaseStudy(
        deceiver=pair[0],
        deceived=pair[1],
        told=first,
        struck=last,
        how="betrayal" if best["betrayal"] else str(best["kind"]),
        loot=int(best["loot"]),
        days=days_of(tables, hits.hits, pair, first - BEFORE, last + AFTER),
    )


def days_of(
    tables: Mapping[str, pd.DataFrame],
    hits: pd.DataFrame,
    pair: tuple[int, int],
    first: int,
    last: int,
) -> pd.DataFrame:
    """What two residents planned, said and did on some days; days without them are left out."""
    residents = tables["residents"]
    span = residents["day"].between(max(first, 1), last) & residents["resident"].isin(pair)
    decisions = tables["decisions"].set_index(["day", "resident"])
    rows = []
    for own in residents[span].sort_values(["day", "resident"]).to_dict("records"):
        day, who = own["day"], own["resident"]
        other = pair[1] if who == pair[0] else pair[0]
        key = (day, who)
        said, texts = _said(tables["messages"], day, who, other)
        mine = hits[(hits["day"] == day) & (hits["resident"] == who)]
        rows.append(
            {
                "day": day,
                "resident": who,
                "stock": own["stock"],
                "standing": own["standing"],
                "planned": _plan(decisions.loc[key]) if key in decisions.index else "",
                "said": said,
                "texts": texts,
                "did": _did(tables["events"], day, who),
                "labels": [str(label) for label in mine["label"]],
            }
        )
    return pd.DataFrame(rows)


def _blows(tables: Mapping[str, pd.DataFrame], hits: pd.DataFrame) -> pd.DataFrame:
    """Attacks and chosen breaches: day, resident, target, kind, loot, betrayal."""
    events, book = tables["events"], tables["commitments"]
    attack = events[events["kind"] == "attack"]
    breach = book[book["status"] == "broken"]
    frames = [
        pd.DataFrame(
            {
                "day": attack["day"],
                "resident": attack["actor"],
                "target": attack["target"],
                "kind": "attack",
                "loot": attack["amount"],
            }
        ),
        pd.DataFrame(
            {
                "day": breach["closed"],
                "resident": breach["debtor"],
                "target": breach["creditor"],
                "kind": "breach",
                "loot": 0,
            }
        ),
    ]
    blows = pd.concat(frames, ignore_index=True)
    betrayed = hits.loc[hits["label"] == "betrayal", ["day", "resident", "target"]]
    key = pd.MultiIndex.from_frame(blows[["day", "resident", "target"]])
    return blows.assign(betrayal=key.isin(pd.MultiIndex.from_frame(betrayed)))


def _plan(row: pd.Series[Any]) -> str:
    main = str(row["plan_main"])
    if main == "secure":
        main += f" F{row['plan_at']}"
    if main == "promote":
        main += f" {row['plan_spend']}"
    further = str(row["plan_further"])
    if further not in {"", "none"}:
        amount = f" {row['plan_amount']}" if further == "gift" else ""
        main += f"; {further} R{row['plan_who']}{amount}"
    return main


def _said(messages: pd.DataFrame, day: int, who: int, other: int) -> tuple[list[str], list[str]]:
    chosen = messages[(messages["day"] == day) & (messages["sender"] == who)]
    said, texts = [], []
    for row in chosen.sort_values("order").to_dict("records"):
        if row["to"] not in {0, other}:
            continue
        reached = other in np.asarray(row["shown"])
        to = "all" if row["to"] == 0 else f"R{other}"
        parts = [f"{row['kind']} to {to}", *_claims(row), *_promises(row)]
        if not reached:
            parts.append("not shown")
        said.append("; ".join(parts))
        texts.append(row["text"])
    return said, texts


def _claims(row: dict[Any, Any]) -> list[str]:
    parts = []
    for n in (1, 2):
        kind, a, b = row[f"claim{n}_kind"], row[f"claim{n}_a"], row[f"claim{n}_b"]
        belief = row[f"claim{n}_belief"]
        held = "" if pd.isna(belief) else f" (believed {int(belief)})"
        match kind:
            case "stock":
                parts.append(f"stock {a}{held}")
            case "plan":
                parts.append(f"plan {_PLAN_WORDS[a]}" + (f" F{b}" if a == 0 else ""))
            case "makes":
                parts.append(f"F{a} makes {b}{held}")
            case "attacked" | "gave" | "broke":
                parts.append(f"R{a} {kind}{held}")
    return parts


def _promises(row: dict[Any, Any]) -> list[str]:
    parts = []
    for n in (1, 2):
        what, a, by = (row[f"promise{n}_{x}"] for x in ("what", "a", "by"))
        if isinstance(what, str) and what:
            operand = {"gift": f" {a}", "secure": f" F{a}"}.get(what, "")
            parts.append(f"promise {what}{operand} by day {by}")
    return parts


def _did(events: pd.DataFrame, day: int, who: int) -> list[str]:
    """What it did that day, and what was done to it, in the words of the log."""
    here = events[(events["day"] == day)].sort_values("order")
    did = []
    for row in here.to_dict("records"):
        actor, target, kind, amount = (row[c] for c in ("actor", "target", "kind", "amount"))
        if actor == who and kind in {"gift", "attack", "merge_ask", "merge"}:
            units = f" ({amount} units)" if kind in {"gift", "attack"} else ""
            did.append(f"{kind} R{target}{units}")
        elif actor == who and kind in {"work", "travel"}:
            did.append(f"{kind} F{target}")
        elif actor == who and kind in {"explore", "promote", "idle", "void", "removal", "fault"}:
            did.append(str(kind))
        elif target == who and kind in {"gift", "attack"}:
            did.append(f"{kind} by R{actor} ({amount} units)")
    return did
