"""`civa code`: a blind sample for hand-coding, and the coders read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import click

DRAW = "draw.json"
KEYS = {"draw", "runs"}
TABLES = ("codes", "alpha", "disagreements")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--items", type=click.IntRange(0), default=10, show_default=True, metavar="N",
              help="Resident-days a run, drawn at random; 0 takes all.")  # fmt: skip
@click.option("--extra", type=click.IntRange(0), default=10, show_default=True, metavar="N",
              help="Further days with each label.")  # fmt: skip
@click.option("--seed", type=click.IntRange(0), default=0, metavar="N", help="Of draw and order.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the sample; FOLDER/code.")
@click.option("--read", "coders", multiple=True, type=click.Path(path_type=Path), metavar="FILE",
              help="A coder's file; give it twice or more to compare.")  # fmt: skip
@click.option("--judged", type=click.Path(path_type=Path), metavar="DIR",
              help="With --read: tables of civa judge --sample, to compare with.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object as the last line.")
def code(
    folder: Path,
    items: int,
    extra: int,
    seed: int,
    out: Path | None,
    coders: tuple[Path, ...],
    judged: Path | None,
    as_json: bool,
) -> int:
    """Make a sample for hand-coding of the run, or the runs, in FOLDER; or read coders back.

    The sample is a table (sample.csv) and a page (code.html) that works offline with the keyboard
    alone. Do not hand out key.csv: it says what each item is.
    """
    from agents.errors import InputError
    from model.asides.coding import KEY, PAGE, SAMPLE, compare, read_readings, sample_files
    from model.asides.items import draw_items
    from model.commands.side_options import beside, csv_files, former, json_bytes, runs_of
    from model.store.outputs import Outputs

    runs, digests = runs_of(folder)
    where = beside(folder, "code") if out is None else out
    if not coders:
        draw = {"per_run": items, "extra": extra, "seed": seed}
        if (where / DRAW).exists() and read_draw(where, digests) != draw:
            raise InputError(f"{where}: holds another sample; name another folder with --out")
        found = draw_items(runs, **draw)
        files = sample_files(found, f"Coding sample of {len(found)} days, seed {seed}")
        files[DRAW] = json_bytes({"draw": draw, "runs": dict(digests)})
        # A sample drawn again is the same sample: only what is not there yet is written.
        files = {
            name: content for name, content in files.items() if not same(where / name, content)
        }
        Outputs(where, "code", files, former(DRAW, KEYS, but=(SAMPLE, KEY))).write(files)
        click.echo(
            json.dumps({"status": "done", "path": str(where), "items": len(found)})
            if as_json
            else f"{len(found)} resident-days: {where / PAGE}"
        )
        return 0
    sample = draw_items(runs, **read_draw(where, digests))
    outputs = Outputs(where, "code", [f"{name}.csv" for name in TABLES], former(DRAW, KEYS))
    readings = None if judged is None else read_readings(judged)
    coded = compare(coders, sample, readings)
    tables = dict(zip(TABLES, (coded.codes, coded.alpha, coded.disagreements), strict=True))
    outputs.write(csv_files(tables))
    if as_json:
        found_json = {"status": "done", "path": str(where), "coders": len(coded.coders)}
        click.echo(json.dumps({**found_json, "disagreements": len(coded.disagreements)}))
    else:
        click.echo(coded.alpha.round(3).to_string())
        click.echo(f"{len(coded.disagreements)} disagreements: {where / 'disagreements.csv'}")
    return 0


def same(path: Path, content: bytes) -> bool:
    """Whether a file holds this and nothing else."""
    from agents.owned import check_file

    return check_file(path) and path.read_bytes() == content


def read_draw(folder: Path, digests: Mapping[str, str]) -> dict[str, int]:
    """How a sample was drawn.

    Raises:
        InputError: no sample lies there, it is damaged, or it was drawn from other runs.
    """
    from agents.errors import InputError

    try:
        found = json.loads((folder / DRAW).read_text("utf-8"))
        draw = {name: int(found["draw"][name]) for name in ("per_run", "extra", "seed")}
        runs = dict(found["runs"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{folder}: holds no sample of civa code ({error!r})") from None
    if runs != dict(digests):
        raise InputError(f"{folder}: was drawn from other runs than lie there now; draw it anew")
    return draw
