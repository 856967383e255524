"""Every part of the coverage table: a function of the number of studies a row.

A new part is one entry here: the page and the tests follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from tests.coverage.collapse import share_rows, survivor_rows
from tests.coverage.effects import paired_rows, unpaired_rows
from tests.coverage.rates import rate_rows
from tests.coverage.table import Row

PARTS: Mapping[str, Callable[[int], list[Row]]] = MappingProxyType(
    {
        "rates": rate_rows,
        "shares": share_rows,
        "survivors": survivor_rows,
        "paired": paired_rows,
        "unpaired": unpaired_rows,
    }
)
