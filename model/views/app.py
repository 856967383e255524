"""The page: controls on the left, the day on top, one panel below.

`solara run server.py` and `civa dashboard` both show it. Every browser session has its own model;
when its tab is closed, whatever was in flight is given up.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import solara
import solara.lab
import solara.server.settings

from model.scenario_files import scenario_from
from model.views.card import Card
from model.views.controls import Controls
from model.views.grid import Grid
from model.views.headline import DaySlider, Headline
from model.views.intervene import Intervene
from model.views.living import Choice, MindOf
from model.views.message_board import MessageBoard
from model.views.over_time import OverTime
from model.views.parts import Complaint, Theme, Words
from model.views.places import start
from model.views.runs_panel import Runs
from model.views.session import Session
from model.views.story import Story
from model.views.studies import Studies

#: A page that is gone without a word (a crash, a closed lid) is given up after this long.
_PATIENCE: Final = "10min"
_CSS: Final = Path(__file__).with_name("look.css")


solara.server.settings.theme.show_banner = False
solara.server.settings.theme.title = "civa"
solara.server.settings.kernel.cull_timeout = _PATIENCE


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
        Theme(event_dark=session.dark.set)
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
            with solara.lab.Tab("Messages"):
                MessageBoard(session)
            with solara.lab.Tab("Intervene"):
                Intervene(session)
            with solara.lab.Tab("Runs"):
                Runs(session, start())
            with solara.lab.Tab("Studies"):
                Studies(session, start())


@solara.component
def ProgressLine(session: Session) -> None:
    """What is shown, who decided in it, and what the day is waiting for."""
    _ = session.pulse.value, session.changed.value
    progress, story = session.progress, session.shown
    live = story is session.live
    with solara.v.Html(tag="div", class_="civa-line", attributes={"role": "status"}):
        solara.v.Html(tag="i", class_=f"civa-dot {progress.phase}")
        if not live:
            with solara.v.Html(tag="b"):
                Words(f"From disk: {story.name}")
        solara.v.Html(
            tag="span" if not live else "b",
            children=[saying(session) if live else f"(the living one: {saying(session)})"],
        )
        Words(f"mind {story.mind} · seed {story.seed} · {treatment(story)}", quiet=True)
        if live and session.living.used:
            Words(session.living.used, quiet=True)
        if not live:
            solara.Button(
                "Back to the living community",
                small=True,
                text=True,
                on_click=lambda: session.show(session.live),
            )
    if progress.phase == "failed":
        Complaint(
            f"After day {progress.day} it could not go on: {progress.cause}. "
            "What was lived can still be read; Reset founds a new community.",
            progress.details,
        )
    elif progress.phase == "stopped":
        Complaint(f"{progress.cause}. Play takes the day up again.")


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


def treatment(story: Story) -> str:
    """The treatment of a community in words."""
    scenario = story.scenario
    if not scenario.value or scenario.prevalence == 0:
        return f"{scenario.preset}, untreated"
    return f"{scenario.preset}, {scenario.mode} {scenario.value}, ρ = {scenario.prevalence:g}"
