"""Tables that `civa assess`, `civa judge` and `civa code` left beside runs, read with care.

They are files in a folder of the user's: a column that is missing or holds something else is
refused with the command that makes the table again, and texts in them are never more than text.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from agents.errors import InputError
from agents.visible import visible
from model.store.csvtables import read_frame

_LARGEST: Final = 500_000_000  # bytes of a table


@dataclass(frozen=True)
class Place:
    """A folder in which a command left its tables.

    Attributes:
        path: the folder.
        of: the run that was asked about; empty for all that are reported on.
        command: makes the tables again.
    """

    path: Path
    of: str
    command: str

    def table(
        self,
        name: str,
        texts: Sequence[str],
        numbers: Sequence[str],
        newer: Sequence[str] = (),
    ) -> pd.DataFrame | None:
        """A table with these columns, texts never missing; None if there is none or it is empty.

        Args:
            name: of the table.
            texts: columns of texts.
            numbers: columns of numbers.
            newer: columns of numbers that older versions did not write; NaN where they are missing.

        Raises:
            InputError: it cannot be read, or a column is missing or no number.
        """
        path = self.path / f"{name}.csv"
        wanted = [*texts, *numbers, *newer]
        try:
            if not path.is_file():
                return None
            if path.stat().st_size > _LARGEST:
                raise InputError(f"{path}: is larger than {_LARGEST} bytes; move it away")
            frame = read_frame(path, texts, [*numbers, *newer])
            frame = frame.assign(**{one: float("nan") for one in newer if one not in frame})
            lacking = [column for column in wanted if column not in frame]
        except pd.errors.EmptyDataError:
            return None
        except InputError:
            raise
        except (OSError, ValueError, TypeError) as error:
            raise InputError(
                f"{path}: cannot be read ({visible(str(error))[:200]}); make it again: "
                f"{self.command}"
            ) from None
        if lacking:
            raise InputError(f"{path}: lacks {', '.join(lacking)}; make it again: {self.command}")
        if frame.empty:
            return None
        return frame[wanted].assign(of=self.of)

    def card(self, name: str) -> dict[str, Any]:
        """What a command said of its tables; empty if nothing.

        Raises:
            InputError: it cannot be read.
        """
        path = self.path / name
        try:
            found = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        except (OSError, ValueError) as error:
            raise InputError(
                f"{path}: cannot be read ({visible(str(error))[:200]}); make it again: "
                f"{self.command}"
            ) from None
        return found if isinstance(found, dict) else {}


def assessments(source: Path, runs: Iterable[Path]) -> list[Place]:
    """Where residents of these runs were assessed."""
    return [
        Place(folder / "assess", of, f"civa assess {quoted(folder)}")
        for folder, of in _folders(source, runs)
        if (folder / "assess" / "check.csv").is_file()
    ]


def judgements(source: Path, runs: Iterable[Path]) -> list[Place]:
    """Where judges of these runs left what they said."""
    return [
        Place(card.parent, of, f"civa judge {quoted(folder)} --mind …")
        for folder, of in _folders(source, runs)
        for card in sorted((folder / "judge").glob("*/judge.json"))
    ]


def codings(source: Path, runs: Iterable[Path]) -> list[Place]:
    """Where samples of these runs were drawn for coders."""
    return [
        Place(folder / "code", of, f"civa code {quoted(folder)} --read …")
        for folder, of in _folders(source, runs)
        if (folder / "code" / "draw.json").is_file()
    ]


def joined(places: Iterable[Place], name: str, texts: Sequence[str], numbers: Sequence[str]) -> Any:
    """One table of all places that have it; None if none has."""
    found = [place.table(name, texts, numbers) for place in places]
    known = [frame for frame in found if frame is not None]
    return pd.concat(known, ignore_index=True) if known else None


def quoted(folder: Path) -> str:
    """A folder as a word of a command that a reader can paste, without the place it lies in.

    As it was given, if that led from where the command was called; else by its name alone, for a
    report is sent to others and tells nothing of the machine that it was made on.
    """
    here = Path.cwd()
    if folder.is_absolute():
        folder = folder.relative_to(here) if folder.is_relative_to(here) else Path(folder.name)
    word = str(folder)
    return shlex.quote(f"./{word}" if word.startswith("-") else word)


def _folders(source: Path, runs: Iterable[Path]) -> list[tuple[Path, str]]:
    """The folder that is reported on, then those of its runs."""
    return [(source, ""), *((path, path.name) for path in runs if path != source)]
