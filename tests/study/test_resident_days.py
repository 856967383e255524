"""One denominator: what is said per resident-day is per faultless one, whoever says it."""

import pytest

from model.analysis.arms import Arm
from model.analysis.digest import digest
from model.analysis.row import plain_row, row_from
from model.evidence.contrasts import rate
from model.measures.behaviour import judged_days
from model.report.chapters.headline import headline
from model.report.conditions import gather
from model.report.figures.conduct import act_numbers, conduct_numbers
from model.store import load_run
from tests.study.faulty import live_faulty


@pytest.fixture(scope="module", params=["fused", "staged"])
def row(request, tmp_path_factory):
    path = tmp_path_factory.mktemp("faulty") / request.param
    fields = {
        "preset": "growing",
        "days": 20,
        "start_stock": 200,
        "births": False,
        "cognition": request.param,
    }
    return live_faulty(path, 3, value="PO", mode="with", prevalence=0.5, **fields)


@pytest.fixture(scope="module")
def one(row):
    return digest(load_run(row.path).path)


@pytest.fixture(scope="module")
def attacks(row):
    """Attacks and faultless resident-days, counted in the run's own tables."""
    run = load_run(row.path)
    done = run.events[(run.events["kind"] == "attack") & (run.events["outcome"] >= 0)]
    whole = run.residents["fault"].isin(["", "remember"]) & (run.residents["day"] > 0)
    # Fifteen in a hundred replies are faults: two chances a day to lose it, or three.
    assert 0.5 < whole.sum() / (run.residents["day"] > 0).sum() < 0.8
    assert len(done) >= 5
    return len(done), int(whole.sum())


def test_attacks_per_resident_day_are_the_same_behind_every_door(row, one, attacks):
    count, days = attacks
    material = gather(one.path, [one])
    shown = headline(material).frame.set_index("measure")["estimate"]["attacks"]
    spans = conduct_numbers(material).query("conduct == 'attacks'")
    acts = act_numbers(material).query("part == 'further' and act == 'attack'").iloc[0]
    arm = Arm("cell", {}, "", (row.summary,))
    assert {
        "row": row["attacks"],
        "study": arm.values("attacks")[row.seed],
        "evidence": rate("attacks")(row) / 1000,
        "digest": one.summary["attacks"],
        "report": shown / 1000,
        "spans": spans["hits"].sum() / spans["resident_days"].sum(),
        "acts": acts["share"],
    } == pytest.approx(dict.fromkeys(
        ("row", "study", "evidence", "digest", "report", "spans", "acts"), count / days
    ), rel=1e-12)  # fmt: skip


def test_every_number_of_the_days_is_the_same_in_row_and_digest(row, one):
    names = (
        "naup", "founder_rmst", "collapsed", "resident_days", "mornings", "social_capital",
        "development", "communication", "competence", "top_share", "births_per_resident_day",
    )  # fmt: skip
    mine = {name: row[name] for name in names}
    theirs = {name: one.summary[name] for name in names}
    assert mine == theirs


def test_mornings_lived_have_a_name_of_their_own(row, attacks):
    run = load_run(row.path)
    assert row["mornings"] == (run.residents["day"] > 0).sum()
    assert row["resident_days"] == attacks[1] < row["mornings"]


def test_the_log_and_the_days_count_the_same_judged_days(row):
    run = load_run(row.path)
    by_day = judged_days(run.residents).groupby("day").size()
    lived = run.days.set_index("day")["faultless"].iloc[1:]
    assert by_day.reindex(lived.index, fill_value=0).tolist() == lived.tolist()


def same(numbers):
    return pytest.approx(numbers, rel=0, abs=0, nan_ok=True)


def test_a_row_of_an_older_version_is_read_as_it_was_meant(row):
    plain = plain_row(row)
    numbers, counts = plain.pop("numbers"), plain.pop("counts")
    own = [name for name in numbers if name not in plain["flows"]]
    old = plain | {name: numbers[name] for name in own}
    assert row_from(old, row.path).numbers == same(row.numbers)
    assert row_from(old, row.path).counts == {name: tuple(one) for name, one in counts.items()}
    # Before that, the mornings lived were called resident-days.
    older = {name: value for name, value in old.items() if name != "mornings"}
    back = row_from(older | {"resident_days": numbers["mornings"]}, row.path)
    assert back.numbers == same(row.numbers)
