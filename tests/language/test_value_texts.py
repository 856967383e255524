"""The value texts: one frame a method, weight words alone between modes, no word of the world."""

import re
from itertools import product

import numpy as np
import pytest

from agents.errors import InputError
from agents.expression import FAMILIES, convey
from agents.observation import Rules
from agents.prompts.static import render_static
from agents.prompts.texts import PARAPHRASES, catalogue, find_text, value_text
from agents.prompts.words import wordings
from agents.values import EVEN, MODES, NAMES, VALUES

SPEAKING = ("gloss", "portrait", "ranked", "contrast", "sham")
TEXT_OF = {"portrait": "portraits", "sham": "other_glosses"}
TOLD = (80, 60, 50, 40, 30, 50, 45, 45, 60, 40)

#: Every act, kind and noun of a question, in both wordings; plus rank, resource and community.
NOUNS = """now day days today yesterday morning evening position skill standing stock stocks lasts
    hungry food household households since factory factories resident residents heard hear hears
    said says paid took saw seen steps step made max half announced outside promise promises
    promised note notes plan planned main further claim claims message messages child reach unit
    units store grid cell cells rank ranked resource resources community kept broken perceive
    communicate act acts remember reply"""
JUDGEMENTS = """good better best bad worse worst right wrong noble base selfish selfless evil virtue
    virtuous vice moral immoral fair unfair just unjust admirable shameful proud honest dishonest
    decent nasty nice should ought praiseworthy guilty worthy unworthy"""
WORDED = " ".join(word for words in wordings().values() for word in words.of.values())
WORLD = {*NOUNS.split(), *WORDED.split()} - {"a", "none"}
PRAISE_OR_BLAME = set(JUDGEMENTS.split())


def texts(method: str):
    for value, mode, paraphrase in product(range(10), range(4), range(PARAPHRASES)):
        told = tuple(EVEN.tolist())
        yield value, mode, paraphrase, value_text(method, value, mode, paraphrase, told)


def size(text: str) -> int:
    """Words and marks; a word longer than nine letters counts as two."""
    parts = re.findall(r"[A-Za-z]+|[^\sA-Za-z]", text)
    return sum(2 if len(part) > 9 else 1 for part in parts)


def every_text() -> list[str]:
    known = [text for method in SPEAKING for *_, text in texts(method)]
    known += [value_text("placebo", 0, 0, p, TOLD) for p in range(PARAPHRASES)]
    return known + [value_text("weights", -1, 0, p, TOLD) for p in range(PARAPHRASES)]


def test_no_text_holds_a_word_of_the_world_or_of_praise_and_blame() -> None:
    for text in every_text():
        found = set(re.findall(r"[a-z-]+", text.lower())) & (WORLD | PRAISE_OR_BLAME)
        # "just as expected" compares; it does not judge.
        assert found <= ({"just"} if "just as" in text else set()), (found, text)


def test_no_value_stands_in_the_static_text_of_the_single_family() -> None:
    static = render_static(Rules(family="single", method="gloss"))
    for word in (*NAMES.values(), *catalogue()["glosses"].values()):
        assert not re.search(rf"\b{word}\b", static), word


def test_the_gloss_stays_word_for_word_whatever_the_mode() -> None:
    for method in SPEAKING:
        gloss = catalogue()[TEXT_OF.get(method, "glosses")]
        for value, _, _, text in texts(method):
            assert gloss[VALUES[value]] in text


def test_only_the_weight_words_differ_between_the_values_of_a_mode() -> None:
    for method in SPEAKING:
        gloss = catalogue()[TEXT_OF.get(method, "glosses")]
        frames: dict[tuple[int, int], set[str]] = {}
        for value, mode, paraphrase, text in texts(method):
            frame = text.replace(gloss[VALUES[value]], "…")
            frames.setdefault((mode, paraphrase), set()).add(frame)
        assert all(len(same) == 1 for same in frames.values())
        assert len({next(iter(same)) for same in frames.values()}) == len(MODES) * PARAPHRASES


@pytest.mark.parametrize("method", SPEAKING)
def test_the_texts_of_a_method_are_of_one_length(method: str) -> None:
    sizes = [len(text) for *_, text in texts(method)]
    assert max(sizes) <= 1.25 * min(sizes)
    for value in range(10):
        own = [size(text) for v, *_, text in texts(method) if v == value]
        assert max(own) <= 1.15 * min(own), (value, own)


def test_a_placebo_is_as_long_as_what_it_stands_in_for() -> None:
    glosses = [size(text) for *_, text in texts("gloss")]
    for paraphrase in range(PARAPHRASES):
        placebo = size(value_text("placebo", 0, 0, paraphrase, TOLD))
        assert min(glosses) * 0.9 <= placebo <= max(glosses) * 1.1


def test_every_text_is_found_again_with_the_weights_that_it_conveys() -> None:
    for method in SPEAKING:
        for value, mode, paraphrase, text in texts(method):
            given = find_text(text)
            told = convey("single", method, EVEN[None], np.array([value]), np.array([mode]))[0]
            assert given.told == tuple(told.tolist())
            assert (given.method, given.value, given.mode) == (method, value, mode)
            assert given.paraphrase == paraphrase


def test_all_texts_differ() -> None:
    known = every_text()
    assert len(set(known)) == len(known)


def test_the_ten_weights_are_listed_from_most_to_least_and_read_back() -> None:
    for paraphrase in range(PARAPHRASES):
        text = value_text("weights", -1, 0, paraphrase, TOLD)
        numbers = [int(number) for number in re.findall(r"-?\d+", text)]
        assert numbers == sorted(TOLD, reverse=True)
        assert find_text(text).told == TOLD
        assert find_text(text).paraphrase == paraphrase


def test_an_opposed_value_is_a_number_below_zero() -> None:
    told = (*TOLD[:9], -50)
    text = value_text("weights", -1, 0, 0, told)
    assert text.endswith("universalism -50.")
    assert find_text(text).told == told


@pytest.mark.parametrize(
    "broken",
    [
        "One thing matters to you above all else.",
        value_text("weights", -1, 0, 0, TOLD).replace("power 30", "power 031"),
        value_text("weights", -1, 0, 0, TOLD).replace("power 30", "power 99"),
        value_text("weights", -1, 0, 0, TOLD).replace("security 50, ", ""),
        value_text("weights", -1, 0, 0, TOLD).replace("power", "might"),
    ],
)
def test_a_text_that_is_not_the_catalogues_is_not_found(broken: str) -> None:
    with pytest.raises(ValueError, match="no value text"):
        find_text(broken)


def test_the_untreated_of_the_single_family_read_nothing() -> None:
    for method in FAMILIES["single"]:
        assert value_text(method, -1, 0, 0, TOLD) == ""
    assert value_text("none", 3, 1, 2, TOLD) == ""
    assert find_text("").told == (50,) * 10


def test_a_paraphrase_that_does_not_exist_is_refused() -> None:
    with pytest.raises(InputError, match="use 0 to 2"):
        value_text("gloss", 1, 1, 3, TOLD)
