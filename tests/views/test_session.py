"""A session: whatever fails around its community, the community lives, or it is said why not."""

import threading

import pytest

from agents.errors import InputError, StoppedEarly
from agents.minds.surrogate import Surrogate
from model.views.living_community import Choice
from model.views.session import Session
from model.world.minds import OpenMind
from model.world.scenario_files import scenario_from

LONG = 60.0


def choice(**fields) -> Choice:
    return Choice(scenario_from({"residents": 8, "days": 5} | fields))


class Minds:
    """Opens the surrogate, or raises what it is told to; its closing raises what it is told to."""

    def __init__(self) -> None:
        self.opening = self.closing = None

    def __call__(self, scenario, settings, folder, group_of) -> OpenMind:
        if self.opening is not None:
            raise self.opening
        return OpenMind(Surrogate(), close=self._close)

    def _close(self) -> None:
        if self.closing is not None:
            raise self.closing


def day_over(session: Session) -> threading.Event:
    over = threading.Event()

    def look(_) -> None:
        if session.progress.phase != "asking":
            over.set()

    session.pulse.subscribe(look)
    return over


@pytest.mark.parametrize(
    ("error", "said", "traced"),
    [
        (InputError("mind: is away; start it"), "mind: is away; start it", False),
        (RuntimeError("out of luck"), "RuntimeError: out of luck", True),
    ],
)
def test_a_first_community_that_cannot_be_founded_leaves_a_session_that_says_why(
    error, said, traced
):
    minds = Minds()
    minds.opening = error
    session = Session(minds, choice)
    assert not session.founded
    assert (session.problem, "Traceback" in session.details) == (said, traced)
    assert (session.progress.phase, session.progress.cause) == ("failed", said)
    assert not session.active
    assert not session.anything
    with pytest.raises(InputError, match="no community lives"):
        _ = session.living
    session.close()


def test_after_a_first_community_that_could_not_be_founded_reset_founds_one():
    minds = Minds()
    minds.opening = InputError("mind: is away; start it")
    session = Session(minds, choice)
    minds.opening = None
    session.reset(choice(residents=9))
    assert session.founded
    assert session.problem == ""
    assert session.shown.scenario.residents == 9


def test_a_choice_that_cannot_even_be_made_is_told_of():
    def broken() -> Choice:
        raise RecursionError("the presets are damaged")

    session = Session(first=broken)
    assert session.problem == "RecursionError: the presets are damaged"
    session.start_anew()
    assert not session.founded


def test_a_reset_that_fails_leaves_the_living_community_alone():
    minds = Minds()
    session = Session(minds, choice)
    before = session.living
    minds.opening = RuntimeError("out of luck")
    session.reset(choice())
    assert session.living is before
    assert session.problem == "RuntimeError: out of luck"
    over = day_over(session)
    session.step()
    assert over.wait(LONG)
    assert session.live.last == 1


@pytest.mark.parametrize("counter", ["changed", "pulse"])
def test_a_screen_that_cannot_be_drawn_does_not_stop_the_days(counter):
    session = Session(Minds(), choice)
    over = day_over(session)

    def fail(_) -> None:
        if session.active or session.progress.phase != "ready":
            raise RuntimeError("cannot be drawn")

    getattr(session, counter).subscribe(fail)
    session.play()
    for _ in range(int(LONG / 0.01)):
        if session.progress.phase == "ended":
            break
        over.wait(0.01)
    assert session.progress.phase == "ended"
    assert session.live.last == 5
    assert session.trouble.faults[-1].line == "RuntimeError: cannot be drawn"


@pytest.mark.parametrize("error", [StoppedEarly("the disk is full"), OSError("gone")])
def test_a_community_that_cannot_be_put_away_is_told_of_and_the_next_one_lives(error):
    minds = Minds()
    session = Session(minds, choice)
    told = threading.Event()
    session.trouble.changed.subscribe(lambda _: told.set())
    minds.closing = error
    session.reset(choice(residents=9))
    assert told.wait(LONG)
    assert session.trouble.faults[0].where == "Putting the community before away"
    assert str(error) in session.trouble.faults[0].line
    assert session.shown.scenario.residents == 9


def test_what_is_typed_is_held_by_the_session_and_given_up_when_all_starts_anew():
    session = Session(Minds(), choice)
    session.forms.held("seed", lambda: "1").set("77")
    assert session.forms.held("seed", lambda: "1").value == "77"
    session.reset(choice(residents=9))
    assert session.forms.held("seed", lambda: "1").value == "77"
    session.trouble.add("The grid", ValueError("no"))
    session.start_anew()
    assert session.forms.held("seed", lambda: "1").value == "1"
    assert session.shown.scenario.residents == 8
    assert session.trouble.total == 0


def test_a_form_that_cannot_be_emptied_keeps_no_other_from_it():
    session = Session(Minds(), choice)
    starts = iter(["one"])
    session.forms.held("broken", lambda: next(starts))
    session.forms.held("seed", lambda: "1").set("77")
    session.start_anew()
    assert session.forms.held("seed", lambda: "1").value == "1"
