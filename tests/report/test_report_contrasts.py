import numpy as np
import pytest

from model.report.contrasts import effects_as, effects_of
from model.report.figures.effects import effects
from model.report.style import house
from tests.report.material import arms


def naup(material):
    (effect,) = effects_as(effects_of(material))["naup"]
    return effect


def test_common_seeds_are_compared_within_seeds():
    control = {seed: float(seed) for seed in range(1, 9)}
    effect = naup(arms(control, {seed: value + 0.25 for seed, value in control.items()}))
    assert effect.points == (0.25,) * 8
    # All signs agree: 2 of 2^8 flips are as far from zero.
    assert effect.comparison.test.p == 2 / 256
    assert effect.comparison.test.method == "sign-flip"


def test_other_seeds_are_compared_between_runs():
    a, b = dict(enumerate([1.0, 2.0, 3.0, 4.0])), dict(enumerate([5.0, 6.0, 7.0, 8.0], 100))
    effect = naup(arms(a, b))
    assert effect.points == ()
    assert effect.comparison.difference.method == "Welch"
    assert effect.comparison.difference.estimate == 4.0
    assert effect.comparison.test.p == 2 / 70
    assert effect.delta.estimate == 1.0


def test_half_shared_seeds_are_not_compared_at_all():
    found = effects_of(arms({1: 1.0, 2: 1.0}, {2: 1.0, 3: 1.0}))
    assert not found.effects
    assert "same seeds everywhere" in found.reason


def test_three_runs_cannot_reject_and_say_so():
    effect = naup(arms({1: 1.0, 2: 2.0, 3: 3.0}, {1: 9.0, 2: 9.5, 3: 8.0}))
    assert effect.decision.smallest_p == 0.25
    assert "cannot reject under the correction" in effect.decision.flags
    assert effect.comparison.difference.unreliable


def test_where_a_run_collapsed_capacities_are_compared_by_worst_ranks():
    values = dict.fromkeys(range(1, 9), 1.0)
    found = effects_as(effects_of(arms(values, values, fell=[3])))
    assert found["gini"][0].ranked
    assert found["social_capital"][0].ranked
    assert not found["naup"][0].ranked
    # The collapsed run has the lowest rank of 16; the others tie at the mean of 2 … 16.
    assert sum(found["social_capital"][0].points) == pytest.approx(1 - 9)


def test_where_none_collapsed_they_are_compared_as_they_are():
    values = dict.fromkeys(range(1, 9), 1.0)
    found = effects_as(effects_of(arms(values, values)))
    assert not any(effect.ranked for some in found.values() for effect in some)
    assert np.isnan(found["gini"][0].comparison.difference.low)


def test_nothing_here_is_called_confirmatory():
    found = effects_of(arms({1: 1.0, 2: 2.0}, {1: 2.0, 2: 2.0}))
    assert found.families
    assert all(family.exploratory for family in found.families)
    assert [f.correction for f in found.families][:2] == ["Holm", "Benjamini-Hochberg"]


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
