"""Registers that plug-ins add to: what is taken, and what is refused with the package's name."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import registers
from agents.errors import InputError
from agents.regimes import REGIMES, Regime
from agents.registers import GROUPS, Register, provenance
from model.run.identity import identity_of
from model.world.scenario import Scenario

GROUP = "civa.regimes"
GOOD = 'from agents.regimes import Regime\nONE = Regime("A sentence.", lambda a, b, c: a)\n'


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Installs a package of one module, with its entry points."""
    monkeypatch.syspath_prepend(str(tmp_path))
    registers._installed.cache_clear()

    def put(package: str, text: str, *entries: str) -> None:
        sys.modules.pop(package, None)
        (tmp_path / f"{package}.py").write_text(text)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("\n".join([f"[{GROUP}]", *entries]))
        registers._installed.cache_clear()

    yield put
    registers._installed.cache_clear()


def test_without_plug_ins_a_register_is_ours_and_a_run_names_none() -> None:
    found = Register(GROUP, Regime, {"equal": REGIMES["equal"]})
    assert dict(found) == {"equal": REGIMES["equal"]}
    assert found.plugins == ()
    assert provenance(GROUP, "equal") == ""
    assert "plugins" not in identity_of(Scenario(), 1)
    assert len(set(GROUPS)) == len(GROUPS)


def test_an_entry_of_a_plug_in_stands_after_ours(install) -> None:
    install("shares", GOOD, "fair = shares:ONE")
    found = Register(GROUP, Regime, {"equal": REGIMES["equal"]})
    assert list(found) == ["equal", "fair"]
    assert found["fair"].says == "A sentence."
    assert provenance(GROUP, "fair").startswith("shares 1.0 sha256:")


@pytest.mark.parametrize(
    ("text", "entry", "wrong"),
    [
        (GOOD, "equal = bad:ONE", "equal of civa.regimes is civa's own"),
        ("1 / 0", "x = bad:ONE", "cannot be loaded (ZeroDivisionError"),
        (GOOD, "x = bad:TWO", "cannot be loaded (AttributeError"),
        ("ONE = 1", "x = bad:ONE", "bad:ONE is no Regime"),
    ],
)
def test_a_bad_plug_in_is_refused_by_the_name_of_its_package(install, text, entry, wrong) -> None:
    install("bad", text, entry)
    with pytest.raises(InputError, match=r"plug-in bad 1.0") as refused:
        Register(GROUP, Regime, {"equal": REGIMES["equal"]})["x"]
    assert wrong in str(refused.value)
    assert "\n" not in str(refused.value)


def test_two_packages_that_bring_one_name_are_refused(install) -> None:
    install("one", GOOD, "fair = one:ONE")
    install("two", GOOD, "fair = two:ONE")
    with pytest.raises(InputError, match=r"one 1.0 and two 1.0 both bring fair"):
        Register(GROUP, Regime, {})
