"""Permutation tests of designs: exact where small, otherwise p = (b + 1)/(m + 1).

Three tests, one for each kind of data of `model.measures.pairing`: labels of two independent
arms, signs of paired differences, and level labels of a dose series (|Spearman|, Phipson & Smyth
2010 for the p of random draws). p-values of small designs are discrete; the result therefore
carries the smallest p the test could have given, and the tie mass from which a *randomised* p is
made. The randomised p is uniform under the null and serves to check calibration, never to decide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations, product
from math import comb, factorial, prod
from typing import Final

import numpy as np
from scipy import stats

from model.measures.intervals import FloatArray, Interval, difference_interval, mean_interval
from model.measures.pairing import Dose, Paired, Unpaired

DRAWS: Final = 9_999
MAX_EXACT: Final = 20_000
_CHUNK: Final = 1_000


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """A two-sided permutation test.

    Attributes:
        statistic: signed, on the observed labels.
        p: P(|T*| >= |T|); NaN where no test is possible.
        above: part of p with |T*| strictly greater than |T|.
        smallest_p: the smallest p this test could give on these values.
        n: runs (or pairs, or runs a level).
        draws: relabellings used.
        exact: all relabellings were enumerated.
        method: name of the test.
        flags: what a reader must know.
    """

    statistic: float
    p: float
    above: float
    smallest_p: float
    n: tuple[int, ...]
    draws: int
    exact: bool
    method: str
    flags: tuple[str, ...] = ()

    def randomised_p(self, u: float) -> float:
        """The p-value with its tie mass weighted by u ~ U(0, 1): uniform under the null."""
        return self.above + u * (self.p - self.above)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The interval and the test that one pairing allows."""

    difference: Interval
    test: PermutationTest


def compare(data: Unpaired | Paired, *, bimodal: bool = False, seed: int = 0) -> Comparison:
    """Interval and test of a contrast, both as its pairing demands.

    Args:
        data: from `contrast`: `Unpaired` -> Welch and label permutation; `Paired` -> mean
            interval of the differences and sign-flip.
        bimodal: the outcome has two modes.
        seed: of random relabellings, where there are too many to enumerate.

    Returns:
        Both, with the flags of either.

    Raises:
        ValueError: if an arm has no defined run.
    """
    test = (
        sign_flip_test(data, seed=seed)
        if isinstance(data, Paired)
        else two_sample_test(data, seed=seed)
    )
    return Comparison(difference_of(data, bimodal=bimodal, seed=seed), test)


def difference_of(data: Unpaired | Paired, *, bimodal: bool = False, seed: int = 0) -> Interval:
    """Mean difference with the interval that its pairing demands.

    Args:
        data: from `contrast`: `Unpaired` -> Welch; `Paired` -> mean interval of the differences.
        bimodal: the outcome has two modes.
        seed: of resampling.

    Raises:
        ValueError: if an arm has no defined run.
    """
    if isinstance(data, Paired):
        interval = mean_interval(data.differences, bimodal=bimodal, seed=seed)
    else:
        interval = difference_interval(data.a, data.b, bimodal=bimodal)
    return replace(interval, flags=data.flags + interval.flags)


def sign_test(data: Paired) -> PermutationTest:
    """Exact two-sided sign test of paired differences; only their signs count, ties drop out.

    Args:
        data: differences by seed.

    Returns:
        The test, its statistic (pairs higher - pairs lower)/pairs; p NaN without pairs, 1 if all
        are ties.
    """
    _refuse(data, Paired, "sign_test")
    n = data.differences.size
    if n == 0:
        return _no_test((0,), "exact sign", data.flags, "no pair")
    higher, lower = int((data.differences > 0).sum()), int((data.differences < 0).sum())
    decided = higher + lower
    # Symmetric under the null, so both tails are twice one; as many each way is p = 1.
    tail = 2 * float(stats.binom.sf(max(higher, lower) - 1, decided, 0.5)) if decided else 1.0
    beyond = 2 * float(stats.binom.sf(max(higher, lower), decided, 0.5)) if decided else 0.0
    floor = min(1.0, 2.0 ** (1 - decided)) if decided else 1.0
    return PermutationTest(
        statistic=(higher - lower) / n,
        p=min(1.0, tail),
        above=min(1.0, beyond),
        smallest_p=floor,
        n=(n,),
        draws=2**decided,
        exact=True,
        method="exact sign",
        flags=data.flags,
    )


def two_sample_test(data: Unpaired, *, draws: int = DRAWS, seed: int = 0) -> PermutationTest:
    """Permutation of arm labels, |difference of means|.

    Args:
        data: independent arms.
        draws: random relabellings where more than `MAX_EXACT` exist.
        seed: of those.

    Returns:
        The test; p NaN if an arm is empty.
    """
    _refuse(data, Unpaired, "two_sample_test")
    m, n = data.a.size, data.b.size
    if min(m, n) == 0:
        return _no_test((m, n), "two-sample permutation", data.flags, "an arm has no run")
    pooled = np.concatenate([data.a, data.b])
    weights, exact = two_sample_weights(m, n, draws, seed)
    null = weights @ (pooled - pooled.mean())
    observed = float(data.a.mean() - data.b.mean())
    ceiling = np.sort(pooled)
    extreme = max(ceiling[n:].mean() - ceiling[:n].mean(), ceiling[m:].mean() - ceiling[:m].mean())
    return _result(
        observed, null, float(extreme), exact, (m, n), "two-sample permutation", data.flags
    )


def sign_flip_test(data: Paired, *, draws: int = DRAWS, seed: int = 0) -> PermutationTest:
    """Sign-flip of paired differences, |mean|.

    Args:
        data: differences by seed.
        draws: random flips where more than `MAX_EXACT` exist.
        seed: of those.

    Returns:
        The test; p NaN without pairs.
    """
    _refuse(data, Paired, "sign_flip_test")
    d = data.differences
    if d.size == 0:
        return _no_test((0,), "sign-flip", data.flags, "no pair")
    signs, exact = sign_flips(d.size, draws, seed)
    extreme = float(np.abs(d).mean())
    return _result(
        float(d.mean()), signs @ d / d.size, extreme, exact, (d.size,), "sign-flip", data.flags
    )


def dose_test(data: Dose, *, draws: int = DRAWS, seed: int = 0) -> PermutationTest:
    """Permutation of level labels, |Spearman(level, outcome)|: the primary hypothesis.

    Under common seeds labels move within a seed only, and the statistic is the mean of the seeds'
    own Spearman correlations.

    Args:
        data: runs at all levels, the control included.
        draws: random relabellings where more than `MAX_EXACT` exist.
        seed: of those.

    Returns:
        The test; statistic and p NaN where all outcomes are equal or one level is left.
    """
    _refuse(data, Dose, "dose_test")
    _, runs = np.unique(data.levels, return_counts=True)
    n = tuple(int(k) for k in runs)
    paired = data.pairing == "common"
    method = "within-seed |Spearman| permutation" if paired else "|Spearman| permutation"
    if len(n) < 2 or np.ptp(data.outcomes) == 0.0:
        why = "fewer than two levels" if len(n) < 2 else f"{sum(n)} identical runs"
        return _no_test(n, method, data.flags, why)
    blocks = data.blocks
    members = [np.flatnonzero(blocks == b) for b in np.unique(blocks)]
    x = np.concatenate([_unit_ranks(data.levels[i]) for i in members])
    y = np.concatenate([_unit_ranks(data.outcomes[i]) for i in members])
    size = members[0].size
    xs, ys = x.reshape(-1, size), y.reshape(-1, size)
    ways = _arrangements(n, len(members))
    exact = ways <= MAX_EXACT
    null = _all_doses(xs, ys) if exact else _random_doses(xs, ys, draws, seed)
    observed = float((xs * ys).sum(axis=1).mean())
    up, down = np.sort(xs, axis=1), np.sort(xs, axis=1)[:, ::-1]
    extreme = max(
        abs(float((order * np.sort(ys, axis=1)).sum(axis=1).mean())) for order in (up, down)
    )
    test = _result(observed, null, extreme, exact, n, method, data.flags)
    return replace(test, smallest_p=max(test.smallest_p, 1 / ways))


@lru_cache(maxsize=4)
def two_sample_weights(m: int, n: int, draws: int, seed: int) -> tuple[FloatArray, bool]:
    """Contrast weights of relabellings, float64[k, m + n], and whether these are all.

    A row times the pooled runs is mean(first arm) - mean(second arm) under that relabelling. They
    hang on the sizes alone, and a study compares many cells of one size: the last few are kept.
    """
    exact = comb(m + n, m) <= MAX_EXACT
    if exact:
        first = np.array(list(combinations(range(m + n), m)), dtype=np.intp)
    else:
        keys = np.random.default_rng(seed).random((draws, m + n))
        first = np.argpartition(keys, m, axis=1)[:, :m]
    weights = np.full((first.shape[0], m + n), -1 / n)
    np.put_along_axis(weights, first, 1 / m, axis=1)
    weights.flags.writeable = False
    return weights, exact


def sign_flips(n: int, draws: int, seed: int) -> tuple[FloatArray, bool]:
    """Signs of relabellings, float64[k, n], and whether these are all 2^n."""
    exact = 2**n <= MAX_EXACT
    if exact:
        return np.array(list(product((-1.0, 1.0), repeat=n)), dtype=np.float64), True
    bits = np.random.default_rng(seed).integers(2, size=(draws, n))
    return np.where(bits == 1, 1.0, -1.0), False


def _result(
    observed: float,
    null: FloatArray,
    extreme: float,
    exact: bool,
    n: tuple[int, ...],
    method: str,
    flags: tuple[str, ...],
) -> PermutationTest:
    # Sums in another order differ in the last bits; equal statistics must count as ties.
    slack = 1e-9 * max(extreme, np.finfo(float).tiny)
    size = np.abs(null)
    greater = int((size > abs(observed) + slack).sum())
    at_least = int((size >= abs(observed) - slack).sum())
    k = null.size
    if exact:
        floor = int((size >= extreme - slack).sum()) / k
        return PermutationTest(
            observed, at_least / k, greater / k, floor, n, k, True, method, flags
        )
    total = k + 1
    return PermutationTest(
        observed, (at_least + 1) / total, greater / total, 1 / total, n, k, False, method, flags
    )


def _no_test(n: tuple[int, ...], method: str, flags: tuple[str, ...], why: str) -> PermutationTest:
    return PermutationTest(np.nan, np.nan, np.nan, np.nan, n, 0, False, method, (*flags, why))


def _unit_ranks(values: FloatArray) -> FloatArray:
    """Mid-ranks, centred, of length 1 (all 0 if tied): a product of two is Spearman's rho."""
    ranks = stats.rankdata(values)
    centred = ranks - ranks.mean()
    norm = float(np.sqrt((centred**2).sum()))
    return np.asarray(centred / norm if norm > 0 else centred, dtype=np.float64)


def _arrangements(runs: tuple[int, ...], blocks: int) -> int:
    """Distinct relabellings of a dose series."""
    if blocks == 1:
        return factorial(sum(runs)) // prod(factorial(k) for k in runs)
    return int(factorial(len(runs)) ** blocks)


def _all_doses(x: FloatArray, y: FloatArray) -> FloatArray:
    """The statistic under every relabelling; x and y are float64[blocks, size]."""
    sums = np.zeros(1)
    for labels, outcome in zip(x, y, strict=True):
        block = np.array(list(_distinct(tuple(labels.tolist())))) @ outcome
        sums = (sums[:, None] + block[None, :]).ravel()
    return np.asarray(sums / x.shape[0], dtype=np.float64)


def _distinct(labels: tuple[float, ...]) -> list[tuple[float, ...]]:
    """Every distinct ordering of labels, each once."""
    if len(labels) == 1:
        return [labels]
    found = []
    for label in sorted(set(labels)):
        at = labels.index(label)
        rest = _distinct(labels[:at] + labels[at + 1 :])
        found += [(label, *tail) for tail in rest]
    return found


def _random_doses(x: FloatArray, y: FloatArray, draws: int, seed: int) -> FloatArray:
    """The statistic under random relabellings within blocks, in bounded memory."""
    rng = np.random.default_rng(seed)
    parts = []
    for start in range(0, draws, _CHUNK):
        count = min(_CHUNK, draws - start)
        shuffled = rng.permuted(np.broadcast_to(x, (count, *x.shape)), axis=2)
        parts.append(np.einsum("dbs,bs->d", shuffled, y) / x.shape[0])
    return np.concatenate(parts)


def _refuse(data: object, kind: type, test: str) -> None:
    if not isinstance(data, kind):
        raise TypeError(
            f"{test} takes {kind.__name__} data, got {type(data).__name__}: "
            "the study's pairing decides the test; use compare() for a contrast"
        )
