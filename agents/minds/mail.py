"""Reading the day's mail and the open promises, as columns: who said or owes what about what."""

from __future__ import annotations

import numpy as np

from agents.batch import Batch, Mail
from agents.decisions import Claim, Ints, PlanWord, Promise
from agents.observation import Open
from agents.randomness import Floats

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def claimed_today(mail: Mail, ids: Ints, stock: Floats, fresh: Floats) -> tuple[Floats, Floats]:
    """Claims of stock in today's mail replace older ones."""
    heard, messages = mail.heard, mail.messages
    stock, fresh = stock.copy(), fresh.copy()
    for slot in range(heard.shape[1]):
        row = heard[:, slot]
        for k in range(messages.claims.shape[1]):
            claim = messages.claims[row, k]
            says = (row >= 0) & (claim[:, 0] == Claim.STOCK)
            if not says.any():
                continue
            by = says[:, None] & (ids == messages.sender[row][:, None])
            stock = np.where(by, claim[:, 1][:, None].astype(np.float64), stock)
            fresh = np.where(by, 1.0, fresh)
    return stock, fresh


def announced_at(batch: Batch, ids: Ints) -> Floats:
    """How many others said today that they would work at each of the factories `ids`, (n, k)."""
    mail = batch.mail
    count = np.zeros(ids.shape)
    if mail is None:
        return count
    listed = (mail.who > 0).sum(axis=2) + mail.more
    count += ((ids[:, :, None] == mail.factory[:, None, :]) * listed[:, None, :]).sum(axis=2) * (
        ids > 0
    )
    claims = mail.messages.claims
    if not len(claims):
        return count
    works = (claims[:, :, 0] == Claim.PLAN) & (claims[:, :, 1] == PlanWord.SECURE)
    at = np.where(works[:, 0], claims[:, 0, 2], np.where(works[:, 1], claims[:, 1, 2], 0))
    for slot in range(mail.heard.shape[1]):
        row = mail.heard[:, slot]
        where = np.where(row >= 0, at[row], 0)
        count += (ids == where[:, None]) & (ids > 0)
    return count


def own_word(batch: Batch, ids: Ints) -> Flags:
    """The factory each has itself announced today."""
    mail = batch.mail
    if mail is None or not len(mail.messages):
        return np.zeros(ids.shape, bool)
    claims = mail.messages.claims
    word = np.zeros(ids.shape, bool)
    for slot in range(mail.said.shape[1]):
        row = mail.said[:, slot]
        for k in range(claims.shape[1]):
            claim = claims[row, k]
            works = (row >= 0) & (claim[:, 0] == Claim.PLAN) & (claim[:, 1] == PlanWord.SECURE)
            word |= works[:, None] & (ids == claim[:, 2][:, None])
    return word & (ids > 0)


def promised_at(batch: Batch, what: Promise, ids: Ints) -> Flags:
    """Which factories are owed to somebody."""
    promises = batch.promises
    mine = (promises[:, :, Open.MINE] == 1) & (promises[:, :, Open.OTHER] > 0)
    at = np.where(mine & (promises[:, :, Open.WHAT] == what), promises[:, :, Open.A], -1)
    owed: Flags = (ids[:, :, None] == at[:, None, :]).any(axis=2)
    return owed
