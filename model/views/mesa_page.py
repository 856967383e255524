"""Mesa's own SolaraViz: `solara run --no-check-version model.views.mesa_page`.

The same community, for those who know Mesa's page and its controls, and as a pattern for pages of
their own. A step there waits for the mind in the page's own thread, so the dashboard is the place
for language minds.
"""

from __future__ import annotations

from typing import Any, Final

import solara
from mesa.visualization import SolaraViz, SpaceRenderer, make_plot_component
from mesa.visualization.components import AgentPortrayalStyle

from agents.factory import Factory
from model.community import CommunityModel
from model.report.style import ACT_COLOURS, CONTROL, VALUE_COLOURS
from model.views.door.install import install, require
from model.views.parameters import parameter
from model.views.scene import TREATED, dominant

#: Fields that the page can change on Reset, and what its sliders reach to.
FIELDS: Final = ("value", "mode", "prevalence", "residents", "regime", "network", "mind")
_REACH: Final = {"residents": 200}

install()


def model_params() -> dict[str, Any]:
    """Mesa's controls for the scenario's fields, with their ranges."""
    found: dict[str, Any] = {
        "rng": {"type": "SliderInt", "label": "seed", "value": 1, "min": 0, "max": 100, "step": 1},
        "days": 50,
    }
    start = CommunityModel(rng=1).scenario
    for name in FIELDS:
        one = parameter(name)
        value = getattr(start, name)
        if one.kind == "choice":
            codes = [code for code, _ in one.choices]
            found[name] = {"type": "Select", "label": one.label, "value": value, "values": codes}
        else:
            whole = one.kind == "whole"
            found[name] = {
                "type": "SliderInt" if whole else "SliderFloat",
                "label": one.label,
                "value": value,
                "min": one.low,
                "max": _REACH.get(name, one.high),
                "step": 1 if whole else 0.05,
            }
    return found


def portrayal(agent: Any) -> AgentPortrayalStyle:
    """A factory as a square, a resident in the colour of the value that it was told."""
    if isinstance(agent, Factory):
        return AgentPortrayalStyle(color=ACT_COLOURS["work"], marker="s", size=160, zorder=1)
    code = dominant(agent.told)
    colour = TREATED if agent.treated and not code else VALUE_COLOURS.get(code, CONTROL)
    return AgentPortrayalStyle(color=colour, size=45, zorder=2)


@solara.component
def Page() -> None:
    """Mesa's page, with a community of its own for every browser session."""
    solara.use_memo(require, [])
    model = solara.use_memo(lambda: CommunityModel(rng=1), [])
    renderer = solara.use_memo(
        lambda: SpaceRenderer(model, backend="matplotlib").render(agent_portrayal=portrayal), []
    )
    plots = solara.use_memo(
        lambda: [
            make_plot_component(["population", "founders"]),
            make_plot_component(["cooperation", "betrayal", "attacks"]),
        ],
        [],
    )
    SolaraViz(model, renderer, components=plots, model_params=model_params(), name="civa")
