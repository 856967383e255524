"""The flag by which commands that ask a model are told endpoints by name."""

from __future__ import annotations

import click

#: `--endpoint NAME=URL[,KEY_VARIABLE]`, as often as there are endpoints.
endpoint_option = click.option(
    "--endpoint",
    "endpoints",
    multiple=True,
    metavar="NAME=URL[,KEY_VARIABLE]",
    help="An endpoint by name, and the environment variable that holds its key; repeatable.",
)
