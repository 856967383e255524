"""The controls: what the next community is, and how this one lives on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import solara

from agents.errors import CivaError, InputError
from model.minds_of import asks_language
from model.presets import PRESETS
from model.settings import settings_from
from model.views.living import Choice
from model.views.parameters import (
    LANGUAGE,
    MAIN,
    Parameter,
    as_text,
    fields_of,
    parameter,
    scenario_of,
)
from model.views.parts import Complaint, Words
from model.views.places import check_paths, keeping
from model.views.session import Session

#: What can be chosen, and what it is: days a second, and days between two redraws.
SPEEDS: Final = {
    "no limit": 0.0,
    "1 day/s": 1.0,
    "2 days/s": 2.0,
    "5 days/s": 5.0,
    "10 days/s": 10.0,
}
REDRAWS: Final = {"every day": 1, "every 2": 2, "every 5": 5, "every 10": 10, "every 25": 25}
#: Controls that take the whole width.
WIDE: Final = ("prevalence", "mind")


@dataclass(frozen=True)
class Draft:
    """The next community as it stands in the controls.

    Attributes:
        preset: what it starts from.
        fields: the main fields; texts where they are typed.
        seed: of the run, as typed.
        model, base_url: of a language mind.
        more: other fields, as lines of TOML.
    """

    preset: str
    fields: Mapping[str, Any]
    seed: str
    model: str = "gpt-5-mini"
    base_url: str = ""
    more: str = ""

    @classmethod
    def of(cls, choice: Choice) -> Draft:
        """A draft of what lives now."""
        scenario = choice.scenario
        fields = {name: getattr(scenario, name) for name in MAIN}
        model = cls.model
        if asks_language(scenario.mind):
            fields["mind"], model = LANGUAGE, scenario.mind.partition(":")[2]
        return cls(scenario.preset, fields, str(choice.seed), model, choice.settings.base_url)

    def choice(self) -> Choice:
        """What Reset founds.

        Raises:
            InputError: naming the control, its value and a remedy.
        """
        mind = self.fields["mind"]
        given = dict(self.fields) | {"mind": f"openai:{self.model}" if mind == LANGUAGE else mind}
        if not re.fullmatch(r"\d{1,18}", self.seed.strip()):
            raise InputError(f"seed: {self.seed!r} is not usable; give a whole number from 0 up")
        settings = settings_from({"base_url": self.base_url} if self.base_url else {})
        scenario = scenario_of(self.preset, given, self.more)
        check_paths(scenario)
        return Choice(scenario, int(self.seed), settings)


@solara.component
def Controls(session: Session) -> None:
    """Everything on the left side."""
    start = solara.use_memo(lambda: Draft.of(session.living.choice), [])
    draft = solara.use_reactive(start)
    problem, set_problem = solara.use_state("")

    def reset() -> None:
        try:
            choice = draft.peek().choice()  # as it stands at the click, drawn already or not
        except CivaError as error:
            set_problem(str(error))
            return
        set_problem("")
        session.reset(choice)

    Running(session, reset)
    Refused(session, problem)
    Founding(draft)
    Keeping(session)


@solara.component
def Running(session: Session, reset: Callable[[], None]) -> None:
    """Play, Pause, Step, Reset, and how fast."""
    _ = session.pulse.value
    progress = session.progress
    over = progress.phase in ("ended", "failed")
    speed, set_speed = solara.use_state(session.per_second)
    redraw, set_redraw = solara.use_state(session.redraw)

    def pace(label: str) -> None:
        session.per_second = SPEEDS[label]
        set_speed(session.per_second)

    def skip(label: str) -> None:
        session.redraw = REDRAWS[label]
        set_redraw(session.redraw)

    with solara.v.Html(tag="div", class_="civa-buttons"):
        if session.living.driver.active:
            solara.Button(
                "Pause", icon_name="mdi-pause", color="primary", on_click=session.pause
            ).key("pause")
        else:
            solara.Button(
                "Play", icon_name="mdi-play", color="primary", on_click=session.play, disabled=over
            ).key("play")
        solara.Button(
            "Step",
            icon_name="mdi-skip-next",
            on_click=session.step,
            outlined=True,
            disabled=over or session.living.driver.active,
        )
    with solara.v.Html(tag="div", class_="civa-two"):
        solara.Select(
            "Speed",
            values=list(SPEEDS),
            value=next(label for label, one in SPEEDS.items() if one == speed),
            on_value=pace,
        )
        solara.Select(
            "Redraw",
            values=list(REDRAWS),
            value=next(label for label, one in REDRAWS.items() if one == redraw),
            on_value=skip,
        )
    solara.Button("Reset", icon_name="mdi-restart", on_click=reset, outlined=True, block=True)
    Words("Reset founds the community below; a day under way is given up.", quiet=True)


@solara.component
def Refused(session: Session, problem: str) -> None:
    """Why the last Reset founded nothing."""
    _ = session.changed.value
    if problem or session.problem:
        Complaint(problem or session.problem)


@solara.component
def Founding(held: solara.Reactive[Draft]) -> None:
    """The next community."""

    def change(**changes: Any) -> None:
        held.set(replace(held.peek(), **changes))

    def change_field(name: str, value: Any) -> None:
        change(fields={**held.peek().fields, name: value})

    def take(preset: str) -> None:
        change(preset=preset, fields=fields_of(preset))

    draft = held.value
    fields = draft.fields
    taken = " | ".join(map(str, (draft.seed, *fields.values(), draft.model, draft.base_url)))
    with solara.v.Html(
        tag="section",
        class_="civa-founding",
        attributes={"data-taken": f"{taken} | {draft.more}"},  # what the server has heard of
    ):
        solara.v.Html(tag="h2", children=["The next community"])
        with solara.v.Html(tag="div", class_="civa-two"):
            solara.Select("preset", values=list(PRESETS), value=draft.preset, on_value=take)
            Typed("seed", draft.seed, lambda t: change(seed=t))
            for name in MAIN:
                if name in ("mode", "prevalence") and not fields["value"]:
                    continue
                with solara.v.Html(
                    tag="div",
                    class_="wide" if name in WIDE else "",
                    attributes={"title": about(name)},
                ).key(name):
                    Field(
                        parameter(name),
                        fields[name],
                        lambda value, name=name: change_field(name, value),
                    )
        if fields["mind"] == LANGUAGE:
            Typed("model", draft.model, lambda t: change(model=t))
            Typed("address of the endpoint", draft.base_url, lambda t: change(base_url=t))
            Words("The key is read from OPENAI_API_KEY, never from here.", quiet=True)
        solara.v.Textarea(
            label="other parameters, one name = value a line",
            v_model=draft.more,
            on_v_model=lambda t: change(more=t),
            rows=2,
            auto_grow=True,
            outlined=True,
            dense=True,
        )


@solara.component
def Field(one: Parameter, value: Any, on_value: Any) -> None:
    """One parameter."""
    if one.kind == "choice":
        words = dict(one.choices)
        codes = {label: code for code, label in one.choices}
        solara.Select(
            one.label,
            values=list(codes),
            value=words.get(str(value), str(value)),
            on_value=lambda label: on_value(codes[label]),
        )
    elif one.kind == "share":
        solara.SliderFloat(
            f"{one.label} {float(value):.2f}",
            value=float(value),
            min=one.low or 0.0,
            max=one.high or 1.0,
            step=0.05,
            on_value=on_value,
        )
    else:
        Typed(f"{one.label}{_range(one)}", as_text(value), on_value)


def Typed(label: str, text: str, on_text: Callable[[str], None]) -> None:
    """A line to type in, heard of key by key.

    Taken at the end of typing alone, a text could come after the event that tells of that end.
    """
    solara.InputText(label, value=text, on_value=on_text, continuous_update=True)


@solara.component
def Keeping(session: Session) -> None:
    """Writing the run to disk."""
    _ = session.changed.value
    folder = solara.use_reactive(keeping())
    problem, set_problem = solara.use_state("")
    with solara.v.Html(tag="section", class_="civa-founding"):
        with solara.v.Html(tag="h2"):
            solara.v.Html(tag="span", children=["Keep this run"])
        if session.living.kept is not None:
            Words(f"Kept in {session.living.kept.path}, day by day.")
            return
        solara.InputText("folder, new or empty", value=folder.value, on_value=folder.set)
        solara.Button(
            "Keep",
            icon_name="mdi-content-save-outline",
            outlined=True,
            block=True,
            on_click=lambda: set_problem(session.keep(folder.peek())),
        )
        if problem:
            Complaint(problem)


def about(name: str) -> str:
    """What a field means, for its tooltip."""
    return parameter(name).about


def _range(one: Parameter) -> str:
    if one.low is None or one.high is None:
        return ""
    return f", {one.low:g} to {one.high:g}"
