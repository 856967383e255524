"""The controls: what the next community is, and how this one lives on."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import solara

from agents.errors import CivaError
from model.scenario_files import PRESETS
from model.settings import settings_from
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
from model.views.session import Choice, Session


@solara.component
def Controls(session: Session) -> None:
    """Everything on the left side."""
    Running(session)
    Founding(session)
    Keeping(session)


@solara.component
def Running(session: Session) -> None:
    """Play, Pause, Step, and how fast."""
    _ = session.pulse.value
    progress = session.progress
    over = progress.phase in ("ended", "failed")
    speed, set_speed = solara.use_state(session.per_second)
    redraw, set_redraw = solara.use_state(session.redraw)

    def pace(value: float) -> None:
        session.per_second = value
        set_speed(value)

    def skip(value: int) -> None:
        session.redraw = value
        set_redraw(value)

    with solara.v.Html(tag="div", class_="civa-buttons"):
        if session.driver.active:
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
            disabled=over or session.driver.active,
        )
    with solara.v.Html(tag="div", class_="civa-two"):
        solara.Select(
            "Days a second", values=[0.0, 1.0, 2.0, 5.0, 10.0], value=speed, on_value=pace
        )
        solara.Select("Redraw every", values=[1, 2, 5, 10, 25], value=redraw, on_value=skip)
    Words("0 days a second: as fast as it can. Redraws are counted in days.", quiet=True)


@solara.component
def Founding(session: Session) -> None:
    """The next community, and the button that founds it."""
    _ = session.changed.value
    preset, set_preset = solara.use_state(session.choice.scenario.preset)
    fields, set_fields = solara.use_state(_fields(session.choice))
    seed, set_seed = solara.use_state(str(session.choice.seed))
    model, set_model = solara.use_state("gpt-5-mini")
    base_url, set_base_url = solara.use_state(session.choice.settings.base_url)
    more, set_more = solara.use_state("")
    problem, set_problem = solara.use_state("")

    def take(name: str) -> None:
        set_preset(name)
        set_fields(fields_of(name) | {"mind": fields["mind"]})

    def change(name: str, value: Any) -> None:
        set_fields(lambda before: before | {name: value})

    def reset() -> None:
        try:
            mind = f"openai:{model}" if fields["mind"] == LANGUAGE else fields["mind"]
            scenario = scenario_of(preset, fields | {"mind": mind}, more)
            settings = settings_from({"base_url": base_url} if base_url else {})
            choice = Choice(scenario, _seed(seed), settings)
        except CivaError as error:
            set_problem(str(error))
            return
        set_problem("")
        session.reset(choice)

    with solara.v.Html(tag="section", class_="civa-founding"):
        with solara.v.Html(tag="h2"):
            solara.v.Html(tag="span", children=["The next community"])
        solara.Select("preset", values=list(PRESETS), value=preset, on_value=take)
        for name in MAIN:
            if name in ("mode", "prevalence") and not fields["value"]:
                continue
            Field(parameter(name), fields[name], lambda value, name=name: change(name, value)).key(
                name
            )
        if fields["mind"] == LANGUAGE:
            solara.InputText("model", value=model, on_value=set_model)
            solara.InputText("address of the endpoint", value=base_url, on_value=set_base_url)
            Words("The key is read from OPENAI_API_KEY, never from here.", quiet=True)
        solara.InputText("seed", value=seed, on_value=set_seed)
        solara.InputTextArea(
            "other parameters, one name = value a line",
            value=more,
            on_value=set_more,
            rows=2,
            auto_grow=True,
        )
        solara.Button("Reset", icon_name="mdi-restart", on_click=reset, outlined=True, block=True)
        if problem or session.problem:
            Complaint(problem or session.problem)
        Words("Reset gives up the day under way and founds this community.", quiet=True)


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
            one.label,
            value=float(value),
            min=one.low or 0.0,
            max=one.high or 1.0,
            step=0.05,
            on_value=on_value,
        )
    else:
        solara.InputText(
            f"{one.label}{_range(one)}", value=as_text(value), on_value=on_value
        )


@solara.component
def Keeping(session: Session) -> None:
    """Writing the run to disk."""
    _ = session.changed.value
    folder, set_folder = solara.use_state("runs/watched")
    problem, set_problem = solara.use_state("")
    with solara.v.Html(tag="section", class_="civa-founding"):
        with solara.v.Html(tag="h2"):
            solara.v.Html(tag="span", children=["Keep this run"])
        if session.kept is not None:
            Words(f"Kept in {session.kept.path}, day by day.")
            return
        solara.InputText("folder, new or empty", value=folder, on_value=set_folder)
        solara.Button(
            "Keep",
            icon_name="mdi-content-save-outline",
            outlined=True,
            block=True,
            on_click=lambda: set_problem(session.keep(Path(folder))),
        )
        if problem:
            Complaint(problem)


def _fields(choice: Choice) -> dict[str, Any]:
    fields = {name: getattr(choice.scenario, name) for name in MAIN}
    if str(fields["mind"]).startswith("openai:"):
        fields["mind"] = LANGUAGE
    return fields


def _seed(text: str) -> int:
    from agents.errors import InputError

    if not re.fullmatch(r"\d{1,18}", text.strip()):
        raise InputError(f"seed: {text!r} is not usable; give a whole number from 0 up")
    return int(text)


def _range(one: Parameter) -> str:
    if one.low is None or one.high is None:
        return ""
    return f", {one.low:g} to {one.high:g}"
