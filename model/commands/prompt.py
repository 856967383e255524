"""`civa prompt`: exactly what a resident is sent on a day, with its tokens and cache breakpoint."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agents.errors import InputError

if TYPE_CHECKING:
    from model.run.prompts_of import Sent
    from model.world.scenario import Scenario


@click.command()
@click.argument("source", metavar="DIR|SCENARIO.toml|PRESET")
@click.option("--day", type=int, required=True, metavar="N", help="Day of the run, from 1.")
@click.option("--resident", required=True, metavar="R#", help="Which resident, e.g. R7.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of a scenario.")
@click.option("--set", "words", multiple=True, metavar="KEY=VALUE", help="Change a scenario.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a request.")
def prompt(
    source: str, day: int, resident: str, seed: int, words: tuple[str, ...], as_json: bool
) -> int:
    """Show what resident R# is sent on day N, at each stage of that day.

    Of a run's folder, the run is executed again up to that day, offline: these are the very
    prompts that its mind was or would have been sent. Of a scenario or preset, the surrogate lives
    the days before.
    """
    from model.run.prompts_of import asked_in, asked_in_run
    from model.world.scenario_files import read_scenario, word_value

    found = re.fullmatch(r"[Rr]?([1-9][0-9]{0,8})", resident.strip())
    if not found:
        raise InputError(f"--resident: {resident!r} is no resident; write e.g. R7")
    number = int(found[1])
    if Path(source).is_dir():
        if words:
            raise InputError("--set: a run is what it was; change a scenario instead")
        sent = asked_in_run(Path(source), day, number)
        how = f"as in {source}"
    else:
        scenario, _ = read_scenario(source, dict(word_value(word) for word in words))
        sent = asked_in(scenario, seed, day, number)
        how = f"after {day - 1} days lived by {' and '.join(_lived_by(scenario))}, seed {seed}"
    for one in sent:
        if as_json:
            click.echo(json.dumps({**asdict(one), "tokens": one.tokens}))
        else:
            show(one, how)
    return 0


def _lived_by(scenario: Scenario) -> list[str]:
    from model.run.prompts_of import stand_in

    stands = stand_in(scenario)
    return [name for name in (stands.mind, stands.second_mind) if name]


def show(one: Sent, how: str) -> None:
    """Print a request with a rule between its parts; the texts themselves are unchanged."""
    from agents.llm.counting import tokens_in

    static, resident, user = one.tokens
    wire = json.dumps(one.schema, separators=(",", ":"))
    rule = "─" * 8
    click.echo(f"{rule} R{one.resident}, day {one.day}, {one.stage}, asked of {one.mind}; {how}")
    click.echo(f"{rule} system message, part 1: about {static} tokens, the same for everybody")
    click.echo(one.parts[0])
    click.echo(f"{rule} cache breakpoint")
    click.echo(f"{rule} system message, part 2: about {resident} tokens")
    click.echo(one.parts[1])
    click.echo(f"{rule} user message: about {user} tokens")
    click.echo(one.parts[2])
    click.echo(
        f"{rule} reply: JSON schema {one.name!r}, about {tokens_in(wire)} tokens; "
        f"at most {one.reply_tokens} tokens; seed {one.seed}"
    )
    click.echo(wire)
    click.echo("")
