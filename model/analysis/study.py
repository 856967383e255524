"""What a study's runs say, by the rules that its design registered.

The registered family is corrected by Holm and nothing else is called confirmatory. A run that
failed is left out and counted; a community that died is not: as soon as a run has collapsed, runs
are compared in order, collapsed ones worst. Whether arms are paired is the design's to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from model.analysis.arms import Arm, CellLike, arms_of
from model.analysis.dose_series import Series, dose_tests, series_of
from model.analysis.effects import Effect, comparisons, exploratory, tests_of
from model.analysis.effects import decided as decided_by
from model.analysis.measures import Measure, measure
from model.analysis.registration import Registration
from model.analysis.row import Row
from model.measures.families import Family, family
from model.measures.pairing import Pairing
from model.measures.permutation import DRAWS, PermutationTest


@dataclass(frozen=True)
class Analysis:
    """Everything that is tested.

    Attributes:
        outcome: the registered one.
        arms: cells with their results.
        primary: the registered family; None if the design registered no test.
        series: dose series, if prevalence was varied.
        effects: each cell against its control.
        families: of the effects.
    """

    outcome: Measure
    arms: tuple[Arm, ...]
    primary: Family | None
    series: tuple[Series, ...]
    effects: tuple[Effect, ...]
    families: tuple[Family, ...]


def analyse(
    registration: Registration,
    pairing: Pairing,
    cells: Sequence[CellLike],
    rows: Sequence[Row],
    *,
    refusals: Mapping[str, int] | None = None,
    draws: int = DRAWS,
    explore: bool = True,
) -> Analysis:
    """Test what was registered, and everything else as exploratory.

    Args:
        registration: what was to be tested.
        pairing: whether arms share their seeds.
        cells: of the study.
        rows: of its runs.
        refusals: run's key -> faults that were refusals; those not named had none.
        draws: of random permutations.
        explore: also look for tipping points and shapes.
    """
    outcome = measure(registration.outcome)
    arms = arms_of(cells, rows, refusals)
    kind, alpha = registration.analysis, registration.alpha
    doses = dose_tests(outcome, pairing, arms, draws)
    compared = comparisons(pairing, arms, outcome)
    primary = None
    if kind == "dose" and doses:
        tests = {name: test for name, (_, test, _) in doses.items()}
        primary = _family("primary", tests, alpha)
    elif kind == "contrasts" and compared:
        primary = _family("primary", tests_of(compared), alpha)
    series: tuple[Series, ...] = ()
    if doses:
        tests = {name: test for name, (_, test, _) in doses.items()}
        decided = primary if kind == "dose" else None
        decided = decided or _family("dose series", tests, alpha, exploratory=True)
        ranked = not outcome.for_every_run and any(arm.fell for arm in arms)
        series = series_of(arms, doses, decided, explore, ranked)
    if kind == "contrasts" and primary is not None:
        families: tuple[Family, ...] = (primary,)
        effects = decided_by(outcome, compared, families)
    else:
        effects, families = exploratory(outcome, compared)
    return Analysis(outcome, arms, primary, series, effects, families)


def _family(
    name: str, tests: Mapping[str, PermutationTest], alpha: float, exploratory: bool = False
) -> Family:
    return family(name, tests, alpha=alpha, exploratory=exploratory)
