"""The resource scheduler: production, the sharing of output, food, debt and removal.

The production law is S-shaped in labour L (skill points at work): P·L²/(H²+L²) (gains of
collaboration, then crowding; the form is our assumption after the paper's description). Everything
is in whole units; shares are split exactly by largest remainder.
"""

from __future__ import annotations

import numpy as np

from agents.decisions import Ints
from agents.randomness import Words, below
from agents.sorting import begins
from model.world.scenario import Scenario

_NOISE_UNIT = 1 << 16
#: Standard deviation of the sum of four uniform 16-bit integers: sqrt(4 · (2³² − 1) / 12).
_SUM_SD = 37_837.227


class Factories:
    """The factories in columns: place, law, and what happened there on the last day."""

    def __init__(self, places: list[tuple[int, int]], scenario: Scenario) -> None:
        self.x: Ints = np.array([x for x, _ in places], np.int64)
        self.y: Ints = np.array([y for _, y in places], np.int64)
        self.output: Ints = np.array(scenario.outputs, np.int64)
        self.half: Ints = np.array(scenario.halves, np.int64)
        self.out_until: Ints = np.zeros(len(places), np.int64)
        self.workers: Ints = np.zeros(len(places), np.int64)
        self.made: Ints = np.zeros(len(places), np.int64)
        self.island: Ints = np.zeros(len(places), np.int64)

    def __len__(self) -> int:
        return len(self.x)

    def greatest(self, richness: float) -> Ints:
        """Greatest output of each in units a day, at a richness, rounded down."""
        return greatest(self.output, richness)


def greatest(output: Ints, richness: float) -> Ints:
    """Greatest outputs in units a day at a richness, rounded down."""
    return output * round(richness * 1_000_000) // 1_000_000


class Households:
    """Stores shared by their members.

    Attributes:
        store: units, by household.
        size: living members, by household.
        last_birth: day of the last birth, by household.
        members: rows of the living members, ascending, by household.
        island: which community of the world it is of, by household.
    """

    def __init__(self, capacity: int = 64) -> None:
        self.count = 0
        self.store: Ints = np.zeros(capacity, np.int64)
        self.size: Ints = np.zeros(capacity, np.int64)
        self.last_birth: Ints = np.full(capacity, -(10**6), np.int64)
        self.island: Ints = np.zeros(capacity, np.int64)
        self.members: list[list[int]] = []

    def found(self, store: int, row: int) -> int:
        """A new household of one; returns its index."""
        home = self.count
        if home == len(self.store):
            self.store = np.concatenate([self.store, np.zeros_like(self.store)])
            self.size = np.concatenate([self.size, np.zeros_like(self.size)])
            self.island = np.concatenate([self.island, np.zeros_like(self.island)])
            self.last_birth = np.concatenate(
                [self.last_birth, np.full_like(self.last_birth, -(10**6))]
            )
        self.count += 1
        self.store[home], self.size[home] = store, 1
        self.members.append([row])
        return home

    def leave(self, home: int, row: int) -> None:
        """A member is gone."""
        self.size[home] -= 1
        self.members[home].remove(row)

    def join(self, home: int, other: int) -> None:
        """All of `other` joins `home`, with its store."""
        self.store[home] += self.store[other]
        self.size[home] += self.size[other]
        self.last_birth[home] = max(self.last_birth[home], self.last_birth[other])
        self.members[home] = sorted(self.members[home] + self.members[other])
        self.store[other] = self.size[other] = 0
        self.members[other] = []

    def stock_of(self, home: Ints | int) -> Ints:
        """Units per member, rounded down."""
        stock: Ints = self.store[home] // np.maximum(self.size[home], 1)
        return stock


def produce(labour: Ints, greatest: Ints, half: Ints) -> Ints:
    """Output of each factory in units: P·L²/(H²+L²), rounded down (exact at any size)."""
    laws = zip(labour.tolist(), greatest.tolist(), half.tolist(), strict=True)
    return np.array([most * work**2 // (h**2 + work**2) for work, most, h in laws], np.int64)


def noise_factors(lots: Words, sd: float, floor: float) -> Ints:
    """Bell-shaped noise around 1 in 65536ths: a sum of four keyed uniforms, floored.

    The four 16-bit parts of one draw have mean 4·(2¹⁶−1)/2 and variance 4·2³²/12 together.
    """
    if sd == 0:
        return np.full(len(lots), _NOISE_UNIT, np.int64)
    total = lots.view(np.uint16).reshape(-1, 4).sum(axis=1, dtype=np.int64)
    slope = round(sd * 2**32 / _SUM_SD)
    factors: Ints = _NOISE_UNIT + ((total - 131_070) * slope >> 16)
    lowest = max(1, round(floor * _NOISE_UNIT))
    floored: Ints = np.maximum(factors, lowest)
    return floored


def split(amount: Ints, weight: Ints, crew: Ints) -> Ints:
    """Split each factory's `amount` among its crew in proportion to whole weights, exactly.

    Largest remainder; equal remainders go to the earlier row. `crew` numbers the factory of each
    worker; every factory with an amount has a crew.
    """
    whole = np.zeros(len(amount), np.int64)
    # `add.at` and `subtract.at`: a factory has many workers, of whom `+=` would count one.
    np.add.at(whole, crew, weight)
    product = amount[crew] * weight
    share = product // whole[crew]
    rest = product - share * whole[crew]
    left = amount.copy()
    # What whole shares leave over goes unit by unit to the largest remainders of each crew;
    # lexsort is stable, so that equal ones go to the earlier row: an exact and repeatable split.
    np.subtract.at(left, crew, share)
    order = np.lexsort((-rest, crew))
    size = np.bincount(crew, minlength=len(amount))
    placed = crew[order]
    rank = np.arange(len(crew)) - (size.cumsum() - size)[placed]
    share[order] += rank < left[placed]
    return share


def feed(
    need: Ints, debt: Ints, home: Ints, lots: Words, households: Households
) -> tuple[Ints, Ints]:
    """Everybody eats what the household's store allows, in keyed order where it is short.

    Args:
        need: units needed today, per resident.
        debt: units owed before.
        home: household of each.
        lots: draws that order the members of a short store.
        households: stores; they are drawn down.

    Returns:
        Units eaten by each, and the debt left to each.
    """
    owed = need + debt
    # By household, then by lot: who eats first where the store is short changes from day to day.
    order = np.lexsort((lots, home))
    sorted_owed, sorted_home = owed[order], home[order]
    first = begins(sorted_home)
    before = sorted_owed.cumsum() - sorted_owed
    before -= before[first][first.cumsum() - 1]
    paid = np.minimum(np.maximum(households.store[sorted_home] - before, 0), sorted_owed)
    eaten = np.empty_like(owed)
    eaten[order] = paid
    # `subtract.at`: several members eat from one store.
    np.subtract.at(households.store, home, eaten)
    return eaten, owed - eaten


def needs(lots: Words, choices: tuple[int, ...]) -> Ints:
    """Food needed by each today, every choice equally likely."""
    return np.array(choices, np.int64)[below(lots, len(choices))]
