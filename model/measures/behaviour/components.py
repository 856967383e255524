"""Parts of a label: what kind of deed a cooperation was, and on what a betrayal rests.

- *cooperation*: `gift`, `promise` (kept at some effort), `merge`, `joint` (agreed joint work).
- *betrayal*: `other` (another deed for the actor within k, or an alliance), `joint`: nothing but
  agreed joint work spoke for trust. Two who both said "F1" and met there have agreed joint work
  without ever meaning each other, so what rests on that alone is told apart.

An actor-day counts once, under the first of its parts in this order. So the parts of a label add up
to it, `joint` is joint work *alone*, and `with_any` says beside it how many actor-days had such a
deed at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from model.measures.behaviour.found import Hits
from model.measures.resident_days import judged_days, per_resident_day

#: Label -> its parts, in the order in which an actor-day is counted.
COMPONENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"cooperation": ("gift", "promise", "merge", "joint"), "betrayal": ("other", "joint")}
)
MEANINGS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "cooperation_gift": "gave to an outsider",
        "cooperation_promise": "kept a promise at some effort, and gave nothing",
        "cooperation_merge": "merged households, and neither gave nor kept",
        "cooperation_joint": "worked as agreed, and nothing else",
        "betrayal_other": "of one who had given, kept, merged or was allied",
        "betrayal_joint": "of one with whom there was agreed joint work alone",
    }
)
#: Names of the parts as measures, such as `betrayal_joint`.
NAMES: Final = tuple(MEANINGS)


def component_rates(hits: Hits, residents: pd.DataFrame) -> pd.DataFrame:
    """Rates of the parts of cooperation and betrayal in one run.

    Args:
        hits: what `detect` found.
        residents: the run's table of that name.

    Returns:
        Indexed by name (`NAMES`): hits (each actor-day once, so that parts add up to their label),
        with_any (actor-days with such a deed at all), opportunities and resident_days (those of
        the label), rate, per_resident_day. NaN where the label is undefined.
    """
    days = float(len(judged_days(residents)))
    rows = {}
    for label, order in COMPONENTS.items():
        chances = float((hits.opportunities["label"] == label).sum())
        own = hits.parts[hits.parts["label"] == label]
        place = own["component"].map({part: k for k, part in enumerate(order)}).astype(np.int64)
        first = place.groupby([own["day"], own["resident"]]).min()
        for k, part in enumerate(order):
            n = float((first == k).sum())
            rows[f"{label}_{part}"] = {
                "hits": n,
                "with_any": float((place == k).sum()),
                "opportunities": chances,
                "resident_days": days,
                "rate": n / chances if chances else np.nan,
                "per_resident_day": per_resident_day(n, days),
            }
            if label in hits.undefined:
                rows[f"{label}_{part}"] = dict.fromkeys(rows[f"{label}_{part}"], np.nan)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("label")
