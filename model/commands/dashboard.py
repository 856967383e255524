"""`civa dashboard`: watch a community live in the browser."""

from __future__ import annotations

import os
import socket
import webbrowser
from pathlib import Path

import click

from agents.errors import InputError

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path), metavar="[DIR]")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True,
              metavar="N", help="Port to listen on; 0 takes any.")  # fmt: skip
@click.option("--no-open", "quiet", is_flag=True, help="Do not open a browser.")
def dashboard(folder: Path | None, host: str, port: int, quiet: bool) -> None:
    """Watch a community live in the browser, or rewind the runs and studies that lie in DIR.

    Everything is served from this machine to this machine; no page is fetched from elsewhere. With
    another --host, whoever can reach the port can see and steer everything.
    """
    if folder is not None and not folder.is_dir():
        raise InputError(f"{folder}: no such folder; name one that holds runs or studies")
    listening = listen(host, port)
    port = listening.getsockname()[1]
    # Read when Solara is imported: no beacon, nothing reloaded.
    os.environ["SOLARA_TELEMETRY_MIXPANEL_ENABLE"] = "false"
    os.environ["SOLARA_MODE"] = "production"
    os.environ["SOLARA_APP"] = "model.views.app"
    if folder is not None:
        from model.views.places import FOLDER

        os.environ[FOLDER] = str(folder)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{port}/"
    if host not in LOOPBACK:
        click.echo(
            f"civa: listening on {host}: whoever can reach port {port} of this machine can see and "
            "steer everything, and there is no password",
            err=True,
        )
    serve(listening, address, opened=not quiet)


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


def serve(listening: socket.socket, address: str, *, opened: bool) -> None:
    """Serve the app until Ctrl-C, and say where as soon as it answers."""
    import uvicorn
    from solara.server import starlette

    class Announced(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            click.echo(f"civa: the dashboard is at {address} (Ctrl-C ends it)")
            if opened:
                webbrowser.open(address)

    config = uvicorn.Config(starlette.app, log_level="error", timeout_graceful_shutdown=1)
    Announced(config).run(sockets=[listening])
