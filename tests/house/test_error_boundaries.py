"""Whatever the dashboard does on an event, after drawing or in a thread is caught when it fails."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
import solara

VIEWS = Path(__file__).parents[2] / "model" / "views"
#: Where effects are made, and threads.
EFFECTS, THREADS = "error_boundary.py", "trouble.py"
FILES = sorted(VIEWS.rglob("*.py"))
#: Ways to do something later that bypass `on`, `effect` and `thread`.
HOOKS = (
    *("use_effect", "use_side_effect", "use_thread", "use_task", "use_interval", "use_event"),
    *("task", "observe", "on_event", "on_msg", "on_click", "on_trait_change", "subscribe"),
)
STARTS = ("Thread", "Timer", "ThreadPoolExecutor", "start_new_thread", "run_in_executor")


def named(call: ast.Call) -> str:
    """The last part of what is called: `Button` of `solara.Button(…)`."""
    target = call.func
    return target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", "")


def wrapped(value: ast.expr) -> bool:
    return isinstance(value, ast.Call) and named(value) == "on"


def handlers(call: ast.Call) -> Iterator[ast.expr]:
    """What a call hands over as handlers, by name or by place."""
    component = named(call)[:1].isupper()
    for keyword in call.keywords:
        unseen = keyword.arg is None and component  # **more: nobody can see what is in there
        if unseen or (keyword.arg or "").startswith(("on_", "event_")):
            yield keyword.value
    target = call.func
    if isinstance(target, ast.Attribute) and getattr(target.value, "id", "") == "solara":
        made = getattr(solara, target.attr, None)
        made = getattr(made, "f", made)
        names = list(inspect.signature(made).parameters) if callable(made) else []
        for name, value in zip(names, call.args, strict=False):
            if name.startswith(("on_", "event_")):
                yield value


def escapes(source: str, file: str) -> list[str]:
    """Lines of a module of the screens on which something bypasses the last catch."""
    found = []
    tree = ast.parse(source)
    draws = "solara" in source
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = named(node)
        if name in HOOKS and draws and file != EFFECTS:
            found.append((node.lineno, f"{name}: use effect(…)"))
        if name in STARTS and file != THREADS:
            found.append((node.lineno, f"{name}: use thread(…)"))
        if draws and any(not wrapped(value) for value in handlers(node)):
            found.append((node.lineno, f"a handler of {name}: wrap it in on(…)"))
    found += [
        (node.lineno, f"{alias.name} under another name")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name in (*HOOKS, *STARTS) and alias.asname
    ]
    return [f"{file}:{line}: {what}" for line, what in sorted(found)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_handler_effect_and_thread_of_the_dashboard_is_caught(path):
    assert escapes(path.read_text("utf-8"), path.name) == []


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("solara.Button('x', on_click=on(f))", True),
        ("solara.Button('x', on_click=f)", False),
        ("solara.Button('x', f)", False),
        ("solara.Button('x', on(f))", True),
        ("solara.Button('x', on_click=lambda: f())", False),
        ("solara.Select('x', value=1, values=[1], on_value=f)", False),
        ("solara.SliderInt('x', 1, 0, 2, 1, f)", False),
        ("solara.v.Textarea(v_model='', on_v_model=f)", False),
        ("solara.Button('x', **more)", False),
        ("Drawing(scene={}, event_pick=f)", False),
        ("Drawing(scene={}, event_pick=on(f))", True),
        ("solara.use_effect(f, [])", False),
        ("use_effect(f, [])", False),
        ("effect(f, [])", True),
        ("solara.v.use_event(element, 'click', f)", False),
        ("widget.observe(f)", False),
        ("threading.Thread(target=f).start()", False),
        ("Thread(target=f).start()", False),
        ("from threading import Thread as Quiet", False),
        ("thread(f, place.failed)", True),
        ("Field(parameter, value, f)", True),
    ],
)
def test_the_search_finds_what_bypasses_the_catch(line, caught):
    assert (escapes(f"import solara\n{line}\n", "stray.py") == []) is caught


def test_every_panel_of_the_page_stands_in_a_boundary():
    """The layout makes panels by `panel(…)` alone, which is the boundary."""
    tree = ast.parse((VIEWS / "app.py").read_text("utf-8"))
    layout = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "Panels"
    )
    made = {
        name
        for node in ast.walk(layout)
        if isinstance(node, ast.Call) and (name := named(node))[:1].isupper()
    }
    assert made == {"AppBar", "AppBarTitle", "Sidebar", "Html", "Column", "Tabs", "Tab", "Boundary"}
