"""The community grid: cells, distances, who stands near whom, where factories lie.

Distances are Chebyshev; the grid does not wrap. Mesa's grid holds the agents; the pair and sight
computations here work on columns of coordinates.
"""

from __future__ import annotations

import numpy as np

from agents.decisions import Ints
from agents.errors import InputError
from agents.sorting import stable_order

_DENSE_UP_TO = 160


def pairs_within(x: Ints, y: Ints, radius: int, width: int) -> tuple[Ints, Ints, Ints]:
    """All ordered pairs (a, b), a ≠ b, at most `radius` apart, with their distance.

    Sorted by (a, b). Dense for small communities, by rows of sorted cells for large ones.
    """
    n = len(x)
    if n <= _DENSE_UP_TO:
        apart = np.maximum(np.abs(x[:, None] - x), np.abs(y[:, None] - y))
        apart.flat[:: n + 1] = radius + 1
        a, b = (apart <= radius).nonzero()
        return a, b, apart[a, b]
    span = width + 2 * radius
    cell = y * span + x + radius
    # Stable: those on one cell stay in the order of rows, in which pairs are given.
    order = cell.argsort(kind="stable")
    cells = cell[order]
    shifts = np.arange(-radius, radius + 1) * span
    centre = (cell[:, None] + shifts).ravel()
    low = cells.searchsorted(centre - radius, side="left")
    high = cells.searchsorted(centre + radius, side="right")
    size = high - low
    a = np.repeat(np.repeat(np.arange(n), len(shifts)), size)
    within = np.arange(len(a)) - np.repeat(np.cumsum(size) - size, size)
    b = order[np.repeat(low, size) + within]
    keep = a != b
    a, b = a[keep], b[keep]
    order = stable_order(a * n + b, (n * n).bit_length())
    a, b = a[order], b[order]
    return a, b, np.maximum(np.abs(x[a] - x[b]), np.abs(y[a] - y[b]))


def place_factories(
    count: int, width: int, height: int, spacing: int, rng: np.random.Generator
) -> list[tuple[int, int]]:
    """Distinct random cells at least `spacing` apart, drawn again from the start when stuck.

    Raises:
        InputError: when a thousand attempts find no room.
    """
    for _ in range(1000):
        free = np.ones((width, height), bool)
        places: list[tuple[int, int]] = []
        while len(places) < count and free.any():
            cells = np.argwhere(free)
            x, y = cells[rng.integers(len(cells))].tolist()
            places.append((x, y))
            free[max(0, x - spacing + 1) : x + spacing, max(0, y - spacing + 1) : y + spacing] = (
                False
            )
        if len(places) == count:
            return places
    raise InputError(
        f"outputs: found no room for {count} factories {spacing} cells apart on a "
        f"{width}×{height} grid; enlarge width and height, or lower factory_spacing"
    )


def factories_in_sight(fx: Ints, fy: Ints, width: int, height: int, sight: int) -> Ints:
    """Which factories are in sight of each cell: (width, height, k) indices, −1 for none."""
    seen: list[list[list[int]]] = [[[] for _ in range(height)] for _ in range(width)]
    for index, (x, y) in enumerate(zip(fx.tolist(), fy.tolist(), strict=True)):
        for i in range(max(0, x - sight), min(width, x + sight + 1)):
            for j in range(max(0, y - sight), min(height, y + sight + 1)):
                seen[i][j].append(index)
    most = max(1, *(len(cell) for column in seen for cell in column))
    table = np.full((width, height, most), -1, np.int64)
    for i, column in enumerate(seen):
        for j, cell in enumerate(column):
            table[i, j, : len(cell)] = cell
    return table
