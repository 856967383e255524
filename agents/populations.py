"""Who lives in a community at the start, who is treated, and what a child inherits.

Profiles come from the pan-cultural order with spread, from survey respondents, or from an explicit
list. All randomness comes in through the caller's generator or the caller's keyed draws.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.csvfile import CsvTable, read_rows, rows_from, shown
from agents.csvwriter import csv_bytes
from agents.errors import InputError
from agents.fsync import write_whole
from agents.values import (
    ANGLES,
    CAP,
    NAMES,
    PAN_CULTURAL,
    TOTAL,
    VALUES,
    Scores,
    Weights,
    apportion,
    told_weights,
    value_code,
)

PLANE_SD: Final = 0.47
NOISE_SD: Final = 0.6
#: Columns of a file of profiles.
_COLUMNS: Final = [code.lower() for code in VALUES]


def pan_cultural(
    n: int,
    rng: np.random.Generator,
    plane_sd: float = PLANE_SD,
    noise_sd: float = NOISE_SD,
) -> Scores:
    """Sample centred scores around the order of importance that cultures share.

    Means +.9 … -.9 in steps of .2 by rank (Schwartz & Bardi 2001 for the ranks), plus
    a·cosθ + b·sinθ with one normal a and b a person, plus independent normal noise, recentred to
    a sum of 0. With the defaults 54 % of the variance between persons lies on the circle's plane,
    as among the 151 respondents of Borg, Bardi & Schwartz (2017). The spread is our assumption.

    Args:
        n: persons.
        rng: source of 12·n normal draws.
        plane_sd: standard deviation of a and of b, points of a six-point scale.
        noise_sd: standard deviation of the noise, same unit.

    Returns:
        float[n, 10].
    """
    theta = np.deg2rad([ANGLES[code] for code in VALUES])
    means = np.array([0.9 - 0.2 * PAN_CULTURAL.index(code) for code in VALUES])
    plane = rng.normal(0.0, plane_sd, (n, 2))
    noise = rng.normal(0.0, noise_sd, (n, len(VALUES)))
    scores: Scores = means + plane[:, :1] * np.cos(theta) + plane[:, 1:] * np.sin(theta) + noise
    scores -= scores.mean(axis=1, keepdims=True)
    return scores


def from_scores(scores: Scores, n: int, rng: np.random.Generator) -> Weights:
    """Draw n persons out of float[m, 10] centred scores and give their told weights, int64[n, 10].

    Raises:
        InputError: there are no rows, or a score is not usable (see `told_weights`).
    """
    return draw(told_weights(scores), n, rng)


def draw(profiles: Weights, n: int, rng: np.random.Generator) -> Weights:
    """Draw n of the given profiles; with replacement only if there are fewer than n.

    Args:
        profiles: int64[m, 10].
        n: how many to draw.
        rng: source of the draws. Without replacement a smaller draw from the same generator state
            is the beginning of a larger one.

    Returns:
        int64[n, 10].

    Raises:
        InputError: there is no profile to draw from.
    """
    m = len(profiles)
    if m == 0:
        raise InputError("population: there is no profile to draw from; give at least one")
    # Drawn without replacement by sorting random numbers: the same generator picks the same
    # profiles under every version of numpy, which `rng.choice` does not promise.
    picked = np.argsort(rng.random(m), kind="stable")[:n] if n <= m else rng.integers(m, size=n)
    return profiles[picked]


def explicit(profiles: Sequence[Sequence[int] | Mapping[str, int]]) -> Weights:
    """Check profiles written out by hand and give them as int64[n, 10].

    Each is ten weights in the order of `VALUES`, or a mapping from every value's code or name.

    Raises:
        InputError: the list is empty, or a profile is not ten whole weights from 0 to 100 that
            sum to 500; the message names the profile, counted from 1, and the value.
    """
    if len(profiles) == 0:
        raise InputError("population: the list of profiles is empty; give at least one profile")
    rows = [_explicit_row(f"profile {i}", p) for i, p in enumerate(profiles, start=1)]
    return np.array(rows, dtype=np.int64)


def read_profiles(path: Path | str) -> Weights:
    """Read a table of profiles: a CSV with the ten columns SD … UN in any order, one row each.

    Other columns are ignored.

    Returns:
        int64[n, 10].

    Raises:
        InputError: the file cannot be read, lacks a column or a row, or a row is not ten whole
            weights from 0 to 100 that sum to 500.
    """
    return _profiles(read_rows(path, _COLUMNS))


def profiles_from(path: Path, content: bytes) -> Weights:
    """The same out of bytes that were read before; `path` is where, for messages.

    Raises:
        InputError: as `read_profiles`.
    """
    return _profiles(rows_from(path, content, _COLUMNS))


def _profiles(table: CsvTable) -> Weights:
    rows = []
    for line, cells in zip(table.lines, table.cells, strict=True):
        where = f"{table.path}, line {line}"
        numbers = [_weight(where, cell) for cell in cells]
        rows.append(_explicit_row(where, numbers))
    return np.array(rows, dtype=np.int64)


def write_profiles(path: Path, profiles: Weights) -> None:
    """Write int64[n, 10] profiles, whole or not at all, as the CSV that `read_profiles` reads."""
    write_whole(path, profiles_csv(profiles))


def profiles_csv(profiles: Weights) -> bytes:
    """The content of such a file."""
    return csv_bytes(VALUES, profiles.tolist())


def treated_count(n: int, prevalence: float) -> int:
    """Number of treated residents: n·prevalence to the nearest whole, halves to the even number.

    Computed from the prevalence as written (.29 of 50 is 14.5, not 14.499…). Halves to even keeps
    prevalence and 1 - prevalence complementary in communities of even size.

    Raises:
        InputError: the prevalence is not a number from 0 to 1.
    """
    if not 0.0 <= prevalence <= 1.0:
        raise InputError(f"prevalence: {prevalence} is not a share; use a number from 0 to 1")
    return round(n * Fraction(str(float(prevalence))))


def assign_treated(n: int, prevalence: float, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    """Choose by the generator which residents are treated.

    25 % of 25 are 6 residents: what a run records is the *realised* prevalence, the mean of the
    result. From the same generator state a higher prevalence treats the same residents and more.

    Args:
        n: residents.
        prevalence: share to be treated, 0 to 1.
        rng: source of n uniform draws.

    Returns:
        bool[n] with `treated_count(n, prevalence)` true.

    Raises:
        InputError: the prevalence is not a number from 0 to 1.
    """
    treated = np.zeros(n, dtype=bool)
    # The lowest so many of random numbers: a greater prevalence treats the same residents and
    # more, so that doses differ by the dose alone.
    treated[np.argsort(rng.random(n), kind="stable")[: treated_count(n, prevalence)]] = True
    return treated


def inherit_profile(
    parents: Weights, choices: npt.NDArray[np.int64], mutation: npt.NDArray[np.int64]
) -> Weights:
    """Give a child each value from one of two parents, with mutation, rescaled to a sum of 500.

    Whole-number arithmetic only: 500 is shared in proportion to max(0, inherited + mutation) by
    the same cap rule as all profiles.

    Args:
        parents: int64[2, 10] untreated profiles.
        choices: int[10], which parent (0 or 1) each value comes from.
        mutation: int[10], added to each inherited weight.

    Returns:
        int64[10] in 0..100 with sum 500.
    """
    inherited = parents[choices, np.arange(len(VALUES))] + mutation
    child: Weights = apportion(np.maximum(inherited, 0)[np.newaxis], TOTAL)[0]
    return child


def _weight(where: str, cell: str) -> int:
    if not (cell.isascii() and cell.isdigit()):
        raise InputError(
            f"{where}: {shown(cell)!r} is no weight; weights are whole numbers 0-{CAP}"
        )
    return int(cell)


def _explicit_row(where: str, profile: Sequence[int] | Mapping[str, int]) -> list[int]:
    if isinstance(profile, Mapping):
        by_code = {value_code(name): weight for name, weight in profile.items()}
        lacking = [f"{code} ({NAMES[code]})" for code in VALUES if code not in by_code]
        if lacking:
            raise InputError(f"{where}: no weight for {', '.join(lacking)}; give all ten values")
        row = [by_code[code] for code in VALUES]
    else:
        row = list(profile)
    if len(row) != len(VALUES):
        raise InputError(f"{where}: {len(row)} weights; give ten, in the order {' '.join(VALUES)}")
    for code, weight in zip(VALUES, row, strict=True):
        whole = isinstance(weight, int | np.integer) and not isinstance(weight, bool)
        if not whole or not 0 <= weight <= CAP:
            raise InputError(f"{where}: {code} is {weight!r}; weights are whole numbers 0-{CAP}")
    if sum(row) != TOTAL:
        raise InputError(
            f"{where}: the weights sum to {sum(row)}; they must sum to {TOTAL} (50 is ordinary)"
        )
    return [int(weight) for weight in row]
