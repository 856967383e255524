"""`civa testserver`: the surrogate behind the OpenAI protocol, on this machine alone."""

from __future__ import annotations

import asyncio
import contextlib

import click

HOST = "127.0.0.1"


@click.command()
@click.option(
    "--port", default=8089, show_default=True, metavar="N", help="Port to listen on; 0 takes any."
)
@click.option("--latency", default=0.0, show_default=True, metavar="MS",
              help="Mean latency of a reply.")  # fmt: skip
@click.option("--jitter", default=0.3, show_default=True, metavar="SHARE",
              help="Latency varies by this share.")  # fmt: skip
@click.option("--per-minute", type=int, metavar="N",
              help="Requests taken a minute; then 429.")  # fmt: skip
@click.option("--faults", default=0.0, show_default=True, metavar="SHARE",
              help="Share of requests dealt a fault.")  # fmt: skip
@click.option(
    "--fault-kind", "kinds", multiple=True, metavar="KIND", help="Deal only this kind; repeatable."
)
@click.option(
    "--rung",
    "rungs",
    multiple=True,
    metavar="RUNG",
    help="Know only this structured output; repeatable.",
)
@click.option(
    "--seed", default=0, show_default=True, metavar="N", help="Seed of latencies and faults."
)
def testserver(
    port: int,
    latency: float,
    jitter: float,
    per_minute: int | None,
    faults: float,
    kinds: tuple[str, ...],
    rungs: tuple[str, ...],
    seed: int,
) -> None:
    """Answer language-mind requests as the surrogate does, over real HTTP, without any key.

    It reads each prompt exactly or refuses it with the line named; what civa assess, civa judge and
    an overseer ask it answers by rules. It is no language model: use it to try the language path
    end to end. GET /dealt shows the faults that it dealt.
    """
    from agents.errors import InputError
    from agents.minds.surrogate import Surrogate
    from agents.testserver.app import Manner, Server
    from agents.testserver.fault_injection import REPLY_FAULTS, TRANSIENT, FaultMenu
    from agents.testserver.wire import RUNGS

    unknown = [rung for rung in rungs if rung not in RUNGS]
    if unknown:
        raise InputError(f"rung: {', '.join(unknown)}; use some of {', '.join(RUNGS)}")
    if latency < 0 or not 0 <= jitter <= 1:
        raise InputError("latency and jitter: milliseconds from 0 up, and a share from 0 to 1")
    server = Server(
        Surrogate(),
        Manner(latency / 1000, jitter, per_minute, rungs or RUNGS, seed),
        FaultMenu(faults, kinds or (*REPLY_FAULTS, *TRANSIENT), seed),
    )
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(server, port))


async def _serve(server: object, port: int) -> None:
    from aiohttp import web

    from agents.errors import InputError
    from agents.testserver.app import LABEL, MODEL, Server

    assert isinstance(server, Server)
    runner = web.AppRunner(server.app(), access_log=None)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, HOST, port).start()
        except OSError as error:
            raise InputError(
                f"port: {port} cannot be used ({error.strerror}); choose another"
            ) from None
        url = f"http://{HOST}:{runner.addresses[0][1]}/v1"
        click.echo(LABEL)
        click.echo(f"civa run --mind openai:{MODEL} --base-url {url}")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
