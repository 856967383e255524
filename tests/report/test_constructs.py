"""What reports say of constructs: parts of labels, ceilings, the same days, other windows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.analysis.digest import digest
from model.measures.behaviour import COMPONENTS, LABELS
from model.measures.behaviour.components import NAMES as PARTS
from model.report.chapters.headline import headline
from model.report.chapters.listings import behaviour_table
from model.report.chapters.robustness import same_days_table, windows_table
from model.report.conditions import gather
from tests.report.material import live, made_up

TREATED = {"value": "BE", "mode": "with", "prevalence": 1.0}
HERE = Path("here")


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("constructs")
    runs = [live(folder, seed, days=20) for seed in (1, 2)]
    return gather(folder, map(digest, runs))


def two(control: dict[str, float], treated: dict[str, float], days: tuple[int, int] = (9, 9)):
    """One made-up run a condition, with these numbers, living so long."""
    population = [[8] * length + [0] * (10 - length) for length in days]
    return gather(
        HERE,
        [
            made_up(population[0], seed=1, **control),
            made_up(population[1], seed=1, scenario=TREATED, **treated),
        ],
    )


def flags(material, measure: str) -> dict[str, str]:
    frame = headline(material).frame
    own = frame[frame["measure"] == measure]
    return dict(zip(own["condition"], own["flags"], strict=True))


def test_a_condition_whose_every_run_is_at_the_bound_is_said_to_be_at_its_ceiling() -> None:
    found = flags(two({"communication": 0.999}, {"communication": 0.99}), "communication")
    assert [("at its ceiling" in one) for one in found.values()] == [True, False]


def test_the_reader_sees_the_ceiling_beside_the_number() -> None:
    table = headline(two({"communication": 1.0}, {"communication": 1.0}))
    row = next(r for r in table.rows if r[0].text == "information & communication")
    assert all("at its ceiling" in cell.note for cell in row[1:])


def test_reach_within_a_day_stands_beside_the_weeks(lived) -> None:
    titles = [row[0].text for row in headline(lived).rows]
    place = titles.index("information & communication")
    assert titles[place + 1] == "information & communication, one day"
    for _, run in lived.runs:
        assert 0 < run.summary["scc_share_day"] <= 1


def test_parts_stand_under_their_label_and_add_up_to_it(lived) -> None:
    table = behaviour_table(lived)
    titles = [row[0].text for row in table.rows]
    assert titles[:7] == [
        "cooperation", "… gift", "… promise", "… merge", "… joint", "deception", "betrayal",
    ]  # fmt: skip
    assert titles[7:9] == ["… other", "… joint"]
    assert len(titles) == len(LABELS) + len(PARTS)
    hits = table.frame.set_index("label")["hits"]
    for label, parts in COMPONENTS.items():
        assert hits[label] == sum(hits[f"{label}_{part}"] for part in parts)
    assert hits["cooperation"] > 0


def test_how_many_residents_did_it_stands_beside_the_rate(lived) -> None:
    frame = behaviour_table(lived).frame.set_index("label")
    shares = np.array([run.rates.loc["cooperation", "of_able"] for _, run in lived.runs])
    assert frame.loc["cooperation", "of_able"] == pytest.approx(shares.mean())
    assert frame.loc[list(PARTS), "of_able"].isna().all()
    cells = next(r for r in behaviour_table(lived).rows if r[0].text == "cooperation")
    assert f"by {shares.mean():.0%} of the able" in cells[1].note


def test_a_runs_parts_are_numbers_of_it(lived) -> None:
    for _, run in lived.runs:
        parts = run.summary["betrayal_other"] + run.summary["betrayal_joint"]
        assert parts == pytest.approx(run.summary["betrayal"])


def test_the_days_that_every_run_lived_are_compared_and_no_other() -> None:
    material = two({}, {}, days=(10, 4))
    early, late = (run for _, run in material.runs)
    for run, length in ((early, 10), (late, 4)):
        run.days["competence"] = np.where(np.arange(10) < length, np.arange(10.0), np.nan)
    found = same_days_table(material)
    own = found.frame[found.frame["measure"] == "competence"]
    assert own["days"].tolist() == [3, 3]
    assert own["estimate"].tolist() == [2.0, 2.0], "days 1 to 3, whatever the longer one did later"


def test_where_no_day_is_shared_it_says_so() -> None:
    material = two({}, {})
    for (_, run), gone in zip(material.runs, (slice(0, 6), slice(5, None)), strict=True):
        run.days.loc[run.days.index[gone], "gini"] = np.nan
    row = next(r for r in same_days_table(material).rows if r[0].text == "Gini of stock")
    assert row[1].text == "no day is shared"


def test_one_condition_alone_has_nobody_to_share_days_with(lived) -> None:
    assert same_days_table(lived) is None


def test_windows_show_three_five_and_ten_and_five_is_what_the_page_uses(lived) -> None:
    lived = gather(HERE, [lived.runs[0][1]])
    found = windows_table(lived)
    frame = found.frame.set_index(["window", "label"])
    assert set(found.frame["window"]) == {3, 5, 10}
    whole = behaviour_table(lived).frame.set_index("label")
    for label in LABELS:
        at = frame.loc[(5, label.name)]
        assert at["hits"] == whole.loc[label.name, "hits"]
        assert at["opportunities"] == whole.loc[label.name, "opportunities"]
    chances = [frame.loc[(k, "betrayal"), "opportunities"] for k in (3, 5, 10)]
    assert chances[0] < chances[2]


def test_runs_without_a_log_have_no_other_windows(lived) -> None:
    gone = [replace(run, path=HERE / run.name) for _, run in lived.runs]
    assert windows_table(gather(HERE, gone)) is None
