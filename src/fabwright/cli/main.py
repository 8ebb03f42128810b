"""The program `fabwright`: a table of commands, each in a module of its own that is imported when it is used."""

import sys
from importlib import import_module

import click

from fabwright import __version__
from fabwright.errors import FabwrightError

# name -> where the click command lives; the help line stands here so that `--help` imports nothing else.
COMMANDS = {
    "up": ("fabwright.cli.service:up", "Start database, web server and workers."),
    "web": ("fabwright.cli.service:web", "Only the web server."),
    "worker": ("fabwright.cli.service:worker", "Only workers."),
    "manage": ("fabwright.cli.service:manage", "Django's own administration commands."),
    "token": ("fabwright.cli.token:token", "Make access tokens."),
    "import": ("fabwright.cli.imports:import_", "Bring IFC, BTL and BTLx files into a project."),
    "formats": ("fabwright.cli.formats:formats", "Show and check production files."),
    "demo": ("fabwright.cli.demo:demo", "A day of a small factory from end to end."),
    "vision": ("fabwright.cli.vision:vision", "Recognise photographed parts."),
    "metrology": ("fabwright.cli.metrology:metrology", "Inspect scanned parts."),
    "compile": ("fabwright.cli.compile:compile_", "Compile the hot loops now instead of at first use."),
    "backup": ("fabwright.cli.backup:backup", "Save everything into one file."),
    "restore": ("fabwright.cli.backup:restore", "Bring a backup back."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported on use: the start stays fast, and a heavy room costs only its users."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command = getattr(import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="fabwright")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def main(ctx: click.Context, debug: bool) -> None:
    """Fabwright: one open, self-hosted production backend for digital factories.

    Example: fabwright up --data ./fabwright-data
    """
    ctx.obj = {"debug": debug}


def run() -> None:
    """Entry point. Errors are one clear sentence on standard error and exit code 2; `--debug` shows the traceback."""
    debug = "--debug" in sys.argv[1:]
    try:
        status = main.main(standalone_mode=False)
    except click.exceptions.Exit as error:
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        click.echo(f"fabwright: {error.format_message()}", err=True)
        sys.exit(2)
    except (FabwrightError, OSError) as error:
        if debug:
            raise
        click.echo(f"fabwright: {error}", err=True)
        sys.exit(2)
    sys.exit(status if isinstance(status, int) else 0)
