"""Is there a circle in ten columns of scores? Tests of Schwartz's structure.

- `fit_sinusoid`: a profile as a wave around the circle (structural summary, Gurtman & Pincus 2003).
- `order_test`: does correlation fall with distance around the circle? The randomisation test of
  hypothesised order of Hubert & Arabie (1987), *Psychological Bulletin* 102, 172-178.
- `structure`: these and the eigenvalues and plane of a whole sample.

Centred (ipsatised) scores correlate negatively without any structure: the null of k columns is a
mean correlation of -1/(k - 1), not 0. The order test is not touched by that, as it only compares
correlations with each other.
"""

from dataclasses import dataclass
from itertools import permutations
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

EXACT_UP_TO: Final = 7
DRAWS: Final = 9_999


@dataclass(frozen=True)
class Sinusoid:
    """y = elevation + amplitude·cos(θ - phase), by least squares.

    `phase` is in degrees, 0 up to 360, NaN where the amplitude is 0; `r2` is NaN for a profile
    that is flat.
    """

    elevation: float
    amplitude: float
    phase: float
    r2: float


@dataclass(frozen=True)
class OrderTest:
    """How many predictions of a circular order hold in a matrix.

    Attributes:
        predictions: pairs of correlations of which one is predicted to be the larger.
        met: predictions that hold.
        tied: pairs that are equal, which count neither way.
        index: correspondence index (met - violated) / predictions, -1 to 1.
        p: share of relabellings with an index as high or higher.
        relabellings: how many stand behind p.
        exact: whether these are all there are, or a random sample with the observed one added.
    """

    predictions: int
    met: int
    tied: int
    index: float
    p: float
    relabellings: int
    exact: bool


@dataclass(frozen=True, eq=False)
class Structure:
    """The circle in a sample of n rows and k columns.

    Attributes:
        n: rows.
        mean_correlation: mean correlation of two columns.
        null_correlation: what it is without structure in centred scores, -1/(k - 1).
        eigenvalues: float[k] of the correlation matrix, falling.
        ideal_eigenvalues: float[k] of a perfect circle.
        ideal_fit: correlation of the columns' correlations with those of a perfect circle.
        plane_share: share of the variance between rows that lies on the circle's plane.
        order: the order test.
        wave: the mean row as a sinusoid.
    """

    n: int
    mean_correlation: float
    null_correlation: float
    eigenvalues: Floats
    ideal_eigenvalues: Floats
    ideal_fit: float
    plane_share: float
    order: OrderTest
    wave: Sinusoid


def structure(scores: Floats, rng: np.random.Generator, draws: int = DRAWS) -> Structure:
    """Test float[n, k] scores, columns in circle order with equal steps, for the circle.

    What needs correlations is NaN for fewer than 3 rows or a column that does not vary.

    Raises:
        ValueError: no rows, fewer than 4 columns, or a score that is not finite.
    """
    if scores.ndim != 2 or scores.shape[0] < 1 or scores.shape[1] < 4:
        raise ValueError(f"scores have shape {scores.shape}; expected n rows and 4 or more columns")
    if not np.isfinite(scores).all():
        raise ValueError("scores hold values that are not finite; score or drop those rows first")
    n, k = scores.shape
    observed = correlations(scores)
    ideal = ideal_matrix(k)
    off = ~np.eye(k, dtype=bool)
    known = bool(np.isfinite(observed).all())
    return Structure(
        n=n,
        mean_correlation=float(observed[off].mean()),
        null_correlation=-1.0 / (k - 1),
        eigenvalues=eigenvalues(observed) if known else np.full(k, np.nan),
        ideal_eigenvalues=eigenvalues(ideal),
        ideal_fit=_pearson(observed[off], ideal[off]) if known else float("nan"),
        plane_share=plane_share(scores),
        order=order_test(observed, rng, draws),
        wave=fit_sinusoid(scores.mean(axis=0)),
    )


def equal_angles(k: int) -> Floats:
    """float[k] degrees: k equal steps around the circle, from 0."""
    return np.asarray(np.arange(k) * (360.0 / k), dtype=np.float64)


def ideal_matrix(k: int) -> Floats:
    """float[k, k] correlations of a perfect circle: cos(θ_i - θ_j)."""
    theta = np.deg2rad(equal_angles(k))
    return np.asarray(np.cos(theta[:, np.newaxis] - theta), dtype=np.float64)


def eigenvalues(matrix: Floats) -> Floats:
    """float[k] eigenvalues of a symmetric matrix, falling; they sum to its trace."""
    return np.asarray(np.linalg.eigvalsh(matrix)[::-1], dtype=np.float64)


def correlations(scores: Floats) -> Floats:
    """float[k, k] Pearson correlations of the columns.

    All NaN for fewer than 3 rows; NaN in the row and column of one that does not vary.
    """
    n, k = scores.shape
    if n < 3:
        return np.full((k, k), np.nan)
    centred = scores - scores.mean(axis=0)
    size = np.sqrt((centred**2).sum(axis=0))
    # A mean is rounded: what a constant column leaves over is noise, not variance.
    size[size <= 1e-12 * np.maximum(1.0, np.abs(scores).max())] = np.nan
    unit = centred / size
    return np.asarray(unit.T @ unit, dtype=np.float64)


def plane_share(scores: Floats) -> float:
    """Share of the variance between rows that lies on the plane of cosθ and sinθ.

    NaN where rows do not differ. k columns of equal independent noise, centred, give 2/(k - 1).
    """
    k = scores.shape[1]
    theta = np.deg2rad(equal_angles(k))
    basis = np.stack([np.cos(theta), np.sin(theta)]) * np.sqrt(2.0 / k)
    centred = scores - scores.mean(axis=0)
    total = float((centred**2).sum())
    return float(((centred @ basis.T) ** 2).sum()) / total if total > 0 else float("nan")


def fit_sinusoid(profile: Floats, angles: Floats | None = None) -> Sinusoid:
    """Fit m + a·cosθ + b·sinθ to one profile by least squares.

    Args:
        profile: float[k], k ≥ 3.
        angles: float[k] degrees; equal steps if not given.

    Raises:
        ValueError: fewer than 3 points, a value that is not finite, or angles that do not match.
    """
    y = np.asarray(profile, dtype=np.float64)
    degrees = equal_angles(len(y)) if angles is None else np.asarray(angles, dtype=np.float64)
    if y.ndim != 1 or len(y) < 3 or degrees.shape != y.shape or not np.isfinite(y).all():
        raise ValueError("a sinusoid needs 3 or more finite values and one angle for each")
    theta = np.deg2rad(degrees)
    design = np.stack([np.ones_like(theta), np.cos(theta), np.sin(theta)], axis=1)
    (m, a, b), _, _, _ = np.linalg.lstsq(design, y)
    amplitude = float(np.hypot(a, b))
    total = float(((y - y.mean()) ** 2).sum())
    scale = max(float(np.abs(y).max()), 1e-300)
    flat = total <= (1e-12 * scale) ** 2 * len(y)
    return Sinusoid(
        elevation=float(m),
        amplitude=0.0 if flat else amplitude,
        phase=float("nan") if flat else float(np.rad2deg(np.arctan2(b, a))) % 360.0,
        r2=float("nan") if flat else 1.0 - float(((y - design @ (m, a, b)) ** 2).sum()) / total,
    )


def order_test(matrix: Floats, rng: np.random.Generator, draws: int = DRAWS) -> OrderTest:
    """Test whether the columns of a correlation matrix stand in circular order.

    Every correlation of two columns is predicted to exceed that of any two columns further apart
    on the circle: 800 predictions for 10 columns, 72 for 6. The p-value compares the index with
    that of relabelled columns: all k! of them up to 7 columns, else `draws` at random with
    p = (b + 1)/(draws + 1).

    Args:
        matrix: float[k, k] symmetric, columns in the hypothesised order.
        rng: source of the random relabellings; not used where the test is exact.
        draws: how many of them.

    Returns:
        The test; index and p are NaN if a correlation is.

    Raises:
        ValueError: the matrix is not square or has fewer than 4 columns.
    """
    k = len(matrix)
    if matrix.shape != (k, k) or k < 4:
        raise ValueError(f"matrix of shape {matrix.shape}; expected k x k with k of 4 or more")
    first, second = np.triu_indices(k, 1)
    steps = np.abs(second - first)
    steps = np.minimum(steps, k - steps)
    near, far = np.nonzero(steps[:, np.newaxis] < steps)
    predictions = len(near)
    values = matrix[first, second]
    if not np.isfinite(values).all():
        nan = float("nan")
        return OrderTest(predictions, 0, 0, nan, nan, 0, exact=False)
    # Equal correlations must tie, whatever the last bits of their sums are.
    sign = np.sign(np.rint(values * 1e12)[:, np.newaxis] - np.rint(values * 1e12)).astype(np.int8)
    pair = np.zeros((k, k), dtype=np.int64)
    pair[first, second] = pair[second, first] = np.arange(len(first))

    def scores(orders: Ints) -> Ints:
        """Met minus violated under each relabelling, int[m, k] → int[m], in small blocks."""
        sums = []
        for block in np.array_split(orders, max(1, len(orders) // 500)):
            places = pair[block[:, first], block[:, second]]
            sums.append(sign[places[:, near], places[:, far]].sum(axis=1, dtype=np.int64))
        return np.concatenate(sums)

    exact = k <= EXACT_UP_TO
    if exact:
        orders = np.array(list(permutations(range(k))), dtype=np.int64)
    else:
        orders = np.argsort(rng.random((draws, k)), axis=1)
    observed = int(scores(np.arange(k)[np.newaxis])[0])
    reached = int((scores(orders) >= observed).sum())
    tied = int((sign[near, far] == 0).sum())
    return OrderTest(
        predictions=predictions,
        met=(predictions - tied + observed) // 2,
        tied=tied,
        index=observed / predictions,
        p=reached / len(orders) if exact else (reached + 1) / (draws + 1),
        relabellings=len(orders),
        exact=exact,
    )


def _pearson(x: Floats, y: Floats) -> float:
    return float(np.corrcoef(x, y)[0, 1])
