"""The guard is put before Solara's server once, or nothing is shown."""

import importlib
import sys
from types import SimpleNamespace

import pytest
import solara
import solara.server.settings
from solara.server import kernel_context
from starlette.applications import Starlette
from starlette.middleware import Middleware

from agents.errors import CivaError, InputError
from model.views.door import guard as guard_module
from model.views.door import install as install_module
from model.views.door.install import install, require, standing
from model.views.door.settings import declared

DOOR = declared("127.0.0.1", token="t" * 20)


@pytest.fixture
def served(monkeypatch):
    """A Solara server as far as the guard can tell, whose application is Starlette's."""
    for name in ("root_path", "base_url"):
        monkeypatch.setattr(solara.server.settings.main, name, None)
    for name in ("CIVA_TOKEN", "CIVA_BEHIND", "SERVER_NAME", "SERVER_PORT"):
        monkeypatch.delenv(name, raising=False)
    found = SimpleNamespace(app=Starlette(), get_path=None)
    monkeypatch.setitem(sys.modules, "solara.server.starlette", found)
    return found


def depth(app):
    """How many guards stand before an application."""
    layer, found = app.middleware_stack, 0
    while layer is not None:
        found += getattr(layer, "civa_guard", False)
        layer = getattr(layer, "app", None)
    return found


def test_without_a_server_nothing_is_done(monkeypatch):
    monkeypatch.delitem(sys.modules, "solara.server.starlette", raising=False)
    assert install(DOOR) is None


def test_the_guard_stands_after_it_is_installed(served):
    guard = install(DOOR)
    assert standing(served.app) is guard
    assert guard.door is DOOR


def test_a_second_import_does_not_guard_twice(served):
    guard = install(DOOR)
    assert install(DOOR) is None
    assert install() is None
    assert (depth(served.app), standing(served.app)) == (1, guard)


def test_code_that_is_loaded_again_finds_the_guard_by_its_mark(served):
    guard = install(DOOR)
    old = guard_module.Guard
    try:
        importlib.reload(guard_module)
        importlib.reload(install_module)
        assert guard_module.Guard is not old
        assert install_module.install(DOOR) is None
        assert standing(served.app) is guard
    finally:
        guard_module.Guard = old
        importlib.reload(install_module)


def test_a_guard_behind_another_middleware_is_found(served):
    guard = install(DOOR)

    class Around:
        def __init__(self, app):
            self.app = app

    served.app.middleware_stack = Around(served.app.middleware_stack)
    assert install(DOOR) is None
    assert standing(served.app) is guard


def test_a_stack_that_was_built_anew_is_guarded_again(served):
    first = install(DOOR)
    served.app.middleware_stack = served.app.build_middleware_stack()
    second = install(DOOR)
    assert second is not first
    assert depth(served.app) == 1


def test_what_stood_before_solara_still_does(served):
    class Counting:
        def __init__(self, app):
            self.app = app

    served.app.user_middleware.append(Middleware(Counting))
    guard = install(DOOR)
    assert isinstance(guard.app.app, Counting)


def test_another_starlette_is_refused(served):
    served.app = SimpleNamespace()
    with pytest.raises(CivaError, match="cannot be put before it"):
        install(DOOR)


def test_root_path_and_base_address_are_ours_before_the_first_request(served):
    install(DOOR)
    main = solara.server.settings.main
    assert (main.root_path, main.base_url) == ("", "http://localhost/")


def test_behind_a_proxy_they_are_the_outer_ones(served):
    install(declared("127.0.0.1", behind="https://hub.example/x/"))
    main = solara.server.settings.main
    assert (main.root_path, main.base_url) == ("/x", "https://hub.example/x/")


def test_under_solaras_own_command_the_address_is_printed_once(served, monkeypatch, capsys):
    monkeypatch.setenv("CIVA_TOKEN", "fixed-for-this-test")
    monkeypatch.setenv("SERVER_NAME", "0.0.0.0")
    monkeypatch.setenv("SERVER_PORT", "8765")
    install()
    install()
    told = "civa: the dashboard is at http://127.0.0.1:8765/?token=fixed-for-this-test\n"
    assert capsys.readouterr().out == told


def test_the_command_prints_for_itself(served, capsys):
    install(DOOR)
    assert capsys.readouterr().out == ""


def test_an_environment_that_cannot_be_used_ends_the_server(served, monkeypatch):
    monkeypatch.setenv("CIVA_TOKEN", "short")
    with pytest.raises(InputError, match="CIVA_TOKEN"):
        install()
    assert standing(served.app) is None


def test_a_server_whose_files_come_from_elsewhere_is_refused(served, monkeypatch):
    monkeypatch.setattr(solara.settings.assets, "proxy", False)
    with pytest.raises(InputError, match="SOLARA_ASSETS_PROXY=true"):
        install(DOOR)


class TestSession:
    """Whether a session may show the page."""

    @pytest.fixture
    def heard(self, served, monkeypatch):
        """Let the session have come with some headers."""
        from solara.lab.utils.headers import headers

        monkeypatch.setattr(kernel_context, "has_current_context", lambda: True)

        def heard(said):
            monkeypatch.setattr(headers, "peek", lambda: said)

        return heard

    def test_may_if_it_came_through_the_guard(self, served, heard):
        guard = install(DOOR)
        heard({guard_module.ADMITTED: [guard.passed]})
        require()

    @pytest.mark.parametrize("said", [None, {}, {guard_module.ADMITTED: ["x"]}])
    def test_may_not_if_it_came_otherwise(self, served, heard, said):
        install(DOOR)
        heard(said)
        with pytest.raises(CivaError, match="without its guard"):
            require()

    def test_may_not_where_no_guard_stands(self, served, heard):
        heard({guard_module.ADMITTED: ["x"]})
        with pytest.raises(CivaError, match="without its guard"):
            require()

    def test_may_in_a_notebook(self, monkeypatch):
        monkeypatch.delitem(sys.modules, "solara.server.starlette", raising=False)
        require()
