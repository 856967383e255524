"""The `civa` command: a table of commands, imported when used, and one way to end.

`civa --help` is answered from the table alone: importing Mesa, numpy or pandas takes seconds, and a
question about flags should not. How a command ends is decided here and nowhere else:

====  =================================================================
code  meaning
====  =================================================================
0     done
1     it failed (a run that is no result, a fault that stopped it)
2     bad input: nothing was done, the message names value and remedy
3     stopped early (budget, outage, Ctrl-C): the same command resumes
====  =================================================================
"""

import sys
from errno import ENAMETOOLONG
from importlib import import_module

import click

from agents.csvfile import shown
from agents.errors import CivaError, InputError, StoppedEarly
from model.version import civa_version

FAILED, BAD_INPUT, STOPPED = 1, 2, 3

# name: (module:command, the line that `civa --help` shows)
COMMANDS: dict[str, tuple[str, str]] = {
    "run": ("model.commands.run:run", "Let one community live, day by day."),
    "demo": ("model.commands.demo:demo", "Four conditions, offline, and a report on them."),
    "dashboard": ("model.commands.dashboard:dashboard", "Watch a community live in the browser."),
    "replay": ("model.commands.replay:replay", "Execute a run again, offline, and compare."),
    "report": ("model.commands.report:report", "One HTML page of figures for a run or a study."),
    "prompt": ("model.commands.prompt:prompt", "Show what a resident is sent on a day."),
    "study": ("model.commands.study:study", "Run a design: many communities, resumable."),
    "estimate": ("model.commands.estimate:estimate", "What a run will cost, before it does."),
    "testserver": ("model.commands.testserver:testserver", "A loopback endpoint to try against."),
    "evidence": ("model.commands.evidence:evidence", "Measure what this world does, again."),
    "assess": ("model.commands.assess:assess", "Ask residents what they value; did it take?"),
    "judge": ("model.commands.judge:judge", "Have a judge label behaviours, beside the rules."),
    "code": ("model.commands.code:code", "A blind sample for people to code, and back."),
    "survey": ("model.commands.survey:survey", "Turn survey answers into value profiles."),
    "doctor": ("model.commands.doctor:doctor", "Check versions, disk and endpoint."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, and listed without."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module that holds `cmd_name` and return its command."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}:{name} is {command!r}, not a click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the one that was probably meant."""
        name = args[0]
        if name not in COMMANDS and not name.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(name, COMMANDS, n=1)
            ctx.fail(f"no command '{name}'" + (f", did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands with the lines of the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


def print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    """Print the installed version and leave."""
    if not wanted or ctx.resilient_parsing:
        return
    click.echo(f"civa {civa_version()}")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_version,
    help="Show the version and leave.",
)
def cli() -> None:
    """A laboratory for how human values shape communities of LLM agents."""


def main(args: list[str] | None = None) -> None:
    """Run `civa` and end the process with its exit code; errors take one line, no traceback.

    Args:
        args: The words after `civa`; the process's own when None.
    """
    raise SystemExit(run_command(sys.argv[1:] if args is None else args))


def run_command(args: list[str]) -> int:
    """Run one command line and return its exit code."""
    try:
        # Not standalone: click would print its own messages and end with its own codes.
        result = cli.main(args, prog_name="civa", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else error.format_message())
        return 0
    except click.UsageError as error:
        hint = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        return complain(error.format_message().rstrip(".") + hint, BAD_INPUT)
    except click.ClickException as error:
        return complain(error.format_message(), BAD_INPUT)
    except InputError as error:
        return complain(str(error), BAD_INPUT)
    except StoppedEarly as error:
        return complain(str(error), STOPPED)
    except CivaError as error:
        return complain(str(error), FAILED)
    except OSError as error:
        if error.errno != ENAMETOOLONG:
            raise
        return complain(f"{shown(str(error.filename), 60)}: is too long for a name", BAD_INPUT)
    except click.Abort:
        # What click makes of Ctrl-C.
        return complain("interrupted", STOPPED)
    return result if isinstance(result, int) else 0


def complain(message: str, code: int) -> int:
    """Write `civa: message` as one line on stderr and hand the code back."""
    click.echo(f"civa: {' '.join(message.split())}", err=True)
    return code
