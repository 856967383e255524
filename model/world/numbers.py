"""One day's numbers: the single source for the DataCollector's reporters and the table `days`.

Row 0 is the initial state, row t the end of day t; flows of row 0 are NaN.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Day:
    """The numbers of a day. Amounts in units; counts of residents, acts or messages.

    State at the end of the day:
        population, treated (living, treated), treated_share, households, founders (living),
        stock (all stores), debt, hungry (residents with a debt), skill (mean), standing (mean),
        gini (unbiased, of stock per head; NaN below two residents or without stock),
        top_share (share of stock held by the richest tenth), richness.

    Flows of the day (NaN on day 0):
        asked (residents asked), faultless, faults (reply faults), verdicts,
        births, entries, removals, removals_hunger, removals_other, faulted_removals (removed
        within five days of a fault),
        output, eaten, destroyed, lost, aid,
        work, travel, explore, promote, idle (main acts done), workers_best (largest crew),
        gifts, gift_units, attacks, attack_wins, loot, merge_asks, merges, voids,
        messages, shown, announced, unread, void_messages,
        promises, kept, broken, released, impossible, unresolved (commitments opened and closed),
        cooperation, betrayal (actor-days, `model.world.conduct`),
        social_capital ((cooperation − betrayal) / faultless),
        development (1 − gini), communication (information & communication: reach of the
        message graph of the last seven days),
        competence (output per head of the morning's residents).
    """

    day: int
    population: int
    treated: int
    treated_share: float
    households: int
    founders: int
    stock: int
    debt: int
    hungry: int
    skill: float
    standing: float
    gini: float
    top_share: float
    richness: float
    asked: float = NAN
    faultless: float = NAN
    faults: float = NAN
    verdicts: float = NAN
    births: float = NAN
    entries: float = NAN
    removals: float = NAN
    removals_hunger: float = NAN
    removals_other: float = NAN
    faulted_removals: float = NAN
    output: float = NAN
    eaten: float = NAN
    destroyed: float = NAN
    lost: float = NAN
    aid: float = NAN
    work: float = NAN
    travel: float = NAN
    explore: float = NAN
    promote: float = NAN
    idle: float = NAN
    workers_best: float = NAN
    gifts: float = NAN
    gift_units: float = NAN
    attacks: float = NAN
    attack_wins: float = NAN
    loot: float = NAN
    merge_asks: float = NAN
    merges: float = NAN
    voids: float = NAN
    messages: float = NAN
    shown: float = NAN
    announced: float = NAN
    unread: float = NAN
    void_messages: float = NAN
    promises: float = NAN
    kept: float = NAN
    broken: float = NAN
    released: float = NAN
    impossible: float = NAN
    unresolved: float = NAN
    cooperation: float = NAN
    betrayal: float = NAN
    social_capital: float = NAN
    development: float = NAN
    communication: float = NAN
    competence: float = NAN


#: Flows of a day, which a run sums; its other numbers are states or means.
FLOWS: Final = tuple(
    f.name
    for f in fields(Day)
    if isinstance(f.default, float)
    and f.name
    not in ("workers_best", "social_capital", "development", "communication", "competence")
)
