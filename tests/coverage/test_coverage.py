"""The small form of `make coverage`: intervals cover as they say, and nothing gives no verdict."""

from __future__ import annotations

import numpy as np
import pytest

from model.measures.rates import dispersion, rate_interval
from tests.coverage.__main__ import BLOCK, PAGE, text_of
from tests.coverage.collapse import mean_limits
from tests.coverage.effects import Families, null_families
from tests.coverage.parts import PARTS
from tests.coverage.rates import DAYS, dispersions, hits_of, rate_rows
from tests.coverage.reference import korn_graubard, wilson
from tests.coverage.table import Row

STUDIES = {"paired": 1_000, "unpaired": 1_000}
SMALL = 200


@pytest.mark.parametrize("part", PARTS)
def test_every_interval_covers_as_it_says(part: str) -> None:
    studies = STUDIES.get(part, SMALL)
    rows = PARTS[part](studies)
    assert rows
    assert [row for row in rows if not row.kept(studies)] == []


def test_families_in_which_nothing_differs_give_a_verdict_as_rarely_as_they_say() -> None:
    found = null_families(SMALL)
    assert [one for one in found if one.now > one.allowed] == []
    # The same families called by one interval and an uncorrected p are wrong far more often.
    assert all(one.before > one.now for one in found)
    assert max(one.before for one in found) > 2 * found[0].allowed


def test_the_interval_that_was_used_before_fails_this_table() -> None:
    rows = [row for row in rate_rows(SMALL) if row.bar is not None]
    assert min(row.before for row in rows) < 0.88 < min(row.after for row in rows)


def test_a_row_below_its_bar_is_not_kept() -> None:
    low = Row("p", "t", 6, 0.9, 1.0, 0.925, 1.0)
    assert not low.kept(2_000)
    assert low.kept(200)
    assert not Row("p", "t", 6, 0.9, 1.0, 0.905, 1.0).kept(200)
    assert Row("p", "t", 6, 0.9, 1.0, 0.1, 1.0, bar=None).kept(2_000)
    assert Families("f", 2_000, 500, 120).allowed == 120
    assert Families("f", 200, 50, 18).allowed == 18


@pytest.mark.parametrize("arms", [2, 3, 6])
def test_many_studies_at_once_are_the_product_one_by_one(arms: int) -> None:
    hits = hits_of(20, 3.0, ".3", 6, arms).astype(np.int64)
    days = [int(DAYS)] * 6
    for study, between in zip(hits, dispersions(hits.astype(float)).tolist(), strict=True):
        counts = [(arm, days) for arm in study]
        untreated = [False] * (arms - 1) + [True]
        assert dispersion(counts, untreated) == pytest.approx(between)
        assert rate_interval(*counts[0], between).low >= 0


def test_the_reference_is_the_interval_that_was_used() -> None:
    """Numbers of the product at the time: 3, 0, 5 and 1 hits in runs of 600 days; 1 of 12 runs."""
    low, high = korn_graubard(np.array([[3.0, 0, 5, 1]]), np.full((1, 4), 600.0))
    assert (low[0], high[0]) == pytest.approx(KORN, rel=1e-6)
    assert [float(x) for x in wilson(np.array(1 / 12), 12.0)] == pytest.approx(
        [0.0148, 0.3539], abs=1e-4
    )


def test_a_bootstrap_without_limits_falls_back_as_the_product_does() -> None:
    low, high = mean_limits(np.array([[0.0, 0, 0, 0, 0, 1], [1.0, 2, 3, 4, 5, 6]]))
    assert np.isfinite([*low, *high]).all()


def test_the_page_holds_every_row_of_the_table() -> None:
    written = BLOCK.search(PAGE.read_text(encoding="utf-8"))
    assert written is not None
    text = written.group(0)
    assert "2,000 studies a row" in text
    few = text_of([row for part in PARTS.values() for row in part(20)], [], 20)
    rows = [line.split("|")[1:3] for line in few.splitlines() if line.startswith("| ")]
    for truth, n in rows:
        assert f"|{truth}|{n}|" in text


#: Limits of the interval before, for the counts above.
KORN = (0.0008865882553299766, 0.015715896241262448)
