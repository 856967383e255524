"""What a mind is shown: the rules it may know, and one resident's question.

An `Observation` is one resident's question at one stage as a typed value: what a prompt says, what
a card shows. The world holds the same facts as columns (`agents.batch`). Everything is in whole
units, exactly as the world holds it; bounded lists carry their caps here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from agents.decisions import KIND_WORDS

#: Caps of the bounded lists.
FACTORIES_SHOWN = 6
RESIDENTS_SHOWN = 8
ALSO_SHOWN = 12
PROMISES_SHOWN = 6
SINCE_SHOWN = 6
HEARD_SHOWN = 6
ANNOUNCED_FACTORIES = 6
ANNOUNCED_RESIDENTS = 8
MEMBERS_SHOWN = 5
#: Days over which code remembers what passed between two residents, and what was claimed.
RELATION_DAYS = 10
CLAIM_DAYS = 5


class Stage(IntEnum):
    """The barriers of a day: four in staged cognition, two in fused."""

    PERCEIVE = 0
    COMMUNICATE = 1
    ACT = 2
    REMEMBER = 3
    MORNING = 4
    EVENING = 5


STAGED = (Stage.PERCEIVE, Stage.COMMUNICATE, Stage.ACT, Stage.REMEMBER)
FUSED = (Stage.MORNING, Stage.EVENING)
#: Stages at which a resident is shown its mail and only those in reach or spoken with.
LATER = (Stage.ACT, Stage.REMEMBER, Stage.EVENING)


class Known(IntEnum):
    """Columns of `Batch.factories` (n, 6, ·); `ID` 0 is an empty place."""

    ID = 0
    STEPS = 1  # Chebyshev distance from here
    DIR = 2  # Direction; 0 when here
    MAX = 3  # greatest output a day, units (as claimed where heard)
    HALF = 4  # labour at half of it, skill points
    SEEN = 5  # last day whose work there was seen, -1 never
    WORKERS = 6  # hands seen at work on that day
    MADE = 7  # output of that day, units
    HEARD = 8  # 1 = known from a claim only


class Near(IntEnum):
    """Columns of `Batch.residents` (n, 8, ·); relations cover the last 10 days."""

    ID = 0
    STEPS = 1
    SKILL = 2
    STANDING = 3
    GIFTS_IN = 4  # units
    GIFTS_OUT = 5
    ATTACKS_IN = 6  # count
    ATTACKS_OUT = 7
    SEEN_ATTACKING = 8  # attacks on others, witnessed
    KEPT = 9  # promises to me
    BROKEN = 10
    CLAIMED = 11  # stock it last claimed to me within 5 days, -1 none
    CLAIMED_DAY = 12
    HEARS = 13  # 1 = hears me


class Since(IntEnum):
    """What happened since yesterday; operands `a`, `b` beside each."""

    NONE = -1
    PAID = 0  # a = factory, b = units
    GAVE = 1  # a = resident, b = units
    GOT = 2
    ATTACKED_BY = 3  # a = resident, b = units taken
    ATTACKED = 4
    SAW_ATTACK = 5  # a attacked b
    JOINED = 6  # a = resident of the other household
    CHILD = 7  # a = the child
    IMPOSSIBLE = 8  # a = Impossible


class Impossible(IntEnum):
    """Which act had become impossible."""

    SECURE = 0
    EXPLORE = 1
    PROMOTE = 2
    IDLE = 3
    GIFT = 4
    ATTACK = 5
    MERGE = 6
    MESSAGE = 7


class Open(IntEnum):
    """Columns of `Batch.promises` (n, 6, ·): open commitments; `OTHER` 0 is an empty place."""

    OTHER = 0
    MINE = 1  # 1 = I owe it to the other, 0 = the other owes it to me
    WHAT = 2  # Promise
    A = 3
    BY = 4


@dataclass(frozen=True)
class Rules:
    """The constants of the community that a resident may know; all stand in the static prompt.

    Units: amounts in units (10 a day's food), skill and standing in points, distances in cells.
    """

    days: int = 50
    width: int = 12
    height: int = 12
    sight: int = 2
    earshot: int = 3
    reach: int = 1
    walk_secure: int = 4
    walk_explore: int = 3
    need: tuple[int, ...] = (9, 10, 11)
    hunger_limit: int = 30
    regime: str = "equal"
    network: str = "distance"
    promote_step: int = 10
    promote_steps: int = 2
    skill_limit: int = 150
    skill_part: int = 5
    standing_gain: int = 20
    loot_percent: int = 40
    fight_loss: int = 5
    gifts: bool = True
    attacks: bool = True
    merge_days: int = 3
    max_household: int = 6
    merges: bool = True
    births: bool = True
    birth_threshold: int = 50
    birth_pause: int = 2
    child_stock: int = 30
    promise_days: int = 10
    kinds: tuple[str, ...] = KIND_WORDS
    messages: bool = True
    announcements: bool = True
    factory_claims: bool = True
    memory: bool = True
    wording: str = "plain"
    cognition: str = "fused"
    family: str = "weights"
    method: str = "weights"


@dataclass(frozen=True)
class OneAct:
    """One resident's acts of a day, as in `Acts`."""

    main: int
    at: int
    spend: int
    further: int
    who: int
    amount: int


@dataclass(frozen=True)
class OneMessage:
    """One message as its reader sees it; claims (kind, a, b), promises (what, a, by)."""

    sender: int
    to: int
    kind: int
    text: str
    claims: tuple[tuple[int, int, int], ...]
    promises: tuple[tuple[int, int, int], ...]
    loose: tuple[str, ...] = ()


@dataclass(frozen=True)
class Announced:
    """Who said today that they would work at a factory: up to 8 ids and how many more."""

    factory: int
    who: tuple[int, ...]
    more: int


@dataclass(frozen=True)
class Observation:
    """One resident's question at one stage, exactly what its prompt says.

    `factories`, `residents`, `promises` and `since` hold tuples in the column order of `Known`,
    `Near`, `Open` and (code, a, b). `value`, `mode`, `paraphrase` say which text it was given
    (value -1: untreated); `told` the ten weights that text conveys. The key stands for the
    question's randomness: it travels beside the text, not in it.
    """

    stage: Stage
    day: int
    id: int
    key: int
    x: int
    y: int
    skill: int
    standing: int
    stock: int
    hungry: int
    members: tuple[int, ...]
    since: tuple[tuple[int, int, int], ...]
    factories: tuple[tuple[int, ...], ...]
    residents: tuple[tuple[int, ...], ...]
    also: tuple[int, ...]
    also_more: int
    promises: tuple[tuple[int, ...], ...]
    note: str
    told: tuple[int, ...]
    value: int
    mode: int
    paraphrase: int
    plan: OneAct | None = None
    said: tuple[OneMessage, ...] = ()
    heard: tuple[OneMessage, ...] = ()
    announced: tuple[Announced, ...] = ()
    outside: tuple[str, ...] = ()
    doing: OneAct | None = None
