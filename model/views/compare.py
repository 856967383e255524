"""Two runs side by side, day by day."""

from __future__ import annotations

import math

import solara

from model.views.charts import CHARTS, across, between
from model.views.error_boundary import on
from model.views.headline import HEADLINE, number
from model.views.session import Session
from model.views.story import Story
from model.views.widgets import Words


@solara.component
def Compare(session: Session) -> None:
    """The run shown and the one beside it, if there is one."""
    _ = session.looked.value, session.changed.value
    if session.beside is not None:
        SideBySide(session, session.beside)


@solara.component
def SideBySide(session: Session, beside: Story) -> None:
    """Numbers of the day looked at, and residents over time."""
    _ = session.looked.value, session.changed.value
    shown, dark = session.shown, session.dark.value
    day = min(session.on, beside.last)
    one, two = shown.numbers(session.on), beside.numbers(day)
    lines = [(shown.name, session.numbers()), (beside.name, beside.whole("days"))]
    drawn = solara.use_memo(
        lambda: between(CHARTS[0], lines, dark=dark),
        [id(shown), id(beside), shown.last, beside.last, dark],
    )
    last = max(shown.last, beside.last)
    with solara.v.Html(tag="section", attributes={"aria-label": "Compare"}):
        with solara.v.Html(tag="h2"):
            solara.v.Html(tag="span", children=["Side by side"])
        same = shown.seed == beside.seed
        Words(
            f"{shown.name} (seed {shown.seed}) and {beside.name} (seed {beside.seed}): "
            + ("the same seed." if same else "different seeds, so chance differs too."),
            quiet=True,
        )
        with solara.v.Html(tag="div", class_="civa-pair"):
            with solara.v.Html(tag="table", class_="civa-table"):
                with solara.v.Html(tag="thead"), solara.v.Html(tag="tr"):
                    for head in (f"day {session.on}", shown.name, beside.name, "difference"):
                        with solara.v.Html(tag="th"):
                            Words(head)
                with solara.v.Html(tag="tbody"):
                    for column, name, decimals in HEADLINE:
                        a, b = one.get(column, math.nan), two.get(column, math.nan)
                        with solara.v.Html(tag="tr"):
                            for cell in (
                                name,
                                number(a, decimals),
                                number(b, decimals),
                                number(a - b, decimals),
                            ):
                                solara.v.Html(tag="td", children=[cell])
            with solara.v.Html(tag="div", class_="civa-chart-box"):
                solara.v.Html(
                    tag="img", attributes={"src": drawn, "alt": "Residents of both runs by day"}
                )
                solara.v.Html(
                    tag="div",
                    class_="civa-cursor",
                    style_=f"left: {100 * across(session.on, last):.2f}%",
                )
        solara.Button(
            "Take away", small=True, text=True, on_click=on(lambda: session.compare(None))
        )
