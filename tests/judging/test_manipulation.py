"""The manipulation check finds what was planted, and says where nothing took."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest

from agents.values import VALUES
from model.analysis.circle_structure import circle_table
from model.analysis.manipulation import (
    behavioural_shifts,
    manipulation_check,
    shifts,
    variance_split,
)
from tests.judging.communities import assessed, lived


def check_of(*tables: pd.DataFrame) -> pd.DataFrame:
    return manipulation_check(shifts(pd.concat(tables, ignore_index=True)))


@pytest.fixture(scope="module")
def planted() -> pd.DataFrame:
    """Every value with and without: four populations told weights, two told a single text."""
    told = [("weights", "weights", rng) for rng in (1, 2, 3, 4)]
    told += [("single", "gloss", rng) for rng in (1, 2)]
    return check_of(
        *(
            assessed(rng, value=value, mode=mode, family=family, method=method)
            for value, mode, (family, method, rng) in product(VALUES, ("with", "without"), told)
        )
    )


def test_every_planted_shift_is_recovered_with_its_sign(planted: pd.DataFrame) -> None:
    assert len(planted) == 40
    sign = np.where(planted["mode"] == "with", 1, -1)
    assert (sign * planted["own"] > 0.5).all()
    assert (planted["verdict"] == "took").all()
    assert (planted["flag"] == "").all()


def test_every_planted_shift_has_the_order_of_the_circle(planted: pd.DataFrame) -> None:
    assert planted["order"].all()
    assert planted["largest"].all()
    assert (planted["circle"] > 0.6).all()


@pytest.mark.parametrize("mode", ["with", "without"])
def test_a_sham_is_flagged_as_not_having_taken(mode: str) -> None:
    """Its text is another and its weights are the same as those of the text it stands in for."""
    runs = [
        assessed(rng, value="BE", mode=mode, family="single", method="sham") for rng in (1, 2, 3)
    ]
    found = check_of(*runs).iloc[0]
    assert (found["own"], found["verdict"]) == (0.0, "did not take")
    assert found["flag"] == "the value moved by +0.00, less than 0.25"
    assert found["expected"] == "did not take"


@pytest.mark.parametrize("method", ["placebo", "none"])
def test_a_text_about_nothing_does_not_take(method: str) -> None:
    runs = [assessed(r, value="BE", mode="with", family="single", method=method) for r in (1, 2)]
    assert check_of(*runs).iloc[0]["verdict"] == "did not take"


def test_a_control_that_moves_the_value_is_flagged_too() -> None:
    both = pd.concat([assessed(r, value="BE", mode="with") for r in (1, 2, 3)])
    found = manipulation_check(shifts(both).assign(method="placebo")).iloc[0]
    assert (found["verdict"], found["expected"]) == ("took", "did not take")
    assert found["flag"].startswith("a text that must not move the value")


def test_a_shift_of_the_wrong_sign_is_flagged() -> None:
    table = pd.concat([assessed(r, value="BE", mode="with") for r in (1, 2, 3)])
    swapped = table.assign(context=table["context"].map({"bare": "reference", "reference": "bare"}))
    found = check_of(swapped).iloc[0]
    assert found["verdict"] == "moved the other way"
    assert found["flag"].startswith("the value moved the wrong way")


def one_condition(*own: float, method: str = "weights", mode: str = "with") -> Any:
    """The check of runs whose treated residents moved in BE by these numbers."""
    row = {
        **dict.fromkeys(VALUES, 0.0), "mind": "x", "family": "f", "method": method, "value": "BE",
        "mode": mode, "paraphrase": 0, "prevalence": 1.0, "time": 0, "residents": 3, "faults": 0,
    }  # fmt: skip
    rows = [{**row, "BE": x, "run": f"r{k}", "seed": k} for k, x in enumerate(own)]
    return manipulation_check(pd.DataFrame(rows)).iloc[0]


@pytest.mark.parametrize(
    ("own", "verdict"),
    [
        ((0.05, -0.04, 0.02, 0.0), "did not take"),  # both limits within a quarter of a point
        ((0.2, 0.2), "did not take"),  # equal runs are their own limits
        ((0.3, 0.3), "took"),
        ((0.1,), "cannot tell"),  # one run shows neither
        ((2.0,), "cannot tell"),
        ((0.4, -0.3, 0.1), "cannot tell"),  # about nothing, but the interval is wide
        ((0.24, 0.26, 0.2, 0.27), "cannot tell"),  # surely a shift, perhaps a quarter
        ((1.0, 1.2, 0.9), "took"),
        ((-1.0, -1.2, -0.9), "moved the other way"),
    ],
)
def test_that_it_did_not_take_is_equivalence_and_no_lack_of_evidence(
    own: tuple[float, ...], verdict: str
) -> None:
    found = one_condition(*own)
    assert found["verdict"] == verdict
    assert bool(found["flag"]) == (verdict != "took")


@pytest.mark.parametrize("own", [(0.1,), (0.4, -0.3, 0.1)])
def test_a_placebo_that_was_not_measured_well_is_no_good_placebo(own: tuple[float, ...]) -> None:
    found = one_condition(*own, method="placebo")
    assert (found["verdict"], found["expected"]) == ("cannot tell", "did not take")
    assert found["flag"]


def test_a_placebo_that_moves_the_value_down_is_flagged_as_well() -> None:
    found = one_condition(-1.0, -1.2, -0.9, method="placebo")
    assert found["flag"].startswith("a text that must not move the value")


def test_runs_that_disagree_leave_it_open_and_that_is_no_success() -> None:
    stated = shifts(assessed(value="BE", mode="with"))
    doubtful = pd.concat([stated.assign(BE=x, seed=k) for k, x in enumerate((2.0, -1.2, 1.5))])
    found = manipulation_check(doubtful).iloc[0]
    assert found["verdict"] == "cannot tell"
    assert "includes no shift" in found["flag"]


def test_residents_without_an_answer_are_counted_and_move_nothing() -> None:
    table = assessed(value="BE", mode="with")
    lost = table.copy()
    rows = (lost["context"] == "bare") & (lost["resident"] <= 3)
    lost.loc[rows, list(VALUES)] = np.nan
    one, two = (check_of(t).iloc[0] for t in (table, lost))
    assert (two["residents"], two["faults"]) == (5, 3)
    assert two["own"] == pytest.approx(one["own"], abs=0.5)


def test_with_no_answer_at_all_it_is_undefined_and_flagged() -> None:
    table = assessed(value="BE", mode="with")
    table[list(VALUES)] = np.nan
    found = check_of(table).iloc[0]
    assert found["verdict"] == "undefined"
    assert np.isnan(found["own"])
    assert "unchecked" in found["flag"]


def test_the_middle_has_no_direction() -> None:
    assert (
        check_of(assessed(value="BE", mode="middle")).iloc[0]["verdict"] == "no direction to test"
    )


def test_who_acts_on_no_value_states_it_and_does_not_do_it() -> None:
    """A mind with a table of zeros: stated values take, behaviour does not follow."""
    told: dict[str, Any] = {"value": "BE", "mode": "without", "prevalence": 1.0}
    size: dict[str, Any] = {"residents": 12, "days": 15}
    stated = shifts(pd.concat([assessed(r, value="BE", mode="without") for r in (1, 2, 3, 4)]))
    acted = {}
    for mind in ("surrogate", "flat"):
        controls = [lived(f"c{r}", 10 + r, mind=mind, **size) for r in (1, 2, 3, 4)]
        runs = [lived(f"t{r}", r, mind=mind, **size, **told) for r in (1, 2, 3, 4)]
        found = manipulation_check(stated, behavioural_shifts(runs, controls)).iloc[0]
        assert found["verdict"] == "took"
        acted[mind] = found["acted"]
    assert acted == {"surrogate": True, "flat": False}


def test_the_variance_of_a_planted_paraphrase_is_found() -> None:
    rng = np.random.default_rng(3)
    rows = [
        {"method": "gloss", "value": "BE", "mode": "with", "seed": seed, "paraphrase": p,
         "mind": "x", "BE": 2.0 + 1.5 * p + rng.normal(0, 0.1)}
        for seed in range(8)
        for p in range(3)
    ]  # fmt: skip
    both = [*rows, *({**row, "mode": "without", "BE": -row["BE"]} for row in rows)]
    split = variance_split(pd.DataFrame(both))
    assert split.groupby("mode", sort=False).size().to_dict() == {"with": 5, "without": 5}
    found = split[split["mode"] == "with"].set_index("source")
    assert found.loc["paraphrase", "share"] > 0.95
    assert np.isnan(found.loc["mind", "variance"])


SD = {"seed": 0.8, "paraphrase": 0.5, "mind": 0.6, "cell": 0.3, "reply": 0.4}


def planted_split(rng: np.random.Generator, times: int) -> pd.DataFrame:
    """Shifts of one condition with known components: 6 worlds, 4 wordings, 3 minds."""
    shape = (6, 4, 3, times)
    y = (
        2.0
        + SD["seed"] * rng.normal(size=(6, 1, 1, 1))
        + SD["paraphrase"] * rng.normal(size=(1, 4, 1, 1))
        + SD["mind"] * rng.normal(size=(1, 1, 3, 1))
        + SD["cell"] * rng.normal(size=(6, 4, 3, 1))
        + SD["reply"] * rng.normal(size=shape)
    )
    seed, paraphrase, mind, time = (axis.ravel() for axis in np.indices(shape))
    return pd.DataFrame(
        {"method": "gloss", "mode": "with", "value": "BE", "seed": seed, "time": time,
         "paraphrase": paraphrase, "mind": mind.astype(str), "BE": y.ravel()}
    )  # fmt: skip


def test_asked_again_the_share_of_replies_is_recovered_with_all_others() -> None:
    rng = np.random.default_rng(8)
    found = pd.concat(
        variance_split(planted_split(rng, 2)).set_index("source")["variance"] for _ in range(60)
    )
    for source, sd in SD.items():
        values = found[source].to_numpy(float)
        error = 4 * values.std(ddof=1) / np.sqrt(len(values))
        assert values.mean() == pytest.approx(sd**2, abs=error), source


def test_asked_once_replies_are_said_not_to_be_identified() -> None:
    found = variance_split(planted_split(np.random.default_rng(9), 1)).set_index("source")
    assert np.isnan(found.loc["reply", "variance"])
    assert "not identified" in found.loc["reply", "flags"]
    assert "civa assess --times 2" in found.loc["reply", "flags"]
    assert "includes replies" in found.loc["cell", "flags"]


@pytest.mark.parametrize("what", ["lost", "unanswered"])
def test_a_table_that_cannot_be_split_says_why(what: str) -> None:
    table = planted_split(np.random.default_rng(10), 2)
    if what == "lost":
        table = table.iloc[1:]
    else:
        table.loc[0, "BE"] = np.nan
    found = variance_split(table)
    assert found["source"].tolist() == ["all"]
    assert found["flags"].str.startswith("not split").all()
    assert found["variance"].isna().all()


def test_the_run_and_not_the_time_it_was_asked_is_the_unit() -> None:
    stated = shifts(pd.concat([assessed(r, value="BE", mode="with") for r in (1, 2, 3)]))
    again = stated.assign(time=1)
    once, twice = (manipulation_check(pd.concat(t)) for t in ([stated], [stated, again]))
    assert (once["runs"] == twice["runs"]).all()
    pd.testing.assert_frame_equal(once, twice)


def test_what_the_surrogate_states_stands_in_the_circle() -> None:
    table = pd.concat([assessed(r, value="BE", mode="with") for r in (1, 2, 3, 4)])
    found = circle_table(table, draws=199).set_index("context").loc["reference"]
    assert found["order"] > 0.8
    assert found["p"] == pytest.approx(1 / 200)
    assert found["plane_share"] > 2 * found["null_plane_share"]
