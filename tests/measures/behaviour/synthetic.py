"""Random but consistent logs: tables that some community could have produced.

Residents sit in spots; who shares a spot is in reach, who shares a quarter (a few spots) hears.
Acts stay within reach, messages within hearing, gifts within stock, so that whatever is done was
feasible. Everything else is drawn: claims, beliefs, plans, promises, faults, merges, deaths.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from model.measures.behaviour import Rules
from tests.measures.behaviour.settlement import settle

KINDS = ("inform", "ask", "offer", "accept", "refuse", "ally", "praise", "threaten", "demand")
MAINS = ("secure", "explore", "promote", "idle")
FURTHERS = ("none", "gift", "attack", "merge")
CLAIMS = ("", "stock", "plan", "makes", "attacked", "gave", "broke", "unchecked")
PROMISES = ("", "gift", "secure", "no attack", "merge")


def random_log(
    seed: int,
    residents: int = 12,
    days: int = 15,
    *,
    spot: int = 4,
    quarter: int = 8,
    messages: float = 0.6,
    shown: int = 6,
    book: bool = True,
) -> dict[str, pd.DataFrame]:
    """The five tables of a random run."""
    rng = np.random.default_rng(seed)
    people = _residents(rng, residents, days, spot, quarter)
    decisions = _decisions(rng, people)
    events = _events(rng, people, decisions, residents)
    said = _messages(rng, people, messages, shown)
    tables = {"residents": people, "events": events, "messages": said, "decisions": decisions}
    empty = pd.DataFrame(
        {
            **{c: np.zeros(0, np.int64) for c in ("commitment", "day", "order", "debtor")},
            **{c: np.zeros(0, np.int64) for c in ("creditor", "a", "by", "closed")},
            **{c: np.zeros(0, object) for c in ("what", "status", "reason")},
        }
    )
    tables["commitments"] = settle(tables, Rules()) if book else empty
    return tables


def _residents(
    rng: np.random.Generator, n: int, days: int, spot: int, quarter: int
) -> pd.DataFrame:
    gone = np.where(rng.random(n) < 0.2, rng.integers(1, days + 1, n), days)
    merged = np.where(rng.random(n) < 0.3, rng.integers(1, days + 1, n), days + 1)
    frames = []
    home = np.arange(n)
    for day in range(1, days + 1):
        ids = np.flatnonzero(gone >= day)
        place = rng.integers(0, max(1, n // spot), n)
        partner = np.arange(n) // 3 * 3
        home = np.where(merged < day, partner, home)
        living = np.isin(np.arange(n), ids)
        x = place * 3
        frames.append(
            pd.DataFrame(
                {
                    "day": day,
                    "resident": ids + 1,
                    "x": x[ids],
                    "y": 0,
                    "stock": rng.integers(0, 60, len(ids)),
                    "debt": 0,
                    "household": home[ids],
                    "members": np.bincount(home[ids], minlength=n)[home[ids]],
                    "skill": rng.integers(80, 150, len(ids)),
                    "standing": rng.integers(0, 200, len(ids)),
                    "treated": ids % 3 == 0,
                    "drawn": rng.integers(5, 12, len(ids)),
                    "put_in": rng.integers(0, 15, len(ids)),
                    "need": rng.integers(9, 12, len(ids)),
                    "fault": rng.choice(
                        ["", "perceive", "communicate", "act", "remember"],
                        len(ids),
                        p=[0.9, 0.03, 0.03, 0.02, 0.02],
                    ),
                    "in_reach": _same(place, ids, living, home),
                    "in_hearing": _same(place // max(1, quarter // spot), ids, living, None),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _same(
    place: np.ndarray, ids: np.ndarray, living: np.ndarray, home: np.ndarray | None
) -> list[np.ndarray]:
    groups = {p: np.flatnonzero(living & (place == p)) for p in np.unique(place)}
    found = []
    for i in ids:
        others = groups[place[i]]
        keep = others != i if home is None else home[others] != home[i]
        found.append((others[keep] + 1).astype(np.int32))
    return found


def _one_of(rng: np.random.Generator, lists: list[np.ndarray]) -> np.ndarray:
    """One id of each list, 0 where it is empty."""
    lot = rng.random(len(lists))
    return np.array([x[int(r * len(x))] if len(x) else 0 for x, r in zip(lists, lot, strict=True)])


def _decisions(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    n = len(people)
    near = _one_of(rng, people["in_reach"].tolist())
    table: dict[str, Any] = {"day": people["day"], "resident": people["resident"]}
    further = np.where(near > 0, rng.choice(FURTHERS, n, p=[0.7, 0.14, 0.1, 0.06]), "none")
    main = rng.choice(MAINS, n, p=[0.7, 0.1, 0.1, 0.1])
    main = np.where((main == "promote") & (people["stock"] < 10), "idle", main)
    at = np.where(main == "secure", people["x"] // 3 + 1, 0)
    amount = np.where(further == "gift", np.minimum(people["stock"], 10), 0)
    further = np.where((further == "gift") & (amount == 0), "none", further)
    changed = rng.random(n) < 0.2
    shift = rng.permutation(n)
    for prefix, gone in (("plan", ["perceive"]), ("act", ["perceive", "act"])):
        mute = people["fault"].isin(gone).to_numpy()
        swap = changed & (prefix == "plan")
        table[f"{prefix}_main"] = np.where(mute, "", np.where(swap, main[shift], main))
        table[f"{prefix}_at"] = np.where(swap, at[shift], at)
        table[f"{prefix}_spend"] = 10 * (table[f"{prefix}_main"] == "promote")
        table[f"{prefix}_further"] = np.where(mute, "", np.where(swap, further[shift], further))
        table[f"{prefix}_who"] = np.where(mute, 0, near)
        table[f"{prefix}_amount"] = np.where(swap, amount[shift], amount)
    hears = people["in_hearing"].tolist()
    for k in (1, 2, 3):
        table[f"regard{k}_who"] = _one_of(rng, hears) * (rng.random(n) < 0.5)
        table[f"regard{k}_is"] = rng.integers(-2, 3, n)
    return pd.DataFrame(table)


def _events(
    rng: np.random.Generator, people: pd.DataFrame, decisions: pd.DataFrame, n: int
) -> pd.DataFrame:
    act = decisions[["day", "resident"]].rename(columns={"resident": "actor"})
    act = act.assign(
        kind=decisions["act_main"].replace({"secure": "work"}),
        stage="act",
        target=decisions["act_at"].where(decisions["act_main"] == "secure", 0),
        amount=decisions["act_spend"],
        rank=0,
    )
    more = decisions[["day", "resident"]].rename(columns={"resident": "actor"})
    more = more.assign(
        kind=decisions["act_further"].replace({"merge": "merge_ask"}),
        stage="further",
        target=decisions["act_who"],
        amount=decisions["act_amount"],
        rank=1,
    )
    more = more[more["kind"].isin(["gift", "attack", "merge_ask"])]
    table = pd.concat([act[act["kind"] != ""], more], ignore_index=True)
    merges = rng.random(len(table)) < 0.5
    table.loc[merges & (table["kind"] == "merge_ask"), "kind"] = "merge"
    voids = (rng.random(len(table)) < 0.05) & table["kind"].isin(["gift", "merge_ask"])
    table.loc[voids, "amount"] = 0
    table.loc[voids, "kind"] = "void"
    table["lot"] = rng.random(len(table))
    table = table.sort_values(["day", "rank", "lot"], ignore_index=True)
    table["order"] = table.groupby("day").cumcount()
    table["outcome"] = 1
    table["reason"] = np.where(table["kind"] == "void", "stock too small", "")
    around = {
        (d, i): r
        for d, i, r in zip(people["day"], people["resident"], people["in_reach"], strict=True)
    }
    table["witnesses"] = [
        around[d, i][around[d, i] != t] if k == "attack" else around[d, i][:0]
        for d, i, t, k in zip(
            table["day"], table["actor"], table["target"], table["kind"], strict=True
        )
    ]
    last = people.groupby("resident")["day"].max()
    removed = last[last < people["day"].max()]
    gone = pd.DataFrame(
        {
            "day": removed.to_numpy(),
            "stage": "food",
            "order": 10**6,
            "actor": removed.index.to_numpy(),
            "target": 0,
            "kind": "removal",
            "amount": 0,
            "outcome": 1,
            "reason": "hunger",
            "witnesses": [np.zeros(0, np.int32)] * len(removed),
        }
    )
    return pd.concat([table.drop(columns=["rank", "lot"]), gone], ignore_index=True)


def _messages(
    rng: np.random.Generator, people: pd.DataFrame, share: float, most: int
) -> pd.DataFrame:
    speaks = ~people["fault"].isin(["perceive", "communicate"]).to_numpy()
    speaks &= rng.random(len(people)) < share
    speaks &= people["in_hearing"].map(len).to_numpy() > 0
    who = people[speaks].reset_index(drop=True)
    n = len(who)
    hears = who["in_hearing"].tolist()
    to = np.where(rng.random(n) < 0.5, _one_of(rng, hears), 0)
    start = rng.random(n)
    shown, announced = [], []
    for ids, one, lot in zip(hears, to, start, strict=True):
        if one:
            shown.append(np.array([one] if lot < 0.9 else [], np.int32))
            announced.append(np.zeros(0, np.int32))
        else:
            first = int(lot * len(ids))
            rolled = np.roll(ids, -first)
            shown.append(rolled[: min(most, len(ids))])
            announced.append(rolled[most : 5 * most])
    table: dict[str, Any] = {
        "day": who["day"],
        "order": who.groupby("day").cumcount(),
        "sender": who["resident"],
        "to": to,
        "kind": rng.choice(KINDS, n, p=[0.3, 0.08, 0.1, 0.1, 0.05, 0.12, 0.1, 0.08, 0.07]),
        "text": "",
        "shown": shown,
        "announced": announced,
        "unread": 0,
    }
    place = who["x"].to_numpy() // 3 + 1
    for k in (1, 2):
        kind = rng.choice(CLAIMS, n, p=[0.3, 0.15, 0.25, 0.1, 0.06, 0.06, 0.04, 0.04])
        word = rng.choice(6, n, p=[0.7, 0.06, 0.06, 0.06, 0.06, 0.06])
        number = rng.integers(0, 60, n)
        named = _one_of(rng, hears)
        personal = np.isin(kind, ["attacked", "gave", "broke"])
        makes = np.where(rng.random(n) < 0.5, 280, 40)
        belief = np.select(
            [kind == "stock", kind == "makes", personal],
            [who["stock"], 280, rng.integers(0, 2, n)],
            default=-1,
        ).astype(float)
        belief[(belief < 0) | ((kind == "makes") & (rng.random(n) < 0.4))] = np.nan
        honest = rng.random(n) < 0.6
        table[f"claim{k}_kind"] = kind
        table[f"claim{k}_a"] = np.select(
            [kind == "stock", kind == "plan", kind == "makes", personal],
            [np.where(honest, who["stock"], number), word, 1, named],
            default=0,
        )
        table[f"claim{k}_b"] = np.select(
            [(kind == "plan") & (word == 0), kind == "makes"], [place, makes], default=0
        )
        table[f"claim{k}_belief"] = belief
        table[f"claim{k}_text"] = ""
        what = rng.choice(PROMISES, n, p=[0.6, 0.12, 0.12, 0.1, 0.06])
        table[f"promise{k}_what"] = what
        table[f"promise{k}_a"] = np.select([what == "gift", what == "secure"], [5, place], 0)
        table[f"promise{k}_by"] = who["day"] + rng.integers(0, 4, n)
    return pd.DataFrame(table)


def as_stored(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The same tables with categories for words and Arrow lists for lists, as Parquet gives."""
    stored = {}
    for name, table in tables.items():
        changed = table.copy()
        for column in table.columns:
            if column in {"in_reach", "in_hearing", "witnesses", "shown", "announced"}:
                lists = pa.array(table[column].tolist(), type=pa.list_(pa.int32()))
                changed[column] = pd.Series(lists, dtype=pd.ArrowDtype(pa.list_(pa.int32())))
            elif table[column].dtype == object or isinstance(table[column].dtype, pd.StringDtype):
                changed[column] = table[column].astype("category")
            elif column.endswith("belief"):
                changed[column] = table[column].astype("Int64")
        stored[name] = changed
    return stored
