"""What goes out: headers that bind the browser, the nonce in Solara's page, and the plain page.

Solara's page has scripts in it, and Vue compiles templates in the browser, so neither can be
forbidden as such. A script in the page may run if it bears the nonce that was made for this one
answer; a script or an event handler that arrives later in somebody's text bears none.
"""

from __future__ import annotations

import html
import re
import secrets
from typing import Final

from model.views.door.addresses import WebOrigin
from model.views.door.paths import PARAMETER, fields

_SCRIPT: Final = re.compile(rb"<script(?=[\s>])(.*?</script\s*>)", re.DOTALL | re.IGNORECASE)
_VIEWPORT: Final = re.compile(rb'<meta name="viewport"[^>]*>')

Header = tuple[bytes, bytes]


def nonce() -> str:
    """A word that no text can know beforehand."""
    return secrets.token_urlsafe(16)


def policy(frame: WebOrigin | None, word: str = "") -> str:
    """The content policy of an answer.

    Args:
        frame: the origin whose pages may show it in a frame, or None.
        word: the nonce of a page with scripts in it.
    """
    own = f" 'nonce-{word}'" if word else ""
    return (
        f"default-src 'none'; script-src 'self'{own} 'unsafe-eval' blob:; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; base-uri 'self'; form-action 'none'; "
        f"frame-ancestors {frame or chr(39) + 'none' + chr(39)}"
    )


def bare_policy(frame: WebOrigin | None) -> str:
    """The content policy of the plain page: a form that is sent here, nothing else."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'self'; "
        f"frame-ancestors {frame or chr(39) + 'none' + chr(39)}"
    )


def bound(said: str, frame: WebOrigin | None) -> list[Header]:
    """The headers of every answer.

    Args:
        said: its content policy.
        frame: the origin whose pages may show it in a frame, or None.
    """
    headers = [
        (b"content-security-policy", said.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        # Pictures and scripts of ours are not to be shown by a page of another port.
        (b"cross-origin-resource-policy", b"same-origin"),
    ]
    return headers if frame else [*headers, (b"x-frame-options", b"DENY")]


def rewritten(page: bytes, word: str) -> bytes:
    """Solara's page with the nonce in its scripts, its language named, and free to be enlarged.

    Only the tags themselves are touched: what looks like one within a script is left as it is.
    """
    page = _SCRIPT.sub(rb'<script nonce="' + word.encode() + rb'"\1', page)
    page = page.replace(b"<html>", b'<html lang="en">', 1)
    scaled = b'<meta name="viewport" content="width=device-width, initial-scale=1">'
    return _VIEWPORT.sub(scaled, page, count=1)


def plain_page(rest: str = "") -> bytes:
    """The one page that is shown without a token: a form to type it.

    Args:
        rest: the query of the address without its token, which is sent along.
    """
    hidden = "".join(
        f'<input type=hidden name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields(rest)
    )
    return (
        "<!doctype html><html lang=en><title>civa</title><form><label>The token, from the address "
        f"that civa printed: <input name={PARAMETER} type=password autofocus></label>{hidden} "
        "<button>Open</button></form>\n"
    ).encode()
