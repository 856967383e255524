"""The panel of numbers over time."""

from __future__ import annotations

import solara

from model.views.charts import CHARTS, Chart, Frame, Note, across, notes_of, picture
from model.views.session import Session
from model.views.widgets import Empty, Words


@solara.component
def OverTime(session: Session) -> None:
    """All charts of the run that is shown; the day looked at is laid over each."""
    _ = session.looked.value
    story, changed = session.shown, session.changed.value
    days = solara.use_memo(session.numbers, [changed, id(story)])
    dark = session.dark.value
    if len(days) < 2:
        Empty("Nothing has happened yet.", "Press Step to live a day, or Play to go on living.")
        return
    notes = notes_of(days, story.scenario.residents)
    with solara.v.Html(tag="div", class_="civa-charts"):
        for chart in CHARTS:
            Panel(chart, days, notes, dark, session.on, story.last).key(chart.name)


@solara.component
def Panel(chart: Chart, days: Frame, notes: list[Note], dark: bool, day: int, last: int) -> None:
    """One chart, with the day looked at."""
    drawn = solara.use_memo(
        lambda: picture(chart, days, notes, dark=dark), [id(days), dark, chart.name]
    )
    with solara.v.Html(tag="figure", class_="civa-chart"):
        with solara.v.Html(tag="figcaption"):
            solara.v.Html(tag="b", children=[chart.title])
            Words(chart.about, quiet=True)
        with solara.v.Html(tag="div", class_="civa-chart-box"):
            solara.v.Html(
                tag="img", attributes={"src": drawn, "alt": f"{chart.title}. {chart.about}"}
            )
            solara.v.Html(
                tag="div", class_="civa-cursor", style_=f"left: {100 * across(day, last):.2f}%"
            )
