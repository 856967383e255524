"""A day on the community grid: who stood where that morning, and what passed between them.

Residents stand where they woke; arrows are what happened in the course of the day; who was removed
leaves a trace, who was born or came stands with a mark. Numbers, ids and words of our own only: no
text of any mind is in a scene.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Any, Final

from agents.values import NAMES, VALUES
from model.report.style import ACT_COLOURS, CONTROL, VALUE_COLOURS
from model.views.story import Frame, Story

#: How residents can be coloured, and what to call it.
COLOURINGS: Final = {"told": "value it was told", "profile": "own value", "treated": "treatment"}
#: What can be drawn between residents, its colour, and whether it is drawn unless asked not to.
LAYERS: Final = {
    "gift": (ACT_COLOURS["gift"], True),
    "attack": (ACT_COLOURS["attack"], True),
    "merge": (ACT_COLOURS["merge"], True),
    "message": ("#8c959f", False),
}
TREATED: Final = "#0072b2"
#: Arrows of one kind at most: more cannot be told apart.
MOST_ARROWS: Final = 400
_SWARM: Final = 1.45  # cells that a crowd spreads over at most, from the middle of its own
_DOT: Final = 0.24  # radius of the largest dot, in cells
_ROUND: Final = 2.399963  # the golden angle: residents of one cell spread without touching


def scene(story: Story, day: int, colouring: str = "told") -> dict[str, Any]:
    """All that the grid shows of a day, as plain values; lengths are in cells, y grows downward."""
    people = everybody(story)
    here = _morning(story, day)
    colours = _colours(people, day, colouring)
    unit = scale(story.scenario.width, story.scenario.height)
    residents, homes, reaches = _residents(here, colours, story.scenario.height, unit)
    events = story.on("events", day)
    at = {one["id"]: one for one in residents}
    gone, arrived = _come_and_gone(story, day, events, at, colours)
    return {
        "day": day,
        "width": story.scenario.width,
        "height": story.scenario.height,
        "unit": unit,
        "residents": residents + arrived,
        "homes": homes,
        "factories": _factories(story, day, events, reaches, unit),
        "gone": gone,
        "arrows": _arrows(events, story.on("messages", day), at),
        "legend": _legend(colouring, {one["fill"] for one in residents + arrived}),
    }


def scale(width: int, height: int) -> float:
    """How much larger than on a small grid things are drawn, in cells: large grids stay legible."""
    return round(min(max(1.0, max(width, height) / 20), 6.0), 2)


def everybody(story: Story) -> Frame:
    """The table `people` as far as it was recorded; sorted by entry."""
    return story.whole("people")


def _morning(story: Story, day: int) -> Frame:
    return story.origin.founders if day == 0 else story.on("residents", day)


def dominant(weights: Any) -> str:
    """The value that stands out in a profile; empty where several share the highest weight."""
    given = [int(w) for w in weights]
    if not given:
        return ""
    top = max(given)
    return VALUES[given.index(top)] if given.count(top) == 1 else ""


def latest_of(people: Frame, day: int) -> Frame:
    """Each resident's last entry in `people` by the end of a day, indexed by its id."""
    known = people[people["day"] <= day]
    return known.drop_duplicates("resident", keep="last").set_index("resident")


def _colours(people: Frame, day: int, colouring: str) -> dict[int, tuple[str, str]]:
    """Colour of each resident, and what it stands for."""
    latest = latest_of(people, day)
    if colouring == "treated":
        return {
            int(i): (TREATED, "treated") if treated else (CONTROL, "untreated")
            for i, treated in zip(latest.index, latest["treated"], strict=True)
        }
    found = {}
    for i, weights in zip(latest.index, latest[colouring], strict=True):
        code = dominant(weights)
        found[int(i)] = (VALUE_COLOURS[code], NAMES[code]) if code else (CONTROL, "no one value")
    return found


@dataclass(frozen=True)
class _Bubble:
    """Members of one household that woke in one cell, drawn together."""

    household: int
    members: list[int]  # positions in the morning's rows
    radius: float


def _residents(
    here: Frame, colours: dict[int, tuple[str, str]], height: int, unit: float
) -> tuple[list[Any], list[Any], dict[tuple[int, int], float]]:
    """Residents and households where they woke; and how far each cell's crowd reaches."""
    columns = ("resident", "x", "y", "stock", "debt", "household", "members", "skill", "standing")
    rows = list(zip(*(here[c].tolist() for c in columns), strict=True))
    cells: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for k, (_, x, y, _, _, household, *_) in enumerate(rows):
        cells[x, y][household].append(k)
    found: list[Any] = [None] * len(rows)
    homes: list[Any] = []
    reaches: dict[tuple[int, int], float] = {}
    for (x, y), households in cells.items():
        bubbles = [_Bubble(h, m, _bubble_radius(len(m))) for h, m in households.items()]
        bubbles.sort(key=lambda one: -one.radius)
        places, reach = _swarm([one.radius for one in bubbles])
        reaches[x, y] = reach * min(unit, _SWARM * unit / reach)
        shrink = min(unit, _SWARM * unit / reach)
        for bubble, (across, down) in zip(bubbles, places, strict=True):
            cx, cy = x + 0.5 + shrink * across, height - y - 0.5 + shrink * down
            many = len(bubble.members)
            ring = 0.0 if many == 1 else (bubble.radius - _DOT) * shrink
            for n, k in enumerate(bubble.members):
                who, _, _, stock, debt, household, members, skill, standing = rows[k]
                turn = 2 * math.pi * n / many
                size = _DOT * shrink * (0.55 + 0.45 * min(1.0, math.sqrt(max(stock, 0) / 150)))
                fill, meaning = colours.get(who, (CONTROL, "unknown"))
                found[k] = {
                    "id": who,
                    "x": round(cx + ring * math.cos(turn), 3),
                    "y": round(cy + ring * math.sin(turn), 3),
                    "r": round(size, 3),
                    "fill": fill,
                    "hungry": debt > 0,
                    "born": "",
                    "text": f"R{who} · {meaning} · stock {stock}"
                    + (f" · owes {debt} of food" if debt else "")
                    + (f" · household H{household + 1} of {members}" if members > 1 else "")
                    + f" · skill {skill} · standing {standing} · cell {x}, {y}",
                }
            if many > 1:
                names = ", ".join(f"R{rows[k][0]}" for k in bubble.members)
                homes.append(
                    {
                        "id": bubble.household + 1,
                        "x": round(cx, 3),
                        "y": round(cy, 3),
                        "r": round((bubble.radius + 0.03) * shrink, 3),
                        "text": f"household H{bubble.household + 1}: {names}",
                    }
                )
    return found, homes, reaches


def _bubble_radius(members: int) -> float:
    """Radius of a circle that holds so many dots side by side on a ring."""
    return _DOT if members == 1 else _DOT + 1.1 * _DOT / math.sin(math.pi / members)


def _swarm(radii: list[float]) -> tuple[list[tuple[float, float]], float]:
    """Places of circles around a middle, the largest inside; and how far they reach."""
    if len(radii) == 1:
        return [(0.0, 0.0)], radii[0]
    places, area = [], 0.0
    for k, radius in enumerate(radii):
        out = 1.15 * math.sqrt(area + radius**2 / 2)
        area += 1.2 * radius**2
        places.append((out * math.cos(k * _ROUND), out * math.sin(k * _ROUND)))
    reach = max(math.hypot(*p) + r for p, r in zip(places, radii, strict=True))
    return places, reach


def _come_and_gone(
    story: Story,
    day: int,
    events: Frame,
    at: dict[int, Any],
    colours: dict[int, tuple[str, str]],
) -> tuple[list[Any], list[Any]]:
    """Traces of those removed today, and marks of those who were born or came."""
    gone, arrived = [], []
    for who, target, kind, reason in zip(
        events["actor"].tolist(),
        events["target"].tolist(),
        events["kind"].astype(str).tolist(),
        events["reason"].astype(str).tolist(),
        strict=True,
    ):
        if kind == "removal":
            place = at.get(who) or _yesterday(story, day, who)
            if place is not None:
                gone.append(
                    {"id": who, "x": place["x"], "y": place["y"], "text": f"R{who}: {reason}"}
                )
        elif kind == "entry" and who in at:
            at[who]["born"] = "came"
        elif kind == "birth" and who in at:
            parent = at[who]
            fill, meaning = colours.get(target, (CONTROL, "unknown"))
            arrived.append(
                parent
                | {
                    "id": target,
                    "x": round(parent["x"] + parent["r"] * 0.9, 3),
                    "y": round(parent["y"] + parent["r"] * 0.9, 3),
                    "r": parent["r"] / 2,
                    "fill": fill,
                    "hungry": False,
                    "born": "born",
                    "text": f"R{target} · {meaning} · born today to R{who}",
                }
            )
    return gone, arrived


def _yesterday(story: Story, day: int, who: int) -> dict[str, float] | None:
    """Where one stood that was taken away before its morning."""
    before = _morning(story, max(day - 1, 0))
    rows = before[before["resident"] == who]
    if rows.empty:
        return None
    one = rows.iloc[0]
    return {"x": float(one["x"]) + 0.5, "y": story.scenario.height - float(one["y"]) - 0.5}


def _factories(
    story: Story, day: int, events: Frame, reaches: dict[tuple[int, int], float], unit: float
) -> list[Any]:
    made = events[events["kind"] == "produce"].set_index("target")
    numbers = story.numbers(day)
    richness = float(numbers.get("richness", story.scenario.richness))
    out = _outages(story, day)
    found = []
    for site in story.origin.factories:
        number, greatest = site.factory, int(site.output * richness)
        amount = int(made["amount"].get(number, 0)) if len(made) else 0
        workers = int(made["outcome"].get(number, 0)) if len(made) else 0
        each = amount / workers if workers else math.nan
        found.append(
            {
                "id": number,
                "x": site.x + 0.5,
                "y": story.scenario.height - site.y - 0.5,
                "share": round(amount / greatest, 3) if greatest else 0.0,
                "out": number in out,
                "above": round(0.1 * unit + max(0.46, reaches.get((site.x, site.y), 0.0)), 3),
                "label": f"F{number}",
                "made": f"{amount}",
                "workers": workers,
                "text": f"F{number} · made {amount} of {greatest} · {workers} at work"
                + (f" · {each:.1f} each" if workers else "")
                + f" · half output at {site.half} skill points"
                + (" · out of order" if number in out else ""),
            }
        )
    return found


def _outages(story: Story, day: int) -> set[int]:
    """Factories that make nothing today, by the interventions that the log tells of."""
    if day == 0:
        return set()
    events = story.whole("events")
    done = (events["kind"] == "intervention") & (events["outcome"] > 0)
    rows = events[done & (events["reason"] == "outage")]
    length = {row.day: row.duration for row in story.interventions() if row.kind == "outage"}
    return {
        int(target)
        for begun, target in zip(rows["day"], rows["target"], strict=True)
        if begun <= day < begun + length.get(int(begun), 1)
    }


def _arrows(events: Frame, messages: Frame, at: dict[int, Any]) -> list[Any]:
    found: list[Any] = []
    kinds = events["kind"].astype(str)
    for kind in ("gift", "attack", "merge"):
        rows = events[kinds == kind].head(MOST_ARROWS)
        for who, whom, amount, won in zip(
            rows["actor"].tolist(),
            rows["target"].tolist(),
            rows["amount"].tolist(),
            rows["outcome"].tolist(),
            strict=True,
        ):
            say = {
                "gift": f"R{who} gave {amount} to R{whom}",
                "attack": f"R{who} attacked R{whom}"
                + (f" and took {amount}" if won == 1 else " in vain"),
                "merge": f"R{who} and R{whom} became one household",
            }[kind]
            found += _arrow(at, kind, who, whom, say)
    direct = messages[messages["to"] > 0].head(MOST_ARROWS)
    for who, whom, kind in zip(
        direct["sender"].tolist(), direct["to"].tolist(), direct["kind"].astype(str), strict=True
    ):
        found += _arrow(at, "message", who, whom, f"R{who} to R{whom}: {kind}")
    return found


def _arrow(at: dict[int, Any], kind: str, who: int, whom: int, say: str) -> list[Any]:
    a, b = at.get(who), at.get(whom)
    if a is None or b is None or a is b:
        return []
    dx, dy = b["x"] - a["x"], b["y"] - a["y"]
    length = math.hypot(dx, dy) or 1e-9
    room = max(length - a["r"] - b["r"] - 0.06, 0.04)
    start = (a["x"] + dx / length * a["r"], a["y"] + dy / length * a["r"])
    end = (start[0] + dx / length * room, start[1] + dy / length * room)
    bend = 0.14 * min(length, 3.0)
    middle = (
        (start[0] + end[0]) / 2 - dy / length * bend,
        (start[1] + end[1]) / 2 + dx / length * bend,
    )
    path = (
        f"M{start[0]:.3f} {start[1]:.3f} Q{middle[0]:.3f} {middle[1]:.3f} {end[0]:.3f} {end[1]:.3f}"
    )
    return [{"kind": kind, "path": path, "colour": LAYERS[kind][0], "text": say}]


def _legend(colouring: str, used: set[str]) -> list[Any]:
    if colouring == "treated":
        entries = [("treated", TREATED), ("untreated", CONTROL)]
    else:
        entries = [(NAMES[code], VALUE_COLOURS[code]) for code in VALUES]
        entries.append(("no one value", CONTROL))
    return [{"label": label, "colour": colour} for label, colour in entries if colour in used]
