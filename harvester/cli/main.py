"""The `harvester` command: its subcommands, and the one place where errors become exit codes."""

import os
import sys
from importlib import import_module
from typing import Any

import click

from harvester import __version__
from harvester.cli.program import printable
from harvester.errors import EXIT_INTERRUPTED, HarvesterError

EPILOG = """\b
Examples:
  harvester harvest https://www.data.gouv.fr --store ./catalogue
  harvester query most-reused-datasets --store ./catalogue -o table
  harvester sparql 'SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset }'
  harvester export catalogue.ttl.gz
  harvester validate
  harvester map reuse.json --explain
  harvester serve --store ./catalogue
  harvester diff
  harvester demo
"""


COMMANDS = {
    "harvest": "harvest",
    "status": "status",
    "history": "history",
    "diff": "diff",
    "rollback": "rollback",
    "query": "query",
    "queries": "queries",
    "sparql": "query",
    "search": "search",
    "export": "export",
    "map": "map",
    "validate": "validate",
    "serve": "serve",
    "prune": "housekeeping",
    "check": "housekeeping",
    "compact": "housekeeping",
    "demo": "demo",
}
"""Which module beside this one has each command: imported when it is called, as that takes time."""


class Cli(click.Group):
    """A group whose commands may raise HarvesterError: printed without traceback, with its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of the commands, in the order of the help."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"harvester.cli.{COMMANDS[cmd_name]}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn its error into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except HarvesterError as error:
            click.secho("Error: ", fg="red", bold=True, err=True, nl=False)
            click.echo(printable(str(error)), err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            sys.stdout.flush()
            sys.stderr.flush()
            # All is cleaned up; threads that wait for a slow portal would keep an ordinary exit waiting.
            os._exit(EXIT_INTERRUPTED)
        except BrokenPipeError:
            # Whoever read our output has seen enough; Python would complain at exit that it cannot flush.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            ctx.exit(0)


@click.group(cls=Cli, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="harvester")
def main() -> None:
    """Harvest udata open-data portals into a linked-data catalogue: DCAT, reuses, SPARQL."""
