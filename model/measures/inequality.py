"""How unevenly something is held: Gini coefficient and the share of the top tenth.

Sources: Gini (1912) in the order-statistic form G = Σ(2i − n − 1)·x_(i) / (n·Σx), and Deltas
(2003, Review of Economics and Statistics 85) for the small-sample factor n/(n − 1). In a
community of changing size only the unbiased form compares: n holders of exponential wealth have
an expected biased Gini of (n − 1)/(2n), .48 at n = 25 but .25 at n = 2, so shrinking looks fair.
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray


def gini(amounts: ArrayLike, *, unbiased: bool = False) -> float:
    """Gini coefficient of the amounts held.

    Args:
        amounts: One amount ≥ 0 per holder, shape (n,), any unit.
        unbiased: Multiply by n/(n − 1), so that one holder of everything gives 1 at any n.

    Returns:
        In [0, 1 − 1/n], unbiased in [0, 1]. NaN if there is no holder, nothing is held, an amount
        is NaN, or (unbiased) there is only one holder.

    Raises:
        ValueError: If an amount is negative or infinite.
    """
    held = _amounts(amounts)
    n = len(held)
    if n < (2 if unbiased else 1):
        return float("nan")
    total = held.sum()
    if np.isnan(total) or total == 0:
        return float("nan")
    ranks = 2 * np.arange(1, n + 1) - n - 1
    biased = float(ranks @ (np.sort(held) / total)) / n
    return biased * n / (n - 1) if unbiased else biased


def top_share(amounts: ArrayLike, share: float = 0.1) -> float:
    """What the richest max(1, ⌈share·n⌉) holders own of everything: concentration of power.

    Read it beside `top_share_at_equality`: with 25 holders the top tenth is three persons and
    owns .12 where all own the same.

    Args:
        amounts: One amount ≥ 0 per holder, shape (n,).
        share: The part of the holders that counts as top, in (0, 1].

    Returns:
        In [k/n, 1]; NaN if there is no holder, nothing is held, or an amount is NaN.

    Raises:
        ValueError: If an amount is negative or infinite, or share is outside (0, 1].
    """
    held = _amounts(amounts)
    if not len(held):
        return float("nan")
    top = _top_count(len(held), share)
    total = held.sum()
    if np.isnan(total) or total == 0:
        return float("nan")
    return float(np.sort(held)[-top:].sum() / total)


def top_share_at_equality(holders: int, share: float = 0.1) -> float:
    """The top share if all held the same, k/n with k = max(1, ⌈share·n⌉); NaN without holders."""
    return _top_count(holders, share) / holders if holders > 0 else float("nan")


def _top_count(holders: int, share: float) -> int:
    if not 0 < share <= 1:
        raise ValueError(f"share = {share}: must lie in (0, 1]")
    # .07 · 100 is 7.000000000000001 in floating point: the excess must not add a person.
    return max(1, math.ceil(round(share * holders, 9)))


def _amounts(amounts: ArrayLike) -> NDArray[np.float64]:
    held = np.asarray(amounts, dtype=float).ravel()
    if (held < 0).any() or np.isinf(held).any():
        raise ValueError(
            "amounts hold a negative or infinite value: pass what is held, not changes"
        )
    return held
