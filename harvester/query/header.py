"""The header of a canned query: its leading lines `#+ …` are YAML.

The keys are grlc's; `example`, `expect`, `chart` and those of words and languages are ours.
https://github.com/CLARIAH/grlc#decorator-syntax
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import yaml

from harvester import libyaml
from harvester.errors import UsageError
from harvester.query.chart import Chart, read_chart
from harvester.query.told import Told

NESTED = 20
"""Most levels of YAML that a header may nest."""

Value = str | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Sample:
    """A value that depends on the catalogue: `column` of the first row that another query gives."""

    query: str
    column: str


@dataclass(frozen=True, slots=True)
class Header:
    """What a header says. `lines` tells on which line of the file each key stands.

    `translations` are the words of other languages, by their codes; `told` gives those of any.
    """

    summary: str
    description: str = ""
    tags: tuple[str, ...] = ()
    defaults: Mapping[str, str] = field(default_factory=dict)
    enumerate: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pagination: int | None = None
    method: str = "GET"
    example: Mapping[str, "str | Sample"] = field(default_factory=dict)
    expect: Mapping[str, int] = field(default_factory=dict)
    chart: Chart | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    translations: Mapping[str, Told] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)

    def told(self, language: str) -> Told:
        """Return what the header says to people in a language, in English where it has no such words."""
        english = Told(self.summary, self.description, self.columns, self.parameters, self.values)
        return self.translations[language].over(english) if language in self.translations else english


def read_header(text: str, where: str) -> Header:
    """Read the header of a query file; `where` names the file in errors.

    Raises UsageError, with file and line, for what is not YAML or has a value that cannot be.
    Unknown keys are warnings of the result.
    """
    found = _read_yaml(_header_lines(text), where)
    values: dict[str, object] = {}
    warnings = [f"{where}, line {line}: below the query, so it is not read" for line in _late(text)]
    translations: dict[str, Told] = {}
    for key, (line, value) in found.items():
        try:
            if key in _KEYS:
                values[key] = _KEYS[key](value)
            elif _LANGUAGE.fullmatch(key):
                translations[key] = replace(_told(value), language=key)
            else:
                warnings.append(f"{where}, line {line}: {_unknown(key)}")
        except ValueError as error:
            raise _wrong(where, line, f"{key}: {error}") from error
    if not values.get("summary"):
        raise _wrong(where, 1, "the header has no summary")
    lines = {key: line for key, (line, _) in found.items()}
    return Header(
        **values,  # type: ignore[arg-type]
        translations=translations,
        warnings=tuple(warnings),
        lines=lines,
    )


def _read_yaml(numbered: list[tuple[int, str]], where: str) -> dict[str, tuple[int, Value]]:
    """Return for each key its line in the file, and its value."""
    try:
        root = libyaml.compose("\n".join(line for _, line in numbered))
        if isinstance(root, yaml.MappingNode):
            return {key.value: (numbered[key.start_mark.line][0], _plain(value)) for key, value in root.value}
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = numbered[min(mark.line, len(numbered) - 1)][0] if mark else 1
        raise _wrong(where, line, f"the header is not YAML: {error.problem or error.context}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise _wrong(where, 1, f"the header is not YAML: {error}") from error
    if root is not None:
        raise _wrong(where, numbered[0][0], "the header must be lines of `key: value`")
    return {}


def _wrong(where: str, line: int, why: str) -> UsageError:
    return UsageError(f"{where}, line {line}: {why}", fix="correct it; docs/queries.md tells the keys")


def _header_lines(text: str) -> list[tuple[int, str]]:
    """Return number and YAML of each leading `#+` line; blank lines and other comments may stand between."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#+"):
            found.append((number, line[2:].removeprefix(" ")))
        elif line.strip() and not line.startswith("#"):
            break
    return found


def _late(text: str) -> list[int]:
    read = {number for number, _ in _header_lines(text)}
    lines = enumerate(text.splitlines(), 1)
    return [number for number, line in lines if line.startswith("#+") and number not in read]


def _plain(node: yaml.Node, depth: int = 0) -> Value:
    """Return a YAML node as text, lists and mappings: no other types, so that `01` stays `01`."""
    if depth > NESTED:
        problem = f"nested deeper than {NESTED} levels"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item, depth + 1) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return {str(_plain(key, depth + 1)): _plain(value, depth + 1) for key, value in node.value}
    return str(node.value)


def _unknown(key: str) -> str:
    if key.startswith("endpoint"):
        return f"{key} is not honoured: a file must not send queries elsewhere; --endpoint URL does"
    return f"{key} is not a known key ({', '.join(_KEYS)}, or the two letters of a language)"


def _text(value: Value) -> str:
    match value:
        case str():
            return value.strip()
        case _:
            raise ValueError("must be a text")


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(_text(item) for item in (value if isinstance(value, list) else [value]))


def _mapping(value: Value) -> dict[str, str]:
    match value:
        case dict():
            return {name: _text(item) for name, item in value.items()}
        case _:
            raise ValueError("must be lines of `name: value`")


def _example(value: Value) -> dict[str, str | Sample]:
    match value:
        case dict():
            return {name: _example_value(item) for name, item in value.items()}
        case _:
            raise ValueError("must be lines of `name: value`")


def _example_value(value: Value) -> str | Sample:
    match value:
        case {"query": str(query), "column": str(column)} if len(value) == 2:
            return Sample(query, column)
        case str():
            return _text(value)
        case _:
            raise ValueError("a value must be a text, or {query: NAME, column: NAME}")


def _choices(value: Value) -> dict[str, tuple[str, ...]]:
    """Accept a mapping of lists, and grlc's list of such mappings."""
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, dict) for part in parts):
        raise ValueError("must be parameter names, each with its list of values")
    return {name: _texts(items) for part in parts if isinstance(part, dict) for name, items in part.items()}


def _count(value: Value) -> int:
    if not (isinstance(value, str) and value.isascii() and value.isdigit()):
        raise ValueError(f"{value!r} is not a whole number")
    return int(value)


def _page_size(value: Value) -> int:
    size = _count(value)
    if not 1 <= size <= 10_000:
        raise ValueError(f"{size} rows per page are not between 1 and 10,000")
    return size


def _method(value: Value) -> str:
    method = _text(value).upper()
    if method not in ("GET", "POST"):
        raise ValueError(f"{method} is neither GET nor POST")
    return method


def _expect(value: Value) -> dict[str, int]:
    expected = _mapping(value)
    if unknown := expected.keys() - {"min_rows"}:
        raise ValueError(f"{', '.join(sorted(unknown))}: only min_rows can be expected")
    return {name: _count(item) for name, item in expected.items()}


def _words_by_value(value: Value) -> dict[str, dict[str, str]]:
    match value:
        case dict():
            return {name: _mapping(words) for name, words in value.items()}
        case _:
            raise ValueError("must be columns or parameters, each with its lines of `value: words`")


def _told(value: Value) -> Told:
    match value:
        case dict() if value.keys() <= set(_TOLD):
            return Told(**{key: _KEYS[key](words) for key, words in value.items()})  # type: ignore[arg-type]
        case _:
            raise ValueError(f"must be lines of `key: words`, the keys among {', '.join(_TOLD)}")


_KEYS: dict[str, Callable[[Value], object]] = {
    "summary": _text,
    "description": _text,
    "tags": _texts,
    "defaults": _mapping,
    "enumerate": _choices,
    "pagination": _page_size,
    "method": _method,
    "example": _example,
    "expect": _expect,
    "chart": lambda value: read_chart(_mapping(value)),
    "columns": _mapping,
    "parameters": _mapping,
    "values": _words_by_value,
}
_TOLD = ("summary", "description", "columns", "parameters", "values")
"""The keys that a language may say anew."""
_LANGUAGE = re.compile(r"[a-z]{2}")
