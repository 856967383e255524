"""Interventions in a file: each row is appended and fsynced before it acts.

One JSON object a line, `{"id": 1, "day": 12, "what": {…}, "check": "…"}`, the last its seal. A line
that a crash cut off was never used, and is not read.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from agents.errors import InputError
from agents.fsync import synchronise
from agents.owned import check_file
from model.store.files import Anchor, writing
from model.store.sealed import sealed, unsealed
from model.world.interventions import Intervention

LARGEST: Final = 10_000_000  # bytes
_HOW: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
_BEGIN: Final = b'{"id": '


class InterventionsFile:
    """The interventions of one run.

    Args:
        path: the file; it need not exist.
        least: how many there are at least, as the run's card knows.

    Raises:
        InputError: a whole line is no intervention, or some are missing.
    """

    def __init__(self, path: Path, least: int = 0) -> None:
        self.path = path
        self._anchor = Anchor(path.parent)
        self._rows: list[Intervention] = []
        content = _read_bytes(path) if path.exists() else b""
        self._whole = content.rfind(b"\n") + 1
        for number, line in enumerate(content[: self._whole].splitlines(), start=1):
            self._rows.append(self._read(number, line))
        torn = content[self._whole :].rstrip(b"\0")
        if not (torn.startswith(_BEGIN) or _BEGIN.startswith(torn)):
            raise self._odd(len(self._rows) + 1, "not the beginning of one")
        if len(self._rows) < least:
            raise InputError(
                f"{path}: holds {len(self._rows)} of the {least} interventions that the run had; "
                "restore the file from a copy"
            )

    @property
    def rows(self) -> tuple[Intervention, ...]:
        """All interventions, in the order in which they were given."""
        return tuple(self._rows)

    def append(self, row: Intervention) -> int:
        """Add one; when this returns its id, it is on the medium.

        Raises:
            StoppedEarly: the disk does not take it.
        """
        number = len(self._rows) + 1
        what = row.model_dump(mode="json", exclude={"day"}, exclude_defaults=True)
        line = sealed({"id": number, "day": row.day, "what": what})
        with writing(self.path):
            self._anchor.check()
            new = not check_file(self.path, in_place=True)
            with os.fdopen(os.open(self.path, _HOW, 0o666), "ab") as file:
                file.truncate(self._whole)
                file.write(line)
                file.flush()
                # On the medium before it acts: a row that acted and was lost could never be
                # replayed.
                os.fsync(file.fileno())
            if new:
                synchronise(self.path.parent)
        self._whole += len(line)
        self._rows.append(row)
        return number

    def _read(self, number: int, line: bytes) -> Intervention:
        try:
            found = unsealed(line)
            if found["id"] != number:
                raise ValueError(f"id {found['id']}")
            if odd := found.keys() - {"id", "day", "what"}:
                raise ValueError(f"unknown: {', '.join(sorted(odd))}")
            return Intervention(day=found["day"], **found["what"])
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise self._odd(number, str(error).splitlines()[0]) from None

    def _odd(self, number: int, reason: str) -> InputError:
        return InputError(
            f"{self.path}, line {number}: no intervention ({reason}); restore the file from a copy"
        )


def _read_bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check the file") from None
    if len(content) > LARGEST:
        raise InputError(
            f"{path}: has more than {LARGEST} bytes, so it is no file of interventions; restore "
            "it from a copy"
        )
    return content
