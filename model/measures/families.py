"""Families of hypotheses: correction, and an honest account of what could be rejected at all.

A study has one primary family (20 hypotheses: 10 values x 2 modes, Holm 1979), and secondary
families that are labelled exploratory (level contrasts within a value and mode, behaviours within
a label; Benjamini & Hochberg 1995). With few runs a permutation test has a smallest possible p; if
even that would not survive the correction, the hypothesis says so instead of looking negative.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.stats import false_discovery_control

from model.measures.intervals import FloatArray
from model.measures.permutation import PermutationTest

Correction = Literal["Holm", "Benjamini-Hochberg"]
CANNOT_REJECT: Final = "cannot reject under the correction"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One test within its family.

    Attributes:
        name: of the hypothesis.
        p: raw p-value; NaN if it could not be tested.
        adjusted: corrected p-value.
        rejected: adjusted <= alpha.
        smallest_p: the smallest raw p that its design allows.
        smallest_level: the level of the family's first step, alpha / size: what a single p has to
            reach to be rejected whatever the others are.
        flags: `cannot reject under the correction`, or why it was not tested.
    """

    name: str
    p: float
    adjusted: float
    rejected: bool
    smallest_p: float
    smallest_level: float
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Family:
    """A corrected family of hypotheses.

    Attributes:
        name: of the family.
        correction: how it was corrected.
        alpha: family-wise error (Holm) or false discovery rate (Benjamini-Hochberg).
        size: registered hypotheses, those that could not be tested included.
        exploratory: not named in the study's registration as primary.
        hypotheses: in the order given.
    """

    name: str
    correction: Correction
    alpha: float
    size: int
    exploratory: bool
    hypotheses: tuple[Hypothesis, ...]

    @property
    def rejected(self) -> tuple[str, ...]:
        """Names of the rejected hypotheses."""
        return tuple(h.name for h in self.hypotheses if h.rejected)

    def __str__(self) -> str:
        """The line printed under every table of tests."""
        blocked = sum(CANNOT_REJECT in h.flags for h in self.hypotheses)
        untested = sum(bool(np.isnan(h.p)) for h in self.hypotheses)
        text = (
            f"{self.name}{' (exploratory)' if self.exploratory else ''}: {self.correction} over "
            f"{self.size} hypotheses at {self.alpha:g}: {len(self.rejected)} rejected"
        )
        text += f"; {blocked} {CANNOT_REJECT}" if blocked else ""
        return text + (f"; {untested} not tested" if untested else "")


def family(
    name: str,
    tests: Mapping[str, PermutationTest],
    *,
    correction: Correction = "Holm",
    alpha: float = 0.05,
    exploratory: bool = False,
) -> Family:
    """Correct a family of tests.

    Args:
        name: of the family.
        tests: hypothesis -> its test. An untested hypothesis (p NaN) still counts in the size.
        correction: Holm or Benjamini-Hochberg.
        alpha: level of the family.
        exploratory: label everything in it exploratory.

    Returns:
        The family with adjusted p-values, decisions and flags.

    Raises:
        ValueError: if there is no test or a p lies outside [0, 1].
    """
    if not tests:
        raise ValueError(f"family {name!r} has no hypothesis")
    adjust = holm if correction == "Holm" else benjamini_hochberg
    p = np.array([test.p for test in tests.values()])
    floor = np.array([test.smallest_p for test in tests.values()])
    adjusted = adjust(p)
    # Adjusted p-values never fall when any p rises: what fails with every test at its floor
    # fails whatever the data say.
    best = adjust(floor)
    hypotheses = []
    for i, (label, test) in enumerate(tests.items()):
        flags = test.flags + ((CANNOT_REJECT,) if best[i] > alpha else ())
        rejected = bool(adjusted[i] <= alpha)
        hypotheses.append(
            Hypothesis(
                label,
                test.p,
                float(adjusted[i]),
                rejected,
                test.smallest_p,
                alpha / len(tests),
                flags,
            )
        )
    return Family(name, correction, alpha, len(tests), exploratory, tuple(hypotheses))


def exploratory_families(
    tests: Mapping[str, PermutationTest], groups: Mapping[str, Hashable], *, alpha: float = 0.05
) -> tuple[Family, ...]:
    """Secondary families: Benjamini-Hochberg within each group.

    Args:
        tests: hypothesis -> its test.
        groups: hypothesis -> its group, such as (value, mode), or a behaviour's label.
        alpha: false discovery rate within a group.

    Returns:
        One exploratory family a group, in order of first appearance.

    Raises:
        ValueError: if a hypothesis has no group.
    """
    lost = [name for name in tests if name not in groups]
    if lost:
        raise ValueError(f"no group for the hypotheses {lost[:5]}: give every test its family")
    members: dict[Hashable, dict[str, PermutationTest]] = {}
    for name, test in tests.items():
        members.setdefault(groups[name], {})[name] = test
    return tuple(
        family(
            _group_name(group),
            inside,
            correction="Benjamini-Hochberg",
            alpha=alpha,
            exploratory=True,
        )
        for group, inside in members.items()
    )


def holm(p: Sequence[float] | FloatArray) -> FloatArray:
    """Holm's step-down adjusted p-values.

    Args:
        p: float[m]; NaN (not tested) counts in m and stays NaN.

    Returns:
        float64[m] in [0, 1].

    Raises:
        ValueError: if a p lies outside [0, 1].
    """
    # By hand: statsmodels' `multipletests` collects garbage at every call, .06 s each.
    values = _tested(p)
    order = np.argsort(values, kind="stable")
    steps = np.arange(values.size, 0, -1)
    out = np.empty_like(values)
    out[order] = np.minimum(np.maximum.accumulate(steps * values[order]), 1.0)
    return _only_tested(out, p)


def benjamini_hochberg(p: Sequence[float] | FloatArray) -> FloatArray:
    """Benjamini and Hochberg's step-up adjusted p-values.

    Args:
        p: float[m]; NaN (not tested) counts in m and stays NaN.

    Returns:
        float64[m] in [0, 1].

    Raises:
        ValueError: if a p lies outside [0, 1].
    """
    return _only_tested(np.asarray(false_discovery_control(_tested(p), method="bh")), p)


def _tested(p: Sequence[float] | FloatArray) -> FloatArray:
    """The p-values with untested ones set to 1: they count in the family and never reject."""
    values = np.asarray(p, dtype=np.float64)
    if ((values < 0) | (values > 1)).any():
        raise ValueError(f"p-values must lie in [0, 1], got {values[(values < 0) | (values > 1)]}")
    return np.where(np.isnan(values), 1.0, values)


def _only_tested(adjusted: FloatArray, p: Sequence[float] | FloatArray) -> FloatArray:
    return np.where(np.isnan(np.asarray(p, dtype=np.float64)), np.nan, adjusted)


def _group_name(group: Hashable) -> str:
    return " ".join(map(str, group)) if isinstance(group, tuple) else str(group)
