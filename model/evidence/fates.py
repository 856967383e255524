"""What decides a community's fate: each thing against its absence, on the same seeds.

Knowledge, expectation and hearing, attacks, lies, scripted hostility, gifts and pooling, in
communities that are scarce from 25 or grow from 10.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from model.analysis.row import Row
from model.evidence.contrasts import compared, effect, estimate, verdicts
from model.evidence.lab import Lab, LabRun, cases
from model.evidence.pictures import effects
from model.evidence.table import EvidenceFound, EvidenceTable
from model.measures.intervals import mean_interval
from model.measures.verdicts import EXPLANATION

PRESETS: Final = ("scarce", "growing")
DAYS: Final = 60
CONTROL: Final = "surrogate"
#: Arms and what they change; each is compared with the arm named last.
ARMS: Final[tuple[tuple[str, Mapping[str, Any], str], ...]] = (
    ("surrogate", {}, CONTROL),
    ("factory claims off", {"factory_claims": False}, CONTROL),
    ("announcements off", {"announcements": False}, CONTROL),
    (
        "announcements off, expecting ¾ when acting",
        {"announcements": False, "expectation_acting": 0.75},
        CONTROL,
    ),
    ("no expectation, announcements heard", {"expectation": 0.0}, CONTROL),
    (
        "no expectation, announcements off",
        {"expectation": 0.0, "announcements": False},
        "no expectation, announcements heard",
    ),
    ("messages off", {"messages": False}, CONTROL),
    ("attacks off", {"attacks": False}, CONTROL),
    ("lies off", {"lies": False}, CONTROL),
    ("gifts off", {"gifts": False}, CONTROL),
    ("merges off", {"merges": False}, CONTROL),
    ("gifts and merges off", {"gifts": False, "merges": False}, "merges off"),
    ("scripted, hostility 0", {"mind": "scripted:spread"}, "scripted, hostility 0"),
    (
        "scripted, hostility .1",
        {"mind": "scripted:spread,hostile=.1"},
        "scripted, hostility 0",
    ),
    (
        "scripted, hostility .2",
        {"mind": "scripted:spread,hostile=.2"},
        "scripted, hostility 0",
    ),
)
#: Populations in which lies are switched on and off.
LIARS: Final[Mapping[str, Mapping[str, Any]]] = {
    "original": {},
    "with PO": {"value": "PO", "mode": "with", "prevalence": 1.0},
    "half with PO": {"value": "PO", "mode": "with", "prevalence": 0.5},
    "without BE": {"value": "BE", "mode": "without", "prevalence": 1.0},
}
_COUNTS: Final = (
    ("deceptions", "deceptions"),
    ("lies_stock", "of stock"),
    ("lies_plan", "of plans"),
    ("lies_factory", "of factories"),
    ("lies_promise", "by promise"),
    ("deceived", "deceived"),
    ("drawn_gifts", "units given to deceiver"),
    ("lured_loot", "units robbed by deceiver"),
)


def fates(lab: Lab, seeds: int) -> EvidenceFound:
    """All arms in both presets."""
    wanted: dict[Any, list[LabRun]] = {}
    for preset in PRESETS:
        for name, fields, _ in ARMS:
            wanted[preset, name] = cases(seeds, preset=preset, days=DAYS, **fields)
        for name, fields in LIARS.items():
            for lies in (True, False):
                wanted[preset, name, lies] = cases(
                    seeds, preset=preset, days=DAYS, lies=lies, labels=True, **fields
                )
    rows = lab.live(wanted)
    tables = [fate_table(rows, preset, seeds) for preset in PRESETS]
    return EvidenceFound(
        "fates",
        "surrogate, and scripted:spread where said",
        f"0–{seeds - 1} in every arm",
        (*tables, lie_table(rows, seeds), deceived_table(rows, seeds)),
        {
            "effects": (
                effects({p: t.frame for p, t in zip(PRESETS, tables, strict=True)}),
                "Change of nAUP by each arm against the arm it is compared with.",
            )
        },
    )


def fate_table(rows: Mapping[Any, Sequence[Row]], preset: str, seeds: int) -> EvidenceTable:
    """Final N, alive and nAUP of each arm, and its paired change of nAUP."""
    found = []
    decided = verdicts(
        f"{preset}: nAUP",
        {
            name: compared(rows[preset, name], rows[preset, against], "nAUP")
            for name, _, against in ARMS
            if name != against
        },
    )
    for name, _, against in ARMS:
        runs = rows[preset, name]
        line: dict[str, Any] = {"arm": name}
        for outcome in ("final", "alive", "nAUP", "attacks"):
            line |= estimate(runs, outcome)
        line["against"] = "–" if name == against else against
        if name != against:
            line |= effect(runs, rows[preset, against], "nAUP")
        line["p Holm"], line["verdict"] = decided.get(name, (float("nan"), "–"))
        found.append(line)
    return EvidenceTable(
        preset,
        f"Fates of `{preset}` communities, {DAYS} days, {seeds} seeds",
        pd.DataFrame(found),
        "Means over runs with 95 % intervals (bootstrap-t; `alive`: Clopper–Pearson); attacks per "
        "1,000 resident-days; ΔnAUP: mean paired difference to the arm named; p of the exact sign "
        "test, collapsed communities worst, uncorrected and by Holm over this table. "
        f"{EXPLANATION} Merges off means births off.",
        page=(
            "arm", "final", "alive", "nAUP", "attacks", "against", "ΔnAUP", "ΔnAUP_p", "p Holm",
            "verdict",
        ),
    )  # fmt: skip


def lie_table(rows: Mapping[Any, Sequence[Row]], seeds: int) -> EvidenceTable:
    """Lies on against lies off: what it does to fates, attacks and gifts."""
    found = []
    for preset in PRESETS:
        for name in LIARS:
            on, off = rows[preset, name, True], rows[preset, name, False]
            line: dict[str, Any] = {"preset": preset, "population": name}
            for outcome in ("nAUP", "attacks", "gifts", "social_capital"):
                line |= effect(on, off, outcome)
            found.append(line)
    return EvidenceTable(
        "lies",
        f"False claims possible against truthful only, {seeds} seeds",
        pd.DataFrame(found),
        "Paired difference, lies on − lies off, with 95 % interval and the p of the exact sign "
        "test; attacks and gifts per 1,000 resident-days.",
    )


def deceived_table(rows: Mapping[Any, Sequence[Row]], seeds: int) -> EvidenceTable:
    """Who is deceived, how, and what moves between the two afterwards."""
    found = []
    for preset in PRESETS:
        for name in LIARS:
            runs = rows[preset, name, True]
            line: dict[str, Any] = {"preset": preset, "population": name}
            for flow, words in _COUNTS:
                per = [1000 * row[flow] for row in runs]
                mean = mean_interval(per)
                line |= {words: mean.estimate}
                line |= {f"{words}_low": mean.low, f"{words}_high": mean.high}
            share = [row.flows["deceived_people"] / row.flows["people"] for row in runs]
            line["share ever deceived"] = mean_interval(share).estimate
            line["stock of the deceived"] = mean_interval(
                [row.flows["deceived_stock"] for row in runs]
            ).estimate
            found.append(line)
    return EvidenceTable(
        "deceived",
        f"Who is deceived, and what follows within five days, {seeds} seeds",
        pd.DataFrame(found),
        "Per 1,000 resident-days unless said. A deception may be of two kinds at once. "
        "`deceived`: resident-days on which a false word was shown to one who could act on it. "
        "`stock of the deceived`: over the mean stock of all that morning. What follows is "
        "counted, not attributed: some gifts and raids would have come without the lie.",
    )
