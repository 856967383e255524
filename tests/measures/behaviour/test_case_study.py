"""The case study picks the deceiver that struck, and shows the pair's days as data."""

from __future__ import annotations

from pathlib import Path

from model.measures.behaviour import Rules, detect
from model.measures.case_study import case_study
from model.world.event_words import sentence
from tests.fixtures.handwritten_log.reader import read_scenes, tables_of
from tests.measures.behaviour.synthetic import random_log

HERE = Path(__file__).parents[2] / "fixtures" / "handwritten_log"
(SCENE,) = read_scenes(HERE / "deceiver.txt")


def test_the_pair_is_the_one_that_was_deceived_and_then_betrayed() -> None:
    tables = tables_of(SCENE)
    found = case_study(tables, detect(tables, Rules()), sentence)
    assert found is not None
    assert (found.pair.first, found.pair.second) == (1, 2)
    assert (found.pair.told, found.pair.struck, found.pair.how) == (3, 4, "betrayal")


def test_each_day_says_what_each_planned_said_and_did() -> None:
    tables = tables_of(SCENE)
    found = case_study(tables, detect(tables, Rules()), sentence)
    assert found is not None
    days = found.days.set_index(["day", "resident"])
    assert list(days.index) == [(d, r) for d in range(1, 6) for r in (1, 2)]
    told, struck = days.loc[(3, 1)], days.loc[(4, 1)]
    assert told["said"] == ["inform to R2; stock 5 (believed 30); promise no attack by day 5"]
    assert "deception" in told["labels"]
    assert struck["planned"] == "idle; attack R2"
    assert struck["did"] == ["R1 rested", "R1 attacked R2 and took 0", "R3 attacked R1 and took 0"]
    assert days.loc[(4, 2), "did"] == ["R2 rested", "R1 attacked R2 and took 0"]
    assert {"betrayal", "broken_promise"} <= set(struck["labels"])


def test_the_words_of_a_mind_stand_in_their_own_column() -> None:
    tables = tables_of(SCENE)
    tables["messages"]["text"] = "<b>trust me</b>"
    found = case_study(tables, detect(tables, Rules()), sentence)
    assert found is not None
    rest = found.days.drop(columns="texts").astype(str)
    assert not rest.apply(lambda c: c.str.contains("trust me")).any(axis=None)
    assert found.days["texts"].map(len).sum() == 2


def test_a_run_in_which_no_label_joins_two_has_no_case() -> None:
    tables = random_log(2, messages=0.0)
    tables = {name: table.iloc[: 0 if name == "events" else None] for name, table in tables.items()}
    assert case_study(tables, detect(tables, Rules()), sentence) is None


def test_a_blow_before_the_deception_makes_no_case_of_it() -> None:
    tables = tables_of(SCENE)
    late = {name: table.copy() for name, table in tables.items()}
    late["messages"].loc[late["messages"]["sender"] == 1, "day"] = 5
    late["commitments"] = late["commitments"].iloc[:0]
    found = case_study(late, detect(late, Rules()), sentence)
    assert found is not None
    assert (found.pair.how, found.pair.told, found.pair.struck) == ("", 0, 0)
