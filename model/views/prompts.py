"""What a language mind was asked and answered, from the journal of its calls."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import solara

from agents.errors import CivaError
from model.store.folder import JOURNAL
from model.views.error_boundary import on
from model.views.session import Session
from model.views.story import SavedPages, Story
from model.views.widgets import Facts, Words


@dataclass(frozen=True)
class Attempt:
    """One attempt at one stage: what was sent, what came back, and what it took."""

    stage: str
    attempt: int
    prompt: tuple[str, ...]
    reply: str
    facts: tuple[tuple[str, str], ...]


def askings(journal: Path, resident: int, day: int) -> list[Attempt]:
    """Every call about a resident's day, in order.

    Raises:
        CivaError: the journal is missing or damaged.
    """
    from agents.llm.journal import read_journal
    from agents.llm.records import CallRecord

    book = read_journal(journal)
    try:
        rows = book.query(
            "SELECT * FROM calls WHERE day = ? AND subject = ? ORDER BY rowid", (day, resident)
        )
        found = []
        for row in rows:
            record = CallRecord.from_row(row)
            if record is None:
                continue
            parts = book.prompt(record.day, record.stage, record.subject, record.attempt)
            usage = record.usage
            found.append(
                Attempt(
                    record.stage,
                    record.attempt,
                    parts,
                    record.reply,
                    (
                        ("tokens", f"{usage.input} in, {usage.output} out"),
                        ("latency", f"{record.latency:.2f} s"),
                        ("outcome", record.cause or record.outcome),
                    ),
                )
            )
        return found
    finally:
        book.close()


def journal_of(session: Session, story: Story) -> Path | None:
    """Where the journal of a run lies; None if no resident is asked in words."""
    if not {"mind", "second_mind"} & set(story.scenario.language):
        return None
    if isinstance(story.pages, SavedPages):
        return story.pages.path / JOURNAL
    return None if session.kept is None else session.kept.path / JOURNAL


@solara.component
def Asked(session: Session, story: Story, resident: int, day: int) -> None:
    """The exact prompts and replies of a resident's day."""
    opened, set_opened = solara.use_state(False)
    journal = journal_of(session, story)
    if journal is None:
        Words(f"The mind {story.mind} decides without words: there is no prompt.", quiet=True)
        return
    label = "Hide what it was asked" if opened else "What it was asked, word for word"
    solara.Button(label, small=True, on_click=on(lambda: set_opened(not opened)))
    if opened:
        Calls(journal, resident, day)


@solara.component
def Calls(journal: Path, resident: int, day: int) -> None:
    """The calls themselves."""

    def read() -> list[Attempt] | str:
        try:
            return askings(journal, resident, day)
        except CivaError as error:
            return str(error)

    found = solara.use_memo(read, [str(journal), resident, day])
    if isinstance(found, str):
        Words(found)
        return
    for call in found:
        title = f"{call.stage}, attempt {call.attempt + 1}"
        solara.v.Html(tag="h3", children=[title])
        Facts(call.facts)
        for part in call.prompt:
            Words(part, said=True)
        Words("It answered:", quiet=True)
        Words(call.reply, said=True)
    if not found:
        Words("The journal holds no call about this day.", quiet=True)
