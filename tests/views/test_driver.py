"""Letting a community live in the background: what is asked, given up, and told."""

import asyncio
import threading

import pytest

from agents.errors import StoppedEarly
from agents.minds.surrogate import Surrogate
from model.community import CommunityModel
from model.views.driver import Driver

LONG = 60.0


class Gate:
    """The surrogate behind a gate; counts who came."""

    name = "gate"

    def __init__(self) -> None:
        self.open, self.came, self.cancelled = (threading.Event() for _ in range(3))
        self._mind = Surrogate()

    def reply(self, batch):
        self.came.set()
        assert self.open.wait(LONG)
        return self._mind.reply(batch)

    async def areply(self, batch):
        self.came.set()
        try:
            while not self.open.is_set():
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.cancelled.set()
            raise
        return self._mind.reply(batch)


class Rig:
    """A driver, and a way to wait for what it says."""

    def __init__(self, mind=None, days=6, **options) -> None:
        self.model = CommunityModel(residents=8, days=days, rng=4, mind=mind)
        self.days, self._told = [], threading.Condition()
        self.driver = Driver(
            self.model, self._tell, lambda: self.days.append(self.model.today), **options
        )

    def _tell(self) -> None:
        with self._told:
            self._told.notify_all()

    def until(self, phase: str) -> None:
        with self._told:
            assert self._told.wait_for(lambda: self.driver.progress.phase == phase, LONG)


def test_a_step_lives_one_day():
    rig = Rig()
    rig.driver.step()
    rig.until("ready")
    assert rig.days == [1]


def test_play_lives_to_the_end():
    rig = Rig()
    rig.driver.play()
    rig.until("ended")
    assert rig.days == [1, 2, 3, 4, 5, 6]


def test_nothing_is_lived_after_the_end():
    rig = Rig(days=1)
    rig.driver.play()
    rig.until("ended")
    rig.driver.step()
    assert rig.driver.progress.phase == "ended"
    assert not rig.driver.active


def test_what_is_asked_is_told():
    mind = Gate()
    rig = Rig(mind)
    rig.driver.step()
    assert mind.came.wait(LONG)
    progress = rig.driver.progress
    assert (progress.phase, progress.day, progress.stage, progress.asked) == (
        "asking", 1, "morning", 8,
    )  # fmt: skip
    mind.open.set()
    rig.until("ready")


@pytest.mark.parametrize("on_loop", [False, True])
def test_a_day_given_up_leaves_no_trace_and_can_be_lived_again(on_loop):
    mind = Gate()
    rig = Rig(mind, on_loop=on_loop)
    rig.driver.step()
    assert mind.came.wait(LONG)
    rig.driver.pause()
    assert rig.driver.progress.phase == "ready"
    assert rig.model.today == 0
    mind.open.set()
    rig.driver.play()
    rig.until("ended")
    undisturbed = CommunityModel(residents=8, days=6, rng=4)
    while undisturbed.running:
        undisturbed.step()
    assert rig.model.hash() == undisturbed.hash()


def test_pause_cancels_what_is_asked_on_the_loop():
    mind = Gate()
    rig = Rig(mind, on_loop=True)
    rig.driver.step()
    assert mind.came.wait(LONG)
    rig.driver.pause()
    assert mind.cancelled.wait(LONG)


def test_closing_waits_for_what_is_in_flight_without_making_anybody_wait():
    mind = Gate()
    rig = Rig(mind, on_loop=True)
    rig.driver.step()
    assert mind.came.wait(LONG)
    order = []
    rig.driver.close(lambda: order.append(mind.cancelled.is_set())).result(LONG)
    assert order == [True]


def test_a_mind_that_raises_fails_the_community_and_says_why():
    class Broken:
        name = "broken"

        def reply(self, batch):
            raise ZeroDivisionError("no way")

    rig = Rig(Broken())
    rig.driver.play()
    rig.until("failed")
    assert rig.driver.progress.cause == "ZeroDivisionError: no way"
    assert "Traceback" in rig.driver.progress.details


def test_a_community_that_was_stopped_can_go_on():
    class Out:
        name = "out"

        def __init__(self) -> None:
            self.mind, self.out = Surrogate(), True

        def reply(self, batch):
            if self.out:
                raise StoppedEarly("the endpoint is away")
            return self.mind.reply(batch)

    mind = Out()
    rig = Rig(mind)
    rig.driver.play()
    rig.until("stopped")
    assert rig.driver.progress.cause == "the endpoint is away"
    mind.out = False
    rig.driver.play()
    rig.until("ended")
    assert rig.model.today == 6


def test_two_clicks_live_one_day():
    mind = Gate()
    rig = Rig(mind)
    rig.driver.step()
    rig.driver.step()
    mind.open.set()
    rig.until("ready")
    assert rig.days == [1]


@pytest.mark.parametrize("error", [SystemExit(3), StopIteration(), RecursionError(), MemoryError()])
@pytest.mark.parametrize("on_loop", [False, True])
def test_whatever_a_mind_raises_ends_the_asking_and_is_told(error, on_loop):
    class Broken:
        name = "broken"

        def reply(self, batch):
            raise error

        def areply(self, batch):
            raise error

    rig = Rig(Broken(), on_loop=on_loop)
    rig.driver.play()
    rig.until("failed")
    assert type(error).__name__ in rig.driver.progress.cause
    assert rig.days == []
    rig.driver.close(lambda: None).result(LONG)


def test_a_call_that_the_mind_itself_cancels_stops_the_community_and_can_be_made_again():
    class Cancelling:
        name = "cancelling"

        def __init__(self) -> None:
            self.cancels = True

        async def areply(self, batch):
            if self.cancels:
                raise asyncio.CancelledError
            return Surrogate().reply(batch)

    mind = Cancelling()
    rig = Rig(mind, on_loop=True)
    rig.driver.play()
    rig.until("stopped")
    assert rig.driver.progress.cause == "a call of cancelling was cancelled"
    mind.cancels = False
    rig.driver.play()
    rig.until("ended")


def test_what_closing_raises_is_the_exception_of_its_end():
    rig = Rig()

    def then() -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        rig.driver.close(then).result(LONG)


def test_a_day_for_which_the_system_gives_no_thread_is_told_of(monkeypatch):
    rig = Rig()

    def refuse(self) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        rig.driver.step()
    assert rig.driver.progress.cause == "RuntimeError: can't start new thread"
    assert not rig.driver.active
