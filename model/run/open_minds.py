"""Making ready for one run the minds that a scenario names, offline or asking language models."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from model.world.minds import OpenMind, mind_of
from model.world.settings import check_capped

if TYPE_CHECKING:
    from agents.llm.spending import Spending
    from model.world.inputs import Inputs
    from model.world.minds import GroupOf
    from model.world.scenario import Scenario
    from model.world.settings import Settings


def open_mind(
    scenario: Scenario,
    settings: Settings,
    folder: Path | None,
    *,
    offline: bool = False,
    group_of: GroupOf | None = None,
    shared: Spending | None = None,
    inputs: Inputs | None = None,
) -> OpenMind:
    """Open the minds that a scenario names, for one run.

    Args:
        scenario: names them.
        settings: where a language mind is asked and what it may spend; nothing else reads them.
        folder: folder of the run, for a journal; None for a run that leaves nothing.
        offline: forbid the network: what the journal does not hold is an error.
        group_of: which mind decides for residents of these ids, if there are two.
        shared: accounts of the study that a language run belongs to, which must also have room.
        inputs: what was read of the files that the scenario names, for the journal's identity.

    Raises:
        InputError: a name is unknown, a language mind's endpoint or journal cannot be used, or the
            second mind or the overseer asks a language model without a cap.
    """
    if scenario.asks_language:
        if not offline and shared is None:
            check_helpers(scenario, settings)
        from model.run.language import open_language

        return open_language(
            scenario,
            settings,
            folder,
            offline=offline,
            group_of=group_of,
            shared=shared,
            inputs=inputs,
        )
    return OpenMind(mind_of(scenario, group_of))


def check_helpers(scenario: Scenario, settings: Settings) -> None:
    """Refuse a scenario whose second mind or overseer asks a language model without a cap.

    Raises:
        InputError: naming the field and the remedy.
    """
    for field in ("second_mind", "overseer"):
        check_capped(field, getattr(scenario, field), settings)
