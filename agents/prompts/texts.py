"""The catalogue of value texts: what a resident reads about its values, as `values.toml` lists it.

Written and found again here: `value_text` gives a resident's text, `find_text` says from the text
alone which one it is and what weights it conveys. The weights themselves are
`agents.expression.convey`'s.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np

from agents.errors import InputError
from agents.expression import UNTREATED, convey
from agents.values import EVEN, MODES, NAMES, VALUES

PARAPHRASES: Final = 3
Told = tuple[int, ...]


@dataclass(frozen=True)
class Given:
    """Which text a resident was given, and the ten weights it conveys.

    Attributes:
        method: how weights became words; `none` where there is no text.
        value: column of the value, -1 where the text is about no value or about all ten.
        mode: index in `MODES`, 0 where no value is treated.
        paraphrase: 0, 1 or 2; 0 where there is no text.
        told: the ten weights.
    """

    method: str
    value: int
    mode: int
    paraphrase: int
    told: Told


@cache
def catalogue() -> Mapping[str, Any]:
    """The file, as it is."""
    return tomllib.loads((files(__package__) / "values.toml").read_text("utf-8"))


@cache
def glossary() -> str:
    """The ten things people care about, in the order of the circle."""
    glosses = catalogue()["glosses"]
    return "; ".join(f"{NAMES[code]}: {glosses[code]}" for code in VALUES)


def value_text(method: str, value: int, mode: int, paraphrase: int, told: Told) -> str:
    """Give the text that a resident reads about its values.

    Args:
        method: one of `agents.expression.FAMILIES`.
        value: column of the treated value, -1 for the untreated.
        mode: index in `MODES`; not read where value is -1.
        paraphrase: 0, 1 or 2.
        told: ten weights; read by the method `weights` alone.

    Returns:
        The text, empty where the resident reads none.

    Raises:
        InputError: no such paraphrase.
    """
    if not 0 <= paraphrase < PARAPHRASES:
        raise InputError(f"paraphrase: {paraphrase} is unknown; use 0 to {PARAPHRASES - 1}")
    if method == "weights":
        return _weights_frames()[paraphrase].replace("{weights}", _listed(told))
    if method == "none" or value == UNTREATED:
        return ""
    if method == "placebo":
        return str(catalogue()["placebo"][paraphrase]["text"])
    return _single(method, value, mode, paraphrase)


def find_text(text: str) -> Given:
    """Say which text this is.

    Raises:
        ValueError: it is no text of the catalogue.
    """
    if not text:
        return Given("none", UNTREATED, 0, 0, tuple(EVEN.tolist()))
    known = _singles().get(text)
    if known is not None:
        return known
    for paraphrase, frame in enumerate(_weights_frames()):
        before, after = frame.split("{weights}")
        if text.startswith(before) and text.endswith(after):
            told = _unlisted(text[len(before) : len(text) - len(after)])
            if told is not None:
                return Given("weights", UNTREATED, 0, paraphrase, told)
    raise ValueError("no value text of the catalogue")


@cache
def _weights_frames() -> tuple[str, ...]:
    return tuple(entry["text"] for entry in catalogue()["weights"])


def _listed(told: Told) -> str:
    ranked = sorted(range(len(VALUES)), key=lambda k: (-told[k], k))
    return ", ".join(f"{NAMES[VALUES[k]]} {told[k]}" for k in ranked)


_LISTED: Final = re.compile(r"([a-z-]+) (0|-?[1-9][0-9]{0,3})")


def _unlisted(text: str) -> Told | None:
    names = [NAMES[code] for code in VALUES]
    pairs = [_LISTED.fullmatch(part) for part in text.split(", ")]
    found = {pair[1]: int(pair[2]) for pair in pairs if pair}
    if set(found) != set(names) or len(pairs) != len(names):
        return None
    told = tuple(found[name] for name in names)
    return told if _listed(told) == text else None


def _single(method: str, value: int, mode: int, paraphrase: int) -> str:
    table, code = catalogue(), VALUES[value]
    frame: str = table[method][paraphrase][MODES[mode]]
    return frame.format(
        gloss=table["glosses"][code],
        other=table["other_glosses"][code],
        portrait=table["portraits"][code],
    )


@cache
def _singles() -> dict[str, Given]:
    """Every text of the single family → which one it is."""
    found: dict[str, Given] = {}
    for method in ("gloss", "portrait", "ranked", "contrast", "sham"):
        for value in range(len(VALUES)):
            for mode in range(len(MODES)):
                told = convey("single", method, EVEN[None], np.array([value]), np.array([mode]))[0]
                for paraphrase in range(PARAPHRASES):
                    text = _single(method, value, mode, paraphrase)
                    found[text] = Given(method, value, mode, paraphrase, tuple(told.tolist()))
    for paraphrase in range(PARAPHRASES):
        # About nothing: which value it stands in for cannot be seen, so it is the first.
        text = str(catalogue()["placebo"][paraphrase]["text"])
        found[text] = Given("placebo", 0, 0, paraphrase, tuple(EVEN.tolist()))
    return found
