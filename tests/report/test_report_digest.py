from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from model.analysis.digest import digest
from model.analysis.labels import label_hits, log_of
from model.analysis.message_graph import last_day_graph
from model.measures.case_study import Pair, case_study
from model.measures.population import naup
from model.report.chapters.case import case_of, case_table
from model.report.conditions import gather
from model.store import load_run
from model.world.event_words import sentence
from tests.report.material import live


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def path(folder):
    return live(folder, 3, days=30, value="PO", mode="with", prevalence=0.5)


@pytest.fixture(scope="module")
def one(path):
    return digest(path)


@pytest.fixture(scope="module")
def run(path):
    return load_run(path)


def test_naup_is_the_one_on_the_runs_card(one, run):
    assert one.summary["naup"] == run.meta.summary["naup"]


def test_founders_survival_is_their_restricted_mean(one, run):
    founders = one.lives[one.lives["entered"] == 0]
    lived = np.where(founders["removed"], founders["left"], 30)
    assert len(founders) == 8
    assert one.summary["founder_rmst"] == pytest.approx(lived.mean() / 30, abs=1e-12)


def test_lives_add_up_to_the_population_of_every_day(one, run):
    lives = one.lives
    for day, population in zip(run.days["day"], run.days["population"], strict=True):
        alive = (lives["entered"] <= day) & ~(lives["removed"] & (lives["left"] <= day))
        assert alive.sum() == population


def test_rates_are_per_faultless_resident_day(one, run):
    lived = int((run.residents["day"] >= 1).sum())
    assert one.summary["resident_days"] == lived
    attacks = int((run.events["kind"] == "attack").sum())
    assert attacks > 0
    assert one.summary["attacks"] == pytest.approx(attacks / lived)


def test_social_capital_counts_cooperators_less_betrayers(one):
    c, b, n = (one.conduct[x].sum() for x in ("cooperation", "betrayal", "faultless"))
    assert one.summary["social_capital"] == pytest.approx((c - b) / n)


def test_treated_and_untreated_days_make_up_all_days(one):
    table = one.by_treatment
    days = table[table["label"] == "betrayal"].groupby("actor")["resident_days"].max()
    assert days.sum() == one.summary["resident_days"]


def test_the_last_days_graph_joins_senders_to_those_who_were_shown(run):
    day, graph = last_day_graph(run)
    said = run.messages[run.messages["day"] == day]
    pairs = {(s, r) for s, shown in zip(said["sender"], said["shown"], strict=True) for r in shown}
    drawn = graph.to_networkx()
    alive = set(drawn.nodes)
    assert set(drawn.edges) == {(s, r) for s, r in pairs if s in alive and r in alive}
    assert pairs


def test_an_example_quotes_the_rows_it_names(one, run):
    quoted = [text for example in one.examples for text in example.lines]
    assert quoted
    for where, text in quoted:
        table, row = where.rstrip("]").split("[")
        assert text.startswith(f"day {run.table(table).iloc[int(row)]['day']}: ")


def test_a_number_undefined_in_a_run_is_no_zero(folder):
    alone = digest(live(folder, 1, residents=1, days=3, messages=False))
    assert np.isnan(alone.summary["communication"])
    assert np.isnan(alone.summary["development"])
    assert np.isnan(alone.graph["reciprocity"])


def test_an_unfinished_series_is_normed_by_the_days_it_has(path, one):
    population = one.days["population"].to_numpy()
    assert one.summary["naup"] == naup(population, 30)


def test_the_case_tells_only_days_on_which_both_lived(one, run, folder):
    case = case_of(gather(folder, [one]))
    for day in case.days["day"]:
        both = run.residents[run.residents["day"] == day]["resident"]
        assert {case.pair.first, case.pair.second} <= set(both)


def test_the_case_says_what_they_said(one, run, folder):
    case = case_of(gather(folder, [one]))
    for told in case.days.to_dict("records"):
        mine = run.messages["sender"] == told["resident"]
        said = run.messages[mine & (run.messages["day"] == told["day"])]
        assert told["texts"] == said["text"].tolist()


def test_a_report_tells_the_case_that_a_notebook_finds(one, run, folder):
    alone = case_study(log_of(run), label_hits(run), sentence)
    told = case_of(gather(folder, [one]))
    assert told.pair == alone.pair
    assert told.pair.how, "somebody was deceived and then struck"
    pd.testing.assert_frame_equal(told.days, alone.days)
    assert f"struck it on day {told.pair.struck}" in case_table(told).note


def test_of_several_runs_the_case_is_the_one_that_tells_most(folder, one):
    mild = replace(one, pair=Pair(1, 2, 5, labels=4, hits=9), meta=renamed(one, 91))
    breach = replace(one, pair=Pair(1, 2, 5, "breach", 5, 6, labels=1), meta=renamed(one, 92))
    assert case_of(gather(folder, [mild, breach])).pair.how == "breach"
    assert case_of(gather(folder, [mild, breach, one])).pair == one.pair


def renamed(one, seed):
    return replace(one.meta, identity={**one.meta.identity, "seed": seed})
