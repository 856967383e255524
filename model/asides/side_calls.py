"""Side calls: a model asked about a run, with a journal of its own, apart from the run's.

The run's journal holds what its residents were asked and nothing else; what an assessment or a
judge asks lies in a folder of its own beside it, is found there again, and is never paid twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from agents.errors import InputError
from agents.llm.caller import Call, Caller, CallVerdict
from agents.llm.endpoint import process_endpoints
from agents.llm.errors import EndpointError
from agents.llm.journal import open_journal, read_journal
from agents.llm.loop import process_loop
from agents.llm.spending import Spending
from agents.minds import register
from agents.owned import make_folder
from model.run.identity import canonical
from model.store import load_run
from model.store.files import writing
from model.store.meta import FILE as CARD
from model.world.settings import Settings

T = TypeVar("T")

JOURNAL: Final = "calls.sqlite"
#: Temperature at which a model is asked about a run; part of the side journal's identity.
TEMPERATURE: Final = 0.0


def model_of(mind: str) -> str:
    """The model in a mind's name `openai:MODEL`.

    Raises:
        InputError: it names none.
    """
    model = register.model_of(mind).strip()
    if not model:
        raise InputError(f"mind: {mind!r} names no model to ask; write {register.LANGUAGE_NAME}")
    return model


def folder_of(base: Path, mind: str) -> Path:
    """Where what this mind said is kept, below `base`."""
    return base / (re.sub(r"[^A-Za-z0-9.=,-]+", "_", mind)[:80].strip("_.") or "mind")


@contextmanager
def side_caller(
    folder: Path, mind: str, settings: Settings, identity: Mapping[str, Any]
) -> Iterator[Caller]:
    """A caller for side calls, open for a `with` block.

    Args:
        folder: where its journal lies; made if missing.
        mind: `openai:MODEL`.
        settings: where it is asked and what may be spent.
        identity: what makes the questions the same questions.

    Raises:
        InputError: no model is named, its address is none, or the journal is of other questions.
    """
    model = model_of(mind)
    where = settings.endpoint(model, TEMPERATURE)
    try:
        endpoint = process_endpoints().open(where, settings.limits(), settings.policy())
    except EndpointError as error:
        raise InputError(str(error)) from None
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        make_folder(folder)
    named = canonical({**identity, "mind": mind, "temperature": TEMPERATURE})
    with open_journal(folder / JOURNAL, named) as journal:
        price = settings.price_of(model)
        prices = {} if price is None else {model: price}
        spending = Spending(settings.caps(), prices, journal.spent())
        yield Caller(journal, endpoint, spending)


def served_by(folder: Path) -> list[str]:
    """Who answered the side calls journalled in a folder, as they named themselves."""
    if not (folder / JOURNAL).is_file():
        return []
    with read_journal(folder / JOURNAL) as journal:
        rows = journal.query("SELECT DISTINCT served FROM calls WHERE day >= 0 ORDER BY served")
    return [str(row[0]) for row in rows]


def ask(caller: Caller, calls: Sequence[Call[T]]) -> list[CallVerdict[T]]:
    """Ask all questions, waiting for them on the loop of the language calls."""
    return process_loop().submit(caller.ask_many(calls))


def runs_in(path: Path) -> list[Path]:
    """The finished runs that lie in a folder: itself, or those below it.

    Raises:
        InputError: there is none.
    """
    cards = sorted({card.parent for card in path.rglob(CARD)} if path.is_dir() else ())
    done = [folder for folder in cards if load_run(folder).meta.status == "done"]
    if not done:
        raise InputError(f"{path}: no finished run lies here; name the folder of a run or a study")
    return done
