"""Reading the day's mail and the open promises, as columns: who said or owes what about what."""

from __future__ import annotations

import numpy as np

from agents.batch import Batch, Mail
from agents.decisions import Claim, Ints, PlanWord, Promise
from agents.observation import Open
from agents.randomness import Floats

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def claimed_today(mail: Mail, ids: Ints, stock: Floats, fresh: Floats) -> tuple[Floats, Floats]:
    """Claims of stock in today's mail replace older ones; a later line an earlier one."""
    claims = mail.messages.claims
    says = claims[:, :, 0] == Claim.STOCK
    if not says.any():
        return stock, fresh
    units = np.where(says[:, 1], claims[:, 1, 1], np.where(says[:, 0], claims[:, 0, 1], -1))
    heard = np.where(mail.heard >= 0, units[mail.heard], -1)
    sender = np.where(heard >= 0, mail.messages.sender[mail.heard], 0)
    for slot in np.flatnonzero((heard >= 0).any(axis=0)).tolist():
        by = (sender[:, slot, None] == ids) & (ids > 0)
        stock = np.where(by, heard[:, slot, None].astype(np.float64), stock)
        fresh = np.where(by, 1.0, fresh)
    return stock, fresh


def work_said(mail: Mail) -> Ints:
    """The factory at which each message says its sender will work, 0 for none, (m,)."""
    claims = mail.messages.claims
    works = (claims[:, :, 0] == Claim.PLAN) & (claims[:, :, 1] == PlanWord.SECURE)
    at: Ints = np.where(works[:, 0], claims[:, 0, 2], np.where(works[:, 1], claims[:, 1, 2], 0))
    return at


def announced_at(batch: Batch, ids: Ints) -> Floats:
    """How many others said today that they would work at each of the factories `ids`, (n, k)."""
    mail = batch.mail
    if mail is None or not len(mail.messages):
        return np.zeros(ids.shape)
    listed = (mail.who > 0).sum(axis=2) + mail.more
    count = ((ids[:, :, None] == mail.factory[:, None, :]) * listed[:, None, :]).sum(axis=2)
    heard = np.where(mail.heard >= 0, work_said(mail)[mail.heard], 0)
    count += (ids[:, :, None] == heard[:, None, :]).sum(axis=2)
    others: Floats = (count * (ids > 0)).astype(np.float64)
    return others


def own_word(batch: Batch, ids: Ints) -> Flags:
    """The factory each has itself announced today."""
    mail = batch.mail
    if mail is None or not len(mail.messages):
        return np.zeros(ids.shape, bool)
    said = np.where(mail.said >= 0, work_said(mail)[mail.said], -1)
    word: Flags = (ids[:, :, None] == said[:, None, :]).any(axis=2)
    return word & (ids > 0)


def promised_at(batch: Batch, what: Promise, ids: Ints) -> Flags:
    """Which factories are owed to somebody."""
    promises = batch.promises
    mine = (promises[:, :, Open.MINE] == 1) & (promises[:, :, Open.OTHER] > 0)
    at = np.where(mine & (promises[:, :, Open.WHAT] == what), promises[:, :, Open.A], -1)
    owed: Flags = (ids[:, :, None] == at[:, None, :]).any(axis=2)
    return owed
