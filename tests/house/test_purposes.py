"""Chance: every draw has a purpose of its own, from one register, and every purpose a draw."""

from __future__ import annotations

import ast
from enum import unique

import pytest

from agents.purposes import ASIDES, MINDS, Purpose, Start, Stream
from tests.house.source import ROOT, dotted, functions, name_of, product_files, tree_of

REGISTER = "agents/purposes.py"
#: Where draws are made of purposes that were given; nobody chooses one there.
MADE = "agents/randomness.py"


@pytest.mark.parametrize("register", [Purpose, Start, Stream])
def test_no_two_purposes_are_one(register):
    assert unique(register) is register
    assert len({int(one) for one in register}) == len(register.__members__)


def test_the_world_minds_and_asides_have_ranges_of_their_own():
    floors = [sum(purpose >= bound for bound in (MINDS, ASIDES)) for purpose in Purpose]
    assert floors == sorted(floors)
    assert set(floors) == {0, 1, 2}


def test_no_purpose_is_dead():
    used = {
        dotted(node)
        for path in product_files()
        if name_of(path) != REGISTER
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute)
    }
    every = {f"{kind.__name__}.{one.name}" for kind in (Purpose, Start, Stream) for one in kind}
    assert every - used == set()


def test_no_draw_has_a_number_for_a_purpose():
    """A purpose is a member of the register, or a parameter whose caller names one."""
    odd = []
    for path in product_files():
        if name_of(path) == MADE:
            continue
        for function in functions(tree_of(path)):
            given = {argument.arg for argument in function.args.args}
            for call in ast.walk(function):
                if isinstance(call, ast.Call) and dotted(call.func) in ("draws", "seeds"):
                    purpose = call.args[1] if len(call.args) > 1 else None
                    named = purpose is not None and (
                        dotted(purpose).startswith("Purpose.") or dotted(purpose) in given
                    )
                    if not named:
                        odd.append(f"{name_of(path)}:{call.lineno}")
    assert odd == []


def test_every_purpose_says_what_for():
    """A draw has no comment of its own where it is made: the register explains it."""
    lines = (ROOT / REGISTER).read_text("utf-8").splitlines()
    bare = [
        one.name
        for one in (*Purpose, *Stream)
        for line in lines
        if line.strip().startswith(f"{one.name} = ") and "  # " not in line
    ]
    assert bare == []
