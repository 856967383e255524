"""Who asks a language model is said once: by the register of minds, and by `Scenario` over it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
REGISTER = "agents/minds/register.py"
#: All that ask it of a whole scenario, by `Scenario.asks_language` or `Scenario.language`.
OF_A_SCENARIO = {
    "model/commands/study.py",
    "model/run/estimate.py",
    "model/run/identity.py",
    "model/run/language.py",
    "model/run/open_minds.py",
    "model/run/prompts_of.py",
    "model/world/scenario.py",
    "model/study/estimate.py",
    "model/study/job.py",
    "model/study/runner.py",
    "model/views/asking.py",
    "model/views/controls.py",
    "model/views/living_community.py",
    "model/views/prompts.py",
}
#: All that ask it of one name, for no scenario stands behind it.
OF_A_NAME = {
    "model/asides/assess.py",  # the mind that a command names
    "model/report/html.py",  # the minds that cards name
    "model/world/scenario.py",  # the one property
    "model/world/settings.py",  # a helper without a cap
}
#: Words of the register that would be spelled again by whoever decides for himself.
SPELLED = "openai"


def trees() -> Iterator[tuple[str, ast.Module]]:
    for name in ("agents", "model"):
        for path in sorted((ROOT / name).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def test_every_module_that_asks_it_is_known_by_name() -> None:
    of_scenario, of_name = set(), set()
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("asks_language", "language"):
                owner = node.value.id if isinstance(node.value, ast.Name) else ""
                (of_name if owner in ("register",) else of_scenario).add(name)
            called = node.func if isinstance(node, ast.Call) else None
            if isinstance(called, ast.Name) and called.id == "asks_language":
                of_name.add(name)
    # What a kind of mind says of itself, and what a dashboard's choice says of its scenario.
    others = {REGISTER, "model/world/minds.py", "model/views/session.py"}
    assert of_scenario - others == OF_A_SCENARIO
    assert of_name - others == OF_A_NAME


def test_it_is_defined_in_the_register_and_on_the_scenario_alone() -> None:
    found = {
        name
        for name, tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and "language" in node.name and "asks" in node.name
    }
    assert found == {REGISTER, "model/world/scenario.py"}


def test_nobody_else_takes_the_name_of_a_language_mind_apart() -> None:
    found = [
        f"{name}:{node.lineno}"
        for name, tree in trees()
        if name != REGISTER
        for node in ast.walk(tree)
        if _decides(node)
    ]
    assert found == []


def _decides(node: ast.AST) -> bool:
    """Whether a comparison, a method of texts or an f-string spells the name."""
    if isinstance(node, ast.Compare):
        return any(_spells(part) for part in (node.left, *node.comparators))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        methods = ("startswith", "removeprefix", "partition", "split", "fullmatch", "match")
        return node.func.attr in methods and any(map(_spells, node.args))
    if isinstance(node, ast.MatchValue):
        return _spells(node.value)
    return isinstance(node, ast.JoinedStr) and bool(node.values) and _spells(node.values[0])


def _spells(node: ast.AST) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    texts = [one.value for one in parts if isinstance(one, ast.Constant)]
    return any(isinstance(text, str) and text.split(":")[0] == SPELLED for text in texts)
