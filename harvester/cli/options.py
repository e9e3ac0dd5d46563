"""Options that several commands share."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., object])

store_option = click.option(
    "--store",
    type=click.Path(path_type=Path),
    default=Path("catalogue"),
    show_default="./catalogue",
    envvar="HARVESTER_STORE",
    show_envvar=True,
    metavar="DIR",
    help="The catalogue's folder.",
)


def options(*each: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return a decorator that gives a command all of these options, in this order."""

    def give(command: Command) -> Command:
        for option in reversed(each):
            command = option(command)
        return command

    return give


class Headed(click.Option):
    """An option that the help of its command shows under a heading."""

    def __init__(self, *arguments: Any, heading: str, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.heading = heading


class Sectioned(click.Command):
    """A command with so many options that its help shows them under headings.

    `headings` has those of options that carry none, by name.
    """

    def __init__(self, *arguments: Any, headings: Mapping[str, str] | None = None, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self._headings = headings or {}

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each heading, and one for the options without."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option) and (record := parameter.get_help_record(ctx)):
                by_name = self._headings.get(parameter.name or "", "Options")
                sections.setdefault(getattr(parameter, "heading", by_name), []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)
