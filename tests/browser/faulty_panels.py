"""The dashboard with a fault beside every panel, raised by name; to be served by `serve.py`.

Each panel is drawn together with hidden buttons, one for each kind of fault. `again` is a render
that goes on failing; every other fault is gone once its panel was taken away. No community can be
founded while the file `unfounded` exists.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path

import solara

from agents.errors import InputError
from model.run.open_minds import open_mind
from model.views.app import Dashboard
from model.views.error_boundary import effect, here, on
from model.views.trouble import thread
from model.world.minds import OpenMind

FOLDER = Path(os.environ["CIVA_TEST_FOLDER"])
#: The first three take the panel away.
KINDS = ["render", "memo", "again", "effect", "thread", "message"]
#: What no page may obey, in every fault's text.
SAYS = "<img src=x onerror='window.obeyed=1'>"


class Planned(RuntimeError):
    """A fault that was asked for."""


@solara.component_vue("fault.vue")
def Buttons(name, kinds, event_happen):
    """One hidden button a kind; pressing it sends a message."""


@solara.component
def Faulty(name, panel, session, *given):
    kind, set_kind = solara.use_state("")
    lasting = session.forms.held(f"lasting fault of {name}", lambda: "")
    place = here()

    def fail(what):
        raise Planned(f"{what} {SAYS}")

    def happen(wanted):
        if wanted == "message":
            fail(wanted)
        if wanted == "again":
            lasting.set(wanted)
        set_kind(wanted)

    def later():
        if kind == "effect":
            fail(kind)
        if kind == "thread":
            thread(lambda: fail(kind), place.failed)

    if kind == "render" or lasting.value:
        fail(kind or lasting.value)
    solara.use_memo(lambda: fail(kind) if kind == "memo" else None, [kind])
    effect(later, [kind])
    panel(session, *given)
    Buttons(name=name, kinds=KINDS, event_happen=on(happen))
    with solara.v.Html(tag="span", attributes={"hidden": True}):
        solara.Button(
            "handler",
            on_click=on(lambda: fail("handler")),
            attributes={"data-fault": f"{name}: handler"},
        )


def around(name, panel):
    return functools.partial(Faulty, name, panel)


def minds(scenario, settings, folder, group_of) -> OpenMind:
    if (FOLDER / "unfounded").exists():
        raise InputError("mind: nobody can be asked; give the file back")
    return open_mind(scenario, settings, folder, group_of=group_of)


@solara.component
def Page() -> None:
    Dashboard(minds, around)
