"""Batches of real days, for tests of minds: every stage of communities in which much goes on."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from agents.batch import Batch
from agents.decisions import Replies
from agents.observation import Stage
from model.community import CommunityModel

_WORLDS: tuple[dict[str, Any], ...] = (
    {"residents": 16, "width": 6, "height": 6, "factory_spacing": 2, "start_known": 0.8},
    {"residents": 9, "width": 9, "height": 9, "memory": False, "network": "small-world"},
    {"preset": "abundant", "residents": 12, "width": 5, "height": 5, "factory_spacing": 2},
    {"residents": 10, "width": 5, "height": 5, "gifts": False, "factory_spacing": 2},
)


@cache
def batches(stage: Stage) -> tuple[Batch, ...]:
    """Questions of one stage, from several communities and days."""
    fused = stage in (Stage.MORNING, Stage.EVENING)
    found = []
    for seed, world in enumerate(_WORLDS):
        model = CommunityModel(
            rng=seed,
            cognition="fused" if fused else "staged",
            value="PO",
            prevalence=0.5,
            days=8,
            **{"birth_threshold": 80, **world},
        )
        while model.running and model.today < 8:
            found += [batch for batch in asked(model) if batch.stage is stage]
    return tuple(found)


def asked(model: CommunityModel) -> list[Batch]:
    """Live a day; the batches that were asked."""
    asking = model.day()
    seen = [next(asking)]
    while True:
        try:
            seen.append(asking.send(model.mind.reply(seen[-1])))
        except StopIteration:
            return seen


def same_row(replies: Replies, row: int, other: Replies, at: int, resident: int) -> None:
    """Check that one row of replies says exactly what one row of others says."""
    assert replies.fault[row] == other.fault[at]
    assert (replies.acts is None) == (other.acts is None)
    if replies.acts is not None and other.acts is not None:
        mine, its = replies.acts.take(np.array([row])), other.acts.take(np.array([at]))
        assert all(np.array_equal(vars(mine)[name], vars(its)[name]) for name in vars(mine))
    for name in ("reasons", "notes"):
        mine_text, its_text = getattr(replies, name), getattr(other, name)
        assert (mine_text is None) == (its_text is None)
        assert mine_text is None or mine_text[row] == its_text[at]
    if replies.regard is not None and other.regard is not None:
        assert (replies.regard.who[row] == other.regard.who[at]).all()
        assert (replies.regard.grade[row] == other.regard.grade[at]).all()
    assert said_by(replies, resident) == said_by(other, resident)


def said_by(replies: Replies, resident: int) -> list[Any] | None:
    """What one resident says in some replies, in its order."""
    said = replies.said
    if said is None:
        return None
    return [
        (
            *(int(said.to[i]), int(said.kind[i]), said.text[i]),
            *(said.claims[i].tolist(), said.promises[i].tolist()),
            *(said.loose.get((int(i), k)) for k in range(2)),
        )
        for i in np.flatnonzero(said.sender == resident)
    ]
