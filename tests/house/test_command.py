"""The `civa` command: what it lists, how it ends, and what it costs to ask for help."""

import json
import subprocess
import sys
from importlib import import_module
from types import ModuleType

import click
import pytest

from agents.errors import CivaError, InputError, RunFailed, StoppedEarly
from model.cli import COMMANDS, run_command

HEAVY = [
    *("mesa", "numpy", "pandas", "scipy", "statsmodels", "matplotlib", "solara"),
    *("langchain_openai", "openai"),
]


def civa(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "civa", *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def command(monkeypatch):
    """Put a command that does what it is told into the table."""

    def put(act):
        module = ModuleType("civa_test_command")
        module.act = click.command("act")(act)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        monkeypatch.setitem(COMMANDS, "act", ("civa_test_command:act", "Act."))

    return put


def raising(error):
    def act():
        raise error

    return act


def test_help_lists_every_command_with_its_line():
    answer = civa("--help")
    assert answer.returncode == 0
    for name, (_, line) in COMMANDS.items():
        assert any(row.split() == [name, *line.split()] for row in answer.stdout.splitlines())


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["nonsense"]])
def test_a_question_about_the_command_imports_nothing_heavy(words):
    script = (
        "import json, sys, civa\n"
        "try:\n"
        f"    sys.argv = {['civa', *words]!r}\n"
        "    civa.main()\n"
        "except SystemExit:\n"
        "    pass\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(answer.stdout.splitlines()[-1]))
    assert "model.cli" in loaded
    assert loaded.isdisjoint(HEAVY)
    assert not [name for name in loaded if name.startswith("model.commands")]


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_line_of_the_table_leads_to_a_command_of_that_name(name):
    module, attribute = COMMANDS[name][0].split(":")
    assert isinstance(getattr(import_module(module), attribute), click.Command)
    assert getattr(import_module(module), attribute).name == name


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (InputError("days = -1: give 0 or more"), 2),
        (StoppedEarly("the budget is spent"), 3),
        (RunFailed("too many faults"), 1),
        (CivaError("something known"), 1),
    ],
)
def test_an_error_of_ours_takes_one_line_and_its_own_exit_code(command, capsys, error, code):
    command(raising(error))
    assert run_command(["act"]) == code
    assert capsys.readouterr().err == f"civa: {error}\n"


def test_a_message_of_several_lines_is_still_one_line(command, capsys):
    command(raising(InputError("first\n  second\n")))
    assert run_command(["act"]) == 2
    assert capsys.readouterr().err == "civa: first second\n"


def test_ctrl_c_stops_early(command, capsys):
    command(raising(KeyboardInterrupt()))
    assert run_command(["act"]) == 3
    assert capsys.readouterr().err.strip() == "civa: interrupted"


def test_a_fault_in_the_code_keeps_its_traceback(command):
    command(raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        run_command(["act"])


@pytest.mark.parametrize(("value", "code"), [(None, 0), (0, 0), (1, 1)])
def test_a_command_may_return_its_exit_code(command, value, code):
    command(lambda: value)
    assert run_command(["act"]) == code


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["docter"], "no command 'docter', did you mean 'doctor'?"),
        (["xyzzy"], "no command 'xyzzy'"),
        (["--nonsense"], "--nonsense"),
        (["doctor", "surplus"], "surplus"),
    ],
)
def test_a_slip_in_the_words_is_named_in_one_line(words, said):
    answer = civa(*words)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert said in answer.stderr
    assert answer.stderr.startswith("civa: ")
    assert answer.stderr.count("\n") == 1


def test_civa_alone_shows_its_help():
    assert civa().stdout == civa("--help").stdout
