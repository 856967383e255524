"""Agreement between two readers of the log, or between many: kappa, alpha, F1 by class.

alpha is computed by the package krippendorff, both kappas by statsmodels. Cohen's is of two
readers, each with its own habits; Fleiss' of any number, whose habits are pooled (for two it is
Scott's pi). Reading of alpha after Krippendorff (2004): firm from .80, tentative from .667, below
that no basis for conclusions.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import krippendorff
import numpy as np
import numpy.typing as npt

from model.measures.intervals import FloatArray

Scale = Literal["nominal", "ordinal", "interval", "ratio"]
Grade = Literal["firm", "tentative", "insufficient", "undefined"]


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha.

    Attributes:
        alpha: 1 is perfect, 0 chance; NaN where all values are equal or nothing is paired.
        scale: level of measurement.
        units: items read by at least two readers.
        grade: the reading of alpha.
    """

    alpha: float
    scale: Scale
    units: int
    grade: Grade


@dataclass(frozen=True, slots=True)
class ClassScore:
    """A class read off a log, against the reference reading.

    Attributes:
        label: the class.
        precision: of those labelled so, the share that is; NaN if none was.
        recall: of those that are, the share labelled so; NaN if none is.
        f1: 2 tp / (2 tp + fp + fn); NaN if the class appears in neither reading.
        support: items of the class in the reference.
    """

    label: Hashable
    precision: float
    recall: float
    f1: float
    support: int


def cohens_kappa(table: Sequence[Sequence[int]] | npt.NDArray[np.int64]) -> float:
    """Cohen's kappa (1960) of a square table of counts.

    Args:
        table: int[k, k]; rows the first reader's classes, columns the second's.

    Returns:
        kappa; NaN for no items, or where chance alone agrees always.

    Raises:
        ValueError: if the table is not square or has a negative count.
    """
    counts = np.asarray(table, dtype=np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or (counts < 0).any():
        raise ValueError(f"kappa needs a square table of counts, got shape {counts.shape}")
    total = float(counts.sum())
    if total == 0:
        return float("nan")
    chance = float(counts.sum(axis=0) @ counts.sum(axis=1)) / total**2
    if chance == 1.0:
        return float("nan")
    from statsmodels.stats.inter_rater import cohens_kappa as kappa  # here: slow to load

    return float(kappa(counts, return_results=False))


def fleiss_kappa(readings: FloatArray) -> float:
    """Fleiss' kappa (1971) of several readers, on the items that all of them read.

    Args:
        readings: float[readers, items], classes as numbers; NaN where a reader did not read.

    Returns:
        kappa; NaN where no item was read by all, or where chance alone agrees always.

    Raises:
        ValueError: if readings is not a table of at least two readers.
    """
    table = np.asarray(readings, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 2:
        raise ValueError(f"kappa needs float[readers >= 2, items], got shape {table.shape}")
    whole = table[:, ~np.isnan(table).any(axis=0)]
    if not whole.size or np.ptp(whole) == 0.0:
        return float("nan")
    from statsmodels.stats.inter_rater import aggregate_raters  # here: slow to load
    from statsmodels.stats.inter_rater import fleiss_kappa as kappa

    counts, _ = aggregate_raters(np.unique(whole, return_inverse=True)[1].reshape(whole.shape).T)
    return float(kappa(counts, method="fleiss"))


def confusion(
    first: Sequence[Hashable], second: Sequence[Hashable]
) -> tuple[tuple[Hashable, ...], npt.NDArray[np.int64]]:
    """Cross two readings of the same items.

    Args:
        first: class of each item by the first reader.
        second: by the second.

    Returns:
        The classes in order of first appearance, and int64[k, k] counts.

    Raises:
        ValueError: if the readings differ in length.
    """
    if len(first) != len(second):
        raise ValueError(f"readings of {len(first)} and {len(second)} items: pair them first")
    classes = tuple(dict.fromkeys([*first, *second]))
    index = {label: i for i, label in enumerate(classes)}
    table = np.zeros((len(classes), len(classes)), dtype=np.int64)
    for a, b in zip(first, second, strict=True):
        table[index[a], index[b]] += 1
    return classes, table


def krippendorff_alpha(readings: FloatArray, scale: Scale = "nominal") -> Alpha:
    """Krippendorff's alpha of several readers.

    Args:
        readings: float[readers, items]; NaN where a reader did not read.
        scale: level of measurement of the codes.

    Returns:
        alpha with its grade; NaN, "undefined", where alpha has no meaning.

    Raises:
        ValueError: if readings is not a table of at least two readers.
    """
    table = np.asarray(readings, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 2:
        raise ValueError(f"alpha needs float[readers >= 2, items], got shape {table.shape}")
    pairable = (~np.isnan(table)).sum(axis=0) >= 2
    units = int(pairable.sum())
    values = table[:, pairable]
    values = values[~np.isnan(values)]
    if units == 0 or np.ptp(values) == 0.0:
        return Alpha(float("nan"), scale, units, "undefined")
    alpha = float(krippendorff.alpha(reliability_data=table, level_of_measurement=scale))
    grade: Grade = "firm" if alpha >= 0.8 else "tentative" if alpha >= 0.667 else "insufficient"
    return Alpha(alpha, scale, units, grade)


def class_scores(
    reference: Sequence[Hashable], labelled: Sequence[Hashable]
) -> tuple[ClassScore, ...]:
    """Precision, recall and F1 of every class.

    Args:
        reference: true class of each item.
        labelled: class given by the instrument.

    Returns:
        One score a class, in order of first appearance. There is no average: it would hide a class
        that nobody found.

    Raises:
        ValueError: if the readings differ in length.
    """
    classes, table = confusion(reference, labelled)
    scores = []
    for i, label in enumerate(classes):
        hit, said, true = int(table[i, i]), int(table[:, i].sum()), int(table[i].sum())
        scores.append(
            ClassScore(
                label,
                hit / said if said else float("nan"),
                hit / true if true else float("nan"),
                2 * hit / (said + true),
                true,
            )
        )
    return tuple(scores)
