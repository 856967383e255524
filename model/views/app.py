"""The page: controls on the left, the day on top, one panel below.

`civa dashboard`, `python server.py` and `solara run --no-check-version server.py` all show it, each
behind the guard of `model.views.door`. Every browser session has its own model; when its tab is
closed, whatever was in flight is given up. Every panel stands in a boundary of its own: one that
fails becomes a banner, and the others and the community go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import solara
import solara.lab
import solara.server.settings

from model.views.card import Card
from model.views.controls import Founding, Keeping, Running
from model.views.door.install import install, require
from model.views.error_boundary import Boundary, PagePlace, Panel, Troubles, effect, on
from model.views.grid import Grid
from model.views.headline import DaySlider, Headline
from model.views.intervene import Intervene
from model.views.living_community import MindOf
from model.views.message_board import MessageBoard
from model.views.over_time import OverTime
from model.views.places import start
from model.views.runs_panel import Runs
from model.views.session import Session
from model.views.story import Story
from model.views.studies import Studies
from model.views.widgets import Complaint, Empty, Theme, Words

#: A page that is gone without a word (a crash, a closed lid) is given up after this long.
_PATIENCE: Final = "10min"
_CSS: Final = Path(__file__).with_name("look.css")


solara.server.settings.theme.show_banner = False
solara.server.settings.theme.title = "civa"
solara.server.settings.kernel.cull_timeout = _PATIENCE
install()


#: From a panel's name and the panel to what is shown in its place.
Around = Callable[[str, Panel], Panel]


def alone(name: str, panel: Panel) -> Panel:
    """Nothing stands beside a panel."""
    return panel


@solara.component
def Page() -> None:
    """The dashboard."""
    Dashboard()


@solara.component
def Dashboard(minds: MindOf | None = None, around: Around = alone) -> None:
    """The dashboard, with the minds that a community can have.

    Args:
        minds: makes ready the mind of a community; by default what its scenario names.
        around: what is shown in the place of each panel of the page, by the panel's name; the
            panel itself unless something is to stand beside it.

    Raises:
        CivaError: the page is served without its guard.
    """
    solara.use_memo(require, [])
    session = solara.use_memo(lambda: Session(minds), [])
    effect(lambda: session.close, [], PagePlace(session.trouble, "Closing the page"))
    solara.Style(_CSS)
    solara.Title("civa")
    Boundary(session, "The page", around("The page", Panels), session, around)


@solara.component
def Panels(session: Session, around: Around) -> None:
    """All panels, each within a boundary of its own.

    It may not be called `Layout`: Solara takes an app's component of that name for its frame.
    """

    def panel(name: str, one: Panel, *given: object) -> None:
        Boundary(session, name, around(name, one), session, *given)

    with solara.AppBar():
        solara.AppBarTitle("civa")
        panel("The theme switch", ThemeSwitch)
    with (
        solara.Sidebar(),
        solara.v.Html(tag="div", class_="civa-side"),
        solara.Column(),
    ):
        panel("Play and Reset", Running)
        panel("The next community", Founding)
        panel("Keep this run", Keeping)
    with solara.v.Html(tag="div", class_="civa-page"):
        panel("The progress", ProgressLine)
        panel("The faults", Troubles)
        panel("The numbers", Needing, Headline)
        panel("The day slider", Needing, DaySlider)
        with solara.lab.Tabs(lazy=True):
            with solara.lab.Tab("Community"), solara.v.Html(tag="div", class_="civa-main"):
                with solara.v.Html(tag="div"):
                    panel("The grid", Needing, Grid)
                with solara.v.Html(tag="div"):
                    panel("The card", Needing, Card)
            with solara.lab.Tab("Over time"):
                panel("Over time", Needing, OverTime)
            with solara.lab.Tab("Messages"):
                panel("Messages", Needing, MessageBoard)
            with solara.lab.Tab("Intervene"):
                panel("Intervene", Needing, Intervene)
            with solara.lab.Tab("Runs"):
                panel("Runs", Runs, start())
            with solara.lab.Tab("Studies"):
                panel("Studies", Studies, start())
        panel("The theme", ThemeHeard)


@solara.component
def Needing(session: Session, panel: Panel) -> None:
    """A panel about the run that is shown, if there is one."""
    _ = session.again.value
    if session.anything:
        panel(session)
    else:
        Empty("No community lives.", "Mend what stands on the left and press Reset.")


@solara.component
def ThemeSwitch(session: Session) -> None:
    """Light or dark."""
    solara.lab.ThemeToggle()


@solara.component
def ThemeHeard(session: Session) -> None:
    """Hears from the browser whether its page is dark."""
    Theme(event_dark=on(session.dark.set))


@solara.component
def ProgressLine(session: Session) -> None:
    """What is shown, who decided in it, and what the day is waiting for."""
    _ = session.pulse.value, session.changed.value
    progress, live = session.progress, session.live_shown
    if not session.anything:
        Complaint(f"No community lives: {progress.cause}. Reset founds one.", session.details)
        return
    story = session.shown
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
                on_click=on(lambda: session.show(session.live)),
                disabled=not session.founded,
            )
    if progress.phase == "failed" and session.founded:
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
    if not session.founded:
        return "none"
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
