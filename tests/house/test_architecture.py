"""Who may import whom, and that the contracts would notice."""

import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import networkx as nx
import pytest

ROOT = Path(__file__).parents[2]
SCREENS = ("model.cli", "model.commands", "model.views")

SKELETON = [
    "agents/__init__.py",
    "agents/errors.py",
    "agents/values_of_ours.py",
    "model/__init__.py",
    "model/cli.py",
    "model/commands/__init__.py",
    "model/errors_of_ours.py",
    "model/community.py",
    *(
        f"model/{room}/__init__.py"
        for room in (
            *("analysis", "asides", "evidence", "measures", "report", "run", "store", "study"),
            *("views", "world"),
        )
    ),
]


def within(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(package + ".") for package in packages)


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("agents", "model", exclude_type_checking_imports=True, cache_dir=None)


def test_measures_import_nothing_of_ours_but_measures_and_errors(graph):
    strays = [
        (module, imported)
        for module in graph.modules
        if within(module, "model.measures")
        for imported in graph.find_modules_directly_imported_by(module)
        if not within(imported, "model.measures", "agents.errors")
    ]
    assert strays == []


def test_nothing_imports_screens_and_commands_but_they_themselves(graph):
    strays = [
        (module, imported)
        for module in graph.modules
        if not within(module, *SCREENS)
        for imported in graph.find_modules_directly_imported_by(module)
        if within(imported, *SCREENS)
    ]
    assert strays == []


def test_agents_import_nothing_of_model(graph):
    strays = [
        (module, imported)
        for module in graph.modules
        if within(module, "agents")
        for imported in graph.find_modules_directly_imported_by(module)
        if within(imported, "model")
    ]
    assert strays == []


def test_no_module_needs_itself_by_a_detour(graph):
    imports = nx.DiGraph(
        (module, imported)
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
    )
    assert [group for group in nx.strongly_connected_components(imports) if len(group) > 1] == []


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("agents/stray.py", "import model.errors_of_ours", 1),
        ("agents/stray.py", "def f():\n    from model import errors_of_ours", 1),
        ("model/measures/stray.py", "import agents.values_of_ours", 1),
        ("model/measures/stray.py", "import agents.errors", 0),
        ("model/study/stray.py", "import model.cli", 2),
        ("model/study/stray.py", "import model.asides", 1),
        ("model/store/stray.py", "import model.community", 1),
        ("model/run/stray.py", "import model.community", 0),
        (
            "model/world/stray.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import model.community",
            1,
        ),
        ("model/stray.py", "import model.commands", 1),
        ("model/commands/stray.py", "import model.study", 0),
        (
            "agents/stray.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import model.errors_of_ours",
            1,
        ),
    ],
)
def test_the_contracts_notice_a_stray_import(tmp_path, file, line, broken):
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for name in SKELETON:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / file).write_text(line + "\n")
    command = Path(sys.executable).parent / "lint-imports"
    answer = subprocess.run(
        [command, "--no-cache"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert f", {broken} broken." in answer.stdout
    assert answer.returncode == (1 if broken else 0)
