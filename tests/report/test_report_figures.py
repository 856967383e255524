from pathlib import Path

import numpy as np
import pytest

from model.measures.analytic import birth_death, factory
from model.measures.intervals import mean_interval
from model.report.conditions import gather
from model.report.figures.basin import basin_picture, basin_table, basins
from model.report.figures.conduct import act_numbers
from model.report.figures.dots import capacities
from model.report.figures.economy import equality
from model.report.figures.population import population
from model.report.figures.spread import spread_of
from model.report.figures.survival import curve_of, survival
from model.report.figures.warning import ensemble, warning_table
from model.report.pictures import Picture, draw, inline
from model.report.style import INK, house
from tests.report.material import arms, made_up

PLACE = Path("somewhere")


@pytest.fixture(autouse=True)
def in_the_house_style():
    with house():
        yield


def runs(*populations, **more):
    return gather(PLACE, [made_up(p, seed=i, **more) for i, p in enumerate(populations)])


def test_a_spread_is_the_median_and_the_middle_of_the_runs_with_a_value():
    daily = np.array([[1, 2], [2, np.nan], [3, np.nan], [4, np.nan], [5, 4.0], [6, 6]])
    table = spread_of(daily)
    assert table["runs"].tolist() == [6, 3]
    assert table["median"].tolist() == [3.5, 4.0]
    assert table["low"][0] == np.quantile([1, 2, 3, 4, 5, 6], 0.1)
    assert np.isnan(table["low"][1])


def test_the_population_figure_draws_every_run_and_the_median():
    material = runs([10, 11, 12], [10, 9, 8], [10, 10, 7])
    (axes,) = population(material).figure.axes
    lines = [tuple(line.get_ydata()) for line in axes.lines]
    assert {(10, 11, 12), (10, 9, 8), (10, 10, 7)} <= set(lines)
    assert (10, 10, 8) in lines


def test_every_figure_states_its_number_of_runs():
    material = runs([10, 11, 12], [10, 9, 8])
    for picture in (population(material), survival(material), capacities(material)):
        assert "n = 2 runs" in picture.caption


def test_unequal_conditions_state_each_number():
    material = arms({1: 1.0, 2: 1.0, 3: 1.0}, {4: 1.0})
    assert "n = 3 (original), 1 (with power) runs" in population(material).caption


def test_survival_is_one_where_nobody_was_removed():
    curve = curve_of(runs([5, 5, 5], [5, 5, 5]).conditions[0])
    assert curve.survival.tolist() == [1.0, 1.0, 1.0]


def test_a_capacity_has_the_mean_and_interval_of_its_runs():
    values = [0.1, 0.4, 0.35, 0.6, 0.2, 0.55, 0.3]
    material = gather(
        PLACE, [made_up([10] * 3, seed=i, social_capital=v) for i, v in enumerate(values)]
    )
    frame = capacities(material).numbers.frame.set_index("measure")
    known = mean_interval(values, resamples=999)
    assert frame.loc["social_capital", "estimate"] == pytest.approx(known.estimate)
    assert frame.loc["social_capital", "low"] == pytest.approx(known.low)


def test_limits_never_leave_what_is_possible():
    values = [0.99, 1.0, 1.0, 1.0, 1.0, 0.0, 0.98, 0.97]
    material = gather(
        PLACE, [made_up([10] * 3, seed=i, development=v) for i, v in enumerate(values)]
    )
    frame = capacities(material).numbers.frame.set_index("measure")
    assert frame.loc["development", "low"] >= 0
    assert frame.loc["development", "high"] <= 1


def test_the_equality_line_is_the_tenth_rounded_up():
    (one,) = runs([25, 11, 0, 0]).conditions
    assert equality(one)[0, :2].tolist() == [3 / 25, 2 / 11]
    assert np.isnan(equality(one)[0, 2:]).all()


def test_acts_without_any_day_have_no_share():
    frame = act_numbers(runs([10, 10, 10]))
    assert frame["share"].isna().all()
    assert (frame["count"] == 0).all()


def test_short_runs_have_no_early_warning_and_the_page_says_why():
    table = warning_table(runs([10] * 61, [10] * 61))
    assert not table.rows
    assert "Not computed in any of 2 runs" in table.note
    assert "at least 100 are needed" in table.note
    assert "power ≈ α at this length (60 days)" in table.note


def test_long_runs_have_one_and_its_power_is_said():
    rng = np.random.default_rng(1)
    one = made_up([10] * 121, output=rng.normal(100, 5, 121))
    table = warning_table(gather(PLACE, [one]))
    assert len(table.rows) == 1
    assert 0 < table.frame["p_ac1"][0] <= 1
    assert "at 100 days" in table.note


def test_few_runs_have_no_ensemble_indicator_and_the_page_says_why():
    assert "needs 60 runs" in ensemble(runs([10] * 5, [10] * 5))


def test_sixty_runs_have_one_with_the_right_number():
    rng = np.random.default_rng(2)
    outputs = np.cumsum(rng.normal(size=(64, 6)), axis=1)
    material = gather(PLACE, [made_up([10] * 6, seed=i, output=o) for i, o in enumerate(outputs)])
    picture = ensemble(material)
    assert isinstance(picture, Picture)
    frame = picture.numbers.frame
    assert (frame["runs"] == 64).all()
    assert frame["ac1"][1] == pytest.approx(np.corrcoef(outputs[:, 2], outputs[:, 3])[0, 1])


def test_runs_of_one_start_leave_the_basin_unidentified_with_the_reason():
    found = basins(runs([10] * 41, [10] * 41, births=3))
    table = basin_table(found)
    assert table.frame["flag"].tolist() == ["unidentified"]
    assert table.frame["width"].isna().all()
    assert table.frame["reason"][0]
    assert basin_picture(found) is None


def test_runs_of_many_starts_are_put_together_and_their_basin_is_found():
    starts = np.repeat([2, 3, 4, 6, 8, 12, 18, 25, 32], 5)
    paths = birth_death(factory(), starts, 40, seed=3)
    found = basins(gather(PLACE, [made_up(p, seed=i, births=1) for i, p in enumerate(paths)]))
    (one,) = found
    assert one.runs == 45
    assert one.found.width == pytest.approx(21, abs=4)
    picture = basin_picture(found)
    assert "45 runs" in picture.caption
    assert {"size", "drift", "low", "high"} <= set(picture.numbers.frame)


def test_a_picture_becomes_svg_png_and_a_part_of_the_page():
    drawn = draw(population(runs([10, 11, 12], [10, 9, 8])))
    assert drawn.files["population.png"].startswith(b"\x89PNG")
    assert b"<svg" in drawn.files["population.svg"]
    assert drawn.inline.startswith("<svg")
    assert INK not in drawn.inline
    assert "currentColor" in drawn.inline


def test_the_same_numbers_give_the_same_picture():
    first, second = (draw(population(runs([10, 11, 12], [10, 9, 8]))) for _ in "ab")
    assert first == second


def test_two_pictures_on_a_page_share_no_id():
    svg = (
        '<?xml version="1.0"?><!-- a --><svg width="1pt" height="1pt" viewBox="0 0 1 1">'
        '<g id="a"/><use xlink:href="#a"/><g clip-path="url(#a)"/></svg>'
    )
    assert inline(svg, "one") == (
        '<svg viewBox="0 0 1 1"><g id="one-a"/><use xlink:href="#one-a"/>'
        '<g clip-path="url(#one-a)"/></svg>'
    )
