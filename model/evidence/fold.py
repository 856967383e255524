"""Where the fold lies: arithmetic, the preset where it must hold, and the free world beside it.

1. mean field of baseline and scarce under each rule of how workers spread;
2. the scripted `meanfield` preset at three gaps: sweep and arithmetic within 1 resident;
3. free communities of the surrogate from 2 … 32 residents: basin width and committor;
4. brute force: the share that survives from every start 2 … 16;
5. why the free world lies elsewhere than its mean field: one cause switched off at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from model.analysis.row import Row
from model.evidence.lab import Lab, LabRun, cases
from model.evidence.pictures import curves, survival_by_start
from model.evidence.table import EvidenceFound, EvidenceTable
from model.measures.basin import INTERVAL_WORDS, BasinWidth, basin_width
from model.measures.committor import committor
from model.measures.fold import MeanField, Spread, mean_field
from model.measures.intervals import proportion_interval
from model.measures.sweep import LADDER, SEEDS, plan_sweep
from model.world.scenario_files import scenario_from

#: H of the three gaps; the theory is 3.8/26.2, 5.0/25.0 and 7.9/22.1.
GAPS: Final = (1000, 1118, 1323)
SETTLED: Final = 60
BRUTE_STARTS: Final = tuple(range(2, 17))
BRUTE_SEEDS: Final = 200
#: What is switched off, in words, and how. No community lives without births, so pairing is made
#: easy instead: whoever can be seen can be merged with (and given to, and attacked).
CAUSES: Final[Mapping[str, Mapping[str, Any]]] = {
    "free": {},
    "no store at the start (start_stock 0)": {"start_stock": 0},
    "small buffers (start_stock 0, birth_threshold 10, child_stock 10)": {
        "start_stock": 0,
        "birth_threshold": 10,
        "child_stock": 10,
    },
    "no hunger delay (hunger_limit 0)": {"hunger_limit": 0},
    "easy pairing (reach 12)": {"reach": 12, "sight": 2},
    "no space (3 × 3 cells, all known)": {
        "width": 3,
        "height": 3,
        "factory_spacing": 1,
        "start_known": 1.0,
    },
    "no noise (shares and needs)": {"allocation_noise": 0.0, "need": (10,)},
    "no space, easy pairing, no noise": {
        "width": 3,
        "height": 3,
        "factory_spacing": 1,
        "start_known": 1.0,
        "reach": 12,
        "allocation_noise": 0.0,
        "need": (10,),
    },
}


def fold(lab: Lab, seeds: int) -> EvidenceFound:
    """All five; `seeds` of every sweep start, and 200 of every start of the brute force."""
    baseline = sweep_cases(seeds, days=60)
    brute = {n: cases(brute_seeds(seeds), residents=n, days=40) for n in BRUTE_STARTS}
    small = sweep_cases(SEEDS, days=40)
    causes = {name: sweep_cases(seeds, days=60, **fields) for name, fields in CAUSES.items()}
    gaps = {half: meanfield_cases(half) for half in GAPS}
    rows = lab.live(
        {
            "baseline": baseline,
            "scarce": sweep_cases(seeds, days=60, preset="scarce"),
            "small": small,
            **{("brute", n): arm for n, arm in brute.items()},
            **{("cause", name): arm for name, arm in causes.items()},
            **{("gap", half): arm for half, arm in gaps.items()},
        }
    )
    sweeps = {name: rows[name] for name in ("baseline", "scarce")}
    forced = {n: rows["brute", n] for n in BRUTE_STARTS}
    sheet = brute_table(forced, rows["small"])
    return EvidenceFound(
        "fold",
        "surrogate; scripted:crew for the preset meanfield",
        f"0–{seeds - 1} at each start (brute force 0–{brute_seeds(seeds) - 1}, its small sweep "
        f"and meanfield 0–{SEEDS - 1})",
        (
            arithmetic(),
            agreement({half: rows["gap", half] for half in GAPS}),
            free_table(sweeps),
            sheet,
            brute_summary(forced, rows["small"]),
            cause_table({name: rows["cause", name] for name in CAUSES}),
        ),
        {
            "survival": (
                survival_by_start(sheet.frame),
                "Share of communities alive after 40 days by the number they started from.",
            ),
            "trajectories": (
                curves(sweeps),
                "Every community of the sweep, coloured by its start.",
            ),
        },
    )


def brute_seeds(seeds: int) -> int:
    """Seeds of the brute force: 200, fewer only when a trial run asks for fewer than five."""
    return BRUTE_SEEDS if seeds >= SEEDS else seeds


def sweep_cases(
    seeds: int, *, starts: Sequence[int] = LADDER, days: int = 60, **fields: Any
) -> list[LabRun]:
    """Communities from every start of the ladder."""
    return [
        case
        for n in starts
        for case in cases(seeds, daily=True, **{**fields, "residents": n, "days": days})
    ]


def meanfield_cases(half: int) -> list[LabRun]:
    """The sweep of the preset `meanfield` with its factory's H at `half`."""
    theory = meanfield_theory(half)
    plan = plan_sweep(theory.unstable, theory.stable, days=150)
    return sweep_cases(
        plan.seeds, starts=plan.starts, days=plan.days, preset="meanfield", halves=(half,)
    )


def meanfield_theory(half: int) -> MeanField:
    """Arithmetic of the preset `meanfield`: one factory, need 10, skill 100."""
    scenario = scenario_from({"preset": "meanfield", "halves": (half,)})
    return mean_field(scenario.outputs, scenario.halves, spread=Spread.GREAT)


def basin_of(rows: Sequence[Row], seed: int = 0) -> BasinWidth:
    """Basin width of runs that brought their daily numbers."""
    return basin_width(
        populations(rows), births=int(sum(row.flows["births"] for row in rows)), seed=seed
    )


def populations(rows: Sequence[Row]) -> pd.DataFrame:
    """Run, n0, day and population of rows with daily numbers."""
    parts = []
    for number, row in enumerate(rows):
        daily = row.daily or {}
        parts.append(
            pd.DataFrame(
                {
                    "run": number,
                    "n0": row.residents,
                    "day": np.asarray(daily["day"], dtype=np.int64),
                    "population": np.asarray(daily["population"], dtype=np.int64),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def settled(rows: Sequence[Row], since: int = SETTLED) -> float:
    """Mean population of the surviving runs from a day on; NaN if none lived that long."""
    series = [(row.daily or {})["population"] for row in rows if row["population"] > 0]
    late = [float(np.mean(population[since:])) for population in series if len(population) > since]
    return float(np.mean(late)) if late else float("nan")


# --- tables


def arithmetic() -> EvidenceTable:
    """Mean field of baseline and scarce under each rule."""
    found = []
    for preset in ("baseline", "scarce"):
        s = scenario_from({"preset": preset})
        for spread in Spread:
            mf = mean_field(s.outputs, s.halves, spread=spread, richness=s.richness)
            found.append(
                {
                    "preset": preset,
                    "workers spread": str(spread),
                    "N_u": mf.unstable,
                    "N_s": mf.stable,
                    "width": mf.width,
                    "fold at factor": mf.fold / s.richness,
                    "fold_margin": mf.margin,
                }
            )
    return EvidenceTable(
        "arithmetic",
        "Mean field by the rule of how workers spread",
        pd.DataFrame(found),
        "Residents at which output meets need. `fold at factor`: the factor on all present outputs "
        "at which the two meet; `fold margin` = (output − fold)/fold.",
    )


def agreement(gaps: Mapping[int, Sequence[Row]]) -> EvidenceTable:
    """The preset `meanfield` against its arithmetic."""
    found = []
    for half, rows in gaps.items():
        theory, measured = meanfield_theory(half), basin_of(rows)
        late = settled(rows)
        found.append(
            {
                "H": half,
                "N_u theory": theory.unstable,
                **interval_columns("N_u", measured.unstable, measured.unstable_interval),
                "even odds at": measured.committor.unstable,
                "N_s theory": theory.stable,
                **interval_columns("N_s", measured.stable, measured.stable_interval),
                "mean N after day 60": late,
                "largest error": max(
                    abs(measured.unstable - theory.unstable), abs(measured.stable - theory.stable)
                ),
                "flag": str(measured.flag),
            }
        )
    return EvidenceTable(
        "meanfield",
        "Scripted crews against arithmetic (preset `meanfield`, P = 300)",
        pd.DataFrame(found),
        "Eight starts × 5 seeds × 150 days. N_u and N_s are read off all days, because below N_u "
        "every run has ended by day 60; `mean N after day 60` leaves the first 60 out. Bar: "
        "`largest error` ≤ 1. Interval: bootstrap of runs within starts, "
        f"{INTERVAL_WORDS}.",
    )


def free_table(sweeps: Mapping[str, Sequence[Row]]) -> EvidenceTable:
    """Basin width of the free presets."""
    found = [basin_columns(name, basin_of(rows)) for name, rows in sweeps.items()]
    return EvidenceTable(
        "free",
        "Free communities of the surrogate from 2 … 32 residents, 60 days",
        pd.DataFrame(found),
        f"Starts {', '.join(map(str, LADDER))}. N_u, N_s: kernel regression of ΔN/N on ln N; "
        "`even odds at`: Firth-logistic committor; `late median`: of the survivors. Intervals: "
        f"{INTERVAL_WORDS}.",
    )


def basin_columns(name: str, basin: BasinWidth) -> dict[str, Any]:
    """One line of a table of basins."""
    return {
        "community": name,
        "flag": str(basin.flag),
        **interval_columns("N_u", basin.unstable, basin.unstable_interval),
        **interval_columns("N_s", basin.stable, basin.stable_interval),
        **interval_columns("width", basin.width, basin.width_interval),
        **interval_columns(
            "even odds at", basin.committor.unstable, (basin.committor.low, basin.committor.high)
        ),
        "late median": basin.late_median,
    }


def brute_table(forced: Mapping[int, Sequence[Row]], small: Sequence[Row]) -> EvidenceTable:
    """The share that survives from every start."""
    cross = basin_of(small).committor
    found = []
    for n, rows in forced.items():
        share = proportion_interval(sum(row["population"] > 0 for row in rows), len(rows))
        found.append(
            {
                "N0": n,
                "runs": len(rows),
                "P(alive)": share.estimate,
                "P(alive)_low": share.low,
                "P(alive)_high": share.high,
                "8 × 5 sweep": float(cross.probability(n)),
            }
        )
    return EvidenceTable(
        "brute",
        "Brute force: baseline communities alive after 40 days",
        pd.DataFrame(found),
        "Clopper–Pearson intervals. `8 × 5 sweep`: the probability that eight starts × 5 seeds × "
        "40 days give (Firth-logistic).",
    )


def even_odds(forced: Mapping[int, Sequence[Row]]) -> float:
    """Start from which half survive, by the committor of all runs of the brute force."""
    starts = [n for n, rows in forced.items() for _ in rows]
    return committor(
        starts, [row["population"] > 0 for rows in forced.values() for row in rows]
    ).unstable


def brute_summary(forced: Mapping[int, Sequence[Row]], small: Sequence[Row]) -> EvidenceTable:
    """The sweep against brute force."""
    truth, basin = even_odds(forced), basin_of(small)
    frame = pd.DataFrame(
        [
            {"from": "brute force", "threshold": truth, "distance": 0.0},
            {
                "from": "8 × 5 sweep, even odds",
                "threshold": basin.committor.unstable,
                "distance": abs(basin.committor.unstable - truth),
            },
            {
                "from": "8 × 5 sweep, drift (N_u)",
                "threshold": basin.unstable,
                "distance": abs(basin.unstable - truth),
            },
        ]
    )
    return EvidenceTable(
        "threshold",
        "The small sweep against brute force",
        frame,
        "Start from which a community survives 40 days as often as not. Bar: distance ≤ 1.5.",
    )


def cause_table(causes: Mapping[str, Sequence[Row]]) -> EvidenceTable:
    """The free world and its mean field, one cause switched off at a time."""
    s = scenario_from({})
    theory = mean_field(s.outputs, s.halves, spread=Spread.BEST)
    found = []
    for name, rows in causes.items():
        line = basin_columns(name, basin_of(rows))
        line["N_u − mean field"] = line["N_u"] - theory.unstable
        line["even odds − mean field"] = line["even odds at"] - theory.unstable
        line["N_s − mean field"] = line["N_s"] - theory.stable
        found.append(line)
    return EvidenceTable(
        "causes",
        "Baseline against its mean field (best split), one cause switched off at a time",
        pd.DataFrame(found),
        f"Mean field with the best split: N_u {theory.unstable:.1f}, N_s {theory.stable:.1f}. 60 "
        "days, starts as above. Each line is a whole sweep; nothing here is asserted.",
        page=(
            "community",
            "flag",
            "N_u",
            "even odds at",
            "N_s",
            "N_u − mean field",
            "even odds − mean field",
            "N_s − mean field",
        ),
    )


def interval_columns(name: str, estimate: float, interval: tuple[float, float]) -> dict[str, float]:
    """An estimate and its interval as columns."""
    return {name: estimate, f"{name}_low": interval[0], f"{name}_high": interval[1]}
