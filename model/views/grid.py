"""The community grid on the page: drawn by the browser, so that it answers to pointer and keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import solara

from agents.errors import CivaError
from model.views.error_boundary import on
from model.views.scene import COLOURINGS, LAYERS, scene
from model.views.session import Session
from model.views.widgets import Complaint


@solara.component_vue("community_grid.vue")
def Drawing(
    drawn: str,
    layers: list[dict[str, Any]],
    resident: int,
    factory: int,
    event_pick: Callable[[dict[str, int]], None],
) -> None:
    """A scene as SVG.

    The scene is handed over as JSON text: every drawing of the page walks through all lists and
    dictionaries that are given to a component, and a scene has thousands of numbers.
    """


@solara.component
def Grid(session: Session) -> None:
    """The day looked at, on the grid."""
    changed, looked = session.changed.value, session.looked.value
    colouring, set_colouring = solara.use_state("told")
    story, day = session.shown, session.on
    names = {label: name for name, label in COLOURINGS.items()}

    def make() -> tuple[str, str]:
        try:
            return json.dumps(scene(story, day, colouring)), ""
        except CivaError as error:
            return "", str(error)

    drawn, problem = solara.use_memo(make, [id(story), day, colouring, changed if day == 0 else 0])
    if problem:
        Complaint(problem)
        return
    _ = looked

    def pick(what: dict[str, int]) -> None:
        session.select(what.get("resident", 0), what.get("factory", 0))

    with solara.v.Html(tag="div", class_="civa-narrow"):
        solara.Select(
            "Colour shows",
            values=list(names),
            value=COLOURINGS[colouring],
            on_value=on(lambda label: set_colouring(names[label])),
            dense=True,
        )
    Drawing(
        drawn=drawn,
        layers=[
            {"name": name, "label": f"{name}s", "colour": colour, "on": on}
            for name, (colour, on) in LAYERS.items()
        ],
        resident=session.resident,
        factory=session.factory,
        event_pick=on(pick),
    )
