import numpy as np
import pytest

from model.report.chapters.effects import effects_of
from model.report.figures.effects import effects
from model.report.style import house
from tests.report.material import arms


def naup(material):
    (effect,) = of(effects_of(material), "naup")
    return effect


def of(found, name):
    return [one for one in found.effects if one.measure.name == name]


def test_common_seeds_are_compared_within_seeds():
    control = {seed: float(seed) for seed in range(1, 9)}
    effect = naup(arms(control, {seed: value + 0.25 for seed, value in control.items()}))
    assert effect.found.points == (0.25,) * 8
    # All signs agree: 2 of 2^8 are as far from even.
    assert effect.found.comparison.test.p == 2 / 256
    assert effect.found.comparison.test.method == "exact sign"
    assert effect.found.delta.estimate == 1.0


def test_other_seeds_are_compared_between_runs():
    a, b = dict(enumerate([1.0, 2.0, 3.0, 4.0])), dict(enumerate([5.0, 6.0, 7.0, 8.0], 100))
    effect = naup(arms(a, b))
    assert effect.found.points == ()
    assert effect.found.comparison.difference.method == "Welch"
    assert effect.found.comparison.difference.estimate == 4.0
    assert effect.found.comparison.test.p == 2 / 70
    assert effect.found.delta.estimate == 1.0


def test_a_few_shared_seeds_are_not_compared_at_all():
    found = effects_of(arms({1: 1.0, 2: 1.0}, {2: 1.0, 3: 1.0}))
    assert not found.effects
    assert "same seeds everywhere" in found.reason


def test_a_run_that_failed_leaves_its_partner_out_and_says_so():
    control = {seed: float(seed) for seed in range(1, 9)}
    treated = {seed: value + 0.25 for seed, value in control.items() if seed != 4}
    effect = naup(arms(control, treated))
    assert effect.found.points == (0.25,) * 7
    assert "1 runs have no partner of the same seed and are left out" in effect.found.flags


def test_three_runs_cannot_reject_and_say_so():
    effect = naup(arms({1: 1.0, 2: 2.0, 3: 3.0}, {1: 9.0, 2: 9.5, 3: 8.0}))
    assert effect.decision.smallest_p == 0.25
    assert "cannot reject under the correction" in effect.decision.flags
    assert effect.found.comparison.difference.unreliable


def test_where_a_run_collapsed_capacities_are_compared_by_worst_ranks():
    values = dict.fromkeys(range(1, 9), 1.0)
    found = effects_of(arms(values, values, fell=[3]))
    assert of(found, "gini")[0].found.in_ranks
    assert of(found, "social_capital")[0].found.in_ranks
    # The collapsed run has the lowest rank of 16; the others tie at the mean of 2 … 16.
    assert sum(of(found, "social_capital")[0].found.points) == pytest.approx(1 - 9)
    # Inequality is the better the lower: there the collapsed run has the highest.
    assert sum(of(found, "gini")[0].found.points) == pytest.approx(16 - 8)


def test_every_run_has_a_naup_but_collapsed_ones_are_in_order_lowest():
    control = dict.fromkeys(range(1, 9), 1.0)
    treated = {seed: 1.1 if seed != 3 else 1.2 for seed in control}
    effect = naup(arms(control, treated, fell=[3]))
    assert effect.found.ranked
    assert not effect.found.in_ranks
    assert effect.found.comparison.difference.estimate == pytest.approx(0.1125)
    assert effect.found.delta.estimate == (7 - 1) / 8


def test_where_none_collapsed_they_are_compared_as_they_are():
    values = dict.fromkeys(range(1, 9), 1.0)
    found = effects_of(arms(values, values))
    assert not any(effect.found.ranked for effect in found.effects)
    assert np.isnan(of(found, "gini")[0].found.comparison.difference.low)


def test_nothing_here_is_called_confirmatory():
    found = effects_of(arms({1: 1.0, 2: 2.0}, {1: 2.0, 2: 2.0}))
    assert found.families
    assert all(family.exploratory for family in found.families)
    assert {f.correction for f in found.families} == {"Benjamini-Hochberg"}


def test_the_figure_shows_the_difference_of_every_seed():
    material = arms(dict.fromkeys(range(1, 8), 0.0), {s: s / 10 for s in range(1, 8)})
    with house():
        picture = effects(material, effects_of(material))
    (axes,) = picture.figure.axes
    drawn = [line for line in axes.lines if len(line.get_xdata()) == 7]
    assert sorted(drawn[0].get_xdata()) == pytest.approx([s / 10 for s in range(1, 8)])


def test_without_a_control_there_is_no_figure_of_effects():
    material = arms({1: 1.0}, {})
    assert effects(material, effects_of(material)) is None
