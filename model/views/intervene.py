"""The panel from which a researcher acts on a living community, always from the next day on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import solara

from agents.errors import InputError
from agents.values import NAMES, VALUES, value_code
from model.views.error_boundary import on
from model.views.session import Session
from model.views.widgets import Complaint, Empty, Words
from model.world.intervention_kinds import INTERVENTIONS
from model.world.interventions import Intervention
from model.world.validation import validated

_START: Final[dict[str, str]] = {
    "size": "10",
    "target": "1",
    "duration": "3",
    "text": "",
    "value": "BE",
    "mode": "with",
}
_MODES: Final = ("with", "without", "middle", "against", "original")


@solara.component
def Intervene(session: Session) -> None:
    """A form a kind, and what was done so far."""
    _ = session.changed.value, session.pulse.value
    held_kind, held_fields = (
        session.forms.held("what to do", lambda: "aid"),
        session.forms.held("how to do it", lambda: _START),
    )
    kind, fields = held_kind.value, held_fields.value
    problem, set_problem = solara.use_state("")
    given, set_given = solara.use_state("")

    def change(name: str, value: str) -> None:
        held_fields.set(held_fields.peek() | {name: value})

    def apply() -> None:
        set_given("")
        row = intervention_of(held_kind.peek(), held_fields.peek(), session.live.last + 1)
        if isinstance(row, str):
            set_problem(row)
            return
        due = session.intervene(row)
        if isinstance(due, str):
            set_problem(due)
            return
        set_problem("")
        set_given(f"Will act at the start of day {due.day}: {INTERVENTIONS[due.kind].says(due)}")

    if not session.live_shown:
        Empty(
            "A run from disk is shown, and it is over.",
            "Go back to the living community to act on it.",
        )
        return
    with solara.v.Html(tag="div", class_="civa-main"):
        with solara.v.Html(tag="div"):
            solara.Select(
                "what to do", values=list(INTERVENTIONS), value=kind, on_value=on(held_kind.set)
            )
            Words(INTERVENTIONS[kind].means, quiet=True)
            Fields(kind, fields, change)
            solara.Button(
                "Do it",
                icon_name="mdi-hand-pointing-right",
                color="primary",
                on_click=on(apply),
                disabled=session.progress.phase in ("ended", "failed"),
            )
            if problem:
                Complaint(problem)
            if given:
                Words(given)
        Done(session)


@solara.component
def Fields(kind: str, fields: dict[str, str], change: Callable[[str, str], None]) -> None:
    """What a kind asks: an entry for each of its fields."""
    with solara.v.Html(tag="div"):
        for name, label in INTERVENTIONS[kind].asks.items():
            if name == "value":
                solara.Select(
                    "value",
                    values=[NAMES[code] for code in VALUES],
                    value=NAMES[value_code(fields["value"])],
                    on_value=on(partial(change, "value")),
                )
            elif name == "mode":
                solara.Select(
                    "mode",
                    values=list(_MODES),
                    value=fields["mode"],
                    on_value=on(partial(change, "mode")),
                )
            else:
                solara.InputText(label, value=fields[name], on_value=on(partial(change, name))).key(
                    f"{kind} {name}"
                )


@solara.component
def Done(session: Session) -> None:
    """What was done to the community, and what is to come."""
    _ = session.changed.value, session.pulse.value
    with solara.v.Html(tag="div"):
        solara.v.Html(tag="h2", children=["What was and will be done"])
        rows = session.live.interventions()
        if not rows:
            Empty("Nothing so far.", "Whatever is done stays part of the run and its replay.")
        for row in sorted(rows, key=lambda one: one.day):
            done = "done" if row.day <= session.live.last else "to come"
            Words(f"day {row.day} ({done}): {INTERVENTIONS[row.kind].says(row)}")


def intervention_of(kind: str, fields: dict[str, str], day: int) -> Intervention | str:
    """The row that a form describes, or what is wrong with it."""
    given: dict[str, Any] = {"day": day, "kind": kind}
    for name in INTERVENTIONS[kind].asks:
        text = fields[name].strip()
        if name in ("target", "duration", "size"):
            try:
                given[name] = float(text) if name == "size" else int(text)
            except ValueError:
                return f"{kind}: {INTERVENTIONS[kind].asks[name]} is {text!r}; give a number"
        else:
            given[name] = fields[name]
    if given.get("mode") == "original":
        given["value"] = ""
    if kind == "retrain" and given["target"]:
        given["size"] = 0.0
    try:
        return validated(Intervention, given)
    except InputError as error:
        return f"{kind}: {error}"
