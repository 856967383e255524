"""The card of a resident: who it is, its day as a readable story, and why it counts as what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import solara

from agents.errors import CivaError
from agents.values import NAMES, VALUES
from model.report.style import VALUE_COLOURS
from model.views.error_boundary import on
from model.views.log_words import MessageSaid, message_head
from model.views.prompts import Asked
from model.views.resident_day import (
    ResidentDay,
    deeds,
    household_of,
    known_factories,
    labels_of,
    over_time,
    profile_of,
    showed,
)
from model.views.session import Session
from model.views.stated import Judgement, Profile, judgements_of, shown, stated
from model.views.story import Story
from model.views.widgets import Complaint, Empty, Facts, Words
from model.world.event_words import sentence

#: What happens to most on most days, and is not told one by one.
ROUND: Final = ("work", "travel", "explore", "idle", "promote", "void_message", "void_promise")
#: What is told before all else.
RARE: Final = ("intervention", "attack", "gift", "merge", "birth", "entry", "removal")
#: Lines of a day at most.
MOST_TOLD: Final = 40


@solara.component_vue("value_circle.vue")
def Circle(
    values: list[dict[str, str]],
    own: list[int],
    told: list[int],
    showed: list[float] | None,
    label: str,
) -> None:
    """Ten weights on the value circle."""


@solara.component_vue("sparks.vue")
def Sparks(lines: list[dict[str, Any]]) -> None:
    """Small lines, one a row."""


@solara.component
def Card(session: Session) -> None:
    """The selected resident or factory on the day looked at."""
    _ = session.looked.value, session.changed.value
    if session.factory:
        FactoryCard(session.shown, session.factory, session.on)
    elif session.resident:
        ResidentCard(session, session.shown, session.resident, session.on).key(
            f"{id(session.shown)} {session.resident}"
        )
    else:
        Empty(
            "Nobody is selected.",
            "Click a resident on the grid to read its day, or a factory to see who worked there.",
        )
        Today(session.shown, session.on)


@solara.component
def Today(story: Story, day: int) -> None:
    """What happened on the day, in its order: all but the daily round."""
    events = story.on("events", day)
    told = [row for row in events.to_dict("records") if row["kind"] not in ROUND]
    told.sort(key=lambda row: (row["kind"] not in RARE, row["order"]))
    if not told:
        return
    with solara.v.Html(tag="section"):
        solara.v.Html(tag="h2", children=[f"Day {day}"])
        with solara.v.Html(tag="ul", class_="civa-today"):
            for row in told[:MOST_TOLD]:
                with solara.v.Html(tag="li"):
                    Words(sentence(row))


@solara.component
def ResidentCard(session: Session, story: Story, resident: int, day: int) -> None:
    """One resident on one day."""

    def read() -> tuple[ResidentDay, dict[str, Any]] | str:
        try:
            return deeds(story, resident, day), profile_of(story, resident, day)
        except CivaError as error:
            return str(error)

    found = solara.use_memo(read, [id(story), resident, day, story.last if day == 0 else 0])
    with solara.v.Html(tag="article", class_="civa-card", attributes={"aria-label": "Resident"}):
        with solara.v.Html(tag="header"):
            solara.v.Html(tag="h2", children=[f"R{resident}"])
            solara.v.Html(tag="span", class_="quiet", children=[f"day {day}"])
            solara.Button(
                "Close",
                icon_name="mdi-close",
                text=True,
                small=True,
                on_click=on(lambda: session.select(resident)),
            )
        if isinstance(found, str):
            Complaint(found)
            return
        day_of, person = found
        if not person:
            Empty(f"R{resident} has not entered yet by day {day}.", "Look at a later day.")
            return
        Who(story, resident, day, person)
        if not day_of.lived:
            Empty(f"R{resident} was not among those asked on day {day}.", "Look at another day.")
            return
        if day == 0:
            Facts(day_of.facts)
            Empty("Day 0 is the start: nobody was asked yet.", "Press Step to live day 1.")
            return
        Values(story, resident, person)
        Day(session, story, day_of)


@solara.component
def Who(story: Story, resident: int, day: int, person: dict[str, Any]) -> None:
    """What it is, was told and showed; how it fared; whom and what it knows."""
    deeds_say = solara.use_memo(
        lambda: showed(story, resident) if _small(story) else None, [story.last, resident]
    )
    scaled = None if deeds_say is None else [max(0.0, 50 + 12 * x) for x in deeds_say]
    history = over_time(story, resident)
    history = history[history["day"] <= day]
    with solara.v.Html(tag="div", class_="civa-who"):
        Circle(
            values=[{"code": v, "name": NAMES[v], "colour": VALUE_COLOURS[v]} for v in VALUES],
            own=person["profile"],
            told=person["told"],
            showed=scaled,
            label=f"Values of R{resident}",
        )
        with solara.v.Html(tag="div"):
            Facts(
                [
                    ("treatment", person["treatment"]),
                    ("mind", person["mind"]),
                    ("entered", person["entered"]),
                    ("lives with", _residents(household_of(story, resident, day)) or "nobody"),
                    (
                        "knows",
                        ", ".join(
                            f"F{f} ({how})"
                            for f, how in known_factories(story, resident, day).items()
                        )
                        or "no factory",
                    ),
                ]
            )
            Sparks(
                lines=[
                    {"name": name, "colour": colour, "values": history[name].tolist()}
                    for name, colour in (
                        ("stock", VALUE_COLOURS["BE"]),
                        ("standing", VALUE_COLOURS["HE"]),
                        ("debt", VALUE_COLOURS["PO"]),
                    )
                ]
            )
            with solara.v.Html(tag="div", class_="civa-legend"):
                for name, what in (("is", "is"), ("told", "was told"), ("showed", "showed")):
                    with solara.v.Html(tag="span"):
                        solara.v.Html(tag="i", class_=f"line {name}")
                        solara.v.Html(
                            tag="span",
                            children=[what if name != "showed" or scaled else f"{what}: too early"],
                        )


@solara.component
def Day(session: Session, story: Story, day: ResidentDay) -> None:
    """The day in its order: saw, planned, said, did, what came of it, what it kept."""
    if day.fault:
        Complaint(day.fault)
    with solara.v.Html(tag="div", class_="civa-day"):
        with Part("It woke with"):
            Facts(day.facts)
            Words(f"within reach: {_residents(day.reach) or 'nobody'}", quiet=True)
            Words(f"within hearing: {_residents(day.hearing) or 'nobody'}", quiet=True)
        with Part("It saw it so", private=True):
            Words(day.view or "It gave no view.", said=bool(day.view), quiet=not day.view)
            if day.regards:
                Words(f"It thought of {'; of '.join(day.regards)}.")
        with Part("It planned to", private=True):
            Words(day.planned)
        with Part("It said"):
            for message in day.said:
                Message(message)
            if not day.said:
                Words("nothing", quiet=True)
        with Part("It heard"):
            for message in day.heard:
                Message(message)
            if not day.heard:
                Words("nothing", quiet=True)
        with Part("It did"):
            Words(day.did)
            if day.why:
                Words(day.why, said=True)
        with Part("What came of it"):
            for line in day.came or ("nothing that the log tells of",):
                Words(line)
        with Part("It noted for tomorrow", private=True):
            Words(day.note or "nothing", said=bool(day.note), quiet=not day.note)
        if day.flags:
            with Part("Read leniently"):
                Words(day.flags)
        Labels(story, day.resident, day.day)
        Judged(story, day.resident, day.day)
        Asked(session, story, day.resident, day.day)


@solara.component
def Part(title: str, children: Sequence[Any] = (), *, private: bool = False) -> None:
    """One part of a day under its heading."""
    with solara.v.Html(tag="section"):
        with solara.v.Html(tag="h3"):
            solara.v.Html(tag="span", children=[title])
            if private:
                solara.v.Html(tag="em", children=["private"])
        solara.v.Html(tag="div", children=list(children))


@solara.component
def Message(message: MessageSaid) -> None:
    """One message: who to whom, its words, what it claims and promises, who read it."""
    with solara.v.Html(tag="div", class_="civa-message"):
        Words(message_head(message))
        Words(message.text, said=True)
        for claim in message.claims:
            Words(f"claims: {claim}", quiet=True)
        for promise in message.promises:
            Words(f"promises: {promise}", quiet=True)
        heard = _residents(message.readers) or "nobody"
        more = f"; its work claim alone by {_residents(message.announced)}"
        Words(
            f"read by {heard}"
            + (more if message.announced else "")
            + (f"; {message.unread} more heard nothing of it" if message.unread else ""),
            quiet=True,
        )


@solara.component
def Labels(story: Story, resident: int, day: int) -> None:
    """What the detectors say of the day, and the rows behind it."""
    asked, set_asked = solara.use_state(False)
    show = asked or _small(story)
    found = solara.use_memo(
        lambda: labels_of(story, resident, day) if show else (), [story.last, resident, day, show]
    )
    with Part("It counts as"):
        if not show:
            solara.Button("Read the labels", small=True, on_click=on(lambda: set_asked(True)))
        elif not found:
            Words("nothing that the detectors look for", quiet=True)
        for one in found:
            with solara.v.Html(tag="div", class_="civa-label"):
                solara.v.Html(tag="b", children=[one.label])
                Words(one.reason)
                with solara.v.Html(tag="ul"):
                    for line in one.rows:
                        with solara.v.Html(tag="li"):
                            Words(line, quiet=True)


@solara.component
def Values(story: Story, resident: int, person: dict[str, Any]) -> None:
    """What it was told, said and showed that it values, time after time: ten numbers a row."""

    def read() -> tuple[Profile, ...] | str:
        try:
            said = stated(story, resident)
            return said + (shown(story, resident) if _small(story) else ())
        except CivaError as error:
            return str(error)

    found = solara.use_memo(read, [id(story), resident, story.last])
    if isinstance(found, str):
        Complaint(found)
        return
    if not found:
        return
    rows = [Profile("was told (weights)", tuple(map(float, person["told"]))), *found]
    with (
        solara.Details("Its values over the days"),
        solara.v.Html(tag="div", class_="civa-scroll"),
        solara.v.Html(tag="table", class_="civa-values", attributes={"aria-label": "Values"}),
    ):
        with solara.v.Html(tag="tr"):
            for head in ("", *VALUES):
                solara.v.Html(tag="th", children=[head], attributes={"scope": "col"})
        for place, row in enumerate(rows):
            with solara.v.Html(tag="tr").key(f"{place} {row.what}"):
                with solara.v.Html(tag="th", attributes={"scope": "row"}):
                    Words(row.what, quiet=True)
                for number in row.numbers:
                    text = "–" if number != number else f"{number:.{0 if not place else 1}f}"
                    solara.v.Html(tag="td", children=[text])


@solara.component
def Judged(story: Story, resident: int, day: int) -> None:
    """What a judge, who was told neither condition nor rules, found of the day."""

    def read() -> tuple[Judgement, ...] | str:
        try:
            return judgements_of(story, resident, day)
        except CivaError as error:
            return str(error)

    found = solara.use_memo(read, [id(story), resident, day])
    if isinstance(found, str):
        Complaint(found)
        return
    for place, one in enumerate(found):
        with Part("A judge found").key(f"{place} {one.judge}"):
            Words(one.judge, quiet=True)
            if one.fault:
                Words(f"Its reply could not be used ({one.fault}): that is no finding.")
            elif not one.labels:
                Words("none of the behaviours")
            for label, quote, claim in one.labels:
                with solara.v.Html(tag="div", class_="civa-label"):
                    solara.v.Html(tag="b", children=[label.replace("_", " ")])
                    Words(quote, said=True)
                    if claim:
                        Words(f"the claim: {claim}")


@solara.component
def FactoryCard(story: Story, factory: int, day: int) -> None:
    """A factory: its law, and who worked there."""
    site = story.origin.factories[factory - 1]
    morning = story.on("residents", day)
    crew = morning.loc[morning["worked"] == factory] if day else morning.head(0)
    with solara.v.Html(tag="article", class_="civa-card", attributes={"aria-label": "Factory"}):
        with solara.v.Html(tag="header"):
            solara.v.Html(tag="h2", children=[f"F{factory}"])
            solara.v.Html(tag="span", class_="quiet", children=[f"day {day}"])
        Facts(
            [
                ("greatest output", f"{site.output} units a day at richness 1"),
                ("half of it at", f"{site.half} skill points at work"),
                ("at work", f"{len(crew)} with {int(crew['skill'].sum())} skill points"),
                ("paid out", f"{int(crew['paid'].sum())} units"),
            ]
        )
        for who, paid in zip(crew["resident"], crew["paid"], strict=True):
            Words(f"R{who} was paid {paid}")
        if not len(crew):
            Words("Nobody worked here on this day.", quiet=True)


def _residents(ids: Sequence[int], most: int = 30) -> str:
    named = ", ".join(f"R{i}" for i in ids[:most])
    return named + (f" and {len(ids) - most} more" if len(ids) > most else "")


def _small(story: Story) -> bool:
    """Whether the log is read in a moment."""
    return story.scenario.residents * max(story.last, 1) <= 20_000
