"""An evidence page says of an arm what a report would: both use one comparison and four words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from model.analysis.published import PUBLISHED
from model.analysis.row import Row
from model.evidence.contrasts import compared, effect, verdicts
from model.evidence.pattern_tables import Beside, directions_table
from model.evidence.table import EvidenceTable, markdown
from model.world.numbers import FLOWS

COLLAPSES = next(one for one in PUBLISHED if "collapses" in one.reads)
NEAR = {(COLLAPSES.mode, COLLAPSES.outcome): np.zeros(10)}


def rows(values: list[float], fell: dict[int, float] | None = None) -> list[Row]:
    gone = fell or {}
    return [
        Row(
            "x",
            seed,
            str(seed),
            "done",
            numbers={
                "naup": value,
                "population": 0.0 if seed in gone else 10.0,
                "collapsed": float(seed in gone),
                "collapse_day": gone.get(seed, np.nan),
                "resident_days": 100.0,
            },
            counts={"faults": (0.0, 100.0)},
            flows=dict.fromkeys(FLOWS, 0.0) | {"verdicts": 100.0},
        )
        for seed, value in enumerate(values)
    ]


PLAIN = [1.0, 1.2, 0.9, 1.1, 1.3, 0.8, 1.0, 1.1, 0.9, 1.2, 1.0, 1.1]


def appears(treated: list[Row]) -> str:
    control = rows(PLAIN)

    def beside(*_: str) -> Beside:
        made = compared(treated, control, "nAUP")
        return Beside(made, -1.0, 1.0, sum(row.collapsed for row in treated), len(treated))

    frame = directions_table({"growing": NEAR}, beside).frame
    [word] = frame["appears"]
    return str(word)


def test_a_table_s_p_is_that_of_the_sign_test_and_its_difference_a_description() -> None:
    lower = rows([value - 0.1 for value in PLAIN])
    found = effect(lower, rows(PLAIN), "nAUP")
    assert found["ΔnAUP"] == pytest.approx(-0.1)
    assert found["ΔnAUP_p"] == 2 / 2**12


def test_a_collapsed_community_is_worst_whatever_its_naup_was() -> None:
    high = rows([value + 5 for value in PLAIN], dict.fromkeys(range(12), 9.0))
    assert compared(high, rows(PLAIN), "nAUP").delta.estimate == -1.0


def test_verdicts_are_corrected_over_the_table() -> None:
    lower, same = rows([value - 0.1 for value in PLAIN]), rows(PLAIN[::-1])
    effects = {
        name: compared(arm, rows(PLAIN), "nAUP") for name, arm in (("a", lower), ("b", same))
    }
    told = verdicts("two", effects)
    assert told["a"] == (2 * 2 / 2**12, "yes")
    assert told["b"][1].startswith("not told apart (could have seen ≥ ")
    assert verdicts("none", {}) == {}


def test_twelve_communities_that_live_did_not_collapse_whatever_their_naup_did() -> None:
    assert appears(rows([value - 0.3 for value in PLAIN])) == "falls, but 0 of 12 collapsed"
    assert appears(rows(PLAIN[::-1])) == "no: 0 of 12 collapsed"
    assert appears(rows([value + 0.3 for value in PLAIN])) == "yes, the other way"
    assert appears(rows(PLAIN, dict.fromkeys(range(12), 9.0))) == "yes"


def test_a_verdict_in_words_is_a_cell_of_the_page() -> None:
    frame = pd.DataFrame({"arm": ["a"], "verdict": ["not told apart (could have seen ≥ 0.1)"]})
    assert "not told apart (could have seen ≥ 0.1)" in markdown(EvidenceTable("t", "", frame, ""))
