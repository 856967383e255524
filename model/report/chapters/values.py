"""What residents said they value (`civa assess`): the manipulation check, and what led to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from model.analysis.side_tables import Place, joined
from model.measures.families import benjamini_hochberg
from model.measures.value_profiles import VALUES
from model.report.figures.values import shift_figure
from model.report.pictures import Picture
from model.report.tables import Cell, Column, Table, digits, listed, number
from model.report.text import visible

_CONDITION: Final = ("mind", "family", "method", "value", "mode")
_DRAWN: Final = 12  # conditions
_signed = digits(2)


def value_tables(places: Sequence[Place]) -> tuple[Table, ...]:
    """The tables of assessments, the manipulation check first; none without an assessment."""
    found = (
        _check(places),
        _variance(places),
        _stated(places),
        _drift(places),
        _influence(places),
        _by_paraphrase(places),
        _circle(places),
        _awareness(places),
    )
    return tuple(table for table in found if table is not None)


def shift_picture(places: Sequence[Place]) -> Picture | None:
    """The shifts of the ten values by condition; None without a treated resident."""
    check = joined(places, "check", (*_CONDITION, "verdict", "flag"), ())
    shifts = joined(places, "shifts", ("run", *_CONDITION), VALUES)
    if check is None or shifts is None:
        return None
    check = check[check["value"].isin(VALUES)].drop_duplicates(list(_CONDITION))
    # What did not come out as it had to is drawn first.
    drawn = check.sort_values("flag", key=lambda flag: flag == "", kind="stable").head(_DRAWN)
    if drawn.empty:
        return None
    rest = f" The other {len(check) - len(drawn)} are in the file." * (len(check) > len(drawn))
    title = "What the treatment did to the ten stated values"
    caption = (
        "Bars: mean over runs of the centred score with the treatment less without it, treated "
        f"residents; small: runs; in brackets the treated value.{rest} No interval."
    )
    columns = ["of", "run", *_CONDITION, *VALUES]
    numbers = Table("values_shifts", title, shifts[columns])
    return Picture("values_shifts", title, caption, shift_figure(shifts, drawn), numbers)


def condition_words(row: dict[str, Any]) -> str:
    """A condition in a few words."""
    if not row["value"]:
        return f"untreated, {row['mind']}"
    return f"{row['mode']} {row['value']}, {row['method']}, {row['mind']}"


def _check(places: Sequence[Place]) -> Table | None:
    texts = (*_CONDITION, "expected", "order", "largest", "verdict", "flag", "acted")
    numbers = (
        *("runs", "residents", "faults", "own", "low", "high", "neighbours", "opposite", "circle"),
        *("behaviour", "behaviour_low", "behaviour_high"),
    )
    frame = joined(places, "check", texts, numbers)
    if frame is None:
        return None
    rows = []
    for i, row in enumerate(frame.to_dict("records")):
        rows.append(
            (
                Cell(visible(condition_words(row)), i, _asked(row)),
                Cell(number(row["own"], 2), i, _limits(row, "low", "high")),
                _verdict(row, i),
                Cell(number(row["neighbours"], 2), i),
                Cell(number(row["opposite"], 2), i),
                Cell(number(row["behaviour"], 2), i,
                     _limits(row, "behaviour_low", "behaviour_high")),
            )
        )  # fmt: skip
    note = (
        "Shift of the treated value’s centred score (points of a scale from 1 to 6), the same "
        "residents with their treatment and without it; mean over runs, 95 % interval. ⚑ flags "
        "what did not take, in red where it had to: what follows from such a treatment is no "
        "effect of the value. Behaviour: the same residents’ deeds against the untreated runs’."
    )
    head = ("condition", "shift", "verdict", "neighbours", "opposite", "behaviour")
    return Table("values_check", "Did the treatments take?", frame, head, tuple(rows), note)


def _verdict(row: dict[str, Any], at: int) -> Cell:
    """The verdict; red where it did not come out as it had to: a control must not take."""
    verdict, flag = str(row["verdict"]), str(row["flag"])
    due = verdict == row["expected"]
    note = f"as it has to be: {flag}" if flag and due else flag or f"expected: {row['expected']}"
    return Cell(visible(f"⚑ {verdict}" if flag else verdict), at, visible(note), not due)


def _asked(row: dict[str, Any]) -> str:
    counts = f"{row['runs']:.0f} runs, {row['residents']:.0f} residents"
    faults = f", {row['faults']:.0f} without an answer" if row["faults"] else ""
    of = f"; {row['of']}" if row["of"] else ""
    return visible(counts + faults + of)


def _limits(row: dict[str, Any], low: str, high: str) -> str:
    if row[low] != row[low]:
        return ""
    return f"{number(row[low], 2)} … {number(row[high], 2)}"


def _variance(places: Sequence[Place]) -> Table | None:
    frame = joined(
        places,
        "variance",
        ("method", "mode", "source", "flags"),
        ("variance", "low", "high", "share", "levels"),
    )
    if frame is None:
        return None
    columns = (
        Column("method", "method"),
        Column("mode", "mode"),
        Column("source", "source"),
        Column("share", "share", _signed),
        Column("variance", "variance", digits(4)),
        Column("low", "from", digits(4)),
        Column("high", "to", digits(4)),
        Column("levels", "levels"),
        Column("flags", "to note"),
    )
    note = (
        "Variance of the shift between conditions of one method and mode: moment estimates with "
        "generalised 95 % intervals. A dash is a component that this design cannot tell."
    )
    return listed("values_variance", "Where the shift’s variance comes from", frame, columns,
                  note=note)  # fmt: skip


def _stated(places: Sequence[Place]) -> Table | None:
    """Mean stated profile by condition and context: residents first, then runs."""
    keys = [*_CONDITION, "treated", "context", "day"]
    frame = joined(places, "answers", ("run", *_CONDITION, "treated", "context", "fault"),
                   ("prevalence", "day", "resident", *VALUES))  # fmt: skip
    if frame is None:
        return None
    frame = frame.assign(asked=1, answered=frame[list(VALUES)].notna().all(axis=1))
    by_run = frame.groupby(["of", *keys, "run"], sort=True)
    runs = by_run[list(VALUES)].mean().join(by_run[["asked", "answered"]].sum())
    grouped = runs.groupby(level=["of", *keys], sort=True)
    table = grouped[["asked", "answered"]].sum().join(grouped[list(VALUES)].mean())
    table.insert(0, "runs", grouped.size())
    table = table.reset_index()
    table["who"] = [condition_words(row) for row in table.to_dict("records")]
    columns = (
        Column("who", "residents"),
        Column("context", "asked"),
        Column("day", "after day"),
        Column("answered", "answered"),
        *(Column(value, value, _signed) for value in VALUES),
    )
    note = (
        "Mean centred scores of those who answered, residents first and then runs. Bare: the value "
        "text alone; reference: the same without the treatment; lived: on the morning after that "
        "day."
    )
    return listed("values_stated", "What residents said they value", table, columns, note=note,
                  limit=60, folded=True)  # fmt: skip


def _drift(places: Sequence[Place]) -> Table | None:
    frame = joined(places, "drift", ("run",), ("day", "residents", *VALUES))
    if frame is None:
        return None
    columns = (
        Column("run", "run"),
        Column("day", "after day"),
        Column("residents", "residents"),
        *(Column(value, value, _signed) for value in VALUES),
    )
    note = "Change of the mean centred score since the first day asked, of who answered each time."
    return listed("values_stated_drift", "How stated values moved", frame, columns, note=note,
                  limit=60, folded=True)  # fmt: skip


def _influence(places: Sequence[Place]) -> Table | None:
    numbers = ("from_day", "to_day", "pull", "shuffled", "excess", "p", "residents")
    frame = joined(places, "influence", ("run",), numbers)
    if frame is None:
        return None
    frame = frame.assign(corrected_p=benjamini_hochberg(frame["p"].to_numpy(dtype=float)))
    columns = (
        Column("run", "run"),
        Column("from_day", "from day"),
        Column("to_day", "to day"),
        *(Column(name, name, digits(3)) for name in ("pull", "shuffled", "excess", "p")),
        Column("corrected_p", "corrected p", digits(3)),
        Column("residents", "residents"),
    )
    note = (
        "Exploratory, corrected by Benjamini–Hochberg over these runs. Share of the distance to "
        "those whose messages they were shown that residents covered; "
        "shuffled: the same with places in the message graph shuffled. Only the excess is evidence,"
        " of moving together."
    )
    return listed("values_stated_influence", "Did stated values move toward peers?", frame,
                  columns, note=note, limit=60, folded=True)  # fmt: skip


def _by_paraphrase(places: Sequence[Place]) -> Table | None:
    texts = (*_CONDITION, "paraphrase", "verdict", "expected", "flag")
    frame = joined(places, "by_paraphrase", texts, ("runs", "own", "low", "high"))
    if frame is None:
        return None
    rows = tuple(
        (
            Cell(visible(condition_words(row)), i),
            Cell(visible(str(row["paraphrase"])), i),
            Cell(number(row["own"], 2), i, _limits(row, "low", "high")),
            _verdict(row, i),
        )
        for i, row in enumerate(frame.to_dict("records"))
    )
    head = ("condition", "wording", "shift", "verdict")
    return Table("values_by_paraphrase", "The check by wording", frame, head, rows, "", folded=True)


def _circle(places: Sequence[Place]) -> Table | None:
    numbers = (
        *("day", "n", "mean_correlation", "null_correlation", "ideal_fit", "plane_share"),
        *("null_plane_share", "order", "p"),
    )
    frame = joined(places, "circle", ("mind", "context"), numbers)
    if frame is None:
        return None
    columns = (
        Column("mind", "mind"),
        Column("context", "asked"),
        Column("day", "after day"),
        Column("n", "answered"),
        *(Column(name, name.replace("_", " "), digits(3)) for name in numbers[2:]),
    )
    note = (
        "Structure of the centred scores: the mean correlation and the share of the first plane "
        "beside what no structure gives; order: the circle’s order index, p by relabelling."
    )
    return listed("values_circle", "Do the answers stand in the circle?", frame, columns,
                  note=note, folded=True)  # fmt: skip


def _awareness(places: Sequence[Place]) -> Table | None:
    frame = joined(places, "awareness", ("mind", "item", "foil", "outcome", "aware"),
                   ("replies", "faults", "count", "share", "low", "high"))  # fmt: skip
    if frame is None:
        return None
    columns = (
        Column("mind", "mind"),
        Column("item", "asked about"),
        Column("outcome", "outcome"),
        Column("count", "times"),
        Column("replies", "of"),
        *(Column(name, title, _signed) for name, title in
          (("share", "share"), ("low", "from"), ("high", "to"))),
        Column("faults", "faults"),
    )  # fmt: skip
    note = (
        "Items with “foil” do not exist: who claims them claims anything. What a model does not "
        "say is no proof of what it has read. Clopper–Pearson intervals."
    )
    return listed("values_awareness", "What the model recognises", frame, columns, note=note)
