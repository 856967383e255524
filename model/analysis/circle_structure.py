"""Do the answers of a mind stand in Schwartz's circle? The structure tests of real respondents."""

from __future__ import annotations

import numpy as np
import pandas as pd

from model.measures.circle import structure
from model.measures.value_profiles import VALUES

SEED = 1987


def circle_table(assessments: pd.DataFrame, draws: int = 9_999) -> pd.DataFrame:
    """The circle in the centred scores of each mind and context.

    Residents of several runs are taken together and days apart: this describes how a mind answers,
    and tests no condition.

    Args:
        assessments: of `assess_run`.
        draws: relabellings of the order test.

    Returns:
        One row a mind, context and day: n (scored), mean_correlation and its null without
        structure, ideal_fit, plane_share (with its null for noise), order (index, −1 to 1) and p.
        NaN where it is undefined.
    """
    rows = []
    keys = ["mind", "context", "day"]
    for (mind, context, day), group in assessments.groupby(keys, sort=True):
        scores = group[list(VALUES)].dropna().to_numpy(float)
        if not len(scores):
            continue
        found = structure(scores, np.random.default_rng(SEED), draws)
        rows.append(
            {
                "mind": mind,
                "context": context,
                "day": day,
                "n": found.n,
                "mean_correlation": found.mean_correlation,
                "null_correlation": found.null_correlation,
                "ideal_fit": found.ideal_fit,
                "plane_share": found.plane_share,
                "null_plane_share": 2 / (len(VALUES) - 1),
                "order": found.order.index,
                "p": found.order.p,
            }
        )
    return pd.DataFrame(rows)
