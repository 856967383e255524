"""Laws that hold on every log, by random but consistent logs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.errors import InputError
from model.measures.behaviour import (
    LABELS,
    Rules,
    daily,
    detect,
    rates,
    rates_by_treatment,
    sensitivity,
    social_prevalence,
)
from tests.measures.behaviour.settlement import settle
from tests.measures.behaviour.synthetic import as_stored, random_log

RULES = Rules(outputs={1: 280.0})
some_log = given(seed=st.integers(0, 10**6), k=st.sampled_from([1, 3, 5, 10]))
briefly = settings(max_examples=10, deadline=None, derandomize=True)


def keys(table: pd.DataFrame) -> set[tuple[Any, ...]]:
    return set(zip(table["day"], table["resident"], table["label"].astype(str), strict=True))


@some_log
@briefly
def test_a_hit_implies_an_opportunity(seed: int, k: int) -> None:
    found = detect(random_log(seed), RULES, window=k)
    assert keys(found.hits) <= keys(found.opportunities)


@some_log
@briefly
def test_a_label_hits_once_an_actor_day(seed: int, k: int) -> None:
    found = detect(random_log(seed), RULES, window=k)
    assert not found.hits.duplicated(["day", "resident", "label"]).any()
    assert not found.opportunities.duplicated(["day", "resident", "label"]).any()


@some_log
@briefly
def test_a_day_with_a_fault_is_nobodys_hit_and_nobodys_opportunity(seed: int, k: int) -> None:
    tables = random_log(seed)
    people = tables["residents"]
    faulted = people[people["fault"].isin(["perceive", "communicate", "act"])]
    days = set(zip(faulted["day"], faulted["resident"], strict=True))
    found = detect(tables, RULES, window=k)
    assert not days & {key[:2] for key in keys(found.hits) | keys(found.opportunities)}


@some_log
@briefly
def test_no_hit_is_aimed_at_a_member_of_the_own_household(seed: int, k: int) -> None:
    tables = random_log(seed)
    home = tables["residents"].set_index(["day", "resident"])["household"]
    aimed = detect(tables, RULES, window=k).hits.query("target > 0")
    own = home.reindex(pd.MultiIndex.from_frame(aimed[["day", "resident"]])).to_numpy()
    other = home.reindex(pd.MultiIndex.from_frame(aimed[["day", "target"]])).to_numpy()
    assert (own != other).all()


@some_log
@briefly
def test_betrayal_retaliation_and_punishment_exclude_each_other_toward_one(
    seed: int, k: int
) -> None:
    hits = detect(random_log(seed), Rules(), window=k).hits
    three = hits[hits["label"].isin(["betrayal", "retaliation", "third_party_punishment"])]
    assert not three.duplicated(["day", "resident", "target"]).any()


@some_log
@briefly
def test_ids_are_names_only(seed: int, k: int) -> None:
    tables = random_log(seed)
    rng = np.random.default_rng(seed)
    ids = np.concatenate([[0], np.sort(rng.choice(np.arange(1, 500), 40, replace=False))])
    renamed = {name: table.copy() for name, table in tables.items()}
    single = {
        "residents": ["resident"],
        "decisions": ["resident", "plan_who", "act_who", *(f"regard{n}_who" for n in (1, 2, 3))],
        "messages": ["sender", "to"],
        "commitments": ["debtor", "creditor"],
    }
    for name, columns in single.items():
        for column in columns:
            renamed[name][column] = ids[renamed[name][column]]
    for name, columns in {
        "residents": ["in_reach", "in_hearing"],
        "events": ["witnesses"],
        "messages": ["shown", "announced"],
    }.items():
        for column in columns:
            renamed[name][column] = [ids[x] for x in renamed[name][column]]
    events, messages = renamed["events"], renamed["messages"]
    events["actor"] = ids[events["actor"]]
    aimed = events["kind"].isin(["gift", "attack", "merge", "merge_ask"])
    events.loc[aimed, "target"] = ids[events.loc[aimed, "target"]]
    for n in (1, 2):
        named = messages[f"claim{n}_kind"].isin(["attacked", "gave", "broke"])
        messages.loc[named, f"claim{n}_a"] = ids[messages.loc[named, f"claim{n}_a"]]
    before = detect(tables, RULES, window=k)
    after = detect(renamed, RULES, window=k)
    for one, two in ((before.hits, after.hits), (before.opportunities, after.opportunities)):
        assert {(d, ids[r], x) for d, r, x in keys(one)} == keys(two)


@some_log
@briefly
def test_tables_as_parquet_gives_them_say_the_same(seed: int, k: int) -> None:
    tables = random_log(seed, days=8)
    plain = detect(tables, RULES, window=k)
    stored = detect(as_stored(tables), RULES, window=k)
    pd.testing.assert_frame_equal(plain.hits, stored.hits)
    pd.testing.assert_frame_equal(plain.opportunities, stored.opportunities)


@some_log
@briefly
def test_a_wider_claim_tolerance_finds_no_more_deception(seed: int, k: int) -> None:
    tables = random_log(seed)
    strict = detect(tables, Rules(), window=k, tolerance=(0, 0)).hits
    lax = detect(tables, Rules(), window=k, tolerance=(20, 0.5)).hits
    assert keys(lax[lax["label"] == "deception"]) <= keys(strict[strict["label"] == "deception"])


@some_log
@briefly
def test_every_commitment_ends_once_and_not_before_it_was_made(seed: int, k: int) -> None:
    book = random_log(seed)["commitments"]
    assert book["commitment"].is_unique
    assert (book["closed"] >= book["day"]).all()
    words = {"kept", "broken", "impossible", "released", "unresolved"}
    assert set(book["status"]) <= words
    due = book[book["status"].eq("broken") & book["what"].ne("no attack")]
    assert (due["closed"] == due["by"]).all()


@some_log
@briefly
def test_rates_are_shares(seed: int, k: int) -> None:
    tables = random_log(seed)
    found = detect(tables, RULES, window=k)
    table = rates(found, tables["residents"])
    assert list(table.index) == [one.name for one in LABELS]
    assert table["rate"].dropna().between(0, 1).all()
    assert (table["rate"].isna() == (table["opportunities"] == 0)).all()
    spread = social_prevalence(found, tables["residents"])
    assert spread["of_able"].dropna().between(0, 1).all()
    assert spread["of_all"].between(0, 1).all()
    assert (spread["of_able"].isna() == (table["opportunities"] == 0)).all()


@some_log
@briefly
def test_treated_and_untreated_add_up_to_all(seed: int, k: int) -> None:
    tables = random_log(seed)
    found = detect(tables, Rules(), window=k)
    whole = rates(found, tables["residents"])
    split = rates_by_treatment(found, tables["residents"])
    parts = split.groupby("label")["hits"].sum()
    assert (parts.reindex(whole.index) == whole["hits"]).all()
    chances = split.xs("nobody", level="target").groupby("label")["opportunities"].sum()
    assert (chances.reindex(whole.index) == whole["opportunities"]).all()


@some_log
@briefly
def test_daily_counts_are_the_terms_of_social_capital(seed: int, k: int) -> None:
    tables = random_log(seed)
    found = detect(tables, Rules(), window=k)
    days, table = daily(found, tables["residents"]), rates(found, tables["residents"])
    for label in ("cooperation", "betrayal", "deception"):
        assert days[label].sum() == table.loc[label, "hits"]
        assert (days[label] <= days["faultless"]).all()
    assert days["faultless"].sum() == table.loc["cooperation", "resident_days"]


def test_a_label_whose_kinds_are_switched_off_has_no_rate() -> None:
    tables = random_log(3)
    found = detect(tables, Rules(kinds=("inform", "ask", "threaten")))
    table = rates(found, tables["residents"])
    assert found.undefined == {"alliance", "power_seeking", "sycophancy"}
    assert table.loc[sorted(found.undefined)].isna().all(axis=None)
    assert table.loc["cooperation", "rate"] > 0


def test_no_days_give_no_rates() -> None:
    tables = {name: table.iloc[:0] for name, table in random_log(3).items()}
    found = detect(tables, Rules())
    table = rates(found, tables["residents"])
    assert table[["rate", "per_resident_day"]].isna().all(axis=None)
    assert daily(found, tables["residents"]).empty


def test_sensitivity_moves_one_thing_at_a_time() -> None:
    table = sensitivity(random_log(3), Rules())
    tries = table[["window", "units", "share"]].drop_duplicates()
    assert list(tries.itertuples(index=False, name=None)) == [
        (3, 5, 0.1),
        (5, 5, 0.1),
        (10, 5, 0.1),
        (5, 0, 0),
        (5, 10, 0.2),
    ]
    chances = table[table["label"] == "retaliation"].set_index(["window", "units"])["opportunities"]
    assert chances[10, 5.0] > chances[3, 5.0]


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda t: t.pop("events"), "need the table `events`"),
        (lambda t: t.update(events=t["events"].drop(columns="kind")), "`events` lacks kind"),
        (
            lambda t: t.update(residents=pd.concat([t["residents"], t["residents"].iloc[:1]])),
            "more than once",
        ),
    ],
)
def test_tables_that_cannot_be_read_are_named(change: Any, complaint: str) -> None:
    tables = random_log(3, days=3)
    change(tables)
    with pytest.raises(InputError, match=complaint):
        detect(tables, Rules())


def test_unknown_kinds_and_negative_tolerances_are_refused() -> None:
    tables = random_log(3, days=3)
    with pytest.raises(InputError, match="shout"):
        detect(tables, Rules(kinds=("shout",)))
    with pytest.raises(InputError, match="tolerance"):
        detect(tables, Rules(), tolerance=(-1, 0.1))


def test_settling_twice_gives_the_same_ledger() -> None:
    tables = random_log(5)
    assert settle(tables, Rules()).equals(tables["commitments"])
    assert settle(as_stored(tables), Rules()).equals(tables["commitments"])
