"""A mind that goes to the best factory it knows and gives whatever it can spare."""

import numpy as np

from agents import Acts, Batch, Further, Known, Main, Messages, Near, Regard, Replies
from agents.minds.register import MindKind


class Generous:
    name = "generous"

    def reply(self, batch: Batch) -> Replies:
        n, rows = len(batch), np.arange(len(batch))
        known, near = batch.factories, batch.residents
        place = known[rows, known[:, :, Known.MAX].argmax(axis=1), Known.ID]
        reach = (near[:, :, Near.ID] > 0) & (near[:, :, Near.STEPS] <= batch.rules.reach)
        gives = reach.any(axis=1) & (batch.stock >= 40)
        acts, replies = Acts.idle(n), Replies.faultless(n)
        acts.main = np.where(place > 0, Main.SECURE, Main.EXPLORE)
        acts.at = np.where(place > 0, place, batch.key % 8)  # a factory, or a direction
        acts.further = np.where(gives, Further.GIFT, Further.NONE)
        acts.who = np.where(gives, near[rows, reach.argmax(axis=1), Near.ID], 0)
        acts.amount = 10 * gives
        replies.acts, replies.reasons, replies.notes = acts, [""] * n, [""] * n
        replies.regard, replies.said = Regard.none(n), Messages.empty()
        return replies

    async def areply(self, batch: Batch) -> Replies:
        return self.reply(batch)


GENEROUS = MindKind("generous", False, ("generous",), lambda rest: not rest, lambda *_: Generous())
