"""Cards: the small JSON file, with checksum and layout number, that says what a folder holds.

A card is written whole or not at all. A number that this version does not know is refused before
anything else is looked at, so that a newer layout is never taken for damage.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from agents.errors import InputError
from agents.fsync import write_whole
from model.store.files import writing
from model.store.sealed import SealBroken, sealed, unsealed

_LARGEST: Final = 200_000_000  # bytes; profiles of 20,000 residents take one million


def write_card(path: Path, content: Mapping[str, Any]) -> None:
    """Write a card; `content` names its `format`.

    Raises:
        StoppedEarly: the disk does not take it.
    """
    with writing(path):
        write_whole(path, sealed(content, indent=1))


def read_card(path: Path, what: str, known: int) -> dict[str, Any]:
    """Read a card.

    Args:
        path: of the file.
        what: it tells of, for the message where there is none.
        known: number of the layout that this version reads.

    Raises:
        InputError: there is none, it is damaged, or its format is unknown.
    """
    broken = ""
    try:
        with path.open("rb") as file:
            found = unsealed(file.read(_LARGEST))
    except FileNotFoundError:
        raise InputError(f"{path.parent}: no {what} lies here ({path.name} is missing)") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror})") from None
    except SealBroken as error:
        found, broken = dict(error.content), str(error)
    except ValueError:
        raise InputError(f"{path}: damaged, no JSON; restore it from a copy") from None
    number = found.get("format") if isinstance(found, dict) else None
    if number is None:
        raise InputError(f"{path}: not written by civa (it names no format)")
    if number != known:
        raise InputError(
            f"{path}: format {number} is unknown; this version of civa reads format {known}"
        )
    if broken:
        raise InputError(f"{path}: damaged ({broken}); restore it from a copy")
    card: dict[str, Any] = found
    return card
