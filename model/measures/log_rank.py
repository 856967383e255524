"""Log-rank test between arms in which whole runs are permuted, never residents.

Residents of a run share its fate: a log-rank test that takes them for independent calls two arms
different far too often. The statistic here is the usual one, removals observed less expected in an
arm (Mantel 1966), but its null distribution comes from giving whole runs to the other arm. Expected
removals hang on both arms pooled, which no relabelling changes, so an arm's statistic is the sum of
its runs' own (removals less expected ones, martingale residuals): the test is the permutation test
of these sums, within seeds where the arms ran on the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.measures.pairing import Paired, Pairing, Unpaired, contrast
from model.measures.permutation import PermutationTest, sign_flip_test, two_sample_test
from model.measures.survival import risk_table


@dataclass(frozen=True, slots=True)
class Lives:
    """The residents of one arm's runs.

    Attributes:
        entered: per resident, the day it was added; 0 for founders.
        left: per resident, the day it was removed, or the last day of its run.
        removed: per resident, whether it was removed.
        seed: per resident, the seed of its run.
    """

    entered: ArrayLike
    left: ArrayLike
    removed: ArrayLike
    seed: ArrayLike


@dataclass(frozen=True, slots=True)
class LogRank:
    """Two arms' survival compared.

    Attributes:
        observed: removals in the first arm.
        expected: in it, had both arms the same hazards.
        test: whole runs permuted; its statistic is positive where the first arm dies more.
    """

    observed: float
    expected: float
    test: PermutationTest


def log_rank(arm: Lives, control: Lives, pairing: Pairing, *, seed: int = 0) -> LogRank:
    """Compare the survival of two arms.

    Args:
        arm: the first.
        control: the other.
        pairing: `common`: runs of one seed change places, on the seeds that both arms have;
            `none`: any runs do.
        seed: of random relabellings, where there are too many for all.

    Raises:
        ValueError: as `survival.kaplan_meier` for its residents; under `none` a seed recurs.
    """
    arms = (arm, control)
    seeds = [np.asarray(one.seed, dtype=np.int64) for one in arms]
    flags: tuple[str, ...] = ()
    keep = [np.ones(len(one), dtype=bool) for one in seeds]
    if pairing == "common":
        shared = np.intersect1d(seeds[0], seeds[1])
        keep = [np.isin(one, shared) for one in seeds]
        alone = sum(np.unique(one[~kept]).size for one, kept in zip(seeds, keep, strict=True))
        if alone:
            flags = (f"{alone} runs have no partner of the same seed and are left out",)
    sums = _residuals(arms, seeds, keep)
    test = _permuted(contrast(sums[0], sums[1], pairing), seed)
    name = "log-rank, runs permuted" + (" within seeds" if pairing == "common" else "")
    observed = float(np.asarray(arm.removed, dtype=bool)[keep[0]].sum())
    excess = sum(sums[0].values())
    return LogRank(
        observed, observed - excess, replace(test, method=name, flags=(*flags, *test.flags))
    )


def _permuted(data: Unpaired | Paired, seed: int) -> PermutationTest:
    if isinstance(data, Paired):
        return sign_flip_test(data, seed=seed)
    return two_sample_test(data, seed=seed)


def _residuals(
    arms: tuple[Lives, Lives], seeds: list[NDArray[np.int64]], keep: list[NDArray[np.bool_]]
) -> tuple[Mapping[int, float], Mapping[int, float]]:
    """Removals of each run less those expected of it, by seed, for both arms."""

    def joined(columns: list[ArrayLike]) -> NDArray[np.float64]:
        kept = zip(columns, keep, strict=True)
        return np.concatenate([np.asarray(column, dtype=float)[some] for column, some in kept])

    sides = np.repeat([0, 1], [int(some.sum()) for some in keep])
    # A run is a seed of one side: the arms may share their seeds.
    names = np.stack([sides, np.concatenate([s[k] for s, k in zip(seeds, keep, strict=True)])])
    if not names.shape[1]:
        return {}, {}
    runs, group = np.unique(names, axis=1, return_inverse=True)
    risk, gone = risk_table(
        joined([one.entered for one in arms]),
        joined([one.left for one in arms]),
        joined([one.removed for one in arms]),
        group.ravel(),
    )
    at_risk = risk.sum(axis=0)
    hazard = np.divide(gone.sum(axis=0), at_risk, out=np.zeros(at_risk.shape), where=at_risk > 0)
    excess = (gone - risk * hazard).sum(axis=1)
    first, other = (
        {int(seed): float(x) for side, seed, x in zip(*runs, excess, strict=True) if side == which}
        for which in (0, 1)
    )
    return first, other
