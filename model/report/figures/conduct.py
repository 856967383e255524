"""Cooperation, betrayal, attacks and deception over time, and how residents spent their days."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from model.analysis.digest import MAIN_ACTS
from model.measures.rates import dispersion, rate_interval
from model.report.conditions import Condition, Material
from model.report.figures.spread import runs_words
from model.report.pictures import Picture
from model.report.style import ACT_COLOURS, label_ends, panels
from model.report.tables import Table
from model.report.text import wrapped

Ints = npt.NDArray[np.int64]

SPAN = 5
_LINES = ("cooperation", "betrayal", "attacks", "deception")
_FURTHER = (("gifts", "gift"), ("attacks", "attack"), ("merge_asks", "merge"))


def conduct(material: Material) -> Picture:
    """Four kinds of conduct in spans of five days."""
    frame = conduct_numbers(material)
    caption = (
        f"{runs_words(material.conditions)}. Actor-days per 1,000 faultless resident-days in spans "
        f"of {SPAN} days, pooled over runs; band: 95 %, chi-square limits with the dispersion of "
        "all conditions (of fewer than three, of the untreated ones). Labels are read off the log "
        "by rule."
    )
    numbers = Table("conduct", "Conduct in spans of days", frame)
    return Picture("conduct", "Cooperation and betrayal", caption, draw(material, frame), numbers)


def conduct_numbers(material: Material) -> pd.DataFrame:
    """condition, conduct, from_day, to_day, rate, low, high, runs; rates per 1,000."""
    rows = []
    clumps = {name: _dispersions(material, name) for name in _LINES}
    for one in material.conditions:
        for name in _LINES:
            hits, days = _by_span(one, name)
            for span in range(hits.shape[1]):
                found = rate_interval(hits[:, span], days[:, span], clumps[name][span])
                rows.append(
                    {
                        "condition": one.label,
                        "conduct": name,
                        "from_day": span * SPAN + 1,
                        "to_day": min((span + 1) * SPAN, one.horizon),
                        "rate": found.estimate * 1000,
                        "low": found.low * 1000,
                        "high": found.high * 1000,
                        "runs": found.n[0],
                        "hits": int(hits[:, span].sum()),
                        "resident_days": int(days[:, span].sum()),
                    }
                )
    return pd.DataFrame(rows)


def draw(material: Material, frame: pd.DataFrame) -> Figure:
    """Four panels, all conditions in each."""
    figure, axes = panels(4, columns=2, height=2.7, share=False)
    horizon = max(one.horizon for one in material.conditions)
    for axis, name in zip(axes, _LINES, strict=True):
        ends = []
        for one in material.conditions:
            part = frame[(frame["condition"] == one.label) & (frame["conduct"] == name)]
            middle = (part["from_day"] + part["to_day"]) / 2
            axis.fill_between(
                middle, part["low"], part["high"], color=one.look.colour, alpha=0.15, linewidth=0
            )
            axis.plot(middle, part["rate"], color=one.look.colour, linestyle=one.look.line)
            known = part["rate"].dropna()
            last = float(known.iloc[-1]) if len(known) else float("nan")
            ends.append((last, one.label, one.look.colour))
        axis.set_title(name)
        axis.set_xlim(0, horizon)
        axis.set_ylim(bottom=0)
        axis.set_ylabel("per 1,000 resident-days")
        axis.set_xlabel("day")
        label_ends(axis, ends)
    return figure


def acts(material: Material) -> Picture:
    """Main acts as shares of resident-days, further acts per 1,000."""
    frame = act_numbers(material)
    caption = (
        f"{runs_words(material.conditions)}. Left: main acts as shares of all, runs pooled. Right: "
        "further acts per 1,000 resident-days, pooled over runs; whiskers: 95 %, chi-square limits "
        "with the dispersion of all conditions (of fewer than three, of the untreated "
        "ones)."
    )
    numbers = Table("acts", "Acts by kind", frame)
    return Picture("acts", "Acts by kind", caption, draw_acts(material, frame), numbers)


def act_numbers(material: Material) -> pd.DataFrame:
    """condition, part (main or further), act, count, of, share, low, high, runs."""
    rows = []
    plain = [not one.treated for one in material.conditions]
    sums = [_act_sums(one) for one in material.conditions]
    kinds = [("main", name, name) for name in MAIN_ACTS]
    kinds += [("further", column, act) for column, act in _FURTHER]
    found = {}
    for part, column, _ in kinds:
        arms = [
            (np.minimum(one[column], one[part]).astype(np.int64), one[part].astype(np.int64))
            for one in sums
        ]
        between = dispersion(arms, plain)
        found[column] = [rate_interval(did, of, between) for did, of in arms]
    for at, one in enumerate(material.conditions):
        for part, column, act in kinds:
            rate = found[column][at]
            rows.append(
                {
                    "condition": one.label,
                    "part": part,
                    "act": act,
                    "count": int(sums[at][column].sum()),
                    "of": int(sums[at][part].sum()),
                    "share": rate.estimate,
                    "low": rate.low,
                    "high": rate.high,
                    "runs": rate.n[0],
                }
            )
    return pd.DataFrame(rows)


def _act_sums(condition: Condition) -> dict[str, npt.NDArray[Any]]:
    """Acts by run; `main`: all main acts, `further`: faultless resident-days."""
    sums = {
        name: np.array([run.days[name].sum() for run in condition.runs])
        for name in (*MAIN_ACTS, *(column for column, _ in _FURTHER), "faultless")
    }
    total: npt.NDArray[Any] = np.stack([sums[name] for name in MAIN_ACTS]).sum(axis=0)
    return sums | {"main": total, "further": sums["faultless"]}


def draw_acts(material: Material, frame: pd.DataFrame) -> Figure:
    """Stacked bars beside dots."""
    count = len(material.conditions)
    figure, (left, right) = panels(2, columns=2, height=1.2 + 0.42 * count, share=False)
    labels = [one.label for one in material.conditions]
    places = np.arange(count)[::-1]
    start = np.zeros(count)
    main = frame[frame["part"] == "main"]
    for act in MAIN_ACTS:
        share = main[main["act"] == act].set_index("condition")["share"].reindex(labels).fillna(0)
        width = share.to_numpy()
        left.barh(
            places, width, left=start, height=0.62, color=ACT_COLOURS[act], label=act, ec="white",
            lw=0.6,
        )  # fmt: skip
        for y, x, w in zip(places.tolist(), start.tolist(), width.tolist(), strict=True):
            if w >= 0.06:
                left.text(x + w / 2, y, f"{w:.0%}", ha="center", va="center", fontsize=7.5,
                          color="white" if act == "work" else "#1a1a1a")  # fmt: skip
        start = start + width
    left.set_yticks(places, [wrapped(label) for label in labels])
    left.tick_params(axis="y", length=0)
    left.set_xlim(0, 1)
    left.grid(visible=False)
    left.set_xlabel("share of main acts")
    left.legend(ncols=5, loc="lower left", bbox_to_anchor=(0, 1.0), handlelength=1.0,
                columnspacing=1.0, fontsize=8)  # fmt: skip
    further = frame[frame["part"] == "further"]
    for step, (_, act) in enumerate(_FURTHER):
        part = further[further["act"] == act].set_index("condition").reindex(labels)
        at = places + (1 - step) * 0.22
        rate = part["share"].to_numpy() * 1000
        low, high = part["low"].to_numpy() * 1000, part["high"].to_numpy() * 1000
        right.hlines(at, low, high, color=ACT_COLOURS[act], lw=1.6)
        right.plot(rate, at, "o", color=ACT_COLOURS[act], ms=5, label=act)
    right.set_yticks(places, [""] * count)
    right.tick_params(axis="y", length=0)
    right.grid(visible=False, axis="y")
    right.set_xlim(left=0)
    right.set_xlabel("further acts per 1,000 resident-days")
    right.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1.0), handlelength=1.0, fontsize=8)
    return figure


def _dispersions(material: Material, name: str) -> list[float]:
    """By span: how many hits come at a time, over the conditions that last so long."""
    arms = [(_by_span(one, name), not one.treated) for one in material.conditions]
    found = []
    for span in range(max(hits.shape[1] for (hits, _), _ in arms)):
        here = [(h[:, span], d[:, span], plain) for (h, d), plain in arms if span < h.shape[1]]
        found.append(dispersion([(h, d) for h, d, _ in here], [plain for *_, plain in here]))
    return found


def _by_span(condition: Condition, name: str) -> tuple[Ints, Ints]:
    """Hits and faultless resident-days, runs × spans."""
    spans = -(-condition.horizon // SPAN)
    hits = np.zeros((len(condition.runs), spans), dtype=np.int64)
    days = np.zeros_like(hits)
    for row, run in enumerate(condition.runs):
        table = run.conduct
        where = (table["day"].to_numpy(dtype=np.int64) - 1) // SPAN
        if name == "attacks":
            flows = run.days.set_index("day")["attacks"].reindex(table["day"])
            did = flows.fillna(0).to_numpy(dtype=np.int64)
        elif name in condition.undefined:
            continue
        else:
            did = table[name].to_numpy(dtype=np.int64)
        # `add.at`: several residents fall on one day, of whom `+=` would count one.
        np.add.at(hits[row], where, did)
        np.add.at(days[row], where, table["faultless"].to_numpy(dtype=np.int64))
    return hits, days
