"""From a scenario to the rules that the labels of its runs are read by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from model.measures.behaviour.rules import Rules
from model.world.scenario import Scenario
from model.world.scheduler import greatest

if TYPE_CHECKING:
    from model.store import Run


def rules_of(scenario: Scenario | Mapping[str, Any], richness: Iterable[float]) -> Rules:
    """The rules of a run.

    Args:
        scenario: of the run, or its fields as they stand on the run's card.
        richness: of its days. Where it changed, a factory's greatest output was not one number,
            and no claim about it is an error.
    """
    scenario = scenario.model_dump() if isinstance(scenario, Scenario) else scenario
    need, kept = tuple(scenario["need"]), set(richness) <= {scenario["richness"]}
    return Rules(
        kinds=tuple(scenario["kinds"]) if scenario["messages"] else (),
        gifts=scenario["gifts"],
        attacks=scenario["attacks"],
        merges=scenario["merges"],
        promote_step=scenario["promote_step"],
        # As residents are told it: stock × len(need) // sum(need) days.
        enough=-(-2 * sum(need) // len(need)),
        promise_days=scenario["promise_days"],
        walk=scenario["walk_secure"],
        sight=scenario["sight"],
        outputs={
            number: float(greatest(output, scenario["richness"]))
            for number, output in enumerate(scenario["outputs"], start=1)
        }
        if kept
        else None,
    )


def rules_of_run(run: Run) -> Rules:
    """The rules of a run on disk, from its card and its days.

    Raises:
        InputError: its days are damaged.
    """
    return rules_of(run.meta.scenario, run.table("days", ["richness"])["richness"])
