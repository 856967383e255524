"""Real respondents to value profiles: scoring of the PVQ-40 and the ESS-21.

Scoring follows Schwartz: the centred score of a value is the mean of its valid items minus the
respondent's mean over *all* valid items (MRAT), which takes out how high somebody answers at all.
After scoring, high always means "like me".

Files differ in direction: in many, 1 means "very much like me". The direction is taken from the
caller, or decided by the sample (benevolence outranks power in every culture studied: Schwartz &
Bardi 2001), or the file is refused; it is never guessed silently.
"""

from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from agents.csvfile import CsvTable, read_rows, shown
from agents.errors import InputError
from agents.instruments import HIGHEST, INSTRUMENTS, LOWEST, Instrument, instrument
from agents.values import INDEX, VALUES, Scores, Weights, told_weights

MIN_RESPONDENTS: Final = 20
MIN_DIFFERENCE: Final = 0.2
STANDARD_ERRORS: Final = 3.0
MAX_OUT_OF_SCALE: Final = 0.01
MAX_ZEROS: Final = 0.05
LABEL_COLUMNS: Final = ("respondent", "idno", "id")


@dataclass(frozen=True)
class Dropped:
    """A respondent who is not scored: its label in the file, its line, and why."""

    label: str
    line: int
    reason: str
    detail: str


@dataclass(frozen=True, eq=False)
class Survey:
    """Scored respondents of one file.

    Attributes:
        path: where they were read.
        scale: `pvq40` or `ess21`.
        scores: float[n, 10], centred scores of the kept respondents, columns as `VALUES`.
        items: float[n, items], their answers with high = like me; NaN where there is none.
        labels: what the file calls the kept respondents.
        lines: their line numbers in the file.
        dropped: who was dropped, and why.
        reversed: whether the file codes 1 as "very much like me", so that answers were turned.
        direction: how that was decided, in words.
        missing: missing answers among the kept, out-of-scale codes included.
        out_of_scale: cells of the file with a code that the scale does not have, read as missing.
    """

    path: Path
    scale: str
    scores: Scores
    items: npt.NDArray[np.float64]
    labels: tuple[str, ...]
    lines: tuple[int, ...]
    dropped: tuple[Dropped, ...]
    reversed: bool
    direction: str
    missing: int
    out_of_scale: int

    @property
    def complete(self) -> npt.NDArray[np.bool_]:
        """bool[n]: which kept respondents answered every item."""
        return np.asarray(~np.isnan(self.items).any(axis=1), dtype=np.bool_)

    def profiles(self) -> Weights:
        """int64[n, 10]: the weights that residents with these scores are told."""
        return told_weights(self.scores)


def read_survey(path: Path | str, scale: str, reversed: bool | None = None) -> Survey:  # noqa: A002
    """Read, check and score a file of answers.

    Missing are blank cells, `NA`, the scale's own codes for no answer (PVQ-40: 0; ESS-21: 7, 8,
    9, 66, 77, 88, 99) and codes that the scale does not have, which are counted, and refused as
    another scale from 1 % of the answers on. Dropped and counted are respondents with too many
    missing or too many identical answers (see `agents.instruments`) or without any valid item for
    a value, whose score is undefined.

    Args:
        path: CSV with a header; item columns `pvq01` … `pvq40`, or the ESS variable names.
        scale: `pvq40` or `ess21`.
        reversed: True if low codes mean "like me", False if high codes do, None to let the sample
            decide by the rule of `decide_direction`.

    Raises:
        InputError: the file, its columns, cells, scale or direction cannot be used.
    """
    form = instrument(scale)
    rivals = {name: other.columns for name, other in INSTRUMENTS.items() if name != scale}
    table = read_rows(path, form.columns, LABEL_COLUMNS, rivals)
    answers, out_of_scale = _answers(table, form)
    reasons = [drop_reason(row, form) for row in answers]
    keep = np.array([reason is None for reason in reasons])
    dropped = tuple(
        Dropped(label, line, *reason)
        for label, line, reason in zip(table.labels, table.lines, reasons, strict=True)
        if reason is not None
    )
    if not keep.any():
        why = shown(", ".join(sorted({d.reason for d in dropped})), 120)
        raise InputError(f"{table.path}: no respondent is left ({why}); check the coding")
    items = answers[keep]
    turned, direction = decide_direction(centred_scores(items, form), reversed, str(table.path))
    if turned:
        items = LOWEST + HIGHEST - items
    return Survey(
        path=table.path,
        scale=scale,
        scores=centred_scores(items, form),
        items=items,
        labels=tuple(label for label, kept in zip(table.labels, keep, strict=True) if kept),
        lines=tuple(line for line, kept in zip(table.lines, keep, strict=True) if kept),
        dropped=dropped,
        reversed=turned,
        direction=direction,
        missing=int(np.isnan(items).sum()),
        out_of_scale=out_of_scale,
    )


def centred_scores(items: npt.NDArray[np.float64], form: Instrument) -> Scores:
    """Mean of each value's valid items minus the mean of all valid items (MRAT).

    Args:
        items: float[n, items], NaN = no answer.
        form: the instrument.

    Returns:
        float[n, 10]; NaN where a respondent has no valid item for a value.
    """
    valid = ~np.isnan(items)
    points = np.where(valid, items, 0.0)
    scores = np.full((len(items), len(VALUES)), np.nan)
    count = valid.sum(axis=1)
    mrat = np.divide(points.sum(axis=1), count, out=np.full(len(items), np.nan), where=count > 0)
    for k, members in enumerate(form.membership):
        count = valid[:, members].sum(axis=1)
        total = points[:, members].sum(axis=1)
        np.divide(total, count, out=scores[:, k], where=count > 0)
    scores -= mrat[:, np.newaxis]
    return scores


def drop_reason(answers: npt.NDArray[np.float64], form: Instrument) -> tuple[str, str] | None:
    """Say why one respondent is dropped (reason, detail), or None if it is kept."""
    valid = ~np.isnan(answers)
    missing = int((~valid).sum())
    if missing > form.max_missing:
        return f"more than {form.max_missing} answers missing", f"{missing} missing"
    _, counts = np.unique(answers[valid], return_counts=True)
    if counts.max() > form.max_identical:
        return f"more than {form.max_identical} identical answers", f"{counts.max()} identical"
    bare = [v for v, items in zip(VALUES, form.membership, strict=True) if not valid[items].any()]
    if bare:
        return "no answer at all for a value", " ".join(bare)
    return None


def decide_direction(scores: Scores, given: bool | None, where: str = "survey") -> tuple[bool, str]:
    """Decide whether answers must be turned, and say how it was decided.

    The sample's centred benevolence must exceed its centred power. With fewer than 20 respondents,
    or a mean difference of at most max(.2, 3 standard errors), the sample cannot decide.

    Args:
        scores: float[n, 10], centred scores of the answers as coded.
        given: the caller's word, None if there is none.
        where: what to name in the message.

    Returns:
        (turned, words).

    Raises:
        InputError: nothing was given and the sample cannot decide.
    """
    n = len(scores)
    differences = scores[:, INDEX["BE"]] - scores[:, INDEX["PO"]]
    mean = float(differences.mean())
    error = float(differences.std(ddof=1)) / sqrt(n) if n > 1 else float("nan")
    bound = max(MIN_DIFFERENCE, STANDARD_ERRORS * error) if n > 1 else float("inf")
    clear = n >= MIN_RESPONDENTS and abs(mean) > bound
    measured = f"benevolence − power as coded is {mean:+.2f}, limit ±{bound:.2f}, n = {n}"
    if given is not None:
        contrary = clear and given != (mean < 0)
        note = "the sample contradicts it" if contrary else ""
        note = note or ("the sample agrees" if clear else "the sample cannot tell")
        return given, f"given by the caller; {note} ({measured})"
    if clear:
        return mean < 0, f"decided by the sample: {measured}"
    cause = f"fewer than {MIN_RESPONDENTS} respondents" if n < MIN_RESPONDENTS else measured
    raise InputError(
        f"{where}: the direction of the scale cannot be decided ({cause}); say --reversed yes if "
        "1 means 'very much like me', --reversed no if 6 does"
    )


def _answers(table: CsvTable, form: Instrument) -> tuple[npt.NDArray[np.float64], int]:
    """Codes as float[rows, items] with NaN for missing, and the number of out-of-scale codes."""
    codes = np.array([_codes(table, i, form) for i in range(len(table.cells))])
    scale = np.isin(codes, np.arange(LOWEST, HIGHEST + 1))
    none = np.isnan(codes) | np.isin(codes, sorted(form.missing))
    outside = ~scale & ~none
    given = int((scale | outside).sum())
    if outside.sum() > MAX_OUT_OF_SCALE * given:
        found = ", ".join(f"{code:g}" for code in np.unique(codes[outside])[:6])
        raise InputError(
            f"{table.path}: {outside.sum()} of {given} answers are outside {LOWEST}-{HIGHEST} "
            f"(such as {found}); this is not the six-point scale of {form.scale}, recode it"
        )
    zeros = int((codes == 0).sum())
    if zeros > MAX_ZEROS * max(given + zeros, 1) and not (codes == HIGHEST).any():
        raise InputError(
            f"{table.path}: {zeros} answers are 0 and none is {HIGHEST}; this looks coded "
            f"0-5, and {form.scale} is coded {LOWEST}-{HIGHEST}, add 1 to every answer"
        )
    return np.where(scale, codes, np.nan), int(outside.sum())


def _codes(table: CsvTable, row: int, form: Instrument) -> list[float]:
    codes = []
    for name, cell in zip(form.columns, table.cells[row], strict=True):
        try:
            code = float("nan") if cell in {"", "NA"} else float(cell)
            usable = cell in {"", "NA"} or abs(code) < float("inf")
        except ValueError:
            usable = False
        if not usable:
            raise InputError(
                f"{table.path}, line {table.lines[row]}, column {name}: {shown(cell)!r} is not a "
                f"number; use the codes {LOWEST}-{HIGHEST}, blank for no answer"
            )
        codes.append(code)
    return codes
