"""The four capacities of community resilience, by day and over a run.

The names are those of Norris et al. (2008, American Journal of Community Psychology 41), as used
by Zhang et al. ("Human Values Matter", arXiv 2604.05339); the definitions are ours:

- *social capital*: actor-days of cooperation less actor-days of betrayal, per faultless
  resident-day. An actor-day counts once, however many acts it holds.
- *economic development*: 1 − unbiased Gini of stock per head.
- *information & communication*: how much of the community one message could reach and be answered
  from: the largest strongly connected part of the week's message graph. In a village where all hear
  one another a week joins nearly everybody, so it stands at its ceiling; beside it the share of
  residents in the largest strongly connected part of *one* day's graph (`daily_scc_share`), which
  is the form that Zhang et al. are read to use.
- *community competence*: output per head.

A day on which a capacity is undefined is NaN and is not part of a run's value; the number of days
that are is reported with it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

#: Residents up to whom a matrix is faster than a sparse graph.
_FEW = 64


@dataclass(frozen=True)
class SocialCapital:
    """Social capital of a run (or of any set of days) with the raw counts beside it.

    Attributes:
        value: (cooperations − betrayals) / faultless_days, in [−1, 1]; NaN if nobody had one.
        cooperations: Actor-days with at least one cooperative act.
        betrayals: Actor-days with at least one betrayal.
        faultless_days: Resident-days without a fault.
    """

    value: float
    cooperations: int
    betrayals: int
    faultless_days: int


@dataclass(frozen=True)
class RunValue:
    """One number for a run, made of one number a day.

    Attributes:
        value: Mean over the days counted; NaN if there is none.
        days: Days counted: alive, and the measure defined.
        days_alive: Days on which somebody lived.
    """

    value: float
    days: int
    days_alive: int


@dataclass(frozen=True)
class Reach:
    """The largest part of a message graph in which everybody can reach everybody.

    Attributes:
        residents: Residents considered, n.
        largest: Size of the largest strongly connected component, |S|; 0 without residents.
    """

    residents: int
    largest: int

    @property
    def ic(self) -> float:
        """Information & communication, (|S| − 1)/(n − 1); NaN for n < 2."""
        return (self.largest - 1) / (self.residents - 1) if self.residents > 1 else float("nan")

    @property
    def scc_share(self) -> float:
        """|S|/n; NaN for n = 0."""
        return self.largest / self.residents if self.residents else float("nan")


def social_capital(
    cooperators: ArrayLike, betrayers: ArrayLike, faultless: ArrayLike
) -> SocialCapital:
    """Social capital over the days given, Σ(C − B)/Σ faultless resident-days.

    Args:
        cooperators: Per day, residents (faultless that day) who cooperated at least once.
        betrayers: Per day, residents (faultless that day) who betrayed at least once.
        faultless: Per day, residents without a fault.

    Raises:
        ValueError: If shapes differ, a count is negative or not whole, or exceeds ``faultless``.
    """
    coop = _counts("cooperators", cooperators)
    betray = _counts("betrayers", betrayers)
    able = _counts("faultless", faultless)
    if not coop.shape == betray.shape == able.shape:
        raise ValueError(
            f"cooperators, betrayers and faultless have {coop.size}, {betray.size} and "
            f"{able.size} days: give the same days to each"
        )
    if (coop > able).any() or (betray > able).any():
        day = int(np.flatnonzero((coop > able) | (betray > able))[0])
        raise ValueError(
            f"entry {day}: more actors than faultless residents; count a resident once a day and "
            "leave faulted ones out"
        )
    days = int(able.sum())
    cooperations, betrayals = int(coop.sum()), int(betray.sum())
    value = (cooperations - betrayals) / days if days else float("nan")
    return SocialCapital(value, cooperations, betrayals, days)


def message_reach(sender: ArrayLike, reader: ArrayLike, residents: int) -> Reach:
    """Reach of one window's message graph.

    Args:
        sender: Per message and reader, the sender as a number 0 … residents − 1.
        reader: The resident who was shown it, likewise.
        residents: How many residents are considered: those who lived through the whole window.
    """
    if residents == 0:
        return Reach(0, 0)
    i, j = np.asarray(sender, dtype=np.int64), np.asarray(reader, dtype=np.int64)
    if residents <= _FEW:
        return Reach(residents, _largest_of_few(i, j, residents))
    edges = np.sort(i * residents + j)
    edges = edges[np.diff(edges, prepend=-1) > 0]
    ends = np.zeros(residents + 1, np.int64)
    # Row starts of a sparse matrix in CSR: edges are sorted by row, and rows without an edge need
    # their count of 0 (`minlength`), or all later rows would shift.
    np.cumsum(np.bincount(edges // residents, minlength=residents), out=ends[1:])
    graph = csr_array(
        (np.ones(len(edges), np.int8), edges % residents, ends), shape=(residents, residents)
    )
    _, label = connected_components(graph, directed=True, connection="strong")
    # The size of each component by its label.
    return Reach(residents, int(np.bincount(label).max()))


def _largest_of_few(i: NDArray[np.int64], j: NDArray[np.int64], residents: int) -> int:
    """The largest set who can all reach one another, by squaring the matrix of who reaches whom."""
    reaches = np.eye(residents, dtype=np.float32)
    reaches[i, j] = 1.0
    steps = 1
    while steps < residents - 1:
        reaches = np.minimum(reaches @ reaches, 1.0)
        steps *= 2
    return int((reaches * reaches.T).sum(axis=1).max())


def daily_scc_share(
    day: ArrayLike,
    resident: ArrayLike,
    said_on: ArrayLike,
    sender: ArrayLike,
    reader: ArrayLike,
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Share of residents in the largest strongly connected part of each day's message graph.

    All days are one graph whose days are not joined, so a run takes one pass of scipy's
    `connected_components` (strong).

    Args:
        day: Per resident and morning that it lived, the day.
        resident: Its id.
        said_on: Per message and reader who was shown it in full, the day.
        sender: The sender's id.
        reader: The reader's id. Pairs of whom one did not live that morning are left out.

    Returns:
        Days, ascending, and |SCC|/N on each; NaN with fewer than two residents: nobody can be
        reached, and a community that died down to one would score 1.
    """
    lived_on, who = (np.asarray(a, dtype=np.int64) for a in (day, resident))
    at, one, other = (np.asarray(a, dtype=np.int64) for a in (said_on, sender, reader))
    days, counts = np.unique(lived_on, return_counts=True)
    if not len(days):
        return days, np.zeros(0)
    # A resident's morning as one whole number: ids stay below `span` on every day.
    span = int(max(who.max(), one.max(initial=0), other.max(initial=0))) + 1
    order = np.argsort(lived_on * span + who, kind="stable")
    keys = (lived_on * span + who)[order]
    ends = [np.searchsorted(keys, at * span + person) for person in (one, other)]
    known = np.ones(len(at), dtype=bool)
    for place, person in zip(ends, (one, other), strict=True):
        known &= keys[np.minimum(place, len(keys) - 1)] == at * span + person
    a, b = (place[known] for place in ends)
    graph = coo_array((np.ones(len(a), np.int8), (a, b)), shape=(len(keys), len(keys)))
    _, part = connected_components(graph.tocsr(), directed=True, connection="strong")
    # A part never spans two days, so the size of a resident's own part needs no day.
    size = np.bincount(part)[part]
    largest = np.maximum.reduceat(size, np.r_[0, np.cumsum(counts)[:-1]])
    return days, np.where(counts > 1, largest / counts, np.nan)


def over_days_alive(daily: ArrayLike, residents: ArrayLike) -> RunValue:
    """A run's value of a daily measure: its mean over the days alive on which it is defined.

    It describes the community while it lived. Runs that lived differently long are compared only
    by the rules in `model.measures.comparison`.

    Args:
        daily: One value per day of the run, NaN where undefined.
        residents: Per day, residents who lived it (those alive that morning).
    """
    values = np.asarray(daily, dtype=float)
    alive = np.asarray(residents, dtype=float) > 0
    if values.shape != alive.shape:
        raise ValueError(f"daily has {values.size} days, residents {alive.size}: one entry a day")
    counted = values[alive & ~np.isnan(values)]
    mean = float(counted.mean()) if len(counted) else float("nan")
    return RunValue(mean, len(counted), int(alive.sum()))


def _counts(name: str, counts: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(counts, dtype=float).ravel()
    if not ((values >= 0) & (values == np.floor(values))).all():
        raise ValueError(f"{name} holds something other than whole counts ≥ 0")
    return values
