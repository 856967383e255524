"""What a researcher did to a running community: rows appended to a file, durable before they act.

One JSON object a line, `{"id": 1, "day": 12, "what": {…}}`. A line that a crash cut off was never
used, and is not read.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from pydantic import ValidationError

from agents.errors import InputError
from model.interventions import Intervention
from model.store.files import sync_folder, writing


class InterventionsFile:
    """The interventions of one run.

    Args:
        path: the file; it need not exist.

    Raises:
        InputError: a whole line is no intervention.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._rows: list[Intervention] = []
        content = path.read_bytes() if path.exists() else b""
        self._whole = content.rfind(b"\n") + 1
        for number, line in enumerate(content[: self._whole].splitlines(), start=1):
            self._rows.append(self._read(number, line))

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
        text = json.dumps({"id": number, "day": row.day, "what": what})
        line = text.encode("ascii") + b"\n"
        with writing(self.path):
            new = not self.path.exists()
            with self.path.open("ab") as file:
                file.truncate(self._whole)
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
            if new:
                sync_folder(self.path.parent)
        self._whole += len(line)
        self._rows.append(row)
        return number

    def _read(self, number: int, line: bytes) -> Intervention:
        try:
            found = json.loads(line)
            if found["id"] != number:
                raise ValueError(f"id {found['id']}")
            return Intervention(day=found["day"], **found["what"])
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(
                f"{self.path}, line {number}: no intervention ({reason}); restore the file from "
                "a copy"
            ) from None
