"""`civa dashboard`: watch a community live in the browser."""

from __future__ import annotations

import os
import secrets
import socket
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agents.errors import InputError
from model.commands.endpoints import endpoint_option
from model.views.door import settings as door_settings
from model.views.door.addresses import is_loopback, is_wildcard
from model.views.door.settings import OPEN, Door, declared, own_address

if TYPE_CHECKING:
    from model.views.door.guard import Guard


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True,
              metavar="N", help="Port to listen on; 0 takes any.")  # fmt: skip
@endpoint_option
@click.option("--behind", metavar="URL", envvar=door_settings.BEHIND, default="",
              help="Address of a proxy before it, as the browser has it.")  # fmt: skip
@click.option("--frame", metavar="ORIGIN", envvar=door_settings.FRAME, default="",
              help="Origin whose pages may show it in a frame.")  # fmt: skip
@click.option("--allow-host", "names", metavar="NAME", envvar=door_settings.ALLOW_HOST,
              multiple=True, help="One more host name that it is reached by.")  # fmt: skip
@click.option("--no-token", "plain", is_flag=True, envvar=door_settings.NO_TOKEN,
              help="Let in every user of this machine.")  # fmt: skip
@click.option("--no-open", "quiet", is_flag=True, help="Do not open a browser.")
def dashboard(
    folder: Path | None,
    host: str,
    port: int,
    endpoints: tuple[str, ...],
    behind: str,
    frame: str,
    names: tuple[str, ...],
    plain: bool,
    quiet: bool,
) -> None:
    """Watch a community live in the browser, or rewind the runs and studies that lie in DIR.

    Everything is served from this machine; no page is fetched from elsewhere. The address that is
    printed holds a token: whoever has it can see and steer everything. CIVA_TOKEN sets it. A
    language model is asked at the endpoints that are named here, in CIVA_ENDPOINTS or in your
    settings file alone.
    """
    name_endpoints(endpoints)
    if folder is not None and not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name one that holds runs or studies")
    token = os.environ.get(door_settings.TOKEN)
    door = declared(
        host, behind=behind, frame=frame, allow_hosts=names, no_token=plain, token=token
    )
    listening = listen(host, port)
    if folder is not None:
        from model.views.places import FOLDER

        os.environ[FOLDER] = str(folder)
    warn(host, listening.getsockname()[1], door)
    serve(listening, host, door, opened=not quiet)


def warn(host: str, port: int, door: Door) -> None:
    """Say on stderr who else can get to the page."""
    if door.token is None:
        click.echo(f"civa: {OPEN}", err=True)
    elif not is_loopback(host):
        name = socket.gethostname() if is_wildcard(host) else host
        click.echo(
            f"civa: listening on {host}: other machines reach it as {name}:{port}, and whoever has "
            "the token, which the network carries unencrypted, can see and steer everything",
            err=True,
        )


def name_endpoints(words: tuple[str, ...]) -> None:
    """Put the endpoints of the command line where the page looks them up: the environment.

    Raises:
        InputError: one of them, or one named elsewhere, is none.
    """
    from agents.llm.keys import ENDPOINTS, in_words
    from model.world.endpoints import registry

    os.environ[ENDPOINTS] = in_words(registry(words).named)


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything slow is imported.

    Raises:
        InputError: the address is not this machine's, or the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        reason = error.strerror or str(error)
        raise InputError(
            f"--host {host} --port {port}: cannot be listened on ({reason}); choose another port"
        ) from None
    return listening


def serve(
    listening: socket.socket, host: str, door: Door, *, app: str = "model.views.app", opened: bool
) -> None:
    """Serve a Solara app behind its guard until Ctrl-C, and say where as soon as it answers.

    Args:
        listening: the socket that was bound.
        host: the address that it was bound to.
        door: who may come in.
        app: the module that has the page.
        opened: whether to open a browser.
    """
    # Read when Solara is imported: nothing is reloaded, and its files come from here.
    os.environ |= {"SOLARA_MODE": "production", "SOLARA_APP": app, "SOLARA_ASSETS_PROXY": "true"}
    import uvicorn
    from solara.server import starlette

    from model.views.door.install import install

    guard = install(door)
    here = ("[::1]" if ":" in host else "127.0.0.1") if is_wildcard(host) else host
    port = listening.getsockname()[1]

    class AddressAnnounced(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.should_exit:
                return
            click.echo(
                f"civa: the dashboard is at {own_address(here, port, door)} (Ctrl-C ends it)"
            )
            if opened:
                webbrowser.open(own_address(here, port, with_ticket(door, guard)))

    config = uvicorn.Config(
        starlette.app, log_level="error", timeout_graceful_shutdown=1, proxy_headers=False
    )
    AddressAnnounced(config).run(sockets=[listening])


def with_ticket(door: Door, guard: Guard | None) -> Door:
    """The door with a token that is right once.

    A browser is opened with it, as other users can read the browser's command line.
    """
    if door.token is None or guard is None:
        return door
    guard.ticket = secrets.token_urlsafe(24)
    return replace(door, token=guard.ticket)
