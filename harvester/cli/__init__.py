"""Layer 5, the door: options become settings, one call, output; errors become exit codes here only."""

import sys
from typing import Any

import click

from harvester import __version__
from harvester.errors import EXIT_INTERRUPTED, HarvesterError


class Cli(click.Group):
    """A group whose commands may raise HarvesterError: printed without traceback, with its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn its error into a message and an exit code."""
        try:
            return super().invoke(ctx)
        except HarvesterError as error:
            click.secho("Error: ", fg="red", bold=True, err=True, nl=False)
            click.echo(error, err=True)
            ctx.exit(error.exit_code)
        except KeyboardInterrupt:
            click.echo("Interrupted.", err=True)
            ctx.exit(EXIT_INTERRUPTED)
        except BrokenPipeError:
            sys.stderr.close()
            ctx.exit(0)


@click.group(cls=Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="harvester")
def main() -> None:
    """Harvest udata open-data portals into a linked-data catalogue."""
