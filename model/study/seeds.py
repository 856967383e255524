"""Seeds of a study's runs, all derived from one.

Under `none` every run of the study has a seed of its own; under `common` the r-th run of every cell
has the same. A seed hangs on what its cell *is*, not on where it stands in the design, so a level
that is added later leaves the seeds of all other cells as they were.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from model.measures.pairing import Pairing

#: Seeds lie below 2^48: exact in a float64 too, and among 100,000 none is expected twice.
BITS = 48


def run_seed(master: int, pairing: Pairing, levels: Mapping[str, Any], replicate: int) -> int:
    """The seed of one run.

    Args:
        master: the study's seed.
        pairing: the study's.
        levels: factor -> level of the run's cell; empty for the control.
        replicate: number of the run within its cell, from 0.

    Returns:
        First 48 bits of the SHA-256 of all this.
    """
    cell = dict(levels) if pairing == "none" else {}
    text = json.dumps([master, cell, replicate], sort_keys=True, allow_nan=False)
    return int.from_bytes(hashlib.sha256(text.encode("ascii")).digest()[: BITS // 8], "big")
