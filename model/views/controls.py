"""The controls: what the next community is, and how this one lives on."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import solara

from agents.errors import CivaError, InputError
from agents.minds.register import language_name, model_of
from model.views.asking import Expected, ModelChoice, Spending
from model.views.error_boundary import on
from model.views.estimates import Estimates, calls_by_default
from model.views.living_community import Choice
from model.views.parameters import (
    LANGUAGE,
    MAIN,
    Parameter,
    as_text,
    fields_of,
    parameter,
    scenario_of,
)
from model.views.places import check_paths, keeping
from model.views.session import Session
from model.views.widgets import Complaint, Words
from model.world.presets import PRESETS

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
        asking: where a language model is asked, and what may be spent.
        more: other fields, as lines of TOML.
    """

    preset: str
    fields: Mapping[str, Any]
    seed: str
    asking: ModelChoice = field(default_factory=ModelChoice)
    more: str = ""

    @classmethod
    def of(cls, choice: Choice) -> Draft:
        """A draft of what lives now."""
        scenario = choice.scenario
        fields = {name: getattr(scenario, name) for name in MAIN}
        model = ""
        if "mind" in scenario.language:
            fields["mind"], model = LANGUAGE, model_of(scenario.mind)
        asking = ModelChoice.of(choice.settings, model)
        return cls(scenario.preset, fields, str(choice.seed), asking)

    @property
    def asks(self) -> bool:
        """Whether it may ask a language model: its mind, or what its other parameters name."""
        return self.fields["mind"] == LANGUAGE or language_name("") in self.more

    def choice(self, estimates: Estimates | None = None) -> Choice:
        """What Reset founds.

        Args:
            estimates: may hold the one by which its calls are capped.

        Raises:
            InputError: naming the control, its value and a remedy.
        """
        mind = self.fields["mind"]
        mind = language_name(self.asking.model) if mind == LANGUAGE else mind
        given = {**self.fields, "mind": mind}
        if not re.fullmatch(r"\d{1,18}", self.seed.strip()):
            raise InputError(f"seed: {self.seed!r} is not usable; give a whole number from 0 up")
        scenario = scenario_of(self.preset, given, self.more)
        check_paths(scenario)
        choice = Choice(scenario, int(self.seed))
        if not choice.language:
            return choice
        priced = replace(choice, settings=self.asking.settings(calls=None))
        found = None if estimates is None else estimates.known(priced)
        calls = calls_by_default(choice, found)
        return replace(choice, settings=self.asking.settings(calls))


def draft_of(session: Session) -> solara.Reactive[Draft]:
    """The next community of a session, as it stands in the controls."""
    return session.forms.held("the next community", lambda: Draft.of(session.choice))


@solara.component
def Running(session: Session) -> None:
    """Play, Pause, Step, Reset, and how fast."""
    _ = session.pulse.value
    progress = session.progress
    over = progress.phase in ("ended", "failed")
    speed, set_speed = solara.use_state(session.per_second)
    redraw, set_redraw = solara.use_state(session.redraw)

    def reset() -> None:
        try:
            # As it stands at the click, drawn already or not.
            choice = draft_of(session).peek().choice(session.estimates)
        except CivaError as error:
            session.refuse(error)
        else:
            session.reset(choice)

    def pace(label: str) -> None:
        session.per_second = SPEEDS[label]
        set_speed(session.per_second)

    def skip(label: str) -> None:
        session.redraw = REDRAWS[label]
        set_redraw(session.redraw)

    with solara.v.Html(tag="div", class_="civa-buttons"):
        if session.active:
            solara.Button(
                "Pause", icon_name="mdi-pause", color="primary", on_click=on(session.pause)
            ).key("pause")
        else:
            solara.Button(
                "Play",
                icon_name="mdi-play",
                color="primary",
                on_click=on(session.play),
                disabled=over,
            ).key("play")
        solara.Button(
            "Step",
            icon_name="mdi-skip-next",
            on_click=on(session.step),
            outlined=True,
            disabled=over or session.active,
        )
    Expected(session)
    with solara.v.Html(tag="div", class_="civa-two"):
        solara.Select(
            "Speed",
            values=list(SPEEDS),
            value=next(label for label, one in SPEEDS.items() if one == speed),
            on_value=on(pace),
        )
        solara.Select(
            "Redraw",
            values=list(REDRAWS),
            value=next(label for label, one in REDRAWS.items() if one == redraw),
            on_value=on(skip),
        )
    solara.Button("Reset", icon_name="mdi-restart", on_click=on(reset), outlined=True, block=True)
    Words("Reset founds the community below; a day under way is given up.", quiet=True)
    Refused(session)


@solara.component
def Refused(session: Session) -> None:
    """Why the last Reset founded nothing."""
    _ = session.changed.value
    if session.problem:
        Complaint(session.problem, session.details)


@solara.component
def Founding(session: Session) -> None:
    """The next community."""
    held = draft_of(session)

    def change(**changes: Any) -> None:
        held.set(replace(held.peek(), **changes))

    def change_field(name: str, value: Any) -> None:
        change(fields={**held.peek().fields, name: value})

    def change_asking(name: str, text: str) -> None:
        change(asking=held.peek().asking.changed(name, text))

    def take(preset: str) -> None:
        change(preset=preset, fields=fields_of(preset))

    draft = held.value
    fields = draft.fields
    taken = " | ".join(map(str, (draft.seed, *fields.values(), *vars(draft.asking).values())))
    with solara.v.Html(
        tag="section",
        class_="civa-founding",
        attributes={"data-taken": f"{taken} | {draft.more}"},  # what the server has heard of
    ):
        solara.v.Html(tag="h2", children=["The next community"])
        with solara.v.Html(tag="div", class_="civa-two"):
            solara.Select("preset", values=list(PRESETS), value=draft.preset, on_value=on(take))
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
        if draft.asks:
            Spending(session, draft.asking, draft.choice, change_asking, Typed)
        solara.v.Textarea(
            label="other parameters, one name = value a line",
            v_model=draft.more,
            on_v_model=on(lambda t: change(more=t)),
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
            on_value=on(lambda label: on_value(codes[label])),
        )
    elif one.kind == "share":
        solara.SliderFloat(
            f"{one.label} {float(value):.2f}",
            value=float(value),
            min=one.low or 0.0,
            max=one.high or 1.0,
            step=0.05,
            on_value=on(on_value),
        )
    else:
        Typed(f"{one.label}{_range(one)}", as_text(value), on_value)


def Typed(label: str, text: str, on_text: Callable[[str], None]) -> None:
    """A line to type in, heard of key by key.

    Taken at the end of typing alone, a text could come after the event that tells of that end.
    """
    solara.InputText(label, value=text, on_value=on(on_text), continuous_update=True)


@solara.component
def Keeping(session: Session) -> None:
    """Writing the run to disk."""
    _ = session.changed.value
    folder = session.forms.held("folder to keep in", keeping)
    problem, set_problem = solara.use_state("")
    with solara.v.Html(tag="section", class_="civa-founding"):
        with solara.v.Html(tag="h2"):
            solara.v.Html(tag="span", children=["Keep this run"])
        if session.kept is not None:
            Words(f"Kept in {session.kept.path}, day by day.")
            return
        solara.InputText("folder, new or empty", value=folder.value, on_value=on(folder.set))
        solara.Button(
            "Keep",
            icon_name="mdi-content-save-outline",
            outlined=True,
            block=True,
            on_click=on(lambda: set_problem(session.keep(folder.peek()))),
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
