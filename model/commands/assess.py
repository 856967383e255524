"""`civa assess`: ask the residents of runs what they value, and whether their treatment took."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from model.commands.endpoints import endpoint_option

if TYPE_CHECKING:
    import pandas as pd

    from model.analysis.labelled_runs import RunTables
    from model.world.settings import Settings

#: All tables that it may leave.
TABLES = (
    *("answers", "shifts", "check", "circle", "behaviour", "by_paraphrase", "variance"),
    *("drift", "influence", "approaches", "awareness"),
)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--days", default="", metavar="N,N,end", help="Also ask as they stood after days.")
@click.option("--mind", default="", metavar="NAME", help="Ask this mind instead of their own.")
@click.option("--base-url", metavar="NAME|URL", help="Endpoint of a language mind.")
@endpoint_option
@click.option("--awareness", type=click.IntRange(0, 1000), default=0, metavar="N",
              help="Ask a language mind N times what it recognises.")  # fmt: skip
@click.option("--times", type=click.IntRange(1, 100), default=1, show_default=True, metavar="N",
              help="Ask everything N times: what replies differ by.")  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path), help="Folder of tables; FOLDER/assess.")
@click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="Operational settings.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def assess(
    folder: Path,
    days: str,
    mind: str,
    base_url: str | None,
    endpoints: tuple[str, ...],
    awareness: int,
    times: int,
    out: Path | None,
    words: tuple[str, ...],
    as_json: bool,
) -> int:
    """Put the value probes to the residents of the run, or of the runs, in FOLDER.

    Their answers never enter the run. Says of every condition whether its manipulation took;
    untreated runs in FOLDER are the reference for behaviour.
    """
    from model.analysis.labelled_runs import read_tables
    from model.asides.assess import CARD, FOLDER
    from model.asides.side_calls import runs_in
    from model.commands.side_options import beside, csv_files, former, json_bytes, settings_of
    from model.store.outputs import Outputs

    settings = settings_of(base_url, words, endpoints)
    paths = runs_in(folder)
    where = beside(folder, FOLDER) if out is None else out
    names = [CARD, *(f"{name}.csv" for name in TABLES)]
    outputs = Outputs(where, "assess", names, former(CARD, {"mind", "texts", "runs"}))
    for path in paths:
        beside(path, FOLDER)
    runs = {path: read_tables(path, name_of(path, folder)) for path in paths}
    answers = asked(runs, settings, days, mind, times)
    tables, note = analysed(answers, list(runs.values()), mind, times, drift=bool(days))
    if awareness:
        tables["awareness"] = _awareness(paths[0], mind, settings, folder, awareness)
    card = card_of(runs, answers, mind, awareness)
    outputs.write({CARD: json_bytes(card), **csv_files(tables)})
    check = tables["check"]
    flags = [one for one in check["flag"].tolist() if one] if "flag" in check else []
    if as_json:
        found = {"status": "done", "path": str(where), "runs": len(paths), "flags": len(flags)}
        found |= {"asked": len(answers), "faults": int((answers["fault"] != "").sum())}
        found["note"] = note
        click.echo(json.dumps(found))
    else:
        show(tables["check"], answers, where, note)
    return 0


def asked(
    runs: dict[Path, RunTables], settings: Settings, days: str, mind: str, times: int
) -> pd.DataFrame:
    """The answers of the residents of all runs, as they stood in the end and after the days."""
    import pandas as pd

    from model.asides.assess import assess_run

    parts = [
        assess_run(path, settings, days=days_of(days, run), mind=mind, name=run.name, times=times)
        for path, run in runs.items()
    ]
    return pd.concat(parts, ignore_index=True)


def analysed(
    answers: pd.DataFrame, runs: list[RunTables], mind: str, times: int, *, drift: bool
) -> tuple[dict[str, pd.DataFrame], str]:
    """The tables of an assessment by name, and a note on what could not be compared.

    Args:
        answers: what was answered.
        runs: whose residents were asked.
        mind: who answered in their stead; empty for their own.
        times: how often everything was asked.
        drift: whether they were asked on several days.
    """
    from model.analysis.circle_structure import circle_table
    from model.analysis.manipulation import manipulation_check, shifts, variance_split

    stated = shifts(answers)
    behaved, note = _behaved(runs, mind)
    tables = {"answers": answers, "shifts": stated, "check": manipulation_check(stated, behaved)}
    once = answers[answers["time"] == 0]
    tables["circle"] = circle_table(once)
    if behaved is not None:
        tables["behaviour"] = behaved
    if len(set(stated["paraphrase"])) > 1:
        tables["by_paraphrase"] = manipulation_check(
            stated, by=("mind", "family", "method", "value", "mode", "paraphrase")
        )
    if len(set(stated["paraphrase"])) > 1 or times > 1:
        tables["variance"] = variance_split(stated, ("value", "seed", "paraphrase", "mind"))
    if drift:
        tables |= drifts(once, runs)
    return tables, note


def _behaved(runs: list[RunTables], mind: str) -> tuple[pd.DataFrame | None, str]:
    """How treated runs behaved beside untreated ones; None, and why, where that cannot be said."""
    from agents.errors import InputError
    from model.analysis.manipulation import behavioural_shifts

    treated = [run for run in runs if run.condition["value"]]
    controls = [run for run in runs if not run.condition["value"]]
    if not treated:
        return None, ""
    if mind:
        return None, "behaviour: is that of the minds that decided, not of the one asked"
    if not controls:
        return None, "behaviour: no untreated runs to compare with"
    try:
        return behavioural_shifts(treated, controls), ""
    except InputError as error:
        return None, f"behaviour: {error}"


def card_of(
    runs: dict[Path, RunTables], answers: pd.DataFrame, mind: str, awareness: int
) -> dict[str, Any]:
    """What was asked of whom: minds, models that served them, hashes of texts and runs."""
    from agents.asides.probe_hashes import assessment_hashes, awareness_hashes
    from model.asides.assess import FOLDER
    from model.asides.side_calls import folder_of, served_by
    from model.commands.side_options import digest_of

    folders = [folder_of(path / FOLDER, str(one)) for path in runs for one in set(answers["mind"])]
    return {
        "mind": mind or "their own",
        "served": sorted({one for folder in folders for one in served_by(folder)}),
        "texts": {**assessment_hashes(), **(awareness_hashes() if awareness else {})},
        "runs": {run.name: digest_of(path) for path, run in runs.items()},
    }


def name_of(path: Path, folder: Path) -> str:
    """What a run is called: its place below the folder, or its own name."""
    return path.name if path == folder else path.relative_to(folder).as_posix()


def days_of(given: str, run: RunTables) -> list[int]:
    """Days from words such as `0,10,end`.

    Raises:
        InputError: a word is neither a number nor `end`.
    """
    from agents.errors import InputError

    last = int(run.tables["days"]["day"].max())
    found = []
    for word in filter(None, (part.strip() for part in given.split(","))):
        if word != "end" and not word.isdecimal():
            raise InputError(f"days: {word!r} is no day; write numbers and end, such as 0,10,end")
        found.append(last if word == "end" else int(word))
    return sorted(set(found))


def drifts(answers: pd.DataFrame, runs: list[RunTables]) -> dict[str, pd.DataFrame]:
    """How stated profiles moved, and who moved toward whom."""
    import pandas as pd

    from model.analysis.drift import approaches, heard, influence, profile_of, stated_drift

    pulls, moves = [], []
    for run in runs:
        own = answers[(answers["run"] == run.name) & (answers["context"] == "lived")]
        days = sorted(int(day) for day in own["day"].unique())
        for first, last in pairwise(days):
            before, after = (profile_of(answers, run.name, day) for day in (first, last))
            graph = heard(run.tables["messages"], first + 1, last)
            found: Any = influence(before, after, graph)
            between: dict[str, Any] = {"run": run.name, "from_day": first, "to_day": last}
            pulls.append({**between, **vars(found)})
            moves.append(approaches(before, after, graph).assign(**between))
    return {
        "drift": stated_drift(answers),
        "influence": pd.DataFrame(pulls),
        "approaches": pd.concat(moves, ignore_index=True) if moves else pd.DataFrame(),
    }


def _awareness(path: Path, mind: str, settings: Any, folder: Path, times: int) -> pd.DataFrame:
    from model.asides.assess import FOLDER
    from model.asides.awareness import ask_awareness
    from model.store import load_run

    scenario = load_run(path).scenario
    return ask_awareness(mind or scenario.mind, scenario.rules(), settings, folder / FOLDER, times)


def _style(row: dict[Any, Any]) -> str:
    """Red where it did not come out as it had to; a control that did not take did."""
    return "green" if row["verdict"] == row["expected"] else "bold red"


def show(check: pd.DataFrame, answers: pd.DataFrame, where: Path, note: str) -> None:
    """Print the check, red where a manipulation did not take."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    faults = int((answers["fault"] != "").sum())
    table = Table("condition", "shift", "95 %", "neighbours", "opposite", "behaviour", "", box=None)
    for row in check.to_dict("records"):
        limits = "" if row["low"] != row["low"] else f"{row['low']:+.2f} to {row['high']:+.2f}"
        acted = "" if row["behaviour"] != row["behaviour"] else f"{row['behaviour']:+.2f}"
        table.add_row(
            Text(f"{row['mode']} {row['value']}, {row['method']}, {row['mind']}"),
            f"{row['own']:+.2f}",
            limits,
            f"{row['neighbours']:+.2f}",
            f"{row['opposite']:+.2f}",
            acted,
            Text(row["flag"] or row["verdict"], style=_style(row)),
        )
    if len(check):
        console.print(table)
    else:
        console.print("no treated resident: nothing to check")
    if note:
        console.print(Text(note))
    console.print(
        Text(f"{len(answers)} asked, {faults} without a usable answer; tables in {where}")
    )
