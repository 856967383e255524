"""The panel of runs on disk: find, open, compare."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import solara

from agents.errors import CivaError
from model.views.compare import Compare
from model.views.error_boundary import on
from model.views.library import CardLabel, Shelf, label, shelf
from model.views.places import below
from model.views.session import Session
from model.views.story import Story, saved_story
from model.views.widgets import Complaint, Empty, Words


@solara.component
def Runs(session: Session, start: str) -> None:
    """Runs under a folder, and two of them side by side.

    Args:
        session: who looks.
        start: the folder to look under first.
    """
    _ = session.changed.value
    place = session.forms.held("folder of runs", lambda: start)
    root = place.value
    again, set_again = solara.use_state(0)
    problem, set_problem = solara.use_state("")
    found = solara.use_memo(lambda: look_under(root), [root, again])

    def opened(path: Path, look: Callable[[Story], None]) -> None:
        set_problem("")
        try:
            look(saved_story(path))
        except CivaError as error:
            set_problem(str(error))

    with solara.v.Html(tag="div", class_="civa-filters"):
        solara.InputText("Folder of runs", value=root, on_value=on(place.set))
        solara.Button("Look again", outlined=True, on_click=on(lambda: set_again(again + 1)))
        solara.Button(
            "Living community",
            outlined=True,
            disabled=session.live_shown or not session.founded,
            on_click=on(lambda: session.show(session.live)),
        )
        solara.Button(
            "Set this one beside",
            outlined=True,
            disabled=not session.anything or session.shown.last == 0,
            on_click=on(lambda: session.compare(session.shown)),
        )
    if problem:
        Complaint(problem)
    if session.beside is not None:
        Compare(session)
    if isinstance(found, str):
        Empty(found, "Keep this run (on the left), or make one with civa run.")
        return
    labels, more = found
    if not labels:
        Empty(
            f"No run lies under {root}.",
            "Keep this run (on the left), or make one with civa run.",
        )
        return
    with solara.v.Html(tag="table", class_="civa-table"):
        with solara.v.Html(tag="thead"), solara.v.Html(tag="tr"):
            for head in ("run", "scenario", "mind", "seed", "status", "days", ""):
                solara.v.Html(tag="th", children=[head])
        with solara.v.Html(tag="tbody"):
            for one in labels:
                Row(
                    one,
                    session.anything and session.shown.name == one.path.name,
                    lambda path: opened(path, session.show),
                    lambda path: opened(path, session.compare),
                ).key(str(one.path))
    if more:
        Words("There are more; name a folder further down.", quiet=True)


@solara.component
def Row(
    one: CardLabel, here: bool, show: Callable[[Path], None], beside: Callable[[Path], None]
) -> None:
    """One run of the list."""
    with solara.v.Html(tag="tr", class_="here" if here else ""):
        cells = (one.path.name, one.scenario, one.mind, str(one.seed), one.status, one.days)
        if one.trouble:
            cells = (one.path.name, one.trouble, "", "", "", "")
        for cell in cells:
            with solara.v.Html(tag="td"):
                Words(cell)
        with solara.v.Html(tag="td"):
            if not one.trouble:
                solara.Button("Open", small=True, text=True, on_click=on(lambda: show(one.path)))
                solara.Button(
                    "Beside",
                    small=True,
                    text=True,
                    on_click=on(lambda: beside(one.path)),
                )


def look_under(root: str) -> tuple[list[CardLabel], bool] | str:
    """The runs under a folder, or why there are none."""
    try:
        found: Shelf = shelf(below("Folder of runs", root))
    except (CivaError, OSError, ValueError) as error:
        return str(error)
    return [label(path) for path in found.runs], found.more
