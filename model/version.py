"""Which civa this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def civa_version() -> str:
    """Installed version of civa, or that it is not installed."""
    try:
        return version("civa")
    except PackageNotFoundError:
        return "not installed"
