"""Which of our labels stands for which emergent behaviour that the CIVA paper reports.

Zhang et al. (arXiv 2604.05339) report seven, annotated by a language model, each with its
standardised shift and its social prevalence by value. What could be read of the paper names five of
them; each label of ours is our own definition, read off the log by rule. The other labels have no
counterpart that we know of.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

#: Our label -> the paper's word.
PUBLISHED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "deception": "deception",
        "betrayal": "betrayal",
        "power_seeking": "power-seeking",
        "sycophancy": "sycophancy",
        "cooperation": "cooperation",
    }
)
REPORTED: Final = 7
