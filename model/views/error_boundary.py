"""Error boundaries: a fault anywhere in the page becomes a banner, and everything else stays.

Solara replaces the whole page by a traceback when an exception reaches its root, and leaves the
exceptions of threads in a log. How it is caught depends on where it is raised:

====================  ==============================================================
render, `use_memo`    the `Boundary` around the panel, which then shows why it fell
event handler         `on(…)`, which adds it to `session.trouble`; the panel stays
effect                `effect(…)`, likewise
thread                `thread(…)` of `model.views.trouble`, likewise
====================  ==============================================================

Conventions, which `tests/house/test_error_boundaries.py` holds:

- every panel of the page is shown by `Boundary(session, name, panel, *given)`, never made by
  whoever lays out the page: a boundary catches only what is made in its own body;
- every handler that is given to a component of Solara, ipyvuetify or a `.vue` file is wrapped
  where it is given: `solara.Button("Step", on_click=on(session.step))`. A component of our own
  takes a plain function and wraps it where it hands it on;
- `solara.use_effect` and `threading.Thread` are used in these two modules alone.

What must outlive the fall of its panel (a half-written form) is held by the session (`held`): the
state of a panel that falls is gone with it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

import reacton
import solara

from model.views.session import Session
from model.views.trouble import PageTrouble, in_one_line, trace_of
from model.views.widgets import Complaint

#: A component, or any function that makes elements.
Panel = Callable[..., object]
#: What an effect does; it may return how to undo it.
Effect = Callable[[], "Callable[[], object] | None"]


@dataclass(frozen=True)
class PagePlace:
    """Where on a page something happens: whose trouble its faults are, and the panel's name."""

    trouble: PageTrouble
    name: str

    def failed(self, error: BaseException) -> None:
        """Add a fault that happened here."""
        self.trouble.add(self.name, error)


@dataclass(frozen=True)
class _Handler:
    """A handler whose faults are added to a session's trouble.

    Equal to another one of the same function and place, so that a component that is drawn again
    keeps its listeners.
    """

    act: Callable[..., object]
    place: PagePlace

    def __call__(self, *given: Any) -> None:
        try:
            self.act(*given)
        except Exception as error:
            self.place.failed(error)


_PLACE: Final = reacton.create_context(cast("PagePlace | None", None), name="civa-place")


def here() -> PagePlace:
    """The panel that is being drawn.

    Raises:
        LookupError: what is being drawn stands in no `Boundary`.
    """
    found: PagePlace | None = reacton.get_context(_PLACE)
    if found is None:
        raise LookupError("drawn outside of every Boundary: its faults would end the page")
    return found


def on(act: Callable[..., object], place: PagePlace | None = None) -> Callable[..., None]:
    """A handler for an event of a component: what it raises becomes a banner.

    Args:
        act: what to do; called with whatever the event brings.
        place: where it happens; by default the panel that is being drawn.
    """
    return _Handler(act, place or here())


def effect(
    act: Effect, dependencies: list[Any] | None = None, place: PagePlace | None = None
) -> None:
    """`solara.use_effect`, where a fault (of undoing, too) becomes a banner.

    Args:
        act: what to do after drawing; may return how to undo it.
        dependencies: done again when one of them changes; None is after every drawing.
        place: where it happens; by default the panel that is being drawn.
    """
    where = place or here()

    def run() -> Callable[[], None] | None:
        try:
            undo = act()
        except Exception as error:
            where.failed(error)
            return None
        return None if undo is None else _Handler(undo, where)

    solara.use_effect(run, dependencies)


@solara.component
def Boundary(session: Session, name: str, panel: Panel, *given: Any) -> None:
    """A panel, or why it cannot be shown; nothing outside of it is touched when it falls.

    Args:
        session: whose page it is.
        name: what to call the panel.
        panel: makes it, in this component's own body.
        given: its arguments.
    """
    fault, clear = solara.use_exception()
    tried = solara.use_ref(session.again.value)
    place = PagePlace(session.trouble, name)
    _PLACE.provide(place)

    def try_again() -> None:
        # Another run is shown: what the panel fell over is probably gone.
        if tried.current != session.again.peek():
            tried.current = session.again.peek()
            clear()

    effect(try_again, [session.again.value], place)
    if fault is None:
        _Body(panel, given)
    else:
        _Fallen(session, name, fault, clear)


@solara.component
def _Body(panel: Panel, given: tuple[Any, ...]) -> None:
    # Solara charges the fault of an effect to the parent of the component that has the effect, and
    # a component cannot catch its own: hence one component between a boundary and its panel.
    panel(*given)


@solara.component
def _Fallen(session: Session, name: str, fault: BaseException, clear: Callable[[], None]) -> None:
    """In the place of a panel: what happened to it, and what can be done."""
    with solara.v.Html(tag="section", attributes={"data-fallen": name}):
        Complaint(f"{name} cannot be shown: {in_one_line(fault)}", trace_of(fault))
        with solara.v.Html(tag="div", class_="civa-remedies"):
            solara.Button("Show again", small=True, outlined=True, on_click=on(clear))
            solara.Button(
                "Start a new community", small=True, text=True, on_click=on(session.start_anew)
            )


@solara.component
def Troubles(session: Session) -> None:
    """What went wrong in the page without taking a panel away."""
    trouble = session.trouble
    _ = trouble.changed.value
    faults = trouble.faults
    if not faults:
        return
    with solara.v.Html(
        tag="section", class_="civa-troubles", attributes={"data-faults": str(trouble.total)}
    ):
        for one in reversed(faults):
            times = f" ({one.count} times)" if one.count > 1 else ""
            Complaint(f"{one.where}{times}: {one.line}", one.details).key(f"{one.where} {one.line}")
        with solara.v.Html(tag="div", class_="civa-remedies"):
            solara.Button("Dismiss", small=True, outlined=True, on_click=on(trouble.dismiss))
            solara.Button(
                "Start a new community", small=True, text=True, on_click=on(session.start_anew)
            )
