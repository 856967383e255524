"""What a report says of rates, of shares of runs, of collapse and of what is not told apart."""

import numpy as np
import pytest

from model.analysis.estimates import dispersion_of, estimate
from model.analysis.measures import measure
from model.measures.rates import share_with_hit
from model.report.chapters.effects import effects_of, runs_effects
from model.report.chapters.headline import headline
from model.report.figures.survival import log_rank_numbers, survival
from model.report.style import house
from tests.report.material import arms

ATTACKS = measure("attacks")
TWELVE = {seed: float(seed % 5) for seed in range(1, 13)}


def effects_as(found, name):
    return [one for one in found.effects if one.measure.name == name]


def arms_of(material):
    return [one.arm for one in material.conditions]


def cells(material, name):
    table = headline(material)
    [row] = [row for row in table.rows if row[0].text == measure(name).title]
    return [cell.note for cell in row[1:]]


def test_a_rate_stands_beside_the_share_of_runs_in_which_it_happened():
    material = arms(TWELVE, TWELVE)
    control, treated = material.conditions
    found = estimate(control.arm, ATTACKS, arms_of(material))
    share = share_with_hit(*control.arm.counts("attacks"))
    assert found.method.startswith("chi-square")
    assert share.method == "Clopper-Pearson"
    assert (share.estimate, share.n) == (1.0, (12,))
    assert all("in 12 of 12 runs (74–100 %)" in note for note in cells(material, "attacks"))
    record = headline(material).frame.set_index(["measure", "condition"])
    assert record.loc[("attacks", treated.label), "runs_with_hit"] == 1.0
    assert np.isnan(record.loc[("naup", treated.label), "runs_with_hit"])


def test_of_two_conditions_the_untreated_one_says_how_hits_clump_and_at_least_two():
    material = arms(TWELVE, TWELVE)
    assert dispersion_of(arms_of(material), ATTACKS) == 2.0


def test_a_condition_without_collapse_says_what_that_is_compatible_with():
    material = arms(TWELVE, TWELVE, fell=[3])
    plain, treated = cells(material, "alive")
    assert "a collapse rate up to 22 % is compatible with 0 of 12" in plain
    assert "compatible" not in treated


def test_naup_of_the_survivors_is_printed_and_never_tested():
    material = arms(TWELVE, {seed: value + 1 for seed, value in TWELVE.items()}, fell=[3])
    _, treated = material.conditions
    found = estimate(treated.arm, measure("naup_survived"), arms_of(material))
    left = [value + 1 for seed, value in TWELVE.items() if seed != 3]
    assert found.estimate == pytest.approx(np.mean(left))
    assert effects_as(effects_of(material), "naup_survived") == []
    assert effects_as(effects_of(material), "naup")


def test_a_difference_that_shows_says_yes_and_one_that_does_not_says_what_could_have_been_seen():
    seen = effects_of(arms(TWELVE, {seed: value + 1 for seed, value in TWELVE.items()}))
    [effect] = effects_as(seen, "naup")
    assert effect.verdict.word == "yes"
    even = {seed: value + (0.5 if seed % 2 else -0.5) for seed, value in TWELVE.items()}
    material = arms(TWELVE, even)
    found = effects_of(material)
    [effect] = effects_as(found, "naup")
    assert effect.verdict.word == "not told apart"
    assert effect.verdict.seen == pytest.approx((2.201 + 0.876) * 0.5222 / np.sqrt(12), rel=1e-3)
    table = runs_effects(found, material, ("naup",))
    assert table.rows[0][-2].text.startswith("not told apart (could have seen ≥ 0.464")
    assert table.frame.loc[table.frame["measure"] == "naup", "verdict"].tolist() == [
        "not told apart"
    ]


def test_below_six_runs_there_is_a_test_and_no_verdict():
    few = {seed: float(seed) for seed in range(1, 6)}
    [effect] = effects_as(effects_of(arms(few, {s: v + 1 for s, v in few.items()})), "naup")
    assert effect.verdict.word == "test only"


def test_survival_is_tested_by_permuting_whole_runs_and_the_page_says_so():
    material = arms(TWELVE, TWELVE)
    [name] = [one.label for one in material.conditions if one is not material.control]
    found = log_rank_numbers(material)
    assert found[name]["log_rank_p"] == 1.0  # nobody dies in either
    with house():
        picture = survival(material)
    assert "whole runs permuted" in picture.caption
    assert "log_rank_corrected_p" in picture.numbers.frame


def test_without_one_control_survival_is_not_tested():
    few = {1: 1.0, 2: 1.0}
    assert log_rank_numbers(arms(few, {2: 1.0, 3: 1.0})) == {}
