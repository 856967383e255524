"""Put the guard before Solara, in whichever way Solara was started.

`install` is called by every module that defines a page, when it is imported. Solara imports the
page before its server accepts connections; a middleware can no longer be added then, so the guard
is put around the stack of middleware itself. That attribute is not part of Starlette's public
interface: where it is missing nothing is served.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import solara.server.settings

from agents.errors import CivaError
from model.views.door.addresses import is_wildcard
from model.views.door.guard import ADMITTED, Guard
from model.views.door.quiet import quiet
from model.views.door.settings import OPEN, Door, from_environment, own_address

if TYPE_CHECKING:
    from starlette.applications import Starlette


def install(door: Door | None = None) -> Guard | None:
    """Put the guard before Solara's server, once; without a server (a notebook) do nothing.

    Args:
        door: who may come in; None reads it from the environment and prints the address.

    Returns:
        The guard if it was put there now, None if it stands already or nothing is served.

    Raises:
        CivaError: this Starlette has no place for it.
        InputError: the environment declares what cannot be used.
    """
    quiet()
    served = sys.modules.get("solara.server.starlette")
    if served is None or standing(served.app):
        return None
    app: Starlette = served.app
    if not (hasattr(app, "middleware_stack") and hasattr(app, "build_middleware_stack")):
        raise CivaError(
            "this version of Starlette has no middleware_stack, so the guard of the dashboard "
            "cannot be put before it; install the version in requirements/core.txt"
        )
    chosen = door or from_environment()
    guard = Guard(app.middleware_stack or app.build_middleware_stack(), chosen)
    app.middleware_stack = guard
    # Solara would take both from the headers of the first request.
    solara.server.settings.main.root_path = chosen.prefix
    outer = str(chosen.outer.origin) if chosen.outer else "http://localhost"
    solara.server.settings.main.base_url = f"{outer}{chosen.prefix}/"
    if door is None:
        _announce(chosen)
    return guard


def standing(app: Any) -> Any:
    """The guard that stands before an application, or None.

    A mark is looked for and no class: after a reload of the code the guard is one of the class as
    it was before.
    """
    layer = getattr(app, "middleware_stack", None)
    while layer is not None and not getattr(layer, "civa_guard", False):
        layer = getattr(layer, "app", None)
    return layer


def require() -> None:
    """Refuse to show a page to a session that did not come through the guard.

    Raises:
        CivaError: some server shows the page and the guard does not stand before it.
    """
    from solara.lab.utils.headers import headers
    from solara.server import kernel_context

    if not kernel_context.has_current_context():
        return
    served = sys.modules.get("solara.server.starlette")
    guard = standing(served.app) if served else None
    said = (headers.peek() or {}).get(ADMITTED)
    if guard is None or said != [guard.passed]:
        raise CivaError(
            "this server shows the dashboard without its guard; start it with `civa dashboard`, "
            "`python server.py` or `solara run --no-check-version server.py`"
        )


def _announce(door: Door) -> None:
    """Say where the page is: Solara's own command prints the address without the token."""
    host, port = os.environ.get("SERVER_NAME", ""), os.environ.get("SERVER_PORT", "")
    if port.isdecimal():
        here = "127.0.0.1" if is_wildcard(host) else host
        print(f"civa: the dashboard is at {own_address(here, int(port), door)}", flush=True)
    elif door.token:
        print(f"civa: the dashboard's address needs ?token={door.token}", flush=True)
    if door.token is None:
        print(f"civa: {OPEN}", file=sys.stderr)
