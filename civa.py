"""The way in: `civa` and `python -m civa`.

civa's packages are called `model` and `agents`, and other code uses these names too: most Mesa
folders hold a `model.py`, other distributions ship an `agents` package. A stranger found first
would be imported in place of civa's own code, so this module, whose name is nobody else's, asks
where the two names lead before it imports either of them. It belongs to neither package because
what it guards against is that they cannot be reached.
"""

import sys
from base64 import urlsafe_b64encode
from hashlib import sha256
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from importlib.util import find_spec
from json import loads
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

PACKAGES = ("model", "agents")


def main() -> None:
    """Run the `civa` command, unless a stranger stands in for one of its packages."""
    trouble = shadowed()
    if trouble:
        sys.stderr.write(f"civa: {trouble[0]}\n")
        raise SystemExit(2)
    from model.cli import main as command

    command()


def shadowed() -> list[str]:
    """Say which of civa's packages Python would not find, one line each; empty when all is well.

    Nothing is imported for the answer. Without an installed distribution (a bare source tree) there
    is nothing to compare with, and the answer is empty.
    """
    try:
        home = distribution("civa")
    except PackageNotFoundError:
        return []
    root = installed_at(home)
    lines = []
    for name in PACKAGES:
        own = root / name / "__init__.py"
        spec = find_spec(name)
        found = None
        if spec is not None:
            found = Path(spec.origin or next(iter(spec.submodule_search_locations or [name])))
        if not own.is_file():
            lines.append(f"its package '{name}' is missing from {root}; install civa again")
        elif found is None or found.resolve() != own.resolve():
            lines.append(
                f"the name '{name}' leads to {found}, which shadows civa's own {own.parent}; "
                "rename it, or start from elsewhere and take its folder off PYTHONPATH"
            )
        elif overwritten(home, own):
            lines.append(
                f"{own} is not the file civa was installed with: another distribution brings a "
                f"package '{name}' too; give civa an environment of its own"
            )
    return lines


def installed_at(home: Distribution) -> Path:
    """Return the folder that holds civa's packages: site-packages, or the editable source tree."""
    direct = home.read_text("direct_url.json")
    if direct:
        origin = loads(direct)
        if origin.get("dir_info", {}).get("editable"):
            return Path(url2pathname(urlsplit(origin["url"]).path))
    return Path(str(home.locate_file("")))


def overwritten(home: Distribution, own: Path) -> bool:
    """Whether `own` differs from what the installer recorded (an editable install records none)."""
    wanted = f"{own.parent.name}/{own.name},sha256="
    for line in (home.read_text("RECORD") or "").splitlines():
        if line.startswith(wanted):
            recorded = line.removeprefix(wanted).split(",")[0]
            digest = urlsafe_b64encode(sha256(own.read_bytes()).digest()).decode().rstrip("=")
            return digest != recorded
    return False


if __name__ == "__main__":
    main()
