"""The page: controls on the left, the day on top, one panel below.

`solara run server.py` and `civa dashboard` both show it. Every browser session has its own model;
when its tab is closed, whatever was in flight is given up.
"""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Final

import pandas as pd
import solara
import solara.lab

from model.scenario_files import scenario_from
from model.views.card import Card
from model.views.controls import Controls
from model.views.grid import Grid
from model.views.over_time import OverTime
from model.views.parts import Complaint, Words
from model.views.session import Choice, MindOf, Session

#: What stands in the headline: column of the table `days`, its name, decimals.
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
_CSS: Final = Path(__file__).with_name("look.css")


@solara.component
def Page() -> None:
    """The dashboard."""
    Dashboard()


@solara.component
def Dashboard(minds: MindOf | None = None) -> None:
    """The dashboard, with the minds that a community can have.

    Args:
        minds: makes ready the mind of a community; by default what its scenario names.
    """
    session = solara.use_memo(lambda: Session(Choice(scenario_from({})), minds), [])
    solara.use_effect(lambda: session.close, [])
    solara.Style(_CSS)
    solara.Title("civa")
    with solara.AppBar():
        solara.AppBarTitle("civa")
        solara.lab.ThemeToggle()
    with solara.Sidebar(), solara.v.Html(tag="div", class_="civa-side"):
        Controls(session)
    with solara.v.Html(tag="div", class_="civa-page"):
        ProgressLine(session)
        Headline(session)
        DaySlider(session)
        with solara.lab.Tabs(lazy=True):
            with solara.lab.Tab("Community"), solara.v.Html(tag="div", class_="civa-main"):
                with solara.v.Html(tag="div"):
                    Grid(session)
                with solara.v.Html(tag="div"):
                    Card(session)
            with solara.lab.Tab("Over time"):
                OverTime(session)


@solara.component
def ProgressLine(session: Session) -> None:
    """What is shown, and what the day is waiting for."""
    _ = session.pulse.value, session.changed.value
    progress, story = session.progress, session.live
    with solara.v.Html(tag="div", class_="civa-line", attributes={"role": "status"}):
        solara.v.Html(tag="i", class_=f"civa-dot {progress.phase}")
        solara.v.Html(tag="b", children=[saying(session)])
        Words(
            f"mind {story.mind} · seed {story.seed} · {treatment(session)}",
            quiet=True,
        )
    if progress.phase == "failed":
        Complaint(
            f"Day {progress.day + 1} could not be lived: {progress.cause} "
            "Reset founds a new community; this one can still be read.",
            progress.details,
        )
    elif progress.phase == "stopped":
        Complaint(f"{progress.cause} Play takes the day up again.")


def saying(session: Session) -> str:
    """The progress as a sentence."""
    progress = session.progress
    of = session.live.scenario.days
    if progress.phase == "asking":
        if not progress.stage:
            return f"Day {progress.day} of {of}: begins"
        waited = time.monotonic() - progress.since
        return (
            f"Day {progress.day} of {of}: {progress.asked} residents asked at {progress.stage}"
            + (f", {waited:.0f} s ago" if waited >= 1 else "")
        )
    if progress.phase == "ended":
        return f"Ended after day {progress.day} of {of}"
    if progress.phase in ("failed", "stopped"):
        return f"Stands after day {session.live.last} of {of}"
    return f"Ready after day {session.live.last} of {of}"


def treatment(session: Session) -> str:
    """The treatment of the living community in words."""
    scenario = session.live.scenario
    if not scenario.value or scenario.prevalence == 0:
        return f"{scenario.preset}, untreated"
    return f"{scenario.preset}, {scenario.mode} {scenario.value}, ρ = {scenario.prevalence:g}"


@solara.component
def Headline(session: Session) -> None:
    """The numbers of the day looked at, as the table `days` has them."""
    _ = session.changed.value, session.looked.value
    numbers = session.shown.numbers(session.on)
    with solara.v.Html(tag="div", class_="civa-numbers", attributes={"aria-label": "Numbers"}):
        for column, name, decimals in HEADLINE:
            with solara.v.Html(tag="div", attributes={"data-number": column}):
                solara.v.Html(tag="span", children=[name])
                solara.v.Html(tag="b", children=[number(numbers.get(column), decimals)])


def number(value: float | None, decimals: int) -> str:
    """A number as text; what is undefined is a dash."""
    if value is None or pd.isna(value) or not math.isfinite(value):
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
            on_value=session.look_at,
            thumb_label=False,
            disabled=last == 0,
        )
        solara.Button(
            "Latest",
            icon_name="mdi-skip-forward",
            text=True,
            disabled=session.day is None,
            on_click=lambda: session.look_at(session.shown.last),
        )
