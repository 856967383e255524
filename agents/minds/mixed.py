"""A community of several minds: each group of residents is asked its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np

from agents.batch import Batch
from agents.decisions import Acts, Ints, Messages, Regard, Replies
from agents.minds import Mind


class Mixed:
    """Several minds behind one: `group_of` tells from the ids which mind decides for each."""

    def __init__(self, minds: tuple[Mind, ...], group_of: Callable[[Ints], Ints]) -> None:
        self.minds = minds
        self.group_of = group_of
        self.name = " + ".join(mind.name for mind in minds)

    def reply(self, batch: Batch) -> Replies:
        """Ask each mind its own residents."""
        parts = self.parts(batch)
        return together(batch, [(rows, mind.reply(batch.take(rows))) for rows, mind in parts])

    async def areply(self, batch: Batch) -> Replies:
        """Ask all minds at once."""
        parts = self.parts(batch)
        replies = await asyncio.gather(*(mind.areply(batch.take(rows)) for rows, mind in parts))
        return together(batch, list(zip([rows for rows, _ in parts], replies, strict=True)))

    def parts(self, batch: Batch) -> list[tuple[Ints, Mind]]:
        """Which rows of a batch are whose; minds without a resident are left out."""
        group = self.group_of(batch.id)
        return [
            (rows, mind)
            for k, mind in enumerate(self.minds)
            if len(rows := np.flatnonzero(group == k))
        ]


def together(batch: Batch, parts: list[tuple[Ints, Replies]]) -> Replies:
    """Replies of groups as replies of the whole batch, messages in the order of its rows."""
    n = len(batch)
    whole = Replies.faultless(n)
    said: list[Messages] = []
    for rows, part in parts:
        whole.fault[rows] = part.fault
        whole.causes.update({int(rows[i]): cause for i, cause in part.causes.items()})
        whole.flags.update({int(rows[i]): flags for i, flags in part.flags.items()})
        if part.acts is not None:
            whole.acts = whole.acts or Acts.idle(n)
            whole.acts.put(rows, part.acts)
        if part.regard is not None:
            whole.regard = whole.regard or Regard.none(n)
            whole.regard.who[rows], whole.regard.grade[rows] = part.regard.who, part.regard.grade
        whole.reasons = _scattered(n, whole.reasons, rows, part.reasons, "")
        whole.notes = _scattered(n, whole.notes, rows, part.notes, None)
        if part.said is not None:
            said.append(part.said)
    if said:
        joined = Messages.join(said)
        row_of = {int(resident): i for i, resident in enumerate(batch.id)}
        order = sorted(range(len(joined)), key=lambda i: row_of[int(joined.sender[i])])
        whole.said = joined.take(np.array(order, np.int64))
    return whole


def _scattered(n: int, whole: Any, rows: Ints, part: Any, empty: Any) -> Any:
    if part is None:
        return whole
    whole = [empty] * n if whole is None else whole
    for i, row in enumerate(rows.tolist()):
        whole[row] = part[i]
    return whole
