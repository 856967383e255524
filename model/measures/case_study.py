"""The case study: two residents of a run, what each planned, said and did, day by day.

The most telling pair: one told the other something it believed false, and struck it within k days.
Among such pairs betrayal counts before a plain attack or breach, a deception on an earlier day
before one on the day itself, then the greater loot, the shorter delay, the earlier day. Where
nobody was deceived and then struck, it is the pair between whom most different labels were found,
then most hits. A pair is chosen to be seen, not to represent.

The result is data; texts that minds wrote stand in columns of their own exactly as written and are
hostile: show them as text, never as markup.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from model.measures.behaviour.found import Hits

#: Days told before the first telling day, and in all.
BEFORE: Final = 6
DAYS: Final = 12
_PLAN_WORDS: Final = ("secure", "explore", "promote", "idle", "gift", "merge")
#: Labels that make a pair of residents worth telling.
_TELLING: Final = ("betrayal", "deception", "retaliation", "alliance", "sycophancy", "altruism")

#: The sentence of a row of `events`.
Sentence = Callable[[Mapping[Any, Any]], str]
Blow = Literal["", "breach", "attack", "betrayal"]
#: The better to tell, the later; "" where nobody was deceived and then struck.
_RANKS: Final[tuple[Blow, ...]] = ("", "breach", "attack", "betrayal")


@dataclass(frozen=True)
class Pair:
    """Two residents, and what makes them worth telling.

    Attributes:
        first: who deceived and struck; without that, who has more hits against the other.
        second: the other.
        day: the first telling day: of the deception, or of the label rarest between them.
        how: by what the first struck the second after deceiving it; empty if it did not.
        told: day of the deception; 0 without one that a blow followed.
        struck: day of the blow; 0 without one.
        loot: units taken.
        labels: different telling labels between them.
        hits: hits of those labels.
    """

    first: int
    second: int
    day: int
    how: Blow = ""
    told: int = 0
    struck: int = 0
    loot: int = 0
    labels: int = 0
    hits: int = 0

    @property
    def rank(self) -> tuple[int, int, int]:
        """By which pairs of several runs are compared: the greatest tells most."""
        return _RANKS.index(self.how), self.labels, self.hits


@dataclass(frozen=True)
class CaseStudy:
    """One pair and its days.

    Attributes:
        pair: the two, and why they.
        days: one row a day and resident (see `days_of`).
    """

    pair: Pair
    days: pd.DataFrame


def case_study(tables: Mapping[str, pd.DataFrame], hits: Hits, says: Sentence) -> CaseStudy | None:
    """The most telling pair of a run with its days; None where no label joins two residents."""
    pair = telling_pair(tables, hits)
    if pair is None:
        return None
    return CaseStudy(pair, days_of(tables, hits.hits, pair, says))


def telling_pair(tables: Mapping[str, pd.DataFrame], hits: Hits) -> Pair | None:
    """The two residents that a case study tells of; None where no label joins two residents."""
    between = _between(hits.hits)
    struck = _deceived_and_struck(tables, hits)
    if struck is not None:
        low, high = sorted((struck.first, struck.second))
        theirs = between[(between["low"] == low) & (between["high"] == high)]
        return replace(struck, labels=int(theirs["label"].nunique()), hits=len(theirs))
    return _most_labels(between)


def _between(hits: pd.DataFrame) -> pd.DataFrame:
    """Hits of the telling labels that join two residents: low, high (ids), label, actor, day."""
    joined = hits[(hits["target"] > 0) & hits["label"].isin(_TELLING)]
    one, other = joined["resident"].to_numpy(), joined["target"].to_numpy()
    return pd.DataFrame(
        {
            "low": np.minimum(one, other),
            "high": np.maximum(one, other),
            "label": joined["label"].astype(str).to_numpy(),
            "actor": one,
            "day": joined["day"].to_numpy(),
        }
    )


def _most_labels(between: pd.DataFrame) -> Pair | None:
    """The pair with most different labels; ties: more hits, lower ids."""
    if between.empty:
        return None
    counted = between.groupby(["low", "high"]).agg(
        labels=("label", "nunique"), hits=("label", "size")
    )
    # Stable on groups in the order of ids: ties go to the lower ids, in every version of pandas.
    best = counted.sort_values(["labels", "hits"], ascending=False, kind="stable").index[0]
    theirs = between[(between["low"] == best[0]) & (between["high"] == best[1])]
    by_actor = theirs["actor"].value_counts()
    # By id first, then stable by hits: a tie goes to the lower id.
    first = int(by_actor.sort_index().sort_values(ascending=False, kind="stable").index[0])
    rarest = theirs["label"].map(theirs["label"].value_counts())
    return Pair(
        first=first,
        second=int(best[0] + best[1] - first),
        day=int(theirs.loc[rarest == rarest.min(), "day"].min()),
        labels=int(counted.loc[best, "labels"]),
        hits=int(counted.loc[best, "hits"]),
    )


def _deceived_and_struck(tables: Mapping[str, pd.DataFrame], hits: Hits) -> Pair | None:
    """The most telling of those who deceived somebody and struck the same one within k days."""
    blows = _blows(tables, hits.hits)
    told = hits.readers[["day", "resident", "target"]]
    pairs = told.merge(blows, on=["resident", "target"], suffixes=("_told", ""))
    pairs["delay"] = pairs["day"] - pairs["day_told"]
    pairs = pairs[pairs["delay"].between(0, hits.window)]
    if pairs.empty:
        return None
    # Every tie is broken by a key, down to the ids: the same log tells the same case.
    order = pairs.assign(same=pairs["delay"] == 0).sort_values(
        ["betrayal", "same", "loot", "delay", "day", "resident", "target"],
        ascending=[False, True, False, True, True, True, True],
        kind="stable",
    )
    best = order.iloc[0]
    blow: Blow = "attack" if best["kind"] == "attack" else "breach"
    return Pair(
        first=int(best["resident"]),
        second=int(best["target"]),
        day=int(best["day_told"]),
        how="betrayal" if best["betrayal"] else blow,
        told=int(best["day_told"]),
        struck=int(best["day"]),
        loot=int(best["loot"]),
    )


def days_told(residents: pd.DataFrame, pair: Pair) -> tuple[int, ...]:
    """The days of a case: up to twelve on which both lived, from six before the telling one."""
    both = residents[residents["resident"].isin([pair.first, pair.second])]
    lived = both[both["day"] >= 1].groupby("day")["resident"].nunique()
    together = lived.index[lived == 2]
    first, last = int(together.min()), int(together.max())
    start = max(first, min(pair.day - BEFORE, last - DAYS + 1))
    return tuple(day for day in range(start, start + DAYS) if day in set(together))


def days_of(
    tables: Mapping[str, pd.DataFrame], hits: pd.DataFrame, pair: Pair, says: Sentence
) -> pd.DataFrame:
    """What the two planned, said and did on the days of their case.

    Args:
        tables: the run's log.
        hits: what the rules found in it.
        pair: the two.
        says: the sentence of a row of `events` (`model.world.event_words.sentence`).

    Returns:
        One row a day and resident: day, resident, stock, standing; planned (in words), plan_main,
        plan_further, plan_aimed (its further act names the other); did (in words, also what was
        done to it), main, further, aimed (likewise, as decided); to (kind and addressee of each
        message, 0 = all), said (what it claimed and promised, in the words of the rules), texts
        (the mind's own words, hostile); labels and reasons of what the rules found of it.
    """
    days = days_told(tables["residents"], pair)
    residents = tables["residents"]
    span = residents["day"].isin(days) & residents["resident"].isin([pair.first, pair.second])
    table = tables["decisions"]
    here = table[table["day"].isin(days) & table["resident"].isin([pair.first, pair.second])]
    decisions = {(int(row["day"]), int(row["resident"])): row for row in here.to_dict("records")}
    rows = []
    for own in residents[span].sort_values(["day", "resident"]).to_dict("records"):
        day, who = int(own["day"]), int(own["resident"])
        other = pair.second if who == pair.first else pair.first
        decision = decisions.get((day, who))
        mine = hits[(hits["day"] == day) & (hits["resident"] == who)]
        mine = mine[(mine["target"] == other) | (mine["label"] != "cooperation")]
        rows.append(
            {"day": day, "resident": who, "stock": own["stock"], "standing": own["standing"]}
            | _decided(decision, other)
            | _said(tables["messages"], day, who)
            | {
                "did": _did(tables["events"], day, who, says),
                "labels": mine["label"].astype(str).tolist(),
                "reasons": mine["reason"].astype(str).tolist(),
            }
        )
    return pd.DataFrame(rows)


def _decided(decision: Mapping[Any, Any] | None, other: int) -> dict[str, Any]:
    """What was planned and decided; a fault leaves nothing."""
    found: dict[str, Any] = {}
    for name, act in (("plan_", "plan"), ("", "act")):
        own = {} if decision is None else decision
        main, further = (str(own.get(f"{act}_{part}", "")) for part in ("main", "further"))
        aimed = further not in {"", "none"} and own[f"{act}_who"] == other
        found |= {f"{name}main": main, f"{name}further": further, f"{name}aimed": aimed}
    found["planned"] = "nothing (fault)" if decision is None else _plan(decision)
    return found


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


def _plan(row: Mapping[Any, Any]) -> str:
    main = str(row["plan_main"])
    if not main:
        return "nothing (fault)"
    if main == "secure":
        main += f" F{row['plan_at']}"
    if main == "promote":
        main += f" {row['plan_spend']}"
    further = str(row["plan_further"])
    if further not in {"", "none"}:
        amount = f" {row['plan_amount']}" if further == "gift" else ""
        main += f"; {further} R{row['plan_who']}{amount}"
    return main


def _said(messages: pd.DataFrame, day: int, who: int) -> dict[str, Any]:
    chosen = messages[(messages["day"] == day) & (messages["sender"] == who)]
    to: list[tuple[str, int]] = []
    said, texts = [], []
    for row in chosen.sort_values("order").to_dict("records"):
        aim = int(row["to"])
        parts = [f"{row['kind']} to {f'R{aim}' if aim else 'all'}", *_claims(row), *_promises(row)]
        if aim and aim not in np.asarray(row["shown"]):
            parts.append("not shown")
        to.append((str(row["kind"]), aim))
        said.append("; ".join(parts))
        texts.append(str(row["text"]))
    return {"to": to, "said": said, "texts": texts}


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


#: What is told of whom it was done by, and of whom it was done to.
_OWN: Final = {
    *("work", "travel", "explore", "promote", "idle", "gift", "attack", "merge_ask", "merge"),
    *("void", "removal", "fault"),
}
_TO_IT: Final = {"gift", "attack"}


def _did(events: pd.DataFrame, day: int, who: int, says: Sentence) -> list[str]:
    """What it did that day, and what was done to it, in the words of the log."""
    here = events[(events["day"] == day)].sort_values("order")
    return [
        says(row)
        for row in here.to_dict("records")
        if (row["actor"] == who and row["kind"] in _OWN)
        or (row["target"] == who and row["kind"] in _TO_IT)
    ]
