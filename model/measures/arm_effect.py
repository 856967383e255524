"""One arm against another: pairing, ranks, difference, effect size and test, by one set of rules.

Reports of runs and of studies, and what is said of published findings, all compare by this.

- **Pairing.** `common`: runs are compared within seeds, on the seeds that both arms have; the
  others are counted. `none`: no seed recurs. Never mixed: a paired design under an unpaired test
  has the wrong size.
- **Ranks.** As soon as a compared run has collapsed, runs are compared in order: those alive by
  their value, collapsed ones at the worse end, the sooner the worse. A mean of the survivors would
  compare the strong of one arm with all of the other.
- **Effect size and test.** `common`: paired δ = (pairs higher − pairs lower)/pairs with its
  interval, and the exact sign test. `none`: Cliff's δ with its interval, and the permutation of
  labels. Both take the order, so a verdict never rests on how far apart two numbers of unlike
  communities are; signs follow the outcome's own direction.
- **Difference.** Mean difference with its interval, as a description: in the outcome's unit where
  every run has one, else in ranks.
- **Correction.** What was registered: Holm over the family. All else is exploratory:
  Benjamini-Hochberg within a treatment's levels, or within a behaviour's label.
- **Verdict.** By interval of δ and corrected test together, in the four words of `verdicts`.

Source: `effects`, `permutation`, `comparison`, `families` and `detectable` beside this.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from model.measures.comparison import NotComparableError, worst_ranks
from model.measures.detectable import PilotSpread, spread_of
from model.measures.effects import cliffs_delta, paired_delta
from model.measures.families import Hypothesis
from model.measures.faults_by_arm import confounding, faults_of_arms
from model.measures.intervals import Interval
from model.measures.pairing import Paired, Pairing, contrast
from model.measures.permutation import (
    Comparison,
    PermutationTest,
    difference_of,
    sign_test,
    two_sample_test,
)
from model.measures.rates import Counts
from model.measures.verdicts import Verdict, verdict

RANKED: Final = "compared by worst ranks: a run collapsed"
Values = Mapping[int, float]


@dataclass(frozen=True, slots=True)
class ArmRuns:
    """The runs of one arm that are results, for one outcome.

    Attributes:
        label: name of the arm.
        values: seed → outcome; NaN where undefined.
        fell: seed → day since which a collapsed community had been so (NaN if unknown); runs that
            did not collapse are not in it.
        faults: reply faults by run.
        refusals: refusals among them by run.
        verdicts: replies by run.
        failed: runs that are no results.
    """

    label: str
    values: Values
    fell: Values
    faults: Counts
    refusals: Counts
    verdicts: Counts
    failed: int = 0


@dataclass(frozen=True, slots=True)
class ArmEffect:
    """One arm against another in one outcome.

    Attributes:
        ranked: the runs were put in order with collapsed ones worst.
        in_ranks: the difference is one of ranks, because not every run has the outcome.
        comparison: the mean difference with its interval, and the test.
        delta: paired or Cliff's δ with its interval; positive if the first arm has more.
        points: the single differences of paired runs, else empty.
        spread: how much the difference varies, in its unit: what could have been seen.
        flags: what a reader must know.
    """

    ranked: bool
    in_ranks: bool
    comparison: Comparison
    delta: Interval
    points: tuple[float, ...]
    spread: PilotSpread
    flags: tuple[str, ...]

    def verdict(self, decision: Hypothesis, alpha: float) -> Verdict:
        """What may be said of it.

        Args:
            decision: its test within its family.
            alpha: of the family.
        """
        return verdict(
            self.delta,
            decision.adjusted,
            min(self.delta.n),
            self.spread.detectable(),
            mde_in_family=self.spread.detectable(decision.smallest_level),
            alpha=alpha,
        )


def arm_effect(
    arm: ArmRuns,
    control: ArmRuns,
    pairing: Pairing,
    *,
    higher_is_better: bool = True,
    for_every_run: bool = False,
) -> ArmEffect:
    """Compare an arm with its control.

    Args:
        arm: the treated one.
        control: the other.
        pairing: of the design, or read off the seeds (`pairing.pairing_of`).
        higher_is_better: False where more of it is worse for a community.
        for_every_run: whether a community has the outcome however early it ended.

    Returns:
        The effect; difference, δ and p are NaN, with the reason among the flags, where there is
        nothing to compare.

    Raises:
        ValueError: under `none` a seed recurs, or an outcome is infinite.
    """
    a, b, flags = _partners(arm, control, pairing)
    fell = {
        name: {seed: one.fell[seed] for seed in kept if seed in one.fell}
        for name, one, kept in (("arm", arm, a), ("control", control, b))
    }
    ranked = bool(fell["arm"] or fell["control"])
    order_a, order_b = a, b
    if ranked:
        flags = (*flags, RANKED)
        try:
            order_a, order_b = _ranks(a, b, fell, higher_is_better)
        except (NotComparableError, ValueError) as error:
            return _nothing(ranked, (*flags, str(error)))
    if not _defined(order_a) or not _defined(order_b):
        return _nothing(ranked, (*flags, "an arm has no defined run"))
    in_ranks = ranked and not for_every_run
    described = (order_a, order_b) if in_ranks else (a, b)
    data = contrast(*described, pairing)
    ordered = contrast(order_a, order_b, pairing)
    if isinstance(ordered, Paired):
        delta, test = paired_delta(ordered.differences), sign_test(ordered)
    else:
        delta, test = cliffs_delta(ordered.a, ordered.b), two_sample_test(ordered)
    if np.isnan(test.p):
        return _nothing(ranked, (*flags, *test.flags))
    difference = difference_of(data, bimodal=ranked and not in_ranks)
    return ArmEffect(
        ranked=ranked,
        in_ranks=in_ranks,
        comparison=Comparison(difference, test),
        delta=delta,
        points=tuple(data.differences.tolist()) if isinstance(data, Paired) else (),
        spread=spread_of(data),
        flags=tuple(dict.fromkeys((*flags, *difference.flags))),
    )


def untested(why: str) -> PermutationTest:
    """The test that could not be made, and why."""
    return PermutationTest(np.nan, np.nan, np.nan, np.nan, (0,), 0, False, "none", (why,))


def _partners(
    arm: ArmRuns, control: ArmRuns, pairing: Pairing
) -> tuple[Values, Values, tuple[str, ...]]:
    """The runs that are compared, by seed, and what was left out."""
    flags: tuple[str, ...] = ()
    if arm.values and control.values:
        found = faults_of_arms(
            {
                side: (one.faults, one.refusals, one.verdicts)
                for side, one in (("arm", arm), ("control", control))
            }
        )
        flags = confounding(found["arm"], found["control"])
    if failed := arm.failed + control.failed:
        flags = (*flags, f"{failed} runs failed and are left out")
    if pairing == "none":
        return arm.values, control.values, flags
    shared = sorted(arm.values.keys() & control.values.keys())
    if alone := len(arm.values) + len(control.values) - 2 * len(shared):
        flags = (*flags, f"{alone} runs have no partner of the same seed and are left out")
    a, b = ({seed: one.values[seed] for seed in shared} for one in (arm, control))
    return a, b, flags


def _ranks(
    a: Values, b: Values, fell: Mapping[str, Values], higher_is_better: bool
) -> tuple[Values, Values]:
    both = {"arm": a, "control": b}
    ranks = worst_ranks(
        {name: list(values.values()) for name, values in both.items()},
        {name: [seed in fell[name] for seed in values] for name, values in both.items()},
        higher_is_better=higher_is_better,
        days={name: [fell[name].get(s, np.nan) for s in values] for name, values in both.items()},
    )
    one, other = (
        dict(zip(values, ranks[name].tolist(), strict=True)) for name, values in both.items()
    )
    return one, other


def _defined(values: Values) -> bool:
    return bool(np.isfinite(list(values.values())).any())


def _nothing(ranked: bool, flags: tuple[str, ...]) -> ArmEffect:
    none = Interval(np.nan, np.nan, np.nan, (0, 0), "none")
    unknown = PilotSpread(np.nan, np.nan, np.nan, 0, (0, 0), "none")
    why = flags[-1] if flags else "no run"
    return ArmEffect(ranked, ranked, Comparison(none, untested(why)), none, (), unknown, flags)
