"""Earlier registrations of the same content: a study that was registered before, and run again.

A design that was run, looked at and run once more is no fresh test of its hypotheses, so a report
says how often its content was registered. Only what lies beside the study can be known: other
folders of the same parent that hold a manifest with the same hash of registered content. A study
that was deleted, or lies elsewhere, is not found, and then nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agents.errors import InputError
from model.store.cards import read_card
from model.study.manifest import FILE, FORMAT, Manifest


@dataclass(frozen=True)
class Earlier:
    """When the same content was registered before.

    Attributes:
        first: date and time of the first registration known, ISO 8601.
        before: how many registrations before this one are known.
    """

    first: str
    before: int

    def __str__(self) -> str:
        """As a report says it."""
        number = self.before + 1
        ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
        ending = "th" if number % 100 in (11, 12, 13) else ending
        return f"first on {self.first}; {number}{ending} registration of this content known here"


def earlier(folder: Path, manifest: Manifest) -> Earlier | None:
    """Registrations of the same content before this one, in folders beside it; None if none.

    What is no manifest, or a damaged one, registers nothing. Copies of this study (the same time of
    registration) are not other registrations.

    Args:
        folder: of the study.
        manifest: its own.
    """
    found = set()
    for path in sorted(folder.resolve().parent.glob(f"*/{FILE}")):
        created = _registered(path, manifest.registration)
        if created and created < manifest.created:
            found.add(created)
    return Earlier(min(found), len(found)) if found else None


def _registered(path: Path, registration: str) -> str:
    """When a manifest registered this content; empty if it is another's, or none."""
    if path.is_symlink():
        return ""
    try:
        card = read_card(path, "study", FORMAT)
    except InputError:
        return ""
    created = card.get("created") if card.get("registration") == registration else ""
    return created if isinstance(created, str) else ""
