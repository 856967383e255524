"""Small pieces that every panel is made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import solara

from model.report.text import visible


@solara.component_vue("theme.vue")
def Theme(event_dark: Callable[[bool], None]) -> None:
    """Tells whether the page is dark: the browser knows, the server does not."""


@solara.component
def Words(text: str, *, quiet: bool = False, said: bool = False) -> None:
    """A text shown as it stands: never markup, with what cannot be seen written out.

    Args:
        text: whatever a mind, a file or a user wrote.
        quiet: in the second colour.
        said: as a quotation, which keeps its line breaks and scrolls when long.
    """
    shown = "\n".join(visible(line) for line in text.split("\n")) if said else visible(text)
    name = "civa-said" if said else "civa-words"
    solara.v.Html(
        tag="div" if said else "span",
        children=[shown],
        class_=f"{name} quiet" if quiet else name,
    )


@solara.component
def Complaint(text: str, details: str = "") -> None:
    """Something went wrong: what, and what to do."""
    with (
        solara.v.Html(tag="div", class_="civa-banner", attributes={"role": "alert"}),
        solara.v.Html(tag="div"),
    ):
        Words(text)
        if details:
            with solara.Details("The whole trace"):
                Words(details, said=True)


@solara.component
def Empty(what: str, next_step: str) -> None:
    """Nothing to show yet, and what to do about it."""
    with solara.v.Html(tag="div", class_="civa-empty"):
        solara.v.Html(tag="div", children=[what])
        solara.v.Html(tag="div", class_="quiet", children=[next_step])


@solara.component
def Facts(rows: Sequence[tuple[str, str]]) -> None:
    """Names and values, two columns."""
    with solara.v.Html(tag="dl", class_="civa-facts"):
        for name, value in rows:
            solara.v.Html(tag="dt", children=[name])
            solara.v.Html(tag="dd", children=[visible(value)])
