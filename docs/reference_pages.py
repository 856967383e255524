"""Which modules a page of the reference documents: all public ones under some packages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[1]


def modules() -> dict[str, list[str]]:
    """Public modules by package, for the reference."""
    found: dict[str, list[str]] = {}
    for package in ("agents", "model"):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            if path.name == "__init__.py":
                parts = parts[:-1]
            if not any(part.startswith("_") for part in parts):
                found.setdefault(".".join(parts[:-1]) or package, []).append(".".join(parts))
    return found


def reference(prefixes: tuple[str, ...], but: tuple[str, ...] = ()) -> Callable[[], str]:
    """A maker of the part that documents all modules under some packages."""

    def make() -> str:
        def under(name: str, packages: tuple[str, ...]) -> bool:
            return any(name == one or name.startswith(f"{one}.") for one in packages)

        chosen = sorted(
            name
            for group in modules().values()
            for name in group
            if under(name, prefixes) and not under(name, but)
        )
        return "\n\n".join(f"::: {name}" for name in chosen)

    return make
