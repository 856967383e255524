"""Schwartz's circle of ten values, and the whole-number weights that residents are told.

Order and opposites: Schwartz (1992); equal spacing of 36° as in the circular model of Borg, Bardi
& Schwartz (2017). Order of importance across cultures: Schwartz & Bardi (2001). The glosses are in
our own words.

A *profile* is ten integers from 0 to 100 that sum to 500; 50 is ordinary. Arrays hold the values
in the order of `VALUES`, always. Every step from one profile to another goes through `apportion`,
which is exact whole-number arithmetic, so a profile is the same on every machine.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.errors import InputError

Weights = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]

VALUES: Final = ("SD", "ST", "HE", "AC", "PO", "SE", "CO", "TR", "BE", "UN")
INDEX: Final[Mapping[str, int]] = MappingProxyType({code: k for k, code in enumerate(VALUES)})
NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "SD": "self-direction",
        "ST": "stimulation",
        "HE": "hedonism",
        "AC": "achievement",
        "PO": "power",
        "SE": "security",
        "CO": "conformity",
        "TR": "tradition",
        "BE": "benevolence",
        "UN": "universalism",
    }
)
ANGLES: Final[Mapping[str, float]] = MappingProxyType(
    {code: 36.0 * k for k, code in enumerate(VALUES)}
)
GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "openness": ("SD", "ST", "HE"),
        "self-enhancement": ("AC", "PO"),
        "conservation": ("SE", "CO", "TR"),
        "self-transcendence": ("BE", "UN"),
    }
)
PAN_CULTURAL: Final = ("BE", "SD", "UN", "SE", "CO", "AC", "HE", "ST", "TR", "PO")
"""From the most to the least important across cultures."""

TOTAL: Final = 500
CAP: Final = 100
SLOPE: Final = 0.4
"""Weight gained per point of centred score, ordinary weight = 1 (our assumption)."""

LEVELS: Final[Mapping[str, int]] = MappingProxyType(
    {"with": 100, "without": 0, "middle": 50, "against": -50}
)
MODES: Final = tuple(LEVELS)

EVEN: Final[Weights] = np.full(10, 50, dtype=np.int64)
EVEN.flags.writeable = False

_GRAIN: Final = 1_000_000_000
_MAX_SCORE: Final = 5.0


def value_code(name_or_code: str) -> str:
    """Give the two-letter code of a value named by its code or its full name, in any case.

    Raises:
        InputError: no value has that name; the message offers the nearest one.
    """
    known = {code.lower(): code for code in VALUES} | {n: code for code, n in NAMES.items()}
    asked = str(name_or_code).strip().lower().replace(" ", "-").replace("_", "-")
    if asked in known:
        return known[asked]
    near = get_close_matches(asked, known, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}? " if near else ""
    names = ", ".join(f"{code} {NAMES[code]}" for code in VALUES)
    raise InputError(f"value: {name_or_code!r} is no value of the circle; {hint}Use one of {names}")


def told_weights(scores: Scores) -> Weights:
    """Turn centred scores into the ten integers that a resident is told.

    w = max(0, 1 + 0.4·c), rescaled to a sum of 10; 50·w as integers by largest remainder that sum
    to 500, none above 100.

    Args:
        scores: float[n, 10] centred scores (points of a six-point scale).

    Returns:
        int64[n, 10], each row in 0..100 with sum 500.

    Raises:
        InputError: a score is not a number within ±5, or a row leaves no value any weight.
    """
    given = np.atleast_2d(np.asarray(scores, dtype=np.float64))
    _check_columns(given.shape)
    bad = ~(np.abs(given) <= _MAX_SCORE)
    if bad.any():
        row, k = np.argwhere(bad)[0]
        raise InputError(
            f"scores: row {row + 1}, {VALUES[k]} is {given[row, k]}; a centred score on a "
            "six-point scale is a number from -5 to 5 (remove respondents without a score)"
        )
    # Whole billionths: equal scores must stay tied, whatever the last bit of their means is.
    raw = np.rint(np.maximum(0.0, 1.0 + SLOPE * given) * _GRAIN).astype(np.int64)
    empty = np.flatnonzero(raw.sum(axis=1) == 0)
    if empty.size:
        raise InputError(
            f"scores: row {empty[0] + 1} has no score above -2.5, which leaves no value any "
            "weight; centre each row on its own mean first"
        )
    return apportion(raw, TOTAL)


def clip_share(scores: Scores) -> float:
    """Share of the scores that `told_weights` clips at zero (below -2.5); NaN without scores."""
    return float(np.mean(1.0 + SLOPE * scores < 0.0)) if scores.size else float("nan")


def treat(weights: Weights, value: int, mode: str, compensated: bool = True) -> Weights:
    """Set one value to the level of a treatment and rescale the other nine.

    `with` 100, `without` 0, `middle` 50: the other nine share what is left of 500. `against` is
    -50 for the value, with the other nine exactly as under `without`. Without the rescaling an
    emphasised value would also act as a lower temperature of choice; `compensated=False` leaves
    the nine as they are, as a sensitivity arm.

    Args:
        weights: int64[10] or [n, 10], untreated profiles; not changed.
        value: column of the value, its place in `VALUES`.
        mode: one of `MODES`.
        compensated: whether the other nine are rescaled.

    Returns:
        int64 of the same shape.

    Raises:
        InputError: unknown mode or column, or weights that are not whole numbers from 0 up.
    """
    if mode not in LEVELS:
        near = get_close_matches(str(mode), MODES, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise InputError(f"mode: {mode!r} is no treatment; {hint}Use one of {', '.join(MODES)}")
    if not 0 <= value < len(VALUES):
        raise InputError(f"value: column {value} is not on the circle; use 0 (SD) to 9 (UN)")
    treated = np.array(np.atleast_2d(_whole(weights)))
    if compensated:
        others = np.arange(len(VALUES)) != value
        treated[:, others] = apportion(treated[:, others], TOTAL - max(LEVELS[mode], 0))
    treated[:, value] = LEVELS[mode]
    return treated.reshape(np.shape(weights))


def apportion(shares: Weights, total: int, cap: int = CAP) -> Weights:
    """Split a total in proportion to whole shares, by largest remainder, none above a cap.

    What a capped column cannot take is spread over the uncapped ones in proportion to their
    shares, again and again until nothing exceeds the cap; evenly where those shares are all zero.
    Equal remainders are served in the order of the columns. Shares that already sum to the total
    and respect the cap come back unchanged.

    Args:
        shares: int64[n, k], none negative.
        total: what each row of the result sums to, at most cap·k.
        cap: the most that one column may get.

    Returns:
        int64[n, k].

    Raises:
        ValueError: the total does not fit under the caps.
    """
    if not 0 <= total <= cap * shares.shape[1]:
        raise ValueError(f"a total of {total} does not fit {shares.shape[1]} columns of {cap}")
    full = np.zeros(shares.shape, dtype=bool)
    while True:
        rest = np.where(full, 0, shares)
        rest = np.where(rest.any(axis=1, keepdims=True), rest, ~full).astype(np.int64)
        size = np.maximum(rest.sum(axis=1, keepdims=True), 1)
        pool = total - cap * full.sum(axis=1, keepdims=True)
        over = rest * pool > cap * size
        if not over.any():
            break
        full |= over
    quota, remainder = np.divmod(rest * pool, size)
    left = pool - quota.sum(axis=1, keepdims=True)
    # Largest remainders take what is left; stable, so that equal ones go to the earlier value.
    rank = np.argsort(np.argsort(-remainder, axis=1, kind="stable"), axis=1, kind="stable")
    result: Weights = np.where(full, cap, quota + (rank < left)).astype(np.int64)
    return result


def _whole(weights: Weights) -> Weights:
    given = np.asarray(weights)
    _check_columns(given.shape)
    if given.dtype.kind not in "iu" or (given.size and int(given.min()) < 0):
        raise InputError(
            "weights: profiles are whole numbers from 0 to 100; treat the untreated profile, "
            "not one that was treated before"
        )
    return given.astype(np.int64)


def _check_columns(shape: tuple[int, ...]) -> None:
    if len(shape) not in {1, 2} or shape[-1] != len(VALUES):
        raise InputError(
            f"profiles: shape {shape}, expected ten columns {' '.join(VALUES)} in this order"
        )
