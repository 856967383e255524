"""The message board: search, filter, and see which claims were false and which promises broken."""

from __future__ import annotations

from typing import Final

import solara

from agents.decisions import Kind
from model.views.card import Message
from model.views.error_boundary import on
from model.views.message_facts import MARKS, Mark, Wanted, at, chosen, marks
from model.views.session import Session
from model.views.widgets import Empty, Words

#: Messages on a page.
PAGE: Final = 40
_ANY: Final = "any"


@solara.component
def MessageBoard(session: Session) -> None:
    """All messages of the run that is shown."""
    changed, story = session.changed.value, session.shown
    wanted, set_wanted = solara.use_state(Wanted())
    resident, set_resident = solara.use_state("")
    day, set_day = solara.use_state("")
    pages, set_pages = solara.use_state(1)
    asked = Wanted(wanted.text, _whole(resident), _whole(day), wanted.kind, wanted.mark)

    def change(text: str | None = None, kind: str | None = None, mark: str | None = None) -> None:
        set_pages(1)
        set_wanted(
            Wanted(
                wanted.text if text is None else text,
                kind=wanted.kind if kind is None else _word(kind),
                mark=wanted.mark if mark is None else _word(mark),
            )
        )

    found = solara.use_memo(lambda: chosen(story, asked), [id(story), changed, asked])
    known = solara.use_memo(lambda: marks(story), [id(story), changed])
    kinds = [_ANY, *(kind.name.lower() for kind in Kind)]
    with solara.v.Html(tag="div", class_="civa-filters"):
        solara.InputText(
            "Words in a message", value=wanted.text, on_value=on(lambda t: change(text=t)),
            continuous_update=True,
        )  # fmt: skip
        solara.InputText("Resident, like 7", value=resident, on_value=on(set_resident))
        solara.InputText("Day", value=day, on_value=on(set_day))
        solara.Select(
            "Kind", values=kinds, value=wanted.kind or _ANY, on_value=on(lambda k: change(kind=k))
        )
        solara.Select(
            "Marked",
            values=[_ANY, *MARKS],
            value=wanted.mark or _ANY,
            on_value=on(lambda m: change(mark=m)),
        )
    total = len(story.whole("messages"))
    if not total:
        Empty("Nobody has said anything yet.", "Press Step or Play; residents talk every day.")
        return
    Words(f"{len(found):,} of {total:,} messages, the newest first", quiet=True)
    if not found:
        Empty("No message is like that.", "Take a filter away.")
    with solara.v.Html(tag="div", class_="civa-board"):
        for message in at(story, found[: pages * PAGE]):
            with solara.v.Html(tag="article").key(f"{id(story)} {message.row}"):
                Words(f"day {message.day}", quiet=True)
                Message(message)
                for mark in known.get(message.row, ()):
                    Marked(mark)
    if len(found) > pages * PAGE:
        solara.Button("More", on_click=on(lambda: set_pages(pages + 1)), outlined=True)


@solara.component
def Marked(mark: Mark) -> None:
    """What the log says of a message."""
    with solara.v.Html(tag="div"):
        solara.v.Html(
            tag="span", class_="civa-tag bad" if mark.bad else "civa-tag", children=[mark.word]
        )
        solara.v.Html(tag="span", children=[mark.reason])


def _whole(text: str) -> int:
    """A number that was typed, with or without the R of a resident; 0 for anything else."""
    plain = text.strip().lstrip("Rr")
    return int(plain) if plain.isascii() and plain.isdecimal() and len(plain) < 10 else 0


def _word(choice: str) -> str:
    return "" if choice == _ANY else choice
