"""`civa judge`: have a judge read resident-days, blind, and set what it finds beside the rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.commands.endpoints import endpoint_option

if TYPE_CHECKING:
    import pandas as pd

    from model.asides.judge import Judged

#: All tables that it may leave.
TABLES = (
    *("items", "readings", "evidence", "deception_text"),
    *("faults", "alpha", "disagreements", "agreement", "arms", "rates", "overseer"),
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--mind", required=True, metavar="NAME", help="openai:MODEL or scripted:sens=.8,…")
@click.option("--base-url", metavar="NAME|URL", help="Endpoint of the model.")
@endpoint_option
@click.option("--items", type=click.IntRange(0), default=0, metavar="N",
              help="Resident-days a run, drawn at random; 0 takes all.")  # fmt: skip
@click.option("--extra", type=click.IntRange(0), default=0, metavar="N",
              help="Further days with each label, for sensitivity.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, metavar="N", help="Of draw and order.")
@click.option("--sample", type=click.Path(path_type=Path), help="Judge the sample of civa code.")
@click.option("--codes", "coders", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="With --sample: coders' files; they become the reference.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder of tables; FOLDER/judge/NAME.")
@click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="Operational settings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def judge(
    folder: Path,
    mind: str,
    base_url: str | None,
    endpoints: tuple[str, ...],
    items: int,
    extra: int,
    seed: int,
    sample: Path | None,
    coders: tuple[Path, ...],
    out: Path | None,
    words: tuple[str, ...],
    as_json: bool,
) -> int:
    """Judge the behaviours in the run, or the runs, in FOLDER.

    Every label needs a quote that stands in the log; a reply without is a fault of the judge and
    no finding. Give a model of another family than the residents': judges favour their own.
    """
    from agents.errors import InputError
    from model.analysis.alerts import overseer_scores
    from model.asides.judge import CARD, FOLDER, card_of, judge_runs, tables_of
    from model.asides.side_calls import folder_of, served_by
    from model.commands.code import read_draw
    from model.commands.side_options import (
        beside,
        csv_files,
        former,
        json_bytes,
        runs_of,
        settings_of,
    )
    from model.store.outputs import Outputs

    if coders and sample is None:
        raise InputError("codes: belong to a sample; name its folder with --sample")
    settings = settings_of(base_url, words, endpoints)
    runs, digests = runs_of(folder)
    draw = {"per_run": items, "extra": extra, "seed": seed}
    if sample is not None:
        draw = read_draw(sample, digests)
    # Another draw, in another folder, has a journal of its own.
    base = beside(folder, FOLDER) if out is None else out
    kept = folder_of(base, mind)
    beside(base, kept.name)
    where = out or kept
    names = [CARD, *(f"{name}.csv" for name in TABLES)]
    outputs = Outputs(where, "judge", names, former(CARD, {"judge", "items", "faults", "texts"}))
    found = judge_runs(runs, mind, **draw, settings=settings, folder=base, identities=digests)
    tables = statistics_of(found, runs, draw, coders)
    if watched := [run for run in runs if run.condition["overseer"]]:
        tables["overseer"] = overseer_scores(watched)
    card = card_of(found, served=served_by(kept), draw=draw, runs=dict(digests))
    outputs.write({CARD: json_bytes(card), **csv_files({**tables_of(found), **tables})})
    same = sorted({str(run.condition["mind"]) for run in runs if run.condition["mind"] == mind})
    if as_json:
        click.echo(json.dumps(
            {"status": "done", "path": str(where), "runs": len(runs), "items": len(found.items),
             "faults": found.faults, "same_model": bool(same)}
        ))  # fmt: skip
    else:
        show(found, tables, where, same)
    return 0


def statistics_of(
    found: Judged, runs: Any, draw: dict[str, int], coders: tuple[Path, ...]
) -> dict[str, pd.DataFrame]:
    """Agreement, errors by arm and corrected rates; against people if there are coders."""
    from model.analysis.judge_statistics import (
        agreement,
        corrected_rates,
        equality,
        fault_rates,
        validations,
    )
    from model.asides.coding import against_people, compare
    from model.asides.items import draw_items

    readings = found.readings
    parts: tuple[str, ...] = ("rate", "extra")
    tables: dict[str, pd.DataFrame] = {"faults": fault_rates(readings)}
    if coders:
        coded = compare(coders, draw_items(runs, **draw), readings)
        readings, parts = against_people(readings, coded), ("rate",)
        tables |= {"alpha": coded.alpha, "disagreements": coded.disagreements}
    tables |= {
        "agreement": agreement(readings),
        "arms": equality(readings),
        "rates": corrected_rates(readings, validations(readings, parts)),
    }
    return tables


def show(found: Judged, tables: dict[str, pd.DataFrame], where: Path, same: list[str]) -> None:
    """Print agreement and faults."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table("label", "items", "positives", "precision", "recall", "F1", "κ", "α", box=None)
    for label, row in tables["agreement"].iterrows():
        numbers = [row[name] for name in ("precision", "recall", "f1", "kappa", "alpha")]
        cells = ["–" if value != value else f"{value:.2f}" for value in numbers]
        table.add_row(str(label), str(row["items"]), str(row["positives"]), *cells)
    console.print(table)
    text = len(found.text_deceptions)
    console.print(
        Text(f"{len(found.items)} judged, {found.faults} faults of the judge, {text} deceptions in "
             f"free text; tables in {where}")
    )  # fmt: skip
    differs = [str(label) for label, row in tables["arms"].iterrows() if row["differential"]]
    if differs:
        console.print(
            Text(f"errors differ between arms for {', '.join(differs)}", style="bold red")
        )
    if same:
        console.print(
            Text(f"the judge is the residents' own model ({same[0]}); judges favour their own",
                 style="bold red")
        )  # fmt: skip
