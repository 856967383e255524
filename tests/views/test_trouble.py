"""Faults of the page: kept, counted and told, whatever they are."""

import threading

import pytest

from agents.errors import InputError
from model.views.trouble import LONGEST, MOST, PageTrouble, in_one_line, thread


class Mute(Exception):
    """An exception that cannot be asked what it says."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def test_the_same_fault_is_kept_once_and_counted():
    trouble = PageTrouble()
    for _ in range(3):
        trouble.add("The grid", raised(ValueError("no")))
    trouble.add("The card", raised(ValueError("no")))
    assert [(one.where, one.line, one.count) for one in trouble.faults] == [
        ("The grid", "ValueError: no", 3),
        ("The card", "ValueError: no", 1),
    ]
    assert trouble.total == 4
    assert "Traceback" in trouble.faults[0].details


def test_of_many_faults_the_newest_are_kept_and_all_are_counted():
    trouble = PageTrouble()
    for number in range(3 * MOST):
        trouble.add("The grid", ValueError(f"number {number}"))
    assert len(trouble.faults) == MOST
    assert trouble.faults[-1].line == f"ValueError: number {3 * MOST - 1}"
    assert trouble.total == 3 * MOST


def test_dismissing_forgets_them_all():
    trouble = PageTrouble()
    for number in range(2 * MOST):
        trouble.add("The grid", ValueError(f"number {number}"))
    trouble.dismiss()
    assert (trouble.faults, trouble.total) == ((), 0)


def test_whoever_shows_faults_is_told_of_each():
    trouble, told = PageTrouble(), []
    trouble.changed.subscribe(told.append)
    trouble.add("The grid", ValueError("no"))
    trouble.add("The grid", ValueError("no"))
    assert len(told) == 2


def test_a_fault_whose_banner_cannot_be_drawn_is_kept_and_raises_nothing():
    trouble = PageTrouble()

    def fail(_) -> None:
        raise RuntimeError("the page is gone")

    trouble.changed.subscribe(fail)
    trouble.add("The grid", ValueError("no"))
    assert trouble.total == 1


def test_faults_from_many_threads_are_all_counted():
    trouble, hands = PageTrouble(), 8
    begin = threading.Barrier(hands)

    def add() -> None:
        begin.wait(60)
        for _ in range(50):
            trouble.add("The grid", ValueError("no"))

    many = [threading.Thread(target=add) for _ in range(hands)]
    for one in many:
        one.start()
    for one in many:
        one.join(60)
    assert trouble.total == hands * 50


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("seed: give a number"), "seed: give a number"),
        (ValueError("two\nlines"), "ValueError: two lines"),
        (KeyError(), "KeyError"),
        (Mute(), "Mute: (it cannot say what it is)"),
        (SystemExit(3), "SystemExit: 3"),
    ],
)  # fmt: skip
def test_any_exception_is_one_line(error, line):
    assert in_one_line(error) == line


def test_a_line_is_never_long():
    assert len(in_one_line(ValueError("x" * 10_000_000))) == LONGEST


def test_a_function_that_is_guarded_raises_nothing_and_is_told_of():
    trouble = PageTrouble()
    trouble.guarded("Drawing", lambda day: day / 0)(1)
    assert trouble.faults[0].line.startswith("ZeroDivisionError")


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), Mute()])
def test_what_a_thread_raises_is_handed_on(error):
    caught, heard = [], threading.Event()

    def work() -> None:
        raise error

    def failed(one: BaseException) -> None:
        caught.append(one)
        heard.set()

    thread(work, failed)
    assert heard.wait(60)
    assert caught == [error]
