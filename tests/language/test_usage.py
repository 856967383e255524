"""What a run used is what its journal holds; what it will use is counted on the same prompts."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.errors import InputError
from agents.llm.counting import tokens_in
from agents.llm.usage import Prices
from agents.testserver.fault_injection import REPLY_FAULTS
from model.report.build import report
from model.run.estimate import estimate
from model.run.runs import run_into
from model.run.usage import has_usage, usage_of
from model.world.scenario import Scenario
from model.world.settings import Settings
from tests.language.living import Counting, place, small

PRICES = Prices(input=1.0, output=4.0, cached=0.1)


def test_usage_adds_up_by_stage_by_resident_and_by_day(tmp_path: Path) -> None:
    with place(Counting(0.1, REPLY_FAULTS, seed=3)) as at:
        outcome = run_into(tmp_path / "run", small(fault_limit=1.0), 4, at.settings)
    tables = usage_of(tmp_path / "run", lambda model: PRICES)
    stages, people, days = tables.by_stage, tables.by_resident, tables.by_day
    assert stages["calls"].sum() == outcome.calls
    assert stages["tokens"].sum() == outcome.tokens
    assert set(stages["stage"]) == {"morning", "evening", "probe"}
    asked = stages[stages["stage"] != "probe"]
    for table in (people, days):
        for column in ("calls", "repairs", "faults", "input", "cached", "output"):
            assert table[column].sum() == asked[column].sum()
    assert people["faults"].sum() == outcome.faults
    replies = tables.causes.query("of == 'reply'")
    assert replies["times"].sum() == len(at.menu.dealt)
    assert people["repairs"].sum() == sum(row["attempt"] == 0 for row in at.menu.dealt)
    dearest = (stages["input"].sum() + 4 * stages["output"].sum()) / 1e6
    saved = 0.9 * stages["cached"].sum() / 1e6
    assert stages["cost"].sum() == pytest.approx(dearest - saved)
    assert usage_of(tmp_path / "run").by_stage["cost"].isna().all()
    assert tables.models["served"].tolist() == ["civa-testserver: rules, no language model"]


def test_a_report_on_a_language_run_shows_what_it_used(tmp_path: Path) -> None:
    with place() as at:
        run_into(tmp_path / "run", small(days=3), 4, at.settings)
    page = report(tmp_path / "run")
    text = page.read_text("utf-8")
    assert "Calls and tokens by stage" in text
    assert "civa-testserver: rules, no language model" in text
    assert (page.parent / "tables" / "usage-by-resident.csv").is_file()


def test_a_run_of_an_offline_mind_has_no_usage(tmp_path: Path) -> None:
    run_into(tmp_path / "run", small(mind="surrogate", days=2), 4)
    assert not has_usage(tmp_path / "run")
    with pytest.raises(InputError, match="asked no language model"):
        usage_of(tmp_path / "run")


@pytest.mark.parametrize("cognition", ["fused", "staged"])
def test_an_estimate_is_what_a_run_of_the_same_replies_uses(tmp_path: Path, cognition: str) -> None:
    scenario = small(cognition=cognition)
    with place() as at:
        outcome = run_into(tmp_path / "run", scenario, 4, at.settings)
    first, second = estimate(scenario, Settings(cache_buckets=1), seed=4)
    assert first.cognition == cognition != second.cognition
    assert first.calls == outcome.calls - 1  # the probe
    used = outcome.usage
    assert first.total.input == pytest.approx(used["input"], rel=0.01)
    assert first.total.output == pytest.approx(used["output"], rel=0.05)
    assert first.total.cached == pytest.approx(used["cached"], rel=0.01)
    assert first.reply_most > first.total.output


def test_an_estimate_of_a_long_run_is_taken_from_its_first_days() -> None:
    short = estimate(small(days=40, births=False), Settings())[0]
    long = estimate(small(days=120, births=False), Settings())[0]
    assert not short.extrapolated
    assert long.extrapolated
    assert long.calls > 1.5 * short.calls


def test_an_estimate_counts_only_those_who_are_asked() -> None:
    whole = estimate(small(residents=12, births=False), Settings())[0]
    half = estimate(
        small(residents=12, births=False, second_mind="random", second_share=0.5), Settings()
    )[0]
    assert half.resident_days < whole.resident_days
    with pytest.raises(InputError, match="asks no language model"):
        estimate(Scenario(), Settings())


def test_prices_and_rates_make_money_and_time() -> None:
    free = estimate(small(), Settings())[0]
    assert free.plain()["money"] is None
    paid = estimate(small(), Settings(price_input=1.0, price_output=4.0, price_cached=0.1))[0]
    assert 0 < paid.money < paid.money_uncached < paid.money_most + paid.money_uncached
    assert paid.money_uncached == pytest.approx((paid.total.input + 4 * paid.total.output) / 1e6)
    slow = estimate(small(), Settings(requests_per_minute=6.0))[0]
    assert slow.seconds == pytest.approx(10 * slow.calls)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", 0), ("R7 1, 100/120", 9), ("The day is long.", 5), ("\U00013000" * 3, 3)],
)
def test_tokens_are_counted_by_pieces(text: str, expected: int) -> None:
    assert tokens_in(text) == expected
