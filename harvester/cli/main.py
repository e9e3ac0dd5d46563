"""The `harvester` command: its subcommands, and the one place where errors become exit codes."""

import os
import sys
from typing import Any

import click

from harvester import __version__
from harvester.cli.demo import demo
from harvester.cli.export import export
from harvester.cli.harvest import harvest
from harvester.cli.program import printable
from harvester.cli.queries import queries
from harvester.cli.query import query, sparql
from harvester.cli.serve import serve
from harvester.cli.status import status
from harvester.errors import EXIT_INTERRUPTED, HarvesterError

EPILOG = """\b
Examples:
  harvester harvest https://www.data.gouv.fr --store ./catalogue
  harvester query most-reused-datasets --store ./catalogue -o table
  harvester sparql 'SELECT (COUNT(*) AS ?n) { ?d a dcat:Dataset }'
  harvester export catalogue.ttl.gz
  harvester serve --store ./catalogue
  harvester demo
"""


class Cli(click.Group):
    """A group whose commands may raise HarvesterError: printed without traceback, with its exit code."""

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


for command in (harvest, status, query, queries, sparql, export, serve, demo):
    main.add_command(command)
