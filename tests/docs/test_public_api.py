"""What each package offers by name: nothing vanishes or appears unnoticed, and nothing is slow."""

import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import agents
import model
import model.measures

PUBLIC = {
    "agents": {
        *("Acts", "Batch", "CivaError", "Claim", "Fault", "Further", "InputError", "Kind"),
        *("Known", "Main", "Messages", "Mind", "Mixed", "NAMES", "Near", "Observation", "Open"),
        *("Promise", "Regard", "Replies", "Rules", "RunFailed", "Since", "Stage"),
        *("StoppedEarly", "Surrogate", "Survey", "VALUES", "read_survey", "told_weights", "treat"),
    },
    "model": {
        *("CommunityModel", "Day", "Intervention", "MemoryRecorder", "Outcome", "Run", "Scenario"),
        *("Settings", "detect", "load_run", "read_scenario", "rules_of", "run_into", "to_toml"),
        *("Design", "Job", "Study", "load_study", "read_design", "run_many", "run_study"),
    },
}
HEAVY = ("mesa", "numpy", "pandas", "scipy", "pydantic", "solara", "langchain_core", "matplotlib")


@pytest.mark.parametrize("name", PUBLIC)
def test_a_package_offers_exactly_its_public_names(name):
    package = importlib.import_module(name)
    assert set(package.__all__) == PUBLIC[name]
    for one in package.__all__:
        found = getattr(package, one)
        assert not callable(found) or inspect.getdoc(found)


@pytest.mark.parametrize("package", [agents, model])
def test_a_name_that_is_not_public_is_an_attribute_error(package):
    with pytest.raises(AttributeError, match="Resource"):
        _ = package.Resource


def test_every_public_measure_is_a_module_that_says_what_it_is():
    inside = {"basin_data", "basin_fit", "basin_rules"}
    folder = Path(model.measures.__file__).parent
    found = {path.stem for path in folder.glob("[a-z]*.py")} | {
        path.parent.name for path in folder.glob("*/__init__.py")
    }
    assert set(model.measures.__all__) == found - inside
    for name in model.measures.__all__:
        module = importlib.import_module(f"model.measures.{name}")
        assert (module.__doc__ or "").strip()
        assert f"`{name}`" in (model.measures.__doc__ or "")


@pytest.mark.parametrize("name", ["agents", "model", "model.measures", "agents.minds", "model.cli"])
def test_importing_a_package_imports_nothing_heavy(name):
    allowed = {"numpy"} if name == "agents.minds" else set()
    code = f"import sys, {name}; print(*sorted({{m.split('.')[0] for m in sys.modules}}))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(told.stdout.split()) & set(HEAVY) <= allowed
