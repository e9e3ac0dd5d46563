"""A TOML file and where everything in it stands, for messages that name the line."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harvester.errors import UsageError

PORTAL = "portal"
_MAX_BYTES = 256 * 1024
_ONE_TABLE = "write [[portal]], with two brackets on each side: there may be several"
_POSITION = re.compile(r" \(at line (\d+), column (\d+)\)| \(at end of document\)")

Where = tuple[str | int, ...]
"""The way to a value: keys of tables, numbers of items."""


class ConfigFile:
    """A file of settings: `top` has those of all portals, `portals` a table for each. Raises UsageError."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lines = _read(path).splitlines(keepends=True)
        self.top = self._parse()
        self.portals = self._tables(self.top.pop(PORTAL, None))

    def refuse(self, where: Where, what: str, fix: str) -> UsageError:
        """Return the error of something in the file."""
        return UsageError(f"{self.path}, line {self.line(where)}: {what}", fix=fix)

    def line(self, where: Where) -> int:
        """Return the line where a value begins, counted from 1: the first after which the file has it."""
        least, most = 1, len(self._lines)
        while least < most:
            middle = (least + most) // 2
            if _has(self._before(middle)[1], where):
                most = middle
            else:
                least = middle + 1
        # A value of several lines begins after the last line at which the file could have ended.
        return self._before(least - 1)[0] + 1

    def _before(self, line: int) -> tuple[int, Mapping[str, Any]]:
        """Return what the file says up to a line at most, and up to which: one where no value is cut."""
        while True:
            try:
                return line, tomllib.loads("".join(self._lines[:line]))
            except tomllib.TOMLDecodeError:
                line -= 1

    def _parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads("".join(self._lines))
        except tomllib.TOMLDecodeError as error:
            what = str(error)
            position = _POSITION.search(what)
            line, column = position.groups() if position else (None, None)
            at = f"line {line}, column {column}" if line else f"line {max(len(self._lines), 1)}, at its end"
            twice = f"'{PORTAL}'" in what
            raise UsageError(
                f"{self.path}, {at}: {_POSITION.sub('', what)}",
                fix=_ONE_TABLE if twice else "correct it: https://toml.io/en/v1.0.0 has the rules",
            ) from error
        except RecursionError as error:
            raise UsageError(
                f"{self.path} is nested too deeply", fix="settings need no nesting but [[portal]]"
            ) from error

    def _tables(self, found: object) -> list[dict[str, Any]]:
        if found is None:
            raise UsageError(
                f"{self.path} names no portal",
                fix='add a table: [[portal]] and, below it, url = "https://www.data.gouv.fr"',
            )
        if not isinstance(found, list):
            what = "[portal] is one table" if isinstance(found, dict) else "portal is no list of tables"
            raise self.refuse((PORTAL,), what, _ONE_TABLE)
        for number, table in enumerate(found):
            if not isinstance(table, dict):
                raise self.refuse((PORTAL, number), "this portal is no table", _ONE_TABLE)
        if not found:
            raise self.refuse((PORTAL,), "the list of portals is empty", _ONE_TABLE)
        return found


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_BYTES + 1)
        if len(text) > _MAX_BYTES:
            raise UsageError(f"{path} has more than {_MAX_BYTES // 1024} KiB", fix="name a file of settings")
        return text.decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", fix="name another file") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 (byte {error.start})", fix="save it as UTF-8") from error


def _has(data: Any, where: Where) -> bool:
    try:
        for step in where:
            data = data[step]
    except (KeyError, IndexError, TypeError):
        return False
    return True
