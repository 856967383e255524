"""Probabilities of day-1 choices, estimated by asking the first questions under many keys.

The morning questions of the first day are asked again and again under other keys, so the
frequencies of the answers are the softmax probabilities of the plan.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from agents.decisions import Further, Main
from agents.minds import Mind
from model.community import CommunityModel
from model.world.minds import mind_of
from model.world.recorder import NullRecorder
from model.world.scenario import Scenario

REPEATS: Final = 400
ACTS: Final = ("work", "explore", "promote", "idle", "gift", "attack", "merge")
_MAIN: Final = {
    Main.SECURE: "work",
    Main.EXPLORE: "explore",
    Main.PROMOTE: "promote",
    Main.IDLE: "idle",
}
_FURTHER: Final = {Further.GIFT: "gift", Further.ATTACK: "attack", Further.MERGE: "merge"}


def first_day(scenario: Scenario, seeds: int, repeats: int = REPEATS) -> dict[str, float]:
    """Probability of each act in a resident's first plan, mean over residents and seeds.

    Args:
        scenario: the community; its mind must plan in the morning.
        seeds: communities, 0 … seeds − 1.
        repeats: keys a question is asked under.
    """
    mind: Mind = mind_of(scenario)
    found = [_one(scenario, seed, mind, repeats) for seed in range(seeds)]
    return {act: float(np.mean([one[act] for one in found])) for act in ACTS}


def _one(scenario: Scenario, seed: int, mind: Mind, repeats: int) -> dict[str, float]:
    model = CommunityModel(scenario, rng=seed, mind=mind, recorder=NullRecorder())
    asking = model.day()
    batch = next(asking)
    asking.close()
    asked = batch.take(np.tile(np.arange(len(batch)), repeats))
    keys = np.random.default_rng(seed).integers(2**31, size=len(asked))
    acts = mind.reply(replace(asked, key=keys)).acts
    if acts is None:
        raise ValueError(f"mind {mind.name} gave no plan at {batch.stage.name}")
    main = {name: float((acts.main == code).mean()) for code, name in _MAIN.items()}
    return main | {name: float((acts.further == kind).mean()) for kind, name in _FURTHER.items()}
