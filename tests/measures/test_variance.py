"""Variance components agree with published REML fits and cover what they estimate."""

import numpy as np
import pytest

from model.measures.variance import variance_components

# Davies (1947): yield of dyestuff, five preparations from each of six batches.
DYESTUFF = [
    1545, 1440, 1440, 1520, 1580, 1540, 1555, 1490, 1560, 1495, 1595, 1550, 1605, 1510, 1560,
    1445, 1440, 1595, 1465, 1545, 1595, 1630, 1515, 1635, 1625, 1520, 1455, 1450, 1480, 1445,
]  # fmt: skip
BATCH = [b for b in "ABCDEF" for _ in range(5)]


def crossed(rng, worlds, paraphrases, models, repeats, sd):
    """Outcomes of a full crossing with the given standard deviations."""
    shape = (worlds, paraphrases, models, repeats)
    y = (
        sd["world"] * rng.normal(size=(worlds, 1, 1, 1))
        + sd["paraphrase"] * rng.normal(size=(1, paraphrases, 1, 1))
        + sd["model"] * rng.normal(size=(1, 1, models, 1))
        + sd["cell"] * rng.normal(size=(worlds, paraphrases, models, 1))
        + sd["reply"] * rng.normal(size=shape)
    )
    w, p, m, _ = (axis.ravel().tolist() for axis in np.indices(shape))
    return y.ravel(), {"world": w, "paraphrase": p, "model": m}


def by_source(components):
    return {c.source: c for c in components}


def test_the_dyestuff_components_are_the_published_reml_estimates():
    found = by_source(variance_components(DYESTUFF, {"batch": BATCH}))
    assert found["batch"].variance == pytest.approx(1764.05, abs=5e-3)
    assert found["reply"].variance == pytest.approx(2451.25, abs=5e-3)
    assert found["batch"].share == pytest.approx(1764.05 / (1764.05 + 2451.25))


def test_the_moments_are_unbiased_in_a_full_crossing():
    sd = {"world": 2.0, "paraphrase": 1.0, "model": 1.5, "cell": 0.7, "reply": 0.5}
    rng = np.random.default_rng(0)
    estimates = {source: [] for source in sd}
    for _ in range(400):
        for c in variance_components(*crossed(rng, 8, 5, 4, 3, sd), draws=2):
            estimates[c.source].append(c.variance)
    for source, values in estimates.items():
        error = 4 * np.std(values) / np.sqrt(len(values))
        assert np.mean(values) == pytest.approx(sd[source] ** 2, abs=error)


def test_the_generalised_intervals_cover():
    sd = {"world": 1.0, "paraphrase": 0.5, "model": 1.0, "cell": 0.5, "reply": 1.0}
    rng = np.random.default_rng(1)
    covered = {source: [] for source in sd}
    for _ in range(400):
        for c in variance_components(*crossed(rng, 8, 4, 3, 2, sd), draws=1_000):
            covered[c.source].append(c.low <= sd[c.source] ** 2 <= c.high)
    for source, hits in covered.items():
        assert np.mean(hits) >= 0.92, source


def test_a_source_that_adds_nothing_may_be_negative_but_has_no_share():
    rng = np.random.default_rng(3)
    sd = {"world": 1.0, "paraphrase": 0.0, "model": 0.0, "cell": 0.0, "reply": 1.0}
    found = variance_components(*crossed(rng, 8, 4, 3, 2, sd))
    negative = [c for c in found if c.variance < 0]
    assert negative
    assert all(c.share == 0.0 and c.low == 0.0 for c in negative)
    assert sum(c.share for c in found) == pytest.approx(1.0)


def test_the_components_ignore_the_order_of_runs():
    rng = np.random.default_rng(4)
    y, factors = crossed(rng, 4, 3, 2, 2, dict.fromkeys(by_names, 1.0))
    order = rng.permutation(y.size)
    shuffled = {name: [labels[i] for i in order] for name, labels in factors.items()}
    one = by_source(variance_components(y, factors))
    other = by_source(variance_components(y[order], shuffled))
    for source in by_names:
        assert other[source].variance == pytest.approx(one[source].variance)


by_names = ("world", "paraphrase", "model", "cell", "reply")


def test_the_components_scale_with_the_square_of_the_unit():
    one = variance_components(DYESTUFF, {"batch": BATCH})
    ten = variance_components([10.0 * y + 3 for y in DYESTUFF], {"batch": BATCH})
    assert [c.variance for c in ten] == pytest.approx([100 * c.variance for c in one])


def test_one_run_a_cell_cannot_tell_replies_from_cells():
    y, factors = crossed(np.random.default_rng(5), 6, 6, 2, 1, dict.fromkeys(by_names, 1.0))
    found = by_source(variance_components(y, factors))
    assert np.isnan(found["reply"].variance)
    assert found["reply"].flags == ("one run a cell",)
    assert "includes replies" in found["cell"].flags


def test_a_factor_that_was_not_varied_is_undefined():
    found = by_source(variance_components(DYESTUFF, {"batch": BATCH, "model": ["m"] * 30}))
    assert np.isnan(found["model"].variance)
    assert found["model"].flags == ("not varied",)


def test_few_levels_are_called_rough():
    y, factors = crossed(np.random.default_rng(6), 6, 3, 2, 2, dict.fromkeys(by_names, 1.0))
    found = by_source(variance_components(y, factors))
    assert found["world"].flags == ()
    assert found["model"].flags == ("2 levels: rough",)


def test_an_unbalanced_table_is_refused():
    with pytest.raises(ValueError, match="unbalanced"):
        variance_components(DYESTUFF[:-1], {"batch": BATCH[:-1]})


def test_nothing_varied_is_refused():
    with pytest.raises(ValueError, match="nothing to split"):
        variance_components([1.0, 2.0], {"world": [1, 1]})


def test_an_undefined_outcome_is_refused():
    with pytest.raises(ValueError, match="finite"):
        variance_components([1.0, np.nan], {"world": [1, 2]})
