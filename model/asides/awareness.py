"""What a model knows of the paper, the game and the instrument: asked often, reported apart."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Final

import pandas as pd

from agents.asides.awareness import AWARE, awareness_calls, items
from agents.asides.probe_hashes import awareness_hashes
from agents.observation import Rules
from agents.prompts.static import render_static
from model.asides.side_calls import ask, folder_of, side_caller
from model.measures.intervals import proportion_interval
from model.world.settings import Settings

#: Times each question is asked.
TIMES: Final = 10
FOLDER: Final = "awareness"


def ask_awareness(
    mind: str, rules: Rules, settings: Settings, folder: Path, times: int = TIMES
) -> pd.DataFrame:
    """Ask a language model what it recognises.

    Args:
        mind: `openai:MODEL`.
        rules: of the community whose static text is shown.
        settings: where it is asked.
        folder: where its calls are journalled, in a folder of their own.
        times: how often each question is asked.

    Returns:
        One row a question and outcome, see `summary`.

    Raises:
        InputError: the model's name or address cannot be used.
    """
    shown = sha256(render_static(rules).encode()).hexdigest()
    identity = {"texts": awareness_hashes(), "rules": shown, "times": times}
    with side_caller(folder_of(folder / FOLDER, mind), mind, settings, identity) as caller:
        verdicts = ask(caller, list(awareness_calls(rules, times)))
    said = [
        (item.name, v.fault or "unnamed" if v.value is None else "", v.value)
        for item, v in zip((i for i in items() for _ in range(times)), verdicts, strict=True)
    ]
    by_name = {item.name: item for item in items()}
    rows = [
        {"item": name, "fault": fault, "outcome": value.outcome(by_name[name]) if value else ""}
        for name, fault, value in said
    ]
    return summary(mind, pd.DataFrame(rows))


def summary(mind: str, said: pd.DataFrame) -> pd.DataFrame:
    """Outcomes by question, with Clopper and Pearson's interval.

    Args:
        mind: the model.
        said: one row a reply: item, fault, outcome.

    Returns:
        mind, item, foil, outcome (`named`, `claimed`, `no`, `unsure`; what it is taken for), aware
        (whether the outcome says that it is being tested), replies (usable), faults, count, share,
        low, high.
    """
    rows = []
    for item in items():
        mine = said[said["item"] == item.name]
        usable = mine[mine["fault"] == ""]
        for outcome, count in usable["outcome"].value_counts().sort_index().items():
            found = proportion_interval(int(count), len(usable))
            rows.append(
                {
                    "mind": mind,
                    "item": item.name,
                    "foil": item.foil,
                    "outcome": outcome,
                    "aware": item.kind == "takes" and outcome in AWARE,
                    "replies": len(usable),
                    "faults": len(mine) - len(usable),
                    "count": int(count),
                    "share": found.estimate,
                    "low": found.low,
                    "high": found.high,
                }
            )
    names = ["mind", "item", "foil", "outcome", "aware", "replies", "faults", "count"]
    return pd.DataFrame(rows, columns=[*names, "share", "low", "high"])
