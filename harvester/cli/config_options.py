"""Settings of a file as values of options: the options of the command are the one list of what there is."""

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from harvester.cli.config_file import PORTAL, ConfigFile, Where
from harvester.cli.target import Target
from harvester.errors import UsageError
from harvester.portal.udata import Portal

URL = "url"
_NEVER = {
    "config": "a file cannot name another",
    "every": "how often is said on the command line; the file is read anew for each run",
    "report-schema": "it is no setting",
    "full": 'write mode = "full"',
}
_FOR_ALL = {"store": "there is one store for all portals", "log-format": "there is one log for all portals"}
FOR_ONE = {"archive": "each portal has its own", "replay": "each portal has its own"}
_OF_ITS_OWN = ("report", "metrics")
"""At the top, or on the command line, these tell of all portals; those of a portal are its own."""
_TYPES: Mapping[str, tuple[tuple[type, ...], str]] = {
    "integer": ((int,), "a whole number"),
    "float": ((int, float), "a number"),
    "boolean": ((bool,), "true or false"),
    "duration": ((str,), 'a time such as "6h"'),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file asks for: `common` has the values for all runs together."""

    targets: tuple[Target, ...]
    common: Mapping[str, Any]


def read_plan(path: Path, ctx: click.Context, fixed: Mapping[str, Any]) -> Plan:
    """Return what a file of settings asks for. Raises UsageError, naming the file, the line and the key.

    `ctx` is that of the command, `fixed` what its command line and environment say: they come before a
    portal's table, that before the top of the file, and that before the defaults.
    """
    file = ConfigFile(path)
    reader = _Reader(file, ctx)
    common = {**ctx.params, **reader.values(file.top), **fixed}
    shared, held = (
        {name: value for name, value in values.items() if name not in _OF_ITS_OWN}
        for values in (common, fixed)
    )
    targets = tuple(
        reader.target(number, {**dict.fromkeys(_OF_ITS_OWN), **shared}, held)
        for number in range(len(file.portals))
    )
    _refuse_same(file, targets, common)
    return Plan(targets, common)


class _Reader:
    """Reads the tables of a file by the options of a command."""

    def __init__(self, file: ConfigFile, ctx: click.Context) -> None:
        self._file = file
        self._ctx = ctx
        self._options = {
            name.removeprefix("--"): option
            for option in ctx.command.get_params(ctx)
            if isinstance(option, click.Option)
            for name in option.opts
            if name.startswith("--")
        }

    def target(self, number: int, shared: Mapping[str, Any], held: Mapping[str, Any]) -> Target:
        """Return what is to be done for a portal: its table comes before `shared`, `held` before both."""
        where: Where = (PORTAL, number)
        table = dict(self._file.portals[number])
        if URL not in table:
            raise self._file.refuse(where, "this portal has no url", 'add url = "https://www.data.gouv.fr"')
        url = table.pop(URL)
        if not isinstance(url, str):
            raise self._file.refuse((*where, URL), f"{URL} is {_kind(url)}", f'write {URL} = "https://…"')
        with self._located((*where, URL)):
            portal = Portal.at(url)
        target = Target(portal, {**shared, **self.values(table, where), **held})
        with self._located(where):
            target.check()
        return target

    def values(self, table: Mapping[str, Any], where: Where = ()) -> dict[str, Any]:
        """Return the values of a table by the names of the command's parameters."""
        values: dict[str, Any] = {}
        for key, value in table.items():
            option = self._option(key, where)
            if option.name in values:
                raise self._file.refuse((*where, key), f"{key} is said twice", "remove one")
            values[option.name or ""] = self._value(option, key, value, (*where, key))
        return values

    def _option(self, key: str, where: Where) -> click.Option:
        name = key.replace("_", "-")
        misplaced = _FOR_ALL if where else FOR_ONE
        if name in _NEVER:
            raise self._file.refuse((*where, key), f"{key} cannot be set in a file", _NEVER[name])
        if name in misplaced:
            place = "move it to the top of the file" if where else "move it into each [[portal]]"
            raise self._file.refuse((*where, key), f"{key} does not belong here: {misplaced[name]}", place)
        if name == URL:
            raise self._file.refuse((*where, key), f"{key} belongs to a portal", "write [[portal]] above it")
        if name in self._options and name != "help":
            return self._options[name]
        allowed = (self._options.keys() | ({URL} if where else set())) - _NEVER.keys() - {"help"}
        near = get_close_matches(name, sorted(allowed - misplaced.keys()), n=1)
        raise self._file.refuse(
            (*where, key),
            f"there is no setting {key}",
            f"did you mean {near[0]}?" if near else "`harvester harvest --help` lists what there is",
        )

    def _value(self, option: click.Option, key: str, value: object, where: Where) -> Any:
        """Return a value as the option takes it; paths are relative to the file."""
        types, wanted = _TYPES.get(option.type.name.removesuffix(" range"), ((str,), "a string"))
        if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            raise self._file.refuse(where, f"{key} is {_kind(value)}", f"write {wanted}")
        if isinstance(value, float) and math.isnan(value):
            raise self._file.refuse(where, f"{key} is nan", f"write {wanted}")
        if isinstance(option.type, click.Path):
            value = str(self._file.path.parent / str(value))
        try:
            return option.type_cast_value(self._ctx, value)
        except click.BadParameter as error:
            raise self._file.refuse(
                where, f"{key}: {error.message.rstrip('.')}", f"{key} is: {option.help}"
            ) from error

    @contextmanager
    def _located(self, where: Where) -> Iterator[None]:
        try:
            yield
        except UsageError as error:
            raise self._file.refuse(where, error.cause, error.fix) from error


def _refuse_same(file: ConfigFile, targets: Sequence[Target], common: Mapping[str, Any]) -> None:
    """Refuse portals that are one, and files that two would write."""
    portals: dict[str, int] = {}
    files = {common[name].resolve(): "all portals together" for name in _OF_ITS_OWN if common[name]}
    for number, target in enumerate(targets):
        where, key = (PORTAL, number, URL), target.portal.key
        if key in portals:
            first = file.line((PORTAL, portals[key], URL))
            raise file.refuse(where, f"{key} is the portal of line {first} already", "remove one of them")
        portals[key] = number
        for name, path in target.files():
            if other := files.get(path):
                raise file.refuse(where[:2], f"{name} {path} is that of {other} already", "name another file")
            files[path] = key


def _kind(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", str: "a string", list: "a list"}
    return kinds.get(type(value), "a table" if isinstance(value, dict) else "a date or time")
