"""Null minds, the surrogate's controls: random choice, no values, values under wrong labels."""

from __future__ import annotations

import numpy as np

from agents.batch import Batch
from agents.decisions import Acts, Further, Main, Messages, Regard, Replies
from agents.minds.constants import Temper
from agents.minds.surrogate import Surrogate
from agents.minds.utilities import table
from agents.observation import Known, Near, Stage
from agents.purposes import Purpose
from agents.randomness import below, draws


class RandomMind:
    """Uniform over what is feasible: a main act, then a further act; it says nothing."""

    name = "random"

    async def areply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        return self.reply(batch)

    def reply(self, batch: Batch) -> Replies:
        """Answer a stage's questions."""
        n = len(batch)
        replies = Replies.faultless(n)
        if batch.stage in (Stage.COMMUNICATE, Stage.MORNING):
            replies.said = Messages.empty()
        if batch.stage in (Stage.REMEMBER, Stage.EVENING):
            replies.notes = [""] * n
        if batch.stage not in (Stage.COMMUNICATE, Stage.REMEMBER):
            replies.acts = _any_acts(batch)
            replies.reasons = [""] * n
            replies.regard = Regard.none(n)
        return replies


def _any_acts(batch: Batch) -> Acts:
    """One feasible main act and one feasible further act of each, all equally likely."""
    rows, rules = np.arange(len(batch)), batch.rules
    known = batch.factories[:, :, Known.ID]
    steps = np.minimum(batch.stock // rules.promote_step, rules.promote_steps)
    size = (known > 0).sum(axis=1)
    option = below(draws(batch.key, Purpose.ANY_MAIN), size + 2 + steps)
    main = np.select(
        [option < size, option == size, option == size + 1],
        [Main.SECURE, Main.EXPLORE, Main.IDLE],
        Main.PROMOTE,
    )
    way = below(draws(batch.key, Purpose.ANY_WAY), 8)
    place = known[rows, np.minimum(option, known.shape[1] - 1)]
    at = np.where(main == Main.SECURE, place, np.where(main == Main.EXPLORE, way, 0))
    spend = np.where(main == Main.PROMOTE, (option - size - 1) * rules.promote_step, 0)
    near = batch.residents
    reach = (near[:, :, Near.ID] > 0) & (near[:, :, Near.STEPS] <= rules.reach)
    # Those in reach move to the front in their own order (stable), so that a draw below their
    # number picks one of them, and the same one in any batch.
    first = np.argsort(~reach, axis=1, kind="stable")
    targets = np.take_along_axis(near[:, :, Near.ID], first, axis=1)
    count = reach.sum(axis=1)
    switches = ((Further.GIFT, rules.gifts), (Further.ATTACK, rules.attacks))
    kinds = [kind for kind, on in (*switches, (Further.MERGE, rules.merges)) if on]
    pick = below(draws(batch.key, Purpose.ANY_FURTHER), 1 + len(kinds) * count)
    slot, place = np.divmod(np.maximum(pick, 1) - 1, np.maximum(count, 1))
    who = np.where(pick > 0, targets[rows, place], 0)
    further = np.where(pick > 0, np.array([*kinds, 0])[slot], 0)
    gift = np.minimum(10, batch.stock)
    further = np.where((further == Further.GIFT) & (gift == 0), Further.NONE, further)
    amount = np.where(further == Further.GIFT, gift, 0)
    return Acts(main.astype(np.int64), at, spend, further, np.where(further > 0, who, 0), amount)


def flat(temper: Temper) -> Surrogate:
    """The surrogate for which no act means anything to any value: a violent mind, no null."""
    return Surrogate(temper, table().flat(), "flat")


def permuted(temper: Temper, seed: int) -> Surrogate:
    """The surrogate whose value labels are shuffled over its table's columns."""
    order = np.random.Generator(np.random.Philox(seed)).permutation(10)
    return permuted_by(temper, tuple(int(k) for k in order), f"permuted:{seed}")


def permuted_by(temper: Temper, order: tuple[int, ...], name: str) -> Surrogate:
    """The surrogate in which value k acts by the column `order[k]`."""
    return Surrogate(temper, table().permuted(order), name)
