"""Solara asks nobody: no telemetry, no address look-up, no content network, no check of its pages.

Called by every module that defines a page, when it is imported. What happens before, Solara's own
question for its newest version, can only be left away on its command line.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import solara.checks
import solara.server.cdn_helper
import solara.server.settings
import solara.server.telemetry
import solara.settings
from solara.server.utils import path_is_child_of

from agents.errors import InputError


def quiet() -> None:
    """Switch off whatever Solara would ask of other hosts.

    Raises:
        InputError: the browser was to load Solara's files from elsewhere.
    """
    if not solara.settings.assets.proxy and "solara.server.starlette" in sys.modules:
        raise InputError(
            "SOLARA_ASSETS_PROXY: is off, or Solara took it for off, and browsers would load its "
            "files from another host; set SOLARA_ASSETS_PROXY=true before starting"
        )
    solara.server.settings.telemetry.mixpanel_enable = False
    # Looks up this machine's public address whatever the settings say.
    solara.server.telemetry.jupyter_start = _nothing
    # Frames of Solara's own site, in a page that is shown for the first time.
    solara.checks.should_perform_solara_check = _no
    solara.checks.should_perform_jupyter_check = _no
    solara.server.cdn_helper.fetch_from_cdn = _not_fetched
    solara.server.cdn_helper.get_path = installed  # type: ignore[assignment]
    served = sys.modules.get("solara.server.starlette")
    if served is not None:
        served.get_path = installed  # type: ignore[attr-defined]


def installed(base: Path, path: str | Path) -> Path:
    """The file of an installed asset.

    Solara's own function deletes a folder that is asked for by name, to fetch a file in its place.

    Args:
        base: where Solara's assets are installed.
        path: what is asked for below it.

    Raises:
        OSError: there is no such file; the browser gets a 404.
    """
    name = str(path).replace("\\", "/")
    file = base / name if "/" in name else base / name / "__main.js"
    if not path_is_child_of(file, base) or not file.is_file():
        raise FileNotFoundError(path)
    return file


def _not_fetched(url: str) -> NoReturn:
    raise FileNotFoundError(f"{url}: not installed, and not fetched")


def _nothing() -> None:
    return None


def _no() -> bool:
    return False
