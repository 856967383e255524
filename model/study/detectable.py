"""What a design can show before it is run: the smallest detectable effect, by pilots of each arm.

The spread of a difference is that arm's own: taking Benevolence away scatters nAUP three times as
much as switching attacks off. So pilots are runs of these very cells, `PILOTS` pairs at least, and
where there are none this says how to make them instead of assuming a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from model.analysis.arms import Arm, arms_of, treatment
from model.measures.detectable import PILOTS, PilotSpread, spread_of
from model.measures.pairing import Pairing, contrast
from model.measures.power import floor_words
from model.study.cells import Cell, cells_of
from model.study.design import Design
from model.study.manifest import FILE
from model.study.store import load_study

COMPARED: Final = ("dose", "contrasts")


@dataclass(frozen=True)
class Detectable:
    """What one arm can show.

    Attributes:
        cell: its label.
        spread: of its difference to the control, from the pilots.
        effect: smallest difference in the outcome's unit that the planned runs see, uncorrected.
        effect_in_family: the same at the family's smallest Holm level.
    """

    cell: str
    spread: PilotSpread
    effect: float
    effect_in_family: float


@dataclass(frozen=True)
class Detectables:
    """What a design can show.

    Attributes:
        outcome: the registered one.
        runs: a cell, as planned.
        pairing: of the design.
        family: hypotheses that are corrected together.
        alpha: of the family.
        floor: which smallest p binds, in words.
        pilots: where the pilots were read, or why there are none and how to make them.
        arms: those with pilots enough.
        without: cells that have too few pilots.
    """

    outcome: str
    runs: int
    pairing: Pairing
    family: int
    alpha: float
    floor: str
    pilots: str
    arms: tuple[Detectable, ...]
    without: tuple[str, ...]


def detectable_effects(design: Design, folder: Path) -> Detectables | None:
    """What a design can show, with the finished runs of a study as its pilots.

    Args:
        design: the study that is planned.
        folder: of a study with the same cells: its own, or one of pilots.

    Returns:
        None where the design compares no arms with a control.

    Raises:
        InputError: the folder holds a study that cannot be read.
    """
    cells = cells_of(design)
    treated = [cell for cell in cells if cell.against and not cell.control]
    kind, alpha = design.registration.analysis, design.registration.alpha
    if not treated or kind not in COMPARED:
        return None
    family = len(treated) if kind == "contrasts" else len({_series(cell) for cell in treated})
    lived = _arms(cells, folder)
    found, without = [], []
    for cell in treated:
        spread = _spread(lived.get(cell.label), lived.get(cell.against), design)
        if spread is None:
            without.append(cell.label)
            continue
        seen = (spread.detectable(level, design.runs) for level in (alpha, alpha / family))
        found.append(Detectable(cell.label, spread, *seen))
    return Detectables(
        outcome=design.registration.outcome,
        runs=design.runs,
        pairing=design.pairing,
        family=family,
        alpha=alpha,
        floor=floor_words(design.runs, design.pairing, family, alpha),
        pilots=f"pilots: the finished runs of {folder}" if found else _remedy(design, folder),
        arms=tuple(found),
        without=tuple(without),
    )


def _remedy(design: Design, folder: Path) -> str:
    return (
        f"no pilots: {folder} holds no {PILOTS} finished runs of an arm and its control. Copy the "
        f'design, name it {design.name[:33]}-pilot, set runs = {PILOTS} and pairing = "'
        f'{design.pairing}", run it by civa study, and give its folder: civa estimate DESIGN '
        f"--pilots studies/{design.name[:33]}-pilot"
    )


def _arms(cells: Sequence[Cell], folder: Path) -> dict[str, Arm]:
    """The arms that were lived, by label: cells of the same scenario as the design's."""
    if not (folder / FILE).is_file():
        return {}
    study = load_study(folder)
    known = {cell.label: cell.scenario.model_dump(mode="json") for cell in cells}
    same = [cell for cell in study.manifest.cells if known.get(cell.label) == dict(cell.scenario)]
    labels = {cell.label for cell in same}
    rows = [row for row in study.rows if row.cell in labels]
    return {arm.label: arm for arm in arms_of(same, rows)}


def _spread(arm: Arm | None, control: Arm | None, design: Design) -> PilotSpread | None:
    """Of the difference between an arm and its control; None with too few pilots."""
    if arm is None or control is None:
        return None
    a, b = (one.values(design.registration.outcome) for one in (arm, control))
    if design.pairing == "common":
        shared = sorted(a.keys() & b.keys())
        a, b = ({seed: one[seed] for seed in shared} for one in (a, b))
    elif a.keys() & b.keys():
        return None
    spread = spread_of(contrast(a, b, design.pairing))
    return spread if min(spread.n) >= PILOTS else None


def _series(cell: Cell) -> str:
    return treatment(cell.levels)
