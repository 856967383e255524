"""Solara asks no other host, and its own files are served without being touched."""

import pytest
import solara.checks
import solara.server.cdn_helper
import solara.server.settings
import solara.server.telemetry

from model.views.door.quiet import installed, quiet


@pytest.fixture
def assets(tmp_path):
    """Installed files, beside one that is not for browsers."""
    (tmp_path / "secret.txt").write_text("secret")
    base = tmp_path / "cdn"
    for name in ("vega@5/build/vega.js", "vega@5/__main.js", "@widgetti/app@1/main.css"):
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(name)
    return base


@pytest.mark.parametrize(
    ("path", "file"),
    [
        ("vega@5/build/vega.js", "vega@5/build/vega.js"),
        ("vega@5\\build\\vega.js", "vega@5/build/vega.js"),
        ("vega@5", "vega@5/__main.js"),
        ("@widgetti/app@1/main.css", "@widgetti/app@1/main.css"),
    ],
)
def test_an_installed_file_is_served(assets, path, file):
    assert installed(assets, path) == assets / file


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "/",
        "..",
        "@x/y",
        "@widgetti",
        "@widgetti/app@1",
        "vega@5/build",
        "vega@5/build/",
        "vega@5/build/../../../secret.txt",
        "../secret.txt",
        "..\\secret.txt",
        "/etc/hostname",
        "vega@5/build/vega.js/x",
        "x" * 300,
    ],
)
def test_what_is_not_installed_is_missing_and_nothing_is_deleted(assets, path):
    before = sorted(assets.rglob("*"))
    with pytest.raises(OSError):  # noqa: PT011
        installed(assets, path)
    assert sorted(assets.rglob("*")) == before


def test_nothing_is_fetched_nor_reported():
    quiet()
    assert solara.server.settings.telemetry.mixpanel_enable is False
    assert solara.server.cdn_helper.get_path is installed
    assert not solara.checks.should_perform_solara_check()
    assert not solara.checks.should_perform_jupyter_check()
    with pytest.raises(FileNotFoundError, match="not fetched"):
        solara.server.cdn_helper.fetch_from_cdn("https://cdn.example/x")


def test_a_notebook_looks_up_no_address(monkeypatch):
    asked = []
    monkeypatch.setattr(solara.server.telemetry, "_get_ip", lambda: asked.append(1))
    quiet()
    solara.server.telemetry.jupyter_start()
    assert asked == []
