"""`civa survey`: answers of real people, scored, checked for the circle, as value profiles.

Nothing is written unless `--out` says where. Labels come out of the file and are shown as text,
never as markup. The relabellings of the order test are seeded, so that a file always gets the same
p-value.
"""

import json
import math
import os
from collections import Counter
from pathlib import Path
from typing import Final

import click
import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from agents.csvfile import shown
from agents.errors import InputError
from agents.fsync import write_whole
from agents.instruments import INSTRUMENTS
from agents.owned import check_file
from agents.populations import profiles_csv
from agents.survey import Survey, read_survey
from agents.values import NAMES, VALUES, Weights, clip_share
from model.measures.circle import Structure, structure

ORDER_TEST_SEED: Final = 1987
MOST_SHOWN: Final = 12


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--scale", type=click.Choice(list(INSTRUMENTS)), required=True, help="The questionnaire."
)
@click.option(
    "--reversed",
    "turned",
    type=click.Choice(["yes", "no"]),
    help="yes: 1 means 'very much like me'; no: 6 does. Not given: the sample decides or the file "
    "is refused.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Write the profiles here, a CSV of ten weights a respondent (for population.file).",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def survey(file: Path, scale: str, turned: str | None, out: Path | None, as_json: bool) -> int:
    """Turn the survey answers in FILE into value profiles."""
    if out is not None:
        check_target(out)
    answers = read_survey(file, scale, None if turned is None else turned == "yes")
    circle = structure(answers.scores, np.random.default_rng(ORDER_TEST_SEED))
    if out is not None:
        save(out, answers.profiles())
    if as_json:
        click.echo(json.dumps(summary(answers, circle, out), allow_nan=False))
    else:
        show(answers, circle, out, Console(highlight=False))
    return 0


def summary(answers: Survey, circle: Structure, out: Path | None) -> dict[str, object]:
    """Give the result as plain data; what is undefined is None."""
    scores = answers.scores
    return {
        "status": "done",
        "path": str(answers.path),
        "scale": answers.scale,
        "kept": len(scores),
        "complete": int(answers.complete.sum()),
        "dropped": dict(Counter(d.reason for d in answers.dropped)),
        "reversed": answers.reversed,
        "direction": answers.direction,
        "missing": answers.missing,
        "out_of_scale": answers.out_of_scale,
        "mean": dict(zip(VALUES, scores.mean(axis=0).tolist(), strict=True)),
        "sd": {code: _known(sd) for code, sd in zip(VALUES, deviations(answers), strict=True)},
        "clipped": clip_share(scores),
        "circle": {
            "mean_correlation": _known(circle.mean_correlation),
            "null_correlation": circle.null_correlation,
            "order_index": _known(circle.order.index),
            "order_met": circle.order.met,
            "order_predictions": circle.order.predictions,
            "order_p": _known(circle.order.p),
            "plane_share": _known(circle.plane_share),
            "ideal_fit": _known(circle.ideal_fit),
            "eigenvalues": [_known(x) for x in circle.eigenvalues.tolist()],
            "wave_amplitude": circle.wave.amplitude,
            "wave_phase": _known(circle.wave.phase),
            "wave_r2": _known(circle.wave.r2),
        },
        "out": None if out is None else str(out),
    }


def deviations(answers: Survey) -> list[float]:
    """Standard deviation (ddof 1) of each value's centred scores; NaN for one respondent."""
    if len(answers.scores) < 2:
        return [math.nan] * len(VALUES)
    return [float(sd) for sd in answers.scores.std(axis=0, ddof=1)]


def show(answers: Survey, circle: Structure, out: Path | None, console: Console) -> None:
    """Print the tables."""
    console.print(_facts(answers))
    if answers.dropped:
        console.print(_dropped(answers))
    console.print(_values(answers))
    console.print(_circle(circle))
    if out is not None:
        console.print(Text(f"{len(answers.scores)} profiles written to {out}"), soft_wrap=True)


def check_target(out: Path) -> None:
    """Refuse a target that cannot be written or holds something other than profiles.

    Raises:
        InputError: with the remedy.
    """
    if out.is_dir():
        raise InputError(f"--out: {out} is a directory; name a CSV file")
    if not out.absolute().parent.is_dir():
        raise InputError(f"--out: there is no folder {out.absolute().parent}; make it first")
    if not os.access(out.absolute().parent, os.W_OK):
        raise InputError(f"--out: {out.absolute().parent} is not writable; choose another folder")
    if check_file(out):
        header = (",".join(VALUES) + "\n").encode()
        with out.open("rb") as file:
            ours = file.read(len(header)) == header
        if not ours:
            raise InputError(f"--out: {out} holds something other than profiles; name another file")


def save(out: Path, profiles: Weights) -> None:
    """Write the profiles whole or not at all; the same profiles again change nothing.

    A file of profiles may be somebody's own work: nothing in it says that civa wrote it.

    Raises:
        InputError: other profiles lie there, or the disk refuses.
    """
    content = profiles_csv(profiles)
    try:
        if not check_file(out):
            write_whole(out, content)
        elif out.stat().st_size != len(content) or out.read_bytes() != content:
            raise InputError(
                f"--out: {out} holds other profiles; move it away or name another file"
            )
    except OSError as error:
        raise InputError(f"--out: {out} cannot be written ({error.strerror})") from None


def _facts(answers: Survey) -> Table:
    table = Table(title=Text(f"Survey {answers.path.name} ({answers.scale})"), show_header=False)
    kept, dropped = len(answers.scores), len(answers.dropped)
    rows = {
        "respondents": f"{kept + dropped}",
        "kept": f"{kept} ({answers.complete.sum()} complete; answers missing: {answers.missing})",
        "dropped": f"{dropped}",
        "out-of-scale answers": f"{answers.out_of_scale}, read as missing",
        "direction": "1 = very much like me, answers reversed"
        if answers.reversed
        else "6 = very much like me, answers as they are",
        "how decided": answers.direction,
        "clipped scores": f"{clip_share(answers.scores):.1%} (below −2.5, weight 0)",
    }
    for name, text in rows.items():
        table.add_row(name, Text(text))
    return table


def _dropped(answers: Survey) -> Table:
    table = Table("why", "respondents", "who", title="Dropped")
    for reason, count in Counter(d.reason for d in answers.dropped).most_common():
        who = [d for d in answers.dropped if d.reason == reason]
        text = ", ".join(f"{shown(d.label, 24)} ({d.detail})" for d in who[:MOST_SHOWN])
        more = f" and {len(who) - MOST_SHOWN} more" if len(who) > MOST_SHOWN else ""
        table.add_row(Text(reason), str(count), Text(text + more))
    return table


def _values(answers: Survey) -> Table:
    table = Table(title="Centred scores (sample) and told weights")
    table.add_column("value")
    for name in ("mean", "s.d.", "mean weight"):
        table.add_column(name, justify="right")
    weights = answers.profiles().mean(axis=0)
    means = answers.scores.mean(axis=0)
    for k, (code, sd) in enumerate(zip(VALUES, deviations(answers), strict=True)):
        table.add_row(f"{code} {NAMES[code]}", f"{means[k]:.4f}", f"{sd:.4f}", f"{weights[k]:.1f}")
    return table


def _circle(circle: Structure) -> Table:
    table = Table("test", "found", "to compare with", title="The circle in the answers")
    order, wave = circle.order, circle.wave
    found = circle.eigenvalues
    rows = [
        (
            "mean correlation of two values",
            f"{circle.mean_correlation:.3f}",
            f"{circle.null_correlation:.3f} without structure",
        ),
        (
            "order around the circle",
            f"{order.met} of {order.predictions}, index {order.index:.3f}",
            f"p = {order.p:.4f} ({order.relabellings} relabellings)",
        ),
        (
            "variance on the circle's plane",
            f"{circle.plane_share:.1%}",
            f"{2 * -circle.null_correlation:.1%} without structure",
        ),
        ("fit of the correlations to cosines", f"r = {circle.ideal_fit:.3f}", "1 for the circle"),
        (
            "two largest eigenvalues",
            f"{found[0]:.2f}, {found[1]:.2f}",
            "{:.2f}, {:.2f} for the circle".format(*circle.ideal_eigenvalues[:2]),
        ),
        (
            "sample mean as a sinusoid",
            f"amplitude {wave.amplitude:.2f} at {wave.phase:.0f}°",
            f"R² = {wave.r2:.2f}",
        ),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None
