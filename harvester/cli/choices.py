"""Option values that choose among names: `default,-discussions`."""

from collections.abc import Mapping

import click

ALL, DEFAULT, NONE = "all", "default", "none"


class Choices(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """Some of `names` (name to: chosen by default), as a list with commas.

    `all`, `default` and `none` stand for several; a name with a minus before it is taken out again.

    >>> sorted(Choices({"a": True, "b": True, "c": False}).convert("default,-a,c", None, None))
    ['b', 'c']
    """

    name = "list"

    def __init__(self, names: Mapping[str, bool]) -> None:
        self.names = names

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> frozenset[str]:
        """Return the names chosen."""
        if isinstance(value, frozenset):
            return value
        chosen: set[str] = set()
        for word in str(value).replace(" ", "").split(","):
            name = word.removeprefix("-")
            if name not in (*self.names, ALL, DEFAULT, NONE):
                known = ", ".join((ALL, DEFAULT, NONE, *self.names))
                self.fail(f"{word!r} is none of {known}.", param, ctx)
            if word.startswith("-"):
                chosen -= self._meant(name)
            else:
                chosen |= self._meant(name)
        return frozenset(chosen)

    def _meant(self, name: str) -> set[str]:
        several = {
            ALL: set(self.names),
            DEFAULT: {each for each, by_default in self.names.items() if by_default},
            NONE: set[str](),
        }
        return several.get(name, {name})
