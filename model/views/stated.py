"""What was asked beside a saved run, as its screens show it: stated values and a judge's labels.

`civa assess` and `civa judge` leave tables in the run's folder, or in a folder of runs above it.
They are found there and shown as text; a damaged one is named, and the rest of the screen stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from agents.errors import InputError
from agents.values import VALUES
from model.analysis.drift import blocks_of, whole_conduct
from model.analysis.side_tables import Place, assessments, judgements
from model.measures.value_profiles import Reference, profiles
from model.report.chapters.judges import judge_of
from model.store.columns import TYPES
from model.views.story import SavedPages, Story

#: How far above a run's folder its study may lie.
_ABOVE: Final = 2


@dataclass(frozen=True)
class Profile:
    """One row of ten numbers: what it is, and one a value (NaN where undefined)."""

    what: str
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class Judgement:
    """What one judge said of a resident's day.

    Attributes:
        judge: its name.
        fault: why its reply could not be used; empty for a usable one.
        labels: label, quote (hostile) and claim (hostile) of what it found.
    """

    judge: str
    fault: str = ""
    labels: tuple[tuple[str, str, str], ...] = ()


def stated(story: Story, resident: int) -> tuple[Profile, ...]:
    """What a resident said it values each time it was asked; empty if nobody asked.

    Raises:
        InputError: a table of an assessment is damaged.
    """
    table: pd.DataFrame = story.once("stated", lambda: _answers(story))
    mine = table[table["resident"] == resident]
    return tuple(
        Profile(_asked(row), tuple(float(row[value]) for value in VALUES))
        for row in mine.to_dict("records")
    )


def shown(story: Story, resident: int) -> tuple[Profile, ...]:
    """Which values its deeds speak for, block of days by block, beside the others' of this run."""
    found: tuple[pd.DataFrame, int] = story.once("shown", lambda: _shown(story))
    table, every = found
    if table.empty:
        return ()
    mine = table[table.index.get_level_values("resident") == resident].dropna(how="all")
    return tuple(
        Profile(
            f"showed, days {block * every + 1} to {(block + 1) * every}",
            tuple(float(row[value]) for value in VALUES),
        )
        for (block, _), row in zip(mine.index, mine.to_dict("records"), strict=True)
    )


def judgements_of(story: Story, resident: int, day: int) -> tuple[Judgement, ...]:
    """What judges said of a resident's day; empty where no judge read it.

    Raises:
        InputError: a table of a judge is damaged.
    """
    judged: list[tuple[str, pd.DataFrame, pd.DataFrame]] = story.once(
        "judged", lambda: _judged(story)
    )
    said = []
    for judge, items, evidence in judged:
        mine = items[(items["day"] == day) & (items["resident"] == resident)]
        for item in mine.to_dict("records"):
            given = evidence[evidence["item"] == item["item"]]
            labels = zip(given["label"], given["quote"], given["claim"], strict=True)
            said.append(Judgement(judge, item["fault"], tuple(labels)))
    return tuple(said)


def _folders(story: Story) -> list[tuple[Path, tuple[str, ...]]]:
    """Where tables about this run may lie, and what it is called in them."""
    if not isinstance(story.pages, SavedPages):
        return []
    path = story.pages.path
    names = [path.name, path.name, f"{path.parent.name}/{path.name}"]
    return list(zip([path, *path.parents[:_ABOVE]], [(name,) for name in names], strict=False))


def _of_this_run(
    place: Place, names: tuple[str, ...], table: str, texts: tuple[str, ...], numbers: Any
) -> pd.DataFrame | None:
    found = place.table(table, ("run", *texts), numbers)
    return None if found is None else found[found["run"].isin(names)]


def _answers(story: Story) -> pd.DataFrame:
    columns = ("mind", "context")
    numbers = ("day", "time", "resident", *VALUES)
    for folder, names in _folders(story):
        for place in assessments(folder, []):
            found = _of_this_run(place, names, "answers", columns, numbers)
            if found is not None and len(found):
                order = found["context"].map({"reference": 0, "bare": 1, "lived": 2})
                # Stable: answers of one day and time stay in the order in which they were asked.
                return found.assign(order=order).sort_values(
                    ["order", "day", "time"], kind="stable", ignore_index=True
                )
    return pd.DataFrame(columns=["run", *columns, *numbers])


def _asked(row: dict[Any, Any]) -> str:
    again = f", time {row['time'] + 1:.0f}" if row["time"] else ""
    what = {
        "reference": "stated without its treatment",
        "bare": "stated by its text alone",
        "lived": f"stated after day {row['day']:.0f}",
    }.get(row["context"], f"stated, {row['context']}")
    return what + again


def _shown(story: Story) -> tuple[pd.DataFrame, int]:
    tables = {name: story.whole(name) for name in TYPES}
    try:
        blocks = blocks_of(tables, story.hits().hits, story.last)
        reference = Reference.of(whole_conduct(blocks.conduct))
    except InputError:
        return pd.DataFrame(), 1
    return profiles(blocks.conduct, reference), blocks.every


def _judged(story: Story) -> list[tuple[str, pd.DataFrame, pd.DataFrame]]:
    found = []
    for folder, names in _folders(story):
        for place in judgements(folder, []):
            items = _of_this_run(place, names, "items", ("fault",), ("item", "day", "resident"))
            texts = ("label", "quote", "claim")
            given = _of_this_run(place, names, "evidence", texts, ("item", "day", "resident"))
            if items is not None and len(items):
                empty = pd.DataFrame(columns=["item", *texts])
                found.append((judge_of(place), items, empty if given is None else given))
    return found
