"""How messages reach their readers: who hears, what is shown in full, announced, or unread.

A reader is shown at most six messages of the day: those to it alone first, then those from whom it
has a history with, then by keyed draw. Of the rest, one line says who announced work where.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from agents.batch import Mail
from agents.decisions import ALL, Claim, Ints, Kind, Messages, PlanWord
from agents.memory import find, pair_codes
from agents.observation import (
    ANNOUNCED_FACTORIES,
    ANNOUNCED_RESIDENTS,
    HEARD_SHOWN,
)
from agents.purposes import Purpose
from agents.randomness import drawn, seeds
from agents.sorting import begins, stable_order
from model.world.perceive import Snapshot, ranked
from model.world.scenario import Scenario

if TYPE_CHECKING:
    from model.world.ask import Answers
    from model.world.state import World


@dataclass
class Delivery:
    """The day's messages and their readers.

    Attributes:
        messages: those that could be delivered, in the order of their senders' draws.
        void: (sender id, to, reason) of those that could not.
        shown: (message, reader index) shown in full.
        announced: (message, reader index) shown for its work claim alone.
        unread: hearers shown nothing of it, by message.
        mail: what each is shown.
    """

    messages: Messages
    void: list[tuple[int, int, str]]
    shown: tuple[Ints, Ints]
    announced: tuple[Ints, Ints]
    unread: Ints
    mail: Mail


def deliver_messages(world: World, morning: Snapshot, answers: Answers) -> Delivery:
    """Bring what was said today to its readers, and note it among the answers."""
    relations, _ = world.memory.relations(morning.day)
    answers.delivery = deliver(
        morning,
        answers.said,
        relations if world.scenario.memory else pair_codes(relations[:0], relations[:0]),
        world.here.broadcasts,
        world.scenario,
    )
    return answers.delivery


def deliver(
    snapshot: Snapshot,
    said: Messages,
    history: Ints,
    outside: tuple[str, ...],
    scenario: Scenario,
) -> Delivery:
    """Bring the day's messages to their readers.

    Args:
        snapshot: the morning.
        said: messages, `sender` holding resident ids.
        history: sorted row codes (reader, sender) of pairs with a history.
        outside: broadcasts of the day.
        scenario: which kinds and claims are carried.
    """
    n = len(snapshot)
    said = _carried(said, scenario)
    said, void = _deliverable(snapshot, said, scenario.kinds)
    m = len(said)
    mail = Mail.empty(n)
    mail.outside = outside
    mail.messages = said
    if not m:
        none = np.zeros(0, np.int64)
        return Delivery(said, void, (none, none), (none, none), none, mail)
    sender = snapshot.index[said.sender - 1]
    _fill_said(mail.said, sender)
    message, reader = _hearers(snapshot, said, sender)
    order = _preference(snapshot, said, message, reader, history)
    message, reader = message[order], reader[order]
    rank, full = ranked(reader, n, HEARD_SHOWN)
    mail.heard[reader[full], rank[full]] = message[full]
    rest_message, rest_reader = message[~full], reader[~full]
    at = _work_claim(said, len(scenario.outputs))[rest_message]
    works = at > 0
    stands = _announce(mail, said, rest_message[works], rest_reader[works], at[works])
    announced = rest_message[works][stands], rest_reader[works][stands]
    # Counts for every message, those that all have read included (`minlength`).
    unread = np.bincount(rest_message, minlength=m) - np.bincount(announced[0], minlength=m)
    return Delivery(said, void, (message[full], reader[full]), announced, unread, mail)


def _carried(said: Messages, scenario: Scenario) -> Messages:
    """The messages without the claims that the scenario does not carry."""
    off = [
        claim
        for claim, carried in (
            (Claim.PLAN, scenario.announcements),
            (Claim.MAKES, scenario.factory_claims),
        )
        if not carried
    ]
    if not off or not len(said):
        return said
    claims = said.claims.copy()
    claims[np.isin(claims[:, :, 0], off)] = (Claim.NONE, 0, 0)
    return replace(said, claims=claims)


def _deliverable(
    snapshot: Snapshot, said: Messages, kinds: tuple[str, ...]
) -> tuple[Messages, list[tuple[int, int, str]]]:
    """Messages whose addressee is alive and in hearing, in the order of their senders' draws."""
    if not len(said):
        return said, []
    void: list[tuple[int, int, str]] = []
    if 0 < len(kinds) < len(Kind):
        allowed = np.isin(said.kind, [kind for kind in Kind if kind.name.lower() in kinds])
        void += [
            (int(said.sender[i]), int(said.to[i]), "kind is switched off")
            for i in np.flatnonzero(~allowed).tolist()
        ]
        said = said.take(np.flatnonzero(allowed))
    sender = snapshot.index[said.sender - 1]
    # In the day's drawn order of senders (lexsort's last key leads), so that no id is heard first
    # every day; the rest keeps each sender's own order.
    said = said.take(np.lexsort((sender, snapshot.turns[sender])))
    single = np.flatnonzero(said.to != ALL)
    if not len(single):
        return said, void
    pairs = pair_codes(said.sender[single] - 1, said.to[single] - 1)
    heard = find(snapshot.hearing_codes, pairs)[1]
    lost = single[heard == 0]
    if not len(lost):
        return said, void
    void += [
        (int(said.sender[i]), int(said.to[i]), _why_lost(snapshot, said, i)) for i in lost.tolist()
    ]
    return said.take(np.setdiff1d(np.arange(len(said)), lost)), void


def _why_lost(snapshot: Snapshot, said: Messages, i: int) -> str:
    to = int(said.to[i])
    if to == said.sender[i]:
        return "to itself"
    if not 1 <= to <= len(snapshot.index):
        return "no such resident"
    return "no longer there" if snapshot.index[to - 1] < 0 else "out of hearing"


def _fill_said(block: Ints, sender: Ints) -> None:
    # A sender's messages, at most two, follow one another.
    again = np.zeros(len(sender), np.int64)
    again[1:] = sender[1:] == sender[:-1]
    block[sender, again] = np.arange(len(sender))


def _hearers(snapshot: Snapshot, said: Messages, sender: Ints) -> tuple[Ints, Ints]:
    """All (message, reader) pairs."""
    a, b = snapshot.hearing
    # Pairs are sorted by speaker: counts, summed, are where each one's hearers begin.
    size = np.bincount(a, minlength=len(snapshot))
    start = np.cumsum(size) - size
    whole = said.to == ALL
    count = np.where(whole, size[sender], 1)
    message = np.repeat(np.arange(len(said)), count)
    offset = np.arange(len(message)) - np.repeat(np.cumsum(count) - count, count)
    reader = np.empty(len(message), np.int64)
    open_to_all = whole[message]
    where = start[sender[message]] + offset
    reader[open_to_all] = b[where[open_to_all]]
    reader[~open_to_all] = snapshot.index[said.to[message[~open_to_all]] - 1]
    return message, reader


def _preference(
    snapshot: Snapshot, said: Messages, message: Ints, reader: Ints, history: Ints
) -> Ints:
    """The order in which readers are shown their messages."""
    codes = pair_codes(snapshot.rows[reader], said.sender[message] - 1)
    strange = 1 - find(history, codes)[1]
    to_all = (said.to == ALL).astype(np.int64)[message]
    # The upper 30 bits: the lot is packed into one number with what goes before it in the order.
    lot = drawn(seeds(snapshot.keys, Purpose.MAIL)[reader], message) >> np.uint64(34)
    code = (reader << 32) | (to_all << 31) | (strange << 30) | lot.astype(np.int64)
    return stable_order(code, 32 + len(snapshot).bit_length())


def _work_claim(said: Messages, factories: int) -> Ints:
    """The factory at which each message says its sender will work today, 0 for none."""
    claims = said.claims
    works = (claims[:, :, 0] == int(Claim.PLAN)) & (claims[:, :, 1] == int(PlanWord.SECURE))
    works &= (claims[:, :, 2] >= 1) & (claims[:, :, 2] <= factories)
    at: Ints = np.where(works[:, 0], claims[:, 0, 2], np.where(works[:, 1], claims[:, 1, 2], 0))
    return at


def _announce(mail: Mail, said: Messages, message: Ints, reader: Ints, at: Ints) -> Ints:
    """Fill the line of announcements; which of the given pairs stand in it (bool)."""
    n = len(mail.factory)
    if not len(message):
        return np.zeros(0, bool)
    sender = said.sender[message]
    senders, factories = int(sender.max()) + 1, int(at.max()) + 1
    code = (reader * factories + at) * senders + sender
    order = stable_order(code, (n * factories * senders).bit_length())
    group = code[order] // senders
    new = begins(group)
    first, place = new.nonzero()[0], new.cumsum() - 1
    who, where = np.divmod(group[first], factories)
    slot, fits = ranked(who, n, ANNOUNCED_FACTORIES)
    mail.factory[who[fits], slot[fits]] = where[fits]
    rank = np.arange(len(group)) - first[place]
    stands = np.zeros(len(message), bool)
    stands[order] = stand = fits[place]
    listed = stand & (rank < ANNOUNCED_RESIDENTS)
    line, beyond = place[listed], place[stand & ~listed]
    mail.who[who[line], slot[line], rank[listed]] = sender[order[listed]]
    if len(beyond):
        # `add.at`: several of one line are beyond the listed, of whom `+=` would count one.
        np.add.at(mail.more, (who[beyond], slot[beyond]), 1)
    return stands
