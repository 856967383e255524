"""What each text conveys."""

import numpy as np
import pytest

from agents.errors import InputError
from agents.expression import convey
from agents.values import MODES, VALUES, treat

N = 6
PROFILE = np.array([[80, 60, 50, 40, 30, 50, 45, 45, 60, 40]] * N, dtype=np.int64)
VALUE = np.array([-1, 8, 8, 8, 8, 0], dtype=np.int64)
MODE = np.array([3, 0, 1, 2, 3, 0], dtype=np.int64)


def test_the_weights_family_tells_the_treated_profile_and_leaves_the_untreated_alone() -> None:
    told = convey("weights", "weights", PROFILE, VALUE, MODE)
    assert told[0].tolist() == PROFILE[0].tolist()
    for row in range(1, N):
        expected = treat(PROFILE[row], int(VALUE[row]), MODES[MODE[row]])
        assert told[row].tolist() == expected.tolist()


@pytest.mark.parametrize("method", ["gloss", "portrait", "ranked", "contrast", "sham"])
def test_a_single_text_sets_one_value_and_spreads_the_rest_evenly(method: str) -> None:
    told = convey("single", method, PROFILE, VALUE, MODE)
    assert told[0].tolist() == [50] * 10
    assert told[1].tolist() == [45, 45, 45, 45, 44, 44, 44, 44, 100, 44]
    assert told[2].tolist() == [56, 56, 56, 56, 56, 55, 55, 55, 0, 55]
    assert told[3].tolist() == [50] * 10
    assert told[4].tolist() == [56, 56, 56, 56, 56, 55, 55, 55, -50, 55]
    assert told[5].tolist() == [100, 45, 45, 45, 45, 44, 44, 44, 44, 44]


@pytest.mark.parametrize("method", ["none", "placebo"])
def test_a_text_about_no_value_conveys_ten_ordinary_weights(method: str) -> None:
    assert (convey("single", method, PROFILE, VALUE, MODE) == 50).all()


def test_without_compensation_the_other_nine_stay() -> None:
    told = convey("weights", "weights", PROFILE, VALUE, MODE, compensated=False)
    others = [k for k in range(len(VALUES)) if k != 8]
    assert (told[1:5, others] == PROFILE[1:5, others]).all()
    assert told[1:5, 8].tolist() == [100, 0, 50, -50]


def test_the_profile_handed_in_is_not_changed() -> None:
    profile = PROFILE.copy()
    convey("weights", "weights", profile, VALUE, MODE)
    assert (profile == PROFILE).all()


@pytest.mark.parametrize(
    ("family", "method", "value", "mode", "compensated", "words"),
    [
        ("weights", "gloss", VALUE, MODE, True, "no method 'gloss' in family 'weights'"),
        ("both", "gloss", VALUE, MODE, True, "family 'both'"),
        ("single", "gloss", VALUE + 5, MODE, True, "value: 13 is off its list"),
        ("single", "gloss", VALUE, MODE + 1, True, "mode: 4 is off its list"),
        ("single", "gloss", VALUE, MODE, False, "compensated=false"),
    ],
)
def test_what_cannot_be_conveyed_is_refused_by_name(
    family: str, method: str, value: np.ndarray, mode: np.ndarray, compensated: bool, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        convey(family, method, PROFILE, value, mode, compensated)
