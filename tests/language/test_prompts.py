"""What a resident is shown can be read back exactly, whatever other minds wrote."""

import random
from dataclasses import replace
from unicodedata import category

import pytest

from agents.batch import Batch
from agents.observation import Announced, Observation, OneAct, OneMessage, Rules, Stage
from agents.prompts.read import UnreadablePrompt, canonical, read
from agents.prompts.render import render
from agents.prompts.static import read_static, render_static
from tests.language.questions import random_question, random_rules

MANY = 3000
OPENERS = ("<", ">", "{", "}", "|", "`", "\u2581")


def question(seed: int, **rules: object) -> tuple[Rules, Observation]:
    """A random question under random rules, some of them fixed."""
    rng = random.Random(seed)
    return random_question(rng, replace(random_rules(rng), **rules))


def bare_question() -> tuple[Rules, Observation]:
    """A question in which nearly everything is absent."""
    bare = Observation(
        stage=Stage.MORNING, day=5, id=2, key=1, x=3, y=4, skill=100, standing=100, stock=23,
        hungry=0, members=(), since=(), factories=((1, 0, 0, 280, 940, -1, 0, 0, 0),),
        residents=((7, 1, 100, 120, 0, 0, 0, 0, 0, 0, 0, -1, 0, 1),), also=(), also_more=0,
        promises=(), note="", told=(50,) * 10, value=-1, mode=0, paraphrase=0,
    )  # fmt: skip
    return Rules(), bare


def test_thousands_of_hostile_questions_come_back_as_they_were() -> None:
    for seed in range(MANY):
        rules, asked = question(seed)
        assert read(render(asked, rules), asked.key) == (rules, asked), seed


def test_a_question_keeps_all_but_what_no_text_shows() -> None:
    for seed in range(400):
        rules, asked = question(seed)
        assert canonical(asked, rules) == (rules, asked), seed
    rules, asked = question(1, family="weights", method="weights")
    treated = replace(asked, value=3, mode=2)
    assert canonical(treated, rules)[1] == asked
    assert render(treated, rules) == render(asked, rules)


def test_a_question_survives_the_batch_and_the_prompt() -> None:
    for seed in range(300):
        rules, asked = question(seed)
        batch = Batch.of(rules, [asked])
        assert read(render(batch[0], batch.rules), asked.key) == (rules, asked), seed


def test_rules_come_back_from_the_static_text_alone() -> None:
    for seed in range(MANY):
        rules = random_rules(random.Random(seed))
        assert read_static(render_static(rules)) == rules, seed


def test_every_rendered_character_is_printable_or_a_line_break() -> None:
    for seed in range(MANY):
        rules, asked = question(seed)
        for char in set("".join(render(asked, rules))):
            assert char == "\n" or char == " " or category(char)[0] in "LMNPS", (seed, char)


def test_no_opener_of_a_control_token_is_left_in_a_question() -> None:
    for seed in range(MANY):
        rules, asked = question(seed)
        _, you, today = render(asked, rules)
        assert not any(opener in you + today for opener in OPENERS), seed
        assert today.count("# ") == 1, seed  # our own heading
        assert today.count("\nGive the ") == 1, seed


def test_the_static_text_is_the_same_for_everybody_on_every_day() -> None:
    rules, _ = question(5)
    rng = random.Random(0)
    texts = set()
    for _ in range(50):
        _, asked = random_question(rng, rules)
        texts.add(render(asked, rules)[0])
    assert len(texts) == 1


def test_the_stage_stands_last() -> None:
    for seed in range(100):
        rules, asked = question(seed)
        last = render(asked, rules)[2].split("\n")[-1]
        assert last == f"Give the {asked.stage.name.capitalize()} reply."


def test_an_absent_part_is_left_out_and_never_a_zero() -> None:
    rules, bare = bare_question()
    assert render(bare, rules)[2] == (
        "# Today\n"
        "Now: day 5 of 50, at 3,4, skill 100, standing 100, stock 23, lasts 2 days, hungry 0\n"
        "Since yesterday: nothing\n"
        "Factories:\nF1 here, 280/940\n"
        "Residents:\nR7 1, 100/120\n"
        "Promises: none open\n"
        "Give the Morning reply."
    )


def test_later_in_the_day_only_the_number_of_hearers_is_told() -> None:
    rules, bare = bare_question()
    asked = replace(bare, stage=Stage.EVENING, also_more=7, plan=OneAct(3, 0, 0, 0, 0, 0))
    parts = render(asked, rules)
    assert "\nAlso hear you: +7\n" in parts[2]
    assert read(parts, asked.key)[1] == asked


def test_a_full_question_reads_like_this() -> None:
    rules = Rules(cognition="staged")
    full = replace(
        bare_question()[1], stage=Stage.REMEMBER, standing=120, stock=7, hungry=4,
        members=(4, 9), since=((0, 1, 12), (1, 3, 5), (2, 8, 5), (3, 6, 2), (4, 6, 0), (5, 6, 7)),
        factories=((1, 2, 1, 280, 940, 4, 6, 120, 0), (3, 5, 6, 40, 300, -1, 0, 0, 1)),
        residents=((7, 1, 100, 120, 5, 3, 1, 0, 2, 1, 0, 40, 3, 0),),
        also=(3, 12), also_more=4, promises=((4, 1, 0, 10, 12), (4, 0, 2, 0, 9)), note="eat",
        plan=OneAct(0, 1, 0, 1, 7, 5), doing=OneAct(1, 1, 0, 2, 7, 0),
        said=(OneMessage(2, 7, 1, "Food?", ((0, 4, 0), (1, 0, 1)), ((0, 5, 9),)),),
        heard=(OneMessage(7, 2, 0, "No", ((6, 0, 0), (5, 3, 0)), (), ("I am poor",)),
               OneMessage(6, 0, 7, "Pay", ((2, 1, 300),), ((2, 0, 8),))),
        announced=(Announced(1, (2, 5), 3), Announced(2, (4,), 0)), outside=("Storm",),
    )  # fmt: skip
    assert render(full, rules)[2] == (
        "# Today\n"
        "Now: day 5 of 50, at 3,4, skill 100, standing 120, stock 7, lasts 0 days, hungry 4\n"
        "Household: R4 R9\n"
        "Since yesterday: F1 paid 12; you gave R3 5; R8 gave you 5; R6 attacked you and took 2; "
        "you attacked R6 and took 0; you saw R6 attack R7\n"
        "Factories:\nF1 2 NE, 280/940, day 4: 6 made 120\nF3 5 W, 40/300, heard\n"
        "Residents:\nR7 1, 100/120, gifts +5-3, attacks +1-0, seen attacking 2, promises 1/0, "
        "says stock 40 on day 3, cannot hear you\n"
        "Also hear you: R3 R12 +4\n"
        "Promises: you to R4: gift 10 by day 12; R4 to you: no attack by day 9\n"
        'Note: "eat"\n'
        "Your plan: secure F1; further: gift R7 5\n"
        'You said:\nto R7, ask: "Food?"; claims: stock 4, plan secure F1; '
        "promises: gift 5 by day 9\n"
        'Heard:\nR7 to you, inform: "No"; claims: "I am poor", R3 broke a promise\n'
        'R6 to all, threaten: "Pay"; claims: F1 makes 300; promises: no attack by day 8\n'
        "Announced: F1 R2 R5 +3; F2 R4\n"
        'From outside: "Storm"\n'
        "You do: explore NE; further: attack R7\n"
        "Give the Remember reply."
    )


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("stock 23", "stock 023", "question, line 2"),
        ("lasts 2 days", "lasts 3 days", "question, line 2"),
        ("F1 here", "F1 nowhere", "question, line 5"),
        ("R7 1,", "R7  1,", "question, line 7"),
        ("Promises: none open", "Promises: none", "question, line 8"),
        ("Morning reply.", "Morning reply!", "question, line 9"),
        ("reply.", 'reply.\nNote: "x"', "question, line 10"),
    ],
)
def test_what_cannot_be_read_exactly_is_refused_with_its_line(
    old: str, new: str, where: str
) -> None:
    rules, bare = bare_question()
    static, you, today = render(bare, rules)
    assert old in today
    with pytest.raises(UnreadablePrompt, match=where):
        read((static, you, today.replace(old, new)), 1)


def test_a_changed_rule_or_value_text_is_noticed() -> None:
    rules, asked = question(8, family="weights", method="weights", memory=True)
    static, you, today = render(asked, rules)
    with pytest.raises(UnreadablePrompt, match="static text, line"):
        read((static.replace("whole units", "units"), you, today), 1)
    with pytest.raises(UnreadablePrompt, match="resident text"):
        read((static, you.replace("power", "might"), today), 1)
