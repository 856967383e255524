"""Tables as arrays: words to flags, lists to flat pairs, residents to a day × resident grid.

Everything a label needs is read here once, so that no detector loops over rows. Residents are
numbered 0 … R−1 by ascending id inside the package; ids appear again in what it hands out. A row
is referred to by (table, position in the table as given).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow

from agents.errors import InputError

# pyarrow states no types: its arrays are `Any` here, and numpy's again as soon as they are flat.
pa: Any = pyarrow

Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[np.signedinteger[Any]]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Tables = Mapping[str, pd.DataFrame]

NAMES: Final = ("residents", "events", "messages", "decisions", "commitments")
#: A reference to a row as one number: table · SHIFT + position; -1 is none.
SHIFT: Final = 1 << 40

#: Columns that labels are read off, by table.
NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "residents": (
        *("day", "resident", "x", "y", "stock", "household", "members", "skill", "standing"),
        *("treated", "drawn", "put_in", "need", "fault", "in_reach", "in_hearing"),
    ),
    "events": ("day", "order", "actor", "target", "kind", "amount", "outcome", "witnesses"),
    "messages": (
        *("day", "order", "sender", "to", "kind", "shown", "announced"),
        *(f"claim{n}_{x}" for n in (1, 2) for x in ("kind", "a", "b", "belief")),
        *(f"promise{n}_{x}" for n in (1, 2) for x in ("what", "a", "by")),
    ),
    "decisions": (
        *("day", "resident", "act_main", "plan_main", "plan_at", "plan_further", "plan_who"),
        *("plan_amount", "act_further", "act_who", "act_amount"),
        *(f"regard{n}_{x}" for n in (1, 2, 3) for x in ("who", "is")),
    ),
    "commitments": (
        *("day", "order", "debtor", "creditor", "what", "a", "by", "status", "closed", "reason"),
    ),
}


@dataclass(frozen=True)
class Pairs:
    """A list column laid flat: entry e says that `value[e]` stands in the list of row `row[e]`."""

    row: Whole
    value: Whole

    def of(self, chosen: Flags) -> Pairs:
        """Only the entries of the chosen rows; `chosen` has one flag a row of the table."""
        keep = chosen[self.row]
        return Pairs(self.row[keep], self.value[keep])


@dataclass(frozen=True)
class Log:
    """One run's tables as arrays.

    Attributes:
        ids: resident ids by number, ascending, shape [R].
        last: the last day of the run.
        row_at: position in `residents` of (day, resident number), -1 where it did not live,
            shape [T+1, R].
        able: faultless and alive, [T+1, R]; day 0 is nobody's actor-day.
        household: household by (day, resident), -1 where it did not live, [T+1, R].
        reach: outsiders within reach, by row of `residents`, as resident numbers.
        hearing: outsiders that hear it, by row of `residents`, as resident numbers.
        shown: readers shown a message in full, by row of `messages`, living that day.
        announced: readers shown its work claim alone, by row of `messages`, living that day.
        columns: the int64 columns (ids of residents as numbers, -1 unknown), by table and name.
        tables: the tables themselves.
    """

    ids: Ints
    last: int
    row_at: Ints
    able: Flags
    household: Ints
    reach: Pairs
    hearing: Pairs
    shown: Pairs
    announced: Pairs
    columns: Mapping[str, Mapping[str, Ints]]
    tables: Tables

    @property
    def residents(self) -> int:
        """Number of residents that ever lived."""
        return len(self.ids)

    def column(self, table: str, name: str) -> Ints:
        """One whole-number column; columns naming residents hold resident numbers."""
        return self.columns[table][name]

    def number(self, ids: Ints) -> Ints:
        """Resident numbers of ids; -1 for nobody and for ids that never lived."""
        return _number(self.ids, ids)

    def rows(self, table: str, name: str, word: str) -> Ints:
        """Positions at which a word column holds a word."""
        return np.flatnonzero(is_word(self.tables[table][name], word))

    def words(self, table: str, name: str, *words: str) -> Flags:
        """Whether a word column holds one of these words, a flag a row."""
        found = np.zeros(len(self.tables[table]), dtype=bool)
        for word in words:
            found |= is_word(self.tables[table][name], word)
        return found

    def morning(self, name: str, day: Ints, resident: Ints) -> Ints:
        """A column of `residents` for (day, resident) pairs that all lived that day."""
        return self.columns["residents"][name][self.row_at[day, resident]]

    def alive(self, day: Ints, resident: Ints) -> Flags:
        """Whether (day, resident) lived; false for -1 and days outside the run."""
        inside = (resident >= 0) & (day >= 1) & (day <= self.last)
        row = self.row_at[np.where(inside, day, 0), np.where(inside, resident, 0)]
        return inside & (row >= 0)

    def outsiders(self, day: Ints, one: Ints, other: Ints) -> Flags:
        """Whether both lived that morning, in different households."""
        both = self.alive(day, one) & self.alive(day, other)
        d, i, j = (np.where(both, x, 0) for x in (day, one, other))
        return cast("Flags", both & (self.household[d, i] != self.household[d, j]))

    def acting(self, day: Ints, resident: Ints) -> Flags:
        """Whether (day, resident) is an actor-day: alive and faultless."""
        inside = self.alive(day, resident)
        return inside & self.able[np.where(inside, day, 0), np.where(inside, resident, 0)]

    def decision(self, day: Ints, resident: Ints) -> Ints:
        """Position in `decisions` of (day, resident) pairs; -1 without one."""
        table = self.columns["decisions"]
        where = np.full((self.last + 1, max(self.residents, 1)), -1, dtype=np.int64)
        ok = self.alive(table["day"], table["resident"])
        where[table["day"][ok], table["resident"][ok]] = np.flatnonzero(ok)
        inside = self.alive(day, resident)
        return np.where(inside, where[np.where(inside, day, 0), np.where(inside, resident, 0)], -1)


def read(tables: Tables) -> Log:
    """Read a run's tables.

    Args:
        tables: `residents`, `events`, `messages`, `decisions`, `commitments`; word columns as
            strings or categories, list columns as lists, arrays or Arrow lists.

    Raises:
        InputError: A table or a column is missing, or (day, resident) is not unique.
    """
    for name, needed in NEEDED.items():
        if name not in tables:
            raise InputError(f"behaviours need the table `{name}`; got {', '.join(tables)}")
        if missing := [c for c in needed if c not in tables[name].columns]:
            raise InputError(f"the table `{name}` lacks {', '.join(missing)}")
    residents = tables["residents"]
    day, who = ints(residents["day"]), ints(residents["resident"])
    ids = np.unique(who)
    last = int(day.max()) if len(day) else 0
    number = _number(ids, who)
    at = np.full((last + 1, max(len(ids), 1)), -1, dtype=np.int64)
    at[day, number] = np.arange(len(day))
    if (at >= 0).sum() != len(day):
        raise InputError("the table `residents` holds a (day, resident) more than once")
    household = np.full(at.shape, -1, dtype=np.int64)
    household[day, number] = ints(residents["household"])
    able = np.zeros(at.shape, dtype=bool)
    able[day, number] = is_word(residents["fault"], "") | is_word(residents["fault"], "remember")
    able[0] = False
    columns = {
        name: {
            c: _column(tables[name][c], ids, c)
            for c in NEEDED[name]
            if not _is_wordy(c) and not c.endswith("belief")
        }
        for name in NAMES
    }
    message_day = columns["messages"]["day"]
    return Log(
        ids=ids,
        last=last,
        row_at=at,
        able=able,
        household=household,
        reach=_outside(residents["in_reach"], ids, day, number, at, household),
        hearing=_outside(residents["in_hearing"], ids, day, number, at, household),
        shown=_living(flat(tables["messages"]["shown"]), ids, message_day, at),
        announced=_living(flat(tables["messages"]["announced"]), ids, message_day, at),
        columns=columns,
        tables=tables,
    )


def ints(column: pd.Series[Any]) -> Ints:
    """A whole-number column as int64; nulls are refused by numpy's own error."""
    return cast("Ints", column.to_numpy(dtype=np.int64))


def floats(column: pd.Series[Any]) -> Floats:
    """A column with nulls as float64, NaN where null."""
    return cast("Floats", column.to_numpy(dtype=np.float64, na_value=np.nan))


def is_word(column: pd.Series[Any], word: str) -> Flags:
    """Whether a word column (categories or strings) holds this word; null is the empty word."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        categories = list(column.cat.categories)
        codes = column.cat.codes.to_numpy()
        found = codes == (categories.index(word) if word in categories else -2)
        return cast("Flags", found | (codes == -1) if word == "" else found)
    if len(column) == 0:
        return np.zeros(0, dtype=bool)
    return cast("Flags", (column.fillna("") == word).to_numpy(dtype=bool))


def flat(column: pd.Series[Any]) -> Pairs:
    """A list column laid flat; null lists are empty. Values are ids as they stand."""
    length, values = _laid_flat(_lists(column))
    return Pairs(np.repeat(np.arange(len(length)), length), values)


def holds(keys: Ints, asked: Ints) -> Flags:
    """Whether each asked key is among some sorted, unique keys; quick where those are few."""
    if not len(keys):
        return np.zeros(len(asked), dtype=bool)
    place = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    return cast("Flags", keys[place] == asked)


def ref(table: str, row: Ints) -> Ints:
    """References to rows of a table; -1 where the position is negative."""
    return np.where(row >= 0, NAMES.index(table) * SHIFT + row, -1)


def _is_wordy(name: str) -> bool:
    return name in {
        *("kind", "fault", "in_reach", "in_hearing", "witnesses", "shown", "announced"),
        *("what", "status", "act_main", "plan_main", "plan_further", "treated"),
        *("act_further", "reason"),
    } or name.endswith(("_kind", "_what"))


_PEOPLE: Final = frozenset(
    {"resident", "actor", "sender", "to", "debtor", "creditor", "plan_who", "act_who"}
    | {f"regard{n}_who" for n in (1, 2, 3)}
)


def _column(column: pd.Series[Any], ids: Ints, name: str) -> Ints:
    values = ints(column.fillna(-1)) if column.hasnans else ints(column)
    return _number(ids, values) if name in _PEOPLE else values


def _number(ids: Ints, given: Ints) -> Ints:
    if len(ids) == 0:
        return np.full(given.shape, -1, dtype=np.int64)
    top = int(ids[-1])
    lookup = np.full(top + 2, -1, dtype=np.int64)
    lookup[ids] = np.arange(len(ids))
    return lookup[np.where((given < 1) | (given > top), top + 1, given)]


def _lists(column: pd.Series[Any]) -> Any:
    kind = pa.list_(pa.int64())
    if isinstance(column.dtype, pd.ArrowDtype):
        lists = pa.array(column.array).cast(kind)
        return lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    return pa.array(column.to_numpy(dtype=object), type=kind)


def _laid_flat(lists: Any) -> tuple[Ints, Ints]:
    length = lists.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    return length, lists.flatten().to_numpy(zero_copy_only=False)


def _outside(
    column: pd.Series[Any], ids: Ints, day: Ints, number: Ints, row_at: Ints, household: Ints
) -> Pairs:
    """Lists of neighbours as living outsiders, in 32 bits and block by block: they are long."""
    lists = _lists(column)
    rows, values = [], []
    for start in range(0, len(lists), _BLOCK):
        length, given = _laid_flat(lists.slice(start, _BLOCK))
        row = np.repeat(np.arange(start, start + len(length)), length)
        value = _number(ids, given)
        on, safe = day[row], np.maximum(value, 0)
        keep = (value >= 0) & (on >= 1) & (row_at[on, safe] >= 0)
        keep &= household[on, number[row]] != household[on, safe]
        rows.append(row[keep].astype(np.int32))
        values.append(value[keep].astype(np.int32))
    if not rows:
        return Pairs(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32))
    return Pairs(np.concatenate(rows), np.concatenate(values))


_BLOCK: Final = 8192


def _living(pairs: Pairs, ids: Ints, day: Ints, at: Ints) -> Pairs:
    value = _number(ids, pairs.value)
    on = day[pairs.row]
    inside = (value >= 0) & (on >= 1) & (on < len(at))
    keep = inside & (at[np.where(inside, on, 0), np.maximum(value, 0)] >= 0)
    return Pairs(pairs.row[keep], value[keep])
