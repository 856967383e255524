import subprocess
import sys
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from agents.values import VALUES
from model.report.style import (
    MODE_COLOURS,
    VALUE_COLOURS,
    canvas,
    house,
    label_ends,
    look,
    looks,
    panels,
)

# Machado, Oliveira & Fernandes (2009), severity 1, on linear RGB.
SEEN_BY = {
    "everybody": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}  # fmt: skip


def linear(colour):
    c = np.array(to_rgb(colour))
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def oklab(rgb):
    """Ottosson (2020)."""
    to_lms = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
    to_lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
    return np.array(to_lab) @ np.cbrt(np.array(to_lms) @ np.clip(rgb, 0, 1))


@pytest.mark.parametrize("eye", SEEN_BY)
def test_any_two_values_stay_apart_to_every_eye(eye):
    seen = {code: oklab(np.array(SEEN_BY[eye]) @ linear(c)) for code, c in VALUE_COLOURS.items()}
    near = {(a, b): np.linalg.norm(seen[a] - seen[b]) for a, b in combinations(VALUES, 2)}
    assert min(near.values()) > 0.085, min(near, key=near.get)


@pytest.mark.parametrize("eye", SEEN_BY)
def test_any_two_modes_stay_apart_to_every_eye(eye):
    seen = [oklab(np.array(SEEN_BY[eye]) @ linear(c)) for c in MODE_COLOURS.values()]
    assert min(np.linalg.norm(a - b) for a, b in combinations(seen, 2)) > 0.08


def test_colours_go_round_the_circle_by_hue():
    hues = [np.arctan2(*oklab(linear(VALUE_COLOURS[code]))[:0:-1]) for code in VALUES]
    turns = np.mod(np.diff([*hues, hues[0]]), 2 * np.pi)
    # All steps go the same way, once round.
    assert np.isclose(np.sum(2 * np.pi - turns), 2 * np.pi)


def test_value_taken_away_differs_from_value_given_in_more_than_colour():
    given, taken = look("BE", "with"), look("BE", "without")
    assert given.colour == taken.colour
    assert given.line != taken.line
    assert given.filled != taken.filled


def test_conditions_that_would_look_alike_get_different_colours():
    found = looks([("", "original", 0.0), ("", "original", 0.0), ("PO", "with", 1.0)])
    assert len(set(found)) == 3


def test_fewer_treated_is_paler():
    full, half = look("PO", "with", 1.0), look("PO", "with", 0.25)
    assert linear(half.colour).sum() > linear(full.colour).sum()


def test_no_text_in_a_picture_is_read_as_mathematics():
    with house():
        assert mpl.rcParams["text.parse_math"] is False
        figure = canvas(3, 2)
        text = figure.subplots().set_title("$\\notacommand{$")
        figure.draw_without_rendering()
    assert text.get_text() == "$\\notacommand{$"
    assert text.get_parse_math() is False


def test_the_house_style_leaves_nothing_behind():
    before = dict(mpl.rcParams)
    with house():
        pass
    assert dict(mpl.rcParams) == before


def test_end_labels_never_overlap():
    with house():
        figure, (axes,) = panels(1, columns=1, width=6, height=3)
        axes.set_ylim(0, 1)
        axes.set_xlim(0, 1)
        label_ends(axes, [(0.5, f"line {i}", "#4980a6") for i in range(6)])
        figure.draw_without_rendering()
        boxes = sorted((text.get_window_extent() for text in axes.texts), key=lambda box: box.y0)
    assert len(boxes) == 6
    assert all(lower.y1 <= upper.y0 + 0.5 for lower, upper in pairwise(boxes))


def test_a_line_that_ends_nowhere_has_no_label():
    with house():
        _, (axes,) = panels(1, columns=1)
        label_ends(axes, [(float("nan"), "gone", "#4980a6")])
    assert not axes.texts


def test_a_screen_can_have_the_style_without_the_reports():
    code = (
        "import sys, model.report.style; "
        "print([m for m in sys.modules if m.split('.')[0] in ('pandas', 'scipy', 'mesa')"
        " or m.startswith('model.') and not m.startswith('model.report')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
