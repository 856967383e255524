"""Arms and dose series that know whether their runs are paired.

A study fixes its pairing before the first run: `none` gives every run a seed of its own,
`common` uses the same seeds in every cell. An unpaired test on paired runs has a true size of
.002-.009 instead of .05, so the two cannot be mixed here: `contrast` and `dose` check the seeds
against the pairing, the data they return say which they are, and every test reads it off the data.
Data that carry no seeds are declared by building `Paired` or `Unpaired` directly.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from model.measures.intervals import FloatArray

Pairing = Literal["none", "common"]


@dataclass(frozen=True, slots=True)
class Unpaired:
    """Two arms whose runs share no seed.

    Attributes:
        a: float64[m], the first arm's runs.
        b: float64[n], the second arm's runs.
        flags: undefined runs left out.
    """

    a: FloatArray
    b: FloatArray
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paired:
    """Differences a - b between two arms run on the same seeds.

    Attributes:
        differences: float64[n], one a seed.
        flags: seeds left out because a side is undefined.
    """

    differences: FloatArray
    flags: tuple[str, ...] = ()


def pairing_of(arms: Sequence[Collection[int]]) -> Pairing | Literal["mixed"]:
    """The pairing of arms of which no design says it, read off their seeds.

    Args:
        arms: the seeds of each.

    Returns:
        `none` where no seed recurs; `common` where at least half of all seeds ran in every arm (a
        run that failed leaves its seed in the others); else `mixed`, which nothing compares.
    """
    seeds = [set(some) for some in arms]
    every = set().union(*seeds)
    if sum(map(len, seeds)) == len(every):
        return "none"
    shared = set.intersection(*seeds)
    return "common" if 2 * len(shared) >= len(every) else "mixed"


def contrast(a: Mapping[int, float], b: Mapping[int, float], pairing: Pairing) -> Unpaired | Paired:
    """Two arms as the design's pairing makes them.

    Args:
        a: seed -> outcome of the first arm (NaN where undefined).
        b: seed -> outcome of the second arm.
        pairing: the study's.

    Returns:
        `Unpaired` or `Paired`; no test accepts the wrong one.

    Raises:
        ValueError: if the seeds contradict the pairing, or an outcome is infinite.
    """
    for name, arm in (("a", a), ("b", b)):
        if np.isinf(list(arm.values())).any():
            raise ValueError(f"arm {name} holds an infinite outcome: give NaN where undefined")
    shared = a.keys() & b.keys()
    if pairing == "none":
        if shared:
            raise ValueError(
                f"pairing 'none', but both arms ran on the seeds {sorted(shared)[:5]}: "
                "give the arms different seeds or declare pairing 'common'"
            )
        x, gone_x = _defined(np.array(list(a.values()), dtype=np.float64))
        y, gone_y = _defined(np.array(list(b.values()), dtype=np.float64))
        return Unpaired(x, y, _undefined(gone_x + gone_y, len(a) + len(b), "runs"))
    if a.keys() != b.keys():
        alone = sorted(a.keys() ^ b.keys())
        raise ValueError(
            f"pairing 'common', but the seeds {alone[:5]} ran in one arm only: "
            "run them in the other arm too, or declare pairing 'none'"
        )
    seeds = sorted(a)
    d, gone = _defined(np.array([a[s] - b[s] for s in seeds], dtype=np.float64))
    return Paired(d, _undefined(gone, len(seeds), "pairs"))


@dataclass(frozen=True, slots=True)
class Dose:
    """Runs at the levels of one treatment, the control's level included.

    Attributes:
        levels: float64[n], the assigned level of each run (intention to treat).
        outcomes: float64[n], defined.
        blocks: int64[n], the seed's index under common seeds; all 0 without pairing. Labels are
            only ever exchanged within a block.
        pairing: how the runs were seeded.
        flags: undefined runs left out.
    """

    levels: FloatArray
    outcomes: FloatArray
    blocks: np.ndarray[tuple[int], np.dtype[np.int64]]
    pairing: Pairing
    flags: tuple[str, ...] = ()

    @property
    def grid(self) -> FloatArray:
        """The distinct levels, ascending."""
        return np.unique(self.levels)


def dose(
    levels: Sequence[float] | FloatArray,
    outcomes: Sequence[float] | FloatArray,
    seeds: Sequence[int],
    pairing: Pairing,
) -> Dose:
    """The runs of one treatment over its levels, checked against the study's pairing.

    Args:
        levels: assigned level of each run.
        outcomes: one value a run, NaN where undefined.
        seeds: of each run.
        pairing: `none`: all seeds differ. `common`: every seed ran once at every level; a seed
            with an undefined run is left out at all levels.

    Returns:
        The series, sorted by level, then seed.

    Raises:
        ValueError: if lengths differ, fewer than two levels are given, a value is not finite, or
            the seeds contradict the pairing.
    """
    x = np.asarray(levels, dtype=np.float64)
    y = np.asarray(outcomes, dtype=np.float64)
    s = np.asarray(seeds, dtype=np.int64)
    if x.ndim != 1 or not x.shape == y.shape == s.shape:
        raise ValueError(f"levels {x.shape}, outcomes {y.shape}, seeds {s.shape}: lengths differ")
    if not np.isfinite(x).all() or np.isinf(y).any():
        raise ValueError("levels must be finite; outcomes finite, or NaN where undefined")
    if np.unique(x).size < 2:
        raise ValueError("a dose series needs at least two levels, the control included")
    # By level, then seed (lexsort's last key leads): blocks are read off in this order.
    order = np.lexsort((s, x))
    x, y, s = x[order], y[order], s[order]
    if pairing == "none":
        if np.unique(s).size != s.size:
            raise ValueError(
                "pairing 'none', but a seed was used twice: give every run its own seed "
                "or declare pairing 'common'"
            )
        keep, unit = ~np.isnan(y), "runs"
        blocks = np.zeros(s.size, dtype=np.int64)
        gone, total = int((~keep).sum()), s.size
    else:
        names, blocks, times = np.unique(s, return_inverse=True, return_counts=True)
        pairs = np.unique(np.column_stack([x, s.astype(np.float64)]), axis=0)
        if (times != np.unique(x).size).any() or pairs.shape[0] != s.size:
            raise ValueError(
                "pairing 'common', but not every seed ran once at every level: "
                "complete the cells or declare pairing 'none'"
            )
        broken = np.unique(s[np.isnan(y)])
        keep, unit = ~np.isin(s, broken), "seeds"
        gone, total = broken.size, names.size
    return Dose(x[keep], y[keep], blocks[keep], pairing, _undefined(gone, total, unit))


def _defined(values: FloatArray) -> tuple[FloatArray, int]:
    kept = values[~np.isnan(values)]
    return kept, values.size - kept.size


def _undefined(gone: int, total: int, unit: str) -> tuple[str, ...]:
    return (f"undefined in {gone} of {total} {unit}",) if gone else ()
