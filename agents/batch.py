"""A stage's questions as columns: one row a resident, bounded lists as small integer blocks.

`batch[i]` builds one typed `Observation` lazily, `Batch.of` goes back: the two carry the same
facts. The last axis of a block is named by an enum of `agents.observation`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from agents.decisions import ACT_FIELDS, Acts, Claim, Ints, Messages
from agents.observation import (
    ALSO_SHOWN,
    ANNOUNCED_FACTORIES,
    ANNOUNCED_RESIDENTS,
    FACTORIES_SHOWN,
    HEARD_SHOWN,
    LATER,
    MEMBERS_SHOWN,
    PROMISES_SHOWN,
    RESIDENTS_SHOWN,
    SINCE_SHOWN,
    Announced,
    Known,
    Near,
    Observation,
    OneAct,
    OneMessage,
    Open,
    Rules,
    Since,
    Stage,
)

Triples = tuple[tuple[int, int, int], ...]


@dataclass
class Mail:
    """What each resident is shown of the day's messages.

    Attributes:
        messages: the day's messages.
        heard: (n, 6) rows of `messages` shown in full, -1 where none.
        said: (n, 2) rows of `messages` the resident itself sent, -1 where none.
        factory: (n, 6) factories announced, 0 where none.
        who: (n, 6, 8) resident ids that announced work there, 0 where none.
        more: (n, 6) how many more announced it.
        outside: broadcasts from outside, shown to all.
        warned: what some rows are shown beside, as coming from outside, by row.
    """

    messages: Messages
    heard: Ints
    said: Ints
    factory: Ints
    who: Ints
    more: Ints
    outside: tuple[str, ...] = ()
    warned: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def empty(cls, n: int) -> Mail:
        """No mail for n residents."""
        return cls(
            Messages.empty(),
            np.full((n, HEARD_SHOWN), -1, np.int64),
            np.full((n, 2), -1, np.int64),
            np.zeros((n, ANNOUNCED_FACTORIES), np.int64),
            np.zeros((n, ANNOUNCED_FACTORIES, ANNOUNCED_RESIDENTS), np.int64),
            np.zeros((n, ANNOUNCED_FACTORIES), np.int64),
        )

    def take(self, rows: Ints) -> Mail:
        """Some readers' mail; the messages stay."""
        return Mail(
            self.messages,
            self.heard[rows],
            self.said[rows],
            self.factory[rows],
            self.who[rows],
            self.more[rows],
            self.outside,
            {
                place: self.warned[row]
                for place, row in enumerate(rows.tolist() if self.warned else ())
                if row in self.warned
            },
        )


@dataclass
class Batch:
    """A stage's questions, one row a resident.

    Attributes:
        stage: which barrier of the day.
        day: today.
        rules: the constants a resident may know.
        id, key, x, y, skill, standing, stock, hungry: shape (n,); key is the 31-bit key from which
            all randomness of the resident's day is drawn.
        members: ids of the other members of the household, (n, 5), 0 where none.
        since: (n, 6, 3): `Since`, a, b.
        factories: (n, 6, 9) in the order of `Known`.
        residents: (n, 8, 14) in the order of `Near`; at later stages only those within reach or
            spoken with today.
        also: other ids that hear the resident, (n, 12), 0 where none (empty at later stages, where
            `also_more` counts them all).
        also_more: how many more hear it, (n,).
        promises: (n, 6, 5) in the order of `Open`.
        note: the free note, one text a resident.
        told: (n, 10) the weights its value text conveys.
        value, mode, paraphrase: which text it was given, (n,); value -1 is untreated.
        plan: what it planned this morning (communicate and later).
        mail: what it said and heard (act and later; `said` also at communicate's end).
        doing: what it does today (remember).
    """

    stage: Stage
    day: int
    rules: Rules
    id: Ints
    key: Ints
    x: Ints
    y: Ints
    skill: Ints
    standing: Ints
    stock: Ints
    hungry: Ints
    members: Ints
    since: Ints
    factories: Ints
    residents: Ints
    also: Ints
    also_more: Ints
    promises: Ints
    note: list[str]
    told: Ints
    value: Ints
    mode: Ints
    paraphrase: Ints
    plan: Acts | None = None
    mail: Mail | None = None
    doing: Acts | None = None

    def __len__(self) -> int:
        return len(self.id)

    def take(self, rows: Ints) -> Batch:
        """The questions of some rows, in the order given."""
        changes: dict[str, Any] = {name: getattr(self, name)[rows] for name in _ROW_ARRAYS}
        changes["note"] = [self.note[i] for i in rows.tolist()]
        for name in ("plan", "mail", "doing"):
            part = getattr(self, name)
            changes[name] = None if part is None else part.take(rows)
        return replace(self, **changes)

    def __getitem__(self, row: int) -> Observation:
        """One resident's question, as a typed value."""
        return Observation(
            stage=self.stage,
            day=self.day,
            **cast("Any", {name: int(getattr(self, name)[row]) for name in _SCALARS}),
            members=_ids(self.members[row]),
            since=cast("Triples", _rows(self.since[row], empty=int(Since.NONE))),
            factories=_rows(self.factories[row]),
            residents=_rows(self.residents[row]),
            also=_ids(self.also[row]),
            promises=_rows(self.promises[row]),
            note=self.note[row],
            told=tuple(self.told[row].tolist()),
            plan=_one_act(self.plan, row),
            doing=_one_act(self.doing, row),
            **({} if self.mail is None else _one_mail(self.mail, row)),
        )

    @classmethod
    def of(cls, rules: Rules, observations: Iterable[Observation]) -> Batch:
        """The batch whose rows are these observations (all of one stage and day)."""
        many = list(observations)
        first = many[0]
        n = len(many)
        columns: dict[str, Any] = {
            name: np.array([getattr(o, name) for o in many], np.int64) for name in _SCALARS
        }
        columns["members"] = _block([o.members for o in many], (n, MEMBERS_SHOWN))
        columns["since"] = _block([o.since for o in many], (n, SINCE_SHOWN, 3), first_empty=-1)
        columns["factories"] = _block([o.factories for o in many], (n, FACTORIES_SHOWN, len(Known)))
        columns["residents"] = _block([o.residents for o in many], (n, RESIDENTS_SHOWN, len(Near)))
        columns["also"] = _block([o.also for o in many], (n, ALSO_SHOWN))
        columns["promises"] = _block([o.promises for o in many], (n, PROMISES_SHOWN, len(Open)))
        columns["told"] = np.array([o.told for o in many], np.int64)
        return cls(
            stage=first.stage,
            day=first.day,
            rules=rules,
            note=[o.note for o in many],
            plan=_many_acts([o.plan for o in many]),
            doing=_many_acts([o.doing for o in many]),
            mail=_many_mail(many),
            **columns,
        )


_SCALARS = (
    "id",
    "key",
    "x",
    "y",
    "skill",
    "standing",
    "stock",
    "hungry",
    "also_more",
    "value",
    "mode",
    "paraphrase",
)
_ROW_ARRAYS = (
    *_SCALARS,
    "members",
    "since",
    "factories",
    "residents",
    "also",
    "promises",
    "told",
)


def _ids(row: Ints) -> tuple[int, ...]:
    return tuple(row[row > 0].tolist())


def _rows(block: Ints, empty: int = 0) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(line) for line in block[block[:, 0] != empty].tolist())


def _one_act(acts: Acts | None, row: int) -> OneAct | None:
    if acts is None:
        return None
    return OneAct(*(int(getattr(acts, name)[row]) for name in ACT_FIELDS))


def _many_acts(acts: list[OneAct | None]) -> Acts | None:
    given = [act for act in acts if act is not None]
    if not given:
        return None
    return Acts(*(np.array([getattr(a, name) for a in given], np.int64) for name in ACT_FIELDS))


def one_message(messages: Messages, row: int) -> OneMessage:
    """One row of `messages` as a typed value."""
    claims = messages.claims[row]
    promises = messages.promises[row]
    return OneMessage(
        sender=int(messages.sender[row]),
        to=int(messages.to[row]),
        kind=int(messages.kind[row]),
        text=messages.text[row],
        claims=_rows(claims, empty=-1),  # type: ignore[arg-type]
        promises=_rows(promises, empty=-1),  # type: ignore[arg-type]
        loose=tuple(
            messages.loose[row, k] for k in range(len(claims)) if (row, k) in messages.loose
        ),
    )


def _one_mail(mail: Mail, row: int) -> dict[str, Any]:
    def shown(rows: Ints) -> tuple[OneMessage, ...]:
        return tuple(one_message(mail.messages, i) for i in rows.tolist() if i >= 0)

    announced = tuple(
        Announced(f, _ids(mail.who[row, k]), int(mail.more[row, k]))
        for k, f in enumerate(mail.factory[row].tolist())
        if f > 0
    )
    return {
        "said": shown(mail.said[row]),
        "heard": shown(mail.heard[row]),
        "announced": announced,
        "outside": (*mail.outside, *mail.warned.get(row, ())),
    }


def _block(rows: list[Any], shape: tuple[int, ...], first_empty: int = 0) -> Ints:
    block = np.zeros(shape, np.int64)
    if first_empty:
        block[..., 0] = first_empty
    for i, row in enumerate(rows):
        if row:
            block[i, : len(row)] = row
    return block


def _many_mail(many: list[Observation]) -> Mail | None:
    if many[0].stage not in LATER:
        return None
    mail = Mail.empty(len(many))
    singles: list[OneMessage] = []
    for i, one in enumerate(many):
        for target, shown in ((mail.said, one.said), (mail.heard, one.heard)):
            for k, message in enumerate(shown):
                target[i, k] = len(singles)
                singles.append(message)
        for k, line in enumerate(one.announced):
            mail.factory[i, k] = line.factory
            mail.who[i, k, : len(line.who)] = line.who
            mail.more[i, k] = line.more
    alike = all(one.outside == many[0].outside for one in many)
    return replace(
        mail,
        messages=messages_of(singles),
        outside=many[0].outside if alike else (),
        warned={} if alike else {i: one.outside for i, one in enumerate(many)},
    )


def messages_of(singles: list[OneMessage]) -> Messages:
    """Columns of typed messages; loose claims take the slots marked `UNCHECKED`."""
    messages = Messages.empty(len(singles))
    for i, one in enumerate(singles):
        messages.sender[i], messages.to[i], messages.kind[i] = one.sender, one.to, one.kind
        messages.text[i] = one.text
        loose = list(one.loose)
        for k, claim in enumerate(one.claims):
            messages.claims[i, k] = claim
            if claim[0] == Claim.UNCHECKED:
                messages.loose[i, k] = loose.pop(0)
        for k, promise in enumerate(one.promises):
            messages.promises[i, k] = promise
    return messages
