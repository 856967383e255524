"""Hand-coding: a blind sample for people, as a table and as a page, and two coders read back.

The sample is drawn as for a judge: a part at random (`rate`), a part with behaviours that the rules
found (`extra`). What the coder is given holds the transcripts and nothing else; which run and day
an item is, and what the rules say, lies in `key.csv`, which is not to be handed out.
"""

from __future__ import annotations

import csv
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from agents.asides.labels import LABELS, meanings
from agents.csvwriter import Lines, csv_bytes
from agents.errors import InputError
from model.asides.items import Item
from model.measures.agreement import fleiss_kappa, krippendorff_alpha
from model.store.csvtables import read_frame

SAMPLE, PAGE, KEY = "sample.csv", "code.html", "key.csv"
READINGS: Final = "readings.csv"
_LARGEST: Final = 50_000_000  # bytes of a coder's file
_PAGE: Final = "code_page.html"
_TRUE: Final = {"1": 1.0, "0": 0.0, "": np.nan}


@dataclass(frozen=True)
class Coded:
    """What coders said.

    Attributes:
        coders: their names, from the file names.
        codes: one row an item and label: item, label, one column a coder (1, 0, NaN).
        alpha: by label: alpha between the coders, units, grade.
        disagreements: items and labels on which coders, rules or judge differ, with what each said.
    """

    coders: tuple[str, ...]
    codes: pd.DataFrame
    alpha: pd.DataFrame
    disagreements: pd.DataFrame


def sample_files(items: Sequence[Item], title: str) -> dict[str, bytes]:
    """The sample, its page and its key, by file name.

    Args:
        items: of `draw_items`.
        title: heads the page; must not tell the condition.
    """
    blank = [""] * len(LABELS)
    sample = [
        [item.number, item.question.who, item.day, Lines(tuple(item.question.lines)), *blank, ""]
        for item in items
    ]
    where = [(one.number, one.run, one.arm, one.day, one.resident, one.part) for one in items]
    key = [
        [*place, sorted(item.truth), sorted(item.could)]
        for place, item in zip(where, items, strict=True)
    ]
    heads = ["item", "run", "arm", "day", "resident", "part", "rules", "could"]
    return {
        SAMPLE: csv_bytes(["item", "who", "day", "log", *LABELS, "comment"], sample),
        KEY: csv_bytes(heads, key),
        PAGE: page(items, title).encode("utf-8"),
    }


def page(items: Sequence[Item], title: str) -> str:
    """The coding page: one file, no network, keys for everything, answers kept in the browser."""
    data = {
        "sample": title,
        "labels": [{"name": name, "meaning": meanings()[name]} for name in LABELS],
        "items": [
            {
                "item": item.number,
                "who": item.question.who,
                "day": item.day,
                "lines": list(item.question.lines),
            }
            for item in items
        ],
    }
    # No "</" may stand in a script: texts come from minds.
    embedded = json.dumps(data).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    text = files("model.asides").joinpath(_PAGE).read_text("utf-8")
    return text.replace("{{title}}", html.escape(title)).replace("{{data}}", embedded)


def read_codes(path: Path) -> pd.DataFrame:
    """One coder's file, as the page exports it or as `sample.csv` was filled in.

    Returns:
        item, label, code (1, 0, or NaN where nothing was said).

    Raises:
        InputError: it cannot be read, lacks a column, or holds something else than 1, 0 or nothing.
    """
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path}: is larger than {_LARGEST} bytes; this is no coder's file")
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{path}: is no CSV in UTF-8; save it again as 'CSV UTF-8'") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    if not rows or missing_columns(rows[0]):
        lacks = ", ".join(missing_columns(rows[0])) if rows else "any row"
        raise InputError(f"{path}: lacks {lacks}; give the page's export or the filled-in {SAMPLE}")
    found, seen = [], set()
    for line, row in enumerate(rows, start=2):
        number = (row["item"] or "").strip()
        if not number.isdecimal() or number in seen:
            raise InputError(f"{path}, line {line}: item {number!r} is no number, or stands twice")
        seen.add(number)
        for label in LABELS:
            said = (row[label] or "").strip()
            if said not in _TRUE:
                raise InputError(
                    f"{path}, line {line}, {label}: {said[:20]!r}; use 1, 0 or nothing"
                )
            found.append({"item": int(number), "label": label, "code": _TRUE[said]})
    return pd.DataFrame(found)


def read_readings(folder: Path) -> pd.DataFrame:
    """A judge's readings, from the folder of its tables.

    Raises:
        InputError: there are none.
    """
    try:
        found = read_frame(folder / READINGS, ["label"], ["item", "judged"])
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no table"
        raise InputError(f"{folder / READINGS}: no readings of a judge ({reason})") from None
    if lacking := [name for name in ("item", "label", "judged") if name not in found]:
        raise InputError(f"{folder / READINGS}: no readings of a judge (lacks {lacking[0]})")
    return found


def missing_columns(row: dict[str, str | None]) -> list[str]:
    """Columns that a coder's file must have and this one has not."""
    return [name for name in ("item", *LABELS) if name not in row]


def compare(
    paths: Sequence[Path], items: Sequence[Item], judged: pd.DataFrame | None = None
) -> Coded:
    """Read coders back and set them beside each other, the rules and a judge.

    Args:
        paths: one file a coder, two or more.
        items: the sample that they coded.
        judged: a judge's readings of the same items, or None.

    Raises:
        InputError: fewer than two coders, two of one name, or an item that is not in the sample.
    """
    names = [path.stem for path in paths]
    if len(names) < 2 or len(set(names)) < len(names):
        raise InputError(
            f"coders: {', '.join(names) or 'none'}; give two or more files, named apart"
        )
    index = pd.MultiIndex.from_product(
        [[item.number for item in items], LABELS], names=["item", "label"]
    )
    table = pd.DataFrame(index=index)
    for name, path in zip(names, paths, strict=True):
        codes = read_codes(path).set_index(["item", "label"])["code"]
        if len(strange := codes.index.difference(index)):
            raise InputError(f"{path}: item {strange[0][0]} is not in this sample")
        table[name] = codes.reindex(index)
    by_number = {item.number: item for item in items}
    table["rules"] = [
        np.nan if label in by_number[n].undefined else float(label in by_number[n].truth)
        for n, label in index
    ]
    if judged is not None:
        table["judge"] = judged.set_index(["item", "label"])["judged"].reindex(index)
    return Coded(tuple(names), table.reset_index(), _alphas(table, names), _differing(table, items))


def consensus(coded: Coded) -> pd.DataFrame:
    """What all coders agree on: item, label, reference (NaN where they differ or said nothing)."""
    codes = coded.codes[list(coded.coders)]
    reference = _agreed(codes)
    return coded.codes[["item", "label"]].assign(reference=reference)


def against_people(readings: pd.DataFrame, coded: Coded) -> pd.DataFrame:
    """A judge's readings of a coded sample, with the coders' consensus as the reference."""
    people = consensus(coded).set_index(["item", "label"])["reference"]
    place = pd.MultiIndex.from_frame(readings[["item", "label"]])
    return readings.assign(reference=people.reindex(place).to_numpy())


def _alphas(table: pd.DataFrame, coders: list[str]) -> pd.DataFrame:
    """By label: alpha and Fleiss' kappa between coders; alpha of their consensus with others."""
    rows = {}
    for label, group in table.groupby(level="label", sort=False):
        said = group[coders].to_numpy(float).T
        found = krippendorff_alpha(said)
        row = {"alpha": found.alpha, "units": found.units, "grade": found.grade}
        row["fleiss"] = fleiss_kappa(said)
        agreed = _agreed(group[coders])
        for other in ("rules", "judge"):
            if other in group:
                pair = np.stack([agreed.to_numpy(float), group[other].to_numpy(float)])
                row[f"alpha_{other}"] = krippendorff_alpha(pair).alpha
        rows[str(label)] = row
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("label")


def _differing(table: pd.DataFrame, items: Sequence[Item]) -> pd.DataFrame:
    """Where two readings differ, with the last day's log rows of the item."""
    by_number = {item.number: item for item in items}
    differs = table[table.max(axis=1) > table.min(axis=1)].reset_index()
    heads = []
    for number in differs["item"].tolist():
        item = by_number[number]
        start = f"day {item.day}: "
        rows = [f"{line.table} {line.row}" for line in item.lines if line.text.startswith(start)]
        heads.append(
            {
                "run": item.run,
                "day": item.day,
                "resident": item.resident,
                "rows": "; ".join(dict.fromkeys(rows)),
            }
        )
    return pd.concat([differs, pd.DataFrame(heads, index=differs.index)], axis=1)


def _agreed(codes: pd.DataFrame) -> pd.Series[float]:
    """What all columns say; NaN where they differ or one says nothing."""
    first = codes.iloc[:, 0]
    return first.where(codes.eq(first, axis=0).all(axis=1))
