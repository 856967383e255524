"""The panel of studies: heat map, dose–response, fans; every cell opens its runs."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import solara

from agents.errors import CivaError
from model.report.style import VALUE_COLOURS, mixed
from model.store import load_run
from model.views.error_boundary import on
from model.views.headline import number
from model.views.library import shelf
from model.views.places import below
from model.views.session import Session
from model.views.story import saved_story
from model.views.study_charts import dose_picture, fan_picture
from model.views.study_numbers import (
    OUTCOMES,
    ConditionNumbers,
    StudyNumbers,
    dose,
    heat,
    read_study,
)
from model.views.widgets import Complaint, Empty, Words


@solara.component
def Studies(session: Session, start: str) -> None:
    """Studies under a folder, and one of them.

    Args:
        session: who looks.
        start: the folder to look under first.
    """
    place = session.forms.held("folder of studies", lambda: start)
    root = place.value
    again, set_again = solara.use_state(0)
    name, set_name = solara.use_state("")
    found = solara.use_memo(lambda: _under(root), [root, again])
    with solara.v.Html(tag="div", class_="civa-filters"):
        solara.InputText("Folder of studies", value=root, on_value=on(place.set))
        solara.Button("Look again", outlined=True, on_click=on(lambda: set_again(again + 1)))
        if not isinstance(found, str) and found:
            solara.Select(
                "Study",
                values=[str(path) for path in found],
                value=name if name in map(str, found) else str(found[0]),
                on_value=on(set_name),
            )
    if isinstance(found, str) or not found:
        Empty(
            found if isinstance(found, str) else f"No study lies under {root}.",
            "Make one with civa study and a design.",
        )
        return
    chosen = Path(name) if name in map(str, found) else found[0]
    One(session, chosen, again).key(str(chosen))


@solara.component
def One(session: Session, path: Path, again: int) -> None:
    """One study."""
    outcome, set_outcome = solara.use_state("")
    chosen, set_chosen = solara.use_state("")
    dark = session.dark.value

    def read() -> StudyNumbers | str:
        try:
            return read_study(path)
        except CivaError as error:
            return str(error)

    study = solara.use_memo(read, [str(path), again])
    if isinstance(study, str):
        Complaint(study)
        return
    shown = outcome or study.outcome
    with solara.v.Html(tag="div"):
        solara.v.Html(tag="h2", children=[])
        Words(study.manifest.name)
        Words(study.manifest.question, quiet=True)
        Words(
            f"{study.done} of {len(study.manifest.runs)} runs are results; means over runs. "
            f"Registered outcome: {study.outcome}; other outcomes are exploratory."
        )
    with solara.v.Html(tag="div", class_="civa-narrow"):
        solara.Select("Outcome", values=list(OUTCOMES), value=shown, on_value=on(set_outcome))
    with solara.v.Html(tag="div", class_="civa-main"):
        with solara.v.Html(tag="div"):
            HeatMap(study, shown, chosen, set_chosen)
        with solara.v.Html(tag="div"):
            Dose(study, shown, dark)
            cell = next((one for one in study.cells if one.label == chosen), None)
            if cell is None:
                Empty("No cell is chosen.", "Click a cell to see its runs.")
            else:
                CellRuns(session, study, cell, shown, dark).key(cell.label)


@solara.component
def HeatMap(study: StudyNumbers, outcome: str, chosen: str, choose: Callable[[str], None]) -> None:
    """Means as colours and numbers."""
    table = heat(study.cells)
    means = [cell.mean(outcome) for cell in study.cells]
    known = [mean for mean in means if math.isfinite(mean)]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    with solara.v.Html(
        tag="table", class_="civa-table civa-heat", attributes={"aria-label": "Heat map"}
    ):
        with solara.v.Html(tag="thead"), solara.v.Html(tag="tr"):
            solara.v.Html(tag="th", children=[""])
            for column in table.columns:
                solara.v.Html(tag="th", children=[column])
        with solara.v.Html(tag="tbody"):
            for row in table.rows:
                with solara.v.Html(tag="tr"):
                    with solara.v.Html(tag="th"):
                        Words(row)
                    for column in table.columns:
                        cell = table.cells.get((row, column))
                        if cell is None:
                            solara.v.Html(tag="td", children=[""])
                        else:
                            Mean(cell, outcome, low, high, cell.label == chosen, choose)


@solara.component
def Mean(
    cell: ConditionNumbers,
    outcome: str,
    low: float,
    high: float,
    here: bool,
    choose: Callable[[str], None],
) -> None:
    """One cell of the heat map: its mean, and how many runs it rests on."""
    mean, n = cell.mean(outcome), len(cell.values(outcome))
    share = (mean - low) / (high - low) if high > low and math.isfinite(mean) else 0.0
    colour = mixed("#ffffff", VALUE_COLOURS["BE"], 0.15 + 0.75 * share)
    ink = "#ffffff" if share > 0.6 else "#1f2328"
    with solara.v.Html(tag="td", style_=f"background: {colour}; color: {ink}"):
        solara.Button(
            f"{number(mean, 3)} ({n})",
            text=True,
            small=True,
            outlined=here,
            style={"color": ink},
            on_click=on(lambda: choose(cell.label)),
        )


@solara.component
def Dose(study: StudyNumbers, outcome: str, dark: bool) -> None:
    """The outcome by prevalence, where prevalence is varied."""
    lines = dose(study.cells, outcome)
    drawn = solara.use_memo(
        lambda: dose_picture(lines, outcome, dark=dark) if lines else "", [id(study), outcome, dark]
    )
    if drawn:
        with solara.v.Html(tag="figure", class_="civa-chart"):
            with solara.v.Html(tag="figcaption"):
                solara.v.Html(tag="b", children=["Dose and response"])
                Words("Each dot a run, lines join means; at most ten treatments.", quiet=True)
            solara.v.Html(
                tag="img",
                style_="width: 100%",
                attributes={"src": drawn, "alt": f"{outcome} by prevalence"},
            )


@solara.component
def CellRuns(
    session: Session, study: StudyNumbers, cell: ConditionNumbers, outcome: str, dark: bool
) -> None:
    """The runs of a cell: residents over time, and each to be opened."""
    problem, set_problem = solara.use_state("")

    def fan() -> str:
        frames = [
            load_run(folder).days for row in cell.rows if (folder := study.folder(row)) is not None
        ]
        return fan_picture(frames, dark=dark) if frames else ""

    def read() -> tuple[str, str]:
        try:
            return fan(), ""
        except CivaError as error:
            return "", str(error)

    drawn, trouble = solara.use_memo(read, [id(study), cell.label, dark])

    def open_run(folder: Path) -> None:
        try:
            session.show(saved_story(folder))
            set_problem("")
        except CivaError as error:
            set_problem(str(error))

    with solara.v.Html(tag="h2"):
        Words(cell.label)
    if drawn:
        solara.v.Html(
            tag="img",
            style_="width: 100%",
            attributes={"src": drawn, "alt": "Residents by day in the runs of this cell"},
        )
    if problem or trouble:
        Complaint(problem or trouble)
    with solara.v.Html(tag="table", class_="civa-table"), solara.v.Html(tag="tbody"):
        for place, row in enumerate(cell.rows):
            folder = study.folder(row)
            # With its place: two rows of the same key would end the drawing of the whole page.
            with solara.v.Html(tag="tr").key(f"{place} {row.key}"):
                solara.v.Html(tag="td", children=[f"seed {row.seed}"])
                with solara.v.Html(tag="td"):
                    Words(row.status if not row.cause else f"{row.status}: {row.cause}")
                solara.v.Html(tag="td", children=[number(row[outcome], 3)])
                with solara.v.Html(tag="td"):
                    if folder is not None:
                        solara.Button(
                            "Open",
                            small=True,
                            text=True,
                            on_click=on(lambda folder=folder: open_run(folder)),
                        )


def _under(root: str) -> list[Path] | str:
    try:
        return list(shelf(below("Folder of studies", root)).studies)
    except (CivaError, OSError, ValueError) as error:
        return str(error)
