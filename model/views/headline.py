"""The numbers of the day that is looked at, as the table `days` has them."""

from __future__ import annotations

import math
from typing import Final

import solara

from model.views.error_boundary import on
from model.views.session import Session

#: Column of the table `days`, its name on the screen, decimals.
HEADLINE: Final = (
    ("population", "residents", 0),
    ("households", "households", 0),
    ("stock", "stock, units", 0),
    ("hungry", "hungry", 0),
    ("gini", "Gini", 2),
    ("cooperation", "cooperating", 0),
    ("betrayal", "betraying", 0),
    ("attacks", "attacks", 0),
    ("gifts", "gifts", 0),
    ("messages", "messages", 0),
    ("faults", "faults", 0),
)


@solara.component
def Headline(session: Session) -> None:
    """One row of numbers."""
    _ = session.changed.value, session.looked.value
    numbers = session.shown.numbers(session.on)
    with solara.v.Html(tag="div", class_="civa-numbers", attributes={"aria-label": "Numbers"}):
        for column, name, decimals in HEADLINE:
            with solara.v.Html(tag="div", attributes={"data-number": column}):
                solara.v.Html(tag="span", children=[name])
                solara.v.Html(tag="b", children=[number(numbers.get(column), decimals)])


def number(value: float | None, decimals: int) -> str:
    """A number as text; what is undefined is a dash."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.{decimals}f}".replace(",", "\u202f")


@solara.component
def DaySlider(session: Session) -> None:
    """Which day is looked at: rewinding reads tables and asks nobody."""
    _ = session.changed.value, session.looked.value
    last = session.shown.last
    with solara.v.Html(tag="div", class_="civa-day-slider"):
        solara.SliderInt(
            f"Day {session.on} of {last}",
            value=session.on,
            min=0,
            max=max(last, 1),
            on_value=on(session.look_at),
            thumb_label=False,
            disabled=last == 0,
        )
        solara.Button(
            "Latest",
            icon_name="mdi-skip-forward",
            text=True,
            disabled=session.day is None,
            on_click=on(lambda: session.look_at(session.shown.last)),
        )
