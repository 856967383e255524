"""Reading the day's mail and the open promises, as columns: who said or owes what about what."""

from __future__ import annotations

import numpy as np

from agents.batch import Batch, Mail
from agents.decisions import Claim, Ints, PlanWord, Promise
from agents.observation import Open
from agents.randomness import Floats

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def claimed_today(mail: Mail, row: Ints, ids: Ints, stock: Floats, fresh: Floats) -> None:
    """Write claims of stock in today's mail over older ones; a later line over an earlier one.

    Args:
        mail: of n readers.
        row: readers, (k,), each with one other whose claims count.
        ids: the others, (k,).
        stock: what each was known to claim, (k,); written to.
        fresh: how fresh that is, (k,); written to.
    """
    claims = mail.messages.claims
    says = claims[:, :, 0] == int(Claim.STOCK)
    if not says.any():
        return
    units = np.where(says[:, 1], claims[:, 1, 1], np.where(says[:, 0], claims[:, 0, 1], -1))
    heard = np.where(mail.heard >= 0, units[mail.heard], -1)
    sender = mail.messages.sender[mail.heard]
    for slot in np.flatnonzero(heard.max(axis=0) >= 0).tolist():
        told = heard[row, slot]
        by = (sender[row, slot] == ids) & (told >= 0)
        stock[by], fresh[by] = told[by], 1.0


def work_said(mail: Mail) -> Ints:
    """The factory at which each message says its sender will work, 0 for none, (m,)."""
    claims = mail.messages.claims
    works = (claims[:, :, 0] == int(Claim.PLAN)) & (claims[:, :, 1] == int(PlanWord.SECURE))
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
    """At which of the factories `ids` each owes something to somebody, (n, k)."""
    promises = batch.promises
    owed = np.zeros(ids.shape, bool)
    mine = (promises[:, :, Open.MINE] == 1) & (promises[:, :, Open.OTHER] > 0)
    row, slot = (mine & (promises[:, :, Open.WHAT] == int(what))).nonzero()
    line, column = (ids[row] == promises[row, slot, Open.A, None]).nonzero()
    owed[row[line], column] = True
    return owed
