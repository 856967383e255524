"""What a mind answers: acts, messages, claims, promises and regards, as columns.

The vocabulary of the community stands here once. A stage's answers are arrays with one row a
resident (`Acts`, `Regard`) or one row a message (`Messages`); amounts are whole units. Codes are
small integers so that logs, hashes and tables agree about them.

A column is compared with `int(code)`: numpy first asks a member of an enum whether it is an array,
which takes five times as long as the comparison.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

#: How many messages a day, claims and promises a message, regards a morning; lengths in characters.
MESSAGES_A_DAY = 2
CLAIMS_A_MESSAGE = 2
PROMISES_A_MESSAGE = 2
REGARDS_A_DAY = 3
MESSAGE_LENGTH = 280
NOTE_LENGTH = 240

#: `to` of a message to everybody within hearing; also "nobody" and "nothing" elsewhere.
ALL = 0


class Main(IntEnum):
    """The one main act of a day."""

    SECURE = 0
    EXPLORE = 1
    PROMOTE = 2
    IDLE = 3


class Further(IntEnum):
    """The optional further act of a day."""

    NONE = 0
    GIFT = 1
    ATTACK = 2
    MERGE = 3


class Direction(IntEnum):
    """The eight ways to walk; y grows to the north, x to the east."""

    N = 0
    NE = 1
    E = 2
    SE = 3
    S = 4
    SW = 5
    W = 6
    NW = 7


#: Steps (dx, dy) of each `Direction`.
STEP = np.array(
    [(0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1)], dtype=np.int64
)


_WAY = np.zeros((3, 3), dtype=np.int64)
_WAY[STEP[:, 0] + 1, STEP[:, 1] + 1] = np.arange(8)


def direction_of(dx: Ints, dy: Ints) -> Ints:
    """The `Direction` that the signs of (dx, dy) point in; N where both are 0. Any one shape."""
    ways: Ints = _WAY[np.sign(dx) + 1, np.sign(dy) + 1]
    return ways


class Kind(IntEnum):
    """What a message is for; a scenario can switch kinds off."""

    INFORM = 0
    ASK = 1
    OFFER = 2
    ACCEPT = 3
    REFUSE = 4
    ALLY = 5
    PRAISE = 6
    THREATEN = 7
    DEMAND = 8


#: The words of the kinds, in the order of their codes.
KIND_WORDS = tuple(kind.name.lower() for kind in Kind)


class Claim(IntEnum):
    """What a claim is about; its two operands `a`, `b` are named beside it."""

    NONE = -1
    STOCK = 0  # a = units
    PLAN = 1  # a = PlanWord, b = factory (secure only)
    MAKES = 2  # a = factory, b = greatest output
    ATTACKED = 3  # a = resident who attacked the speaker, ever
    GAVE = 4  # a = resident who gave to the speaker, ever
    BROKE = 5  # a = resident who broke a promise to the speaker, ever
    UNCHECKED = 6  # outside the grammar; kept as text


class PlanWord(IntEnum):
    """What a `PLAN` claim says its speaker will do today."""

    SECURE = 0
    EXPLORE = 1
    PROMOTE = 2
    IDLE = 3
    GIFT = 4
    MERGE = 5


class Promise(IntEnum):
    """What can be promised; `a` is the amount (gift) or the factory (secure)."""

    NONE = -1
    GIFT = 0
    SECURE = 1
    NO_ATTACK = 2
    MERGE = 3


class Fault(IntEnum):
    """The stage at which a resident's reply could not be used; `NONE` for a usable reply."""

    NONE = 0
    PERCEIVE = 1
    COMMUNICATE = 2
    ACT = 3
    REMEMBER = 4


@dataclass
class Acts:
    """Planned or done acts, one row a resident.

    Attributes:
        main: `Main` codes, shape (n,).
        at: factory id (secure), `Direction` (explore), else 0, shape (n,).
        spend: units spent on promotion, shape (n,).
        further: `Further` codes, shape (n,).
        who: target resident id of the further act, 0 without one, shape (n,).
        amount: units of a gift, shape (n,).
    """

    main: Ints
    at: Ints
    spend: Ints
    further: Ints
    who: Ints
    amount: Ints

    @classmethod
    def idle(cls, n: int) -> Acts:
        """Acts of n residents that do nothing at all."""
        main = np.full(n, Main.IDLE, dtype=np.int64)
        return cls(main, *(np.zeros(n, dtype=np.int64) for _ in range(5)))

    def take(self, rows: Ints) -> Acts:
        """The same acts for some rows, in the order given."""
        return Acts(*(getattr(self, name)[rows] for name in ACT_FIELDS))

    def put(self, rows: Ints, other: Acts) -> None:
        """Write `other`'s rows over `rows` of this."""
        for name in ACT_FIELDS:
            getattr(self, name)[rows] = getattr(other, name)

    def __len__(self) -> int:
        return len(self.main)


ACT_FIELDS = ("main", "at", "spend", "further", "who", "amount")


@dataclass
class Messages:
    """Messages, one row each.

    Attributes:
        sender: resident ids, shape (m,).
        to: resident ids, `ALL` for everybody within hearing, shape (m,).
        kind: `Kind` codes, shape (m,).
        text: what was said, as its mind wrote it (never rendered unquoted).
        claims: (m, 2, 3): `Claim`, a, b.
        promises: (m, 2, 3): `Promise`, a, by (day).
        loose: text of `UNCHECKED` claims by (row, slot).
    """

    sender: Ints
    to: Ints
    kind: Ints
    text: list[str]
    claims: Ints
    promises: Ints
    loose: dict[tuple[int, int], str] = field(default_factory=dict)

    @classmethod
    def empty(cls, m: int = 0) -> Messages:
        """M blank messages without claims or promises."""
        claims = np.full((m, CLAIMS_A_MESSAGE, 3), 0, dtype=np.int64)
        claims[:, :, 0] = Claim.NONE
        promises = np.full((m, PROMISES_A_MESSAGE, 3), 0, dtype=np.int64)
        promises[:, :, 0] = Promise.NONE
        zeros = np.zeros(m, dtype=np.int64)
        return cls(zeros, zeros.copy(), zeros.copy(), [""] * m, claims, promises)

    def take(self, rows: Ints) -> Messages:
        """Some of the messages, in the order given."""
        position = {int(row): i for i, row in enumerate(rows)} if self.loose else {}
        return Messages(
            self.sender[rows],
            self.to[rows],
            self.kind[rows],
            [self.text[i] for i in rows.tolist()],
            self.claims[rows],
            self.promises[rows],
            {(position[r], k): t for (r, k), t in self.loose.items() if r in position},
        )

    @classmethod
    def join(cls, parts: list[Messages]) -> Messages:
        """All messages of `parts`, one after the other."""
        if not parts:
            return cls.empty()
        loose: dict[tuple[int, int], str] = {}
        offset = 0
        for part in parts:
            loose.update({(row + offset, k): text for (row, k), text in part.loose.items()})
            offset += len(part)
        return cls(
            np.concatenate([p.sender for p in parts]),
            np.concatenate([p.to for p in parts]),
            np.concatenate([p.kind for p in parts]),
            [text for p in parts for text in p.text],
            np.concatenate([p.claims for p in parts]),
            np.concatenate([p.promises for p in parts]),
            loose,
        )

    def __len__(self) -> int:
        return len(self.sender)


@dataclass
class Regard:
    """Private assessments of up to three others: `who` ids (0 = none), `grade` −2…2, (n, 3)."""

    who: Ints
    grade: Ints

    @classmethod
    def none(cls, n: int) -> Regard:
        """N residents that assess nobody."""
        return cls(np.zeros((n, REGARDS_A_DAY), np.int64), np.zeros((n, REGARDS_A_DAY), np.int64))


@dataclass
class Replies:
    """A stage's answers: one row a resident of the batch that was asked.

    A row whose `fault` is not `Fault.NONE` carries no decision; whatever stands in its other
    columns is never read. `causes` gives the cause of each fault by row.

    Attributes:
        fault: `Fault` codes, shape (n,).
        causes: cause of the fault by row.
        acts: the plan (perceive, morning) or what is done (act, evening).
        reasons: the view (perceive, morning) or the why (act, evening), one text a resident.
        regard: private assessments (perceive, morning).
        said: messages (communicate, morning); `sender` holds resident ids.
        notes: new notes (remember, evening); None in a row keeps the old one.
        flags: lenient readings by row, e.g. "text cut".
    """

    fault: Ints
    causes: dict[int, str] = field(default_factory=dict)
    acts: Acts | None = None
    reasons: list[str] | None = None
    regard: Regard | None = None
    said: Messages | None = None
    notes: list[str | None] | None = None
    flags: dict[int, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def faultless(cls, n: int) -> Replies:
        """Replies of n residents without a fault, to be filled."""
        return cls(np.zeros(n, dtype=np.int64))
