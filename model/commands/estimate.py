"""`civa estimate`: calls, tokens, cost and time of a run or a study, before any of it is spent."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agents.errors import InputError

if TYPE_CHECKING:
    from model.run.estimate import Estimate
    from model.world.scenario import Scenario


@click.command()
@click.argument("source", metavar="[SCENARIO.toml|PRESET|DESIGN]", required=False)
@click.option("--days", type=int, metavar="N", help="Days to live.")
@click.option("--seed", type=int, default=1, show_default=True, metavar="N")
@click.option("--mind", metavar="NAME", help="openai:MODEL")
@click.option("--latency", type=click.FloatRange(0), default=2000.0, show_default=True,
              metavar="MS", help="Mean latency of a reply.")  # fmt: skip
@click.option(
    "--pilots",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Study whose finished runs tell what a design can detect; studies/NAME.",
)
@click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="Any other parameter.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object as the last line.")
def estimate(
    source: str | None,
    days: int | None,
    seed: int,
    mind: str | None,
    latency: float,
    pilots: Path | None,
    words: tuple[str, ...],
    as_json: bool,
) -> int:
    """Say what a language run, or a study, will use: nothing is sent and nothing is spent.

    The surrogate lives the community, and its questions are counted as they would be sent. Prices
    are yours, per million tokens: --set price_input=… --set price_output=… --set price_cached=….
    """
    from model.run.estimate import estimate as count
    from model.study.design import is_design
    from model.world.scenario_files import read_scenario, word_value

    seconds = latency / 1000
    if source is not None and is_design(source):
        return of_study(source, days, mind, words, seconds, pilots, as_json)
    if pilots is not None:
        raise InputError("--pilots: is for a design; a single run has no arms to compare")
    changes = dict(word_value(word) for word in words)
    changes |= {k: v for k, v in {"days": days, "mind": mind}.items() if v is not None}
    scenario, settings = read_scenario(source, changes)
    found = count(scenario, settings, seed, seconds)
    if as_json:
        click.echo(json.dumps({one.cognition: one.plain() for one in found}, allow_nan=False))
    else:
        show(found, scenario, seconds)
    return 0


def of_study(
    source: str,
    days: int | None,
    mind: str | None,
    words: tuple[str, ...],
    seconds: float,
    pilots: Path | None,
    as_json: bool,
) -> int:
    """Estimate all runs of a design."""
    from model.commands.study import with_settings
    from model.commands.study_estimate import plain
    from model.commands.study_estimate import show as show_study
    from model.study.design import read_design
    from model.study.estimate import estimate_study

    if days is not None or mind is not None:
        raise InputError("--days, --mind: are part of a design; change them in its file")
    design = with_settings(read_design(source), None, words)
    found = estimate_study(design, latency=seconds, folder=pilots)
    if as_json:
        click.echo(json.dumps(plain(found), allow_nan=False))
    else:
        show_study(found)
    return 0


def show(found: list[Estimate], scenario: Scenario, seconds: float) -> None:
    """Print the modes side by side."""
    from rich.console import Console
    from rich.table import Table

    table = Table("", *(one.cognition for one in found), box=None)
    table.columns[0].style = "dim"

    def money(value: float) -> str:
        return "no prices given" if math.isnan(value) else f"{value:,.4f}"

    rows = {
        "days with residents": [f"{one.days:,}" for one in found],
        "resident-days": [f"{one.resident_days:,}" for one in found],
        "calls": [f"{one.calls:,}" for one in found],
        "input tokens": [f"{one.total.input:,}" for one in found],
        "of them in a shared prefix": [f"{one.total.cached_share:.0%}" for one in found],
        "prefix (static text and schema)": [f"{one.prefix:,}" for one in found],
        "reply tokens, as the surrogate writes": [f"{one.total.output:,}" for one in found],
        "reply tokens at most": [f"{one.reply_most:,}" for one in found],
        "cost": [money(one.money) for one in found],
        "cost if no cache helps": [money(one.money_uncached) for one in found],
        "cost if every reply is as long as it may be": [money(one.money_most) for one in found],
        f"time at {seconds:g} s a reply": [_time(one.seconds) for one in found],
    }
    for name, cells in rows.items():
        table.add_row(name, *cells)
    console = Console(highlight=False)
    console.print(table)
    if found[0].extrapolated:
        console.print(f"The first days were lived, the rest of {scenario.days} taken as the last.")
    console.print(
        "Counted on a community that the surrogate lives. A language model's replies are longer "
        "and its community may live longer or shorter; cap what may be spent (max_money)."
    )


def _time(seconds: float) -> str:
    minutes = seconds / 60
    return (
        f"{seconds:.0f} s"
        if seconds < 120
        else f"{minutes:.0f} min"
        if minutes < 120
        else (f"{minutes / 60:.1f} h")
    )
