"""The presets: files that name the fields in which a scenario differs from the defaults."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from model.world.validation import unknown

PRESETS: Final = ("baseline", "scarce", "abundant", "growing", "meanfield")


@cache
def preset(name: str) -> Mapping[str, Any]:
    """The fields in which a preset differs from the defaults, `preset` itself among them.

    Raises:
        InputError: there is no such preset.
    """
    if name not in PRESETS:
        raise unknown(str(name), PRESETS, "preset")
    return tomllib.loads((files(__name__) / f"{name}.toml").read_text("utf-8"))
