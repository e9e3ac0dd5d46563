"""Canned queries: a folder of `<name>.rq` files, each a SPARQL query with a header."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

from harvester.errors import UsageError
from harvester.query.header import Header, Sample, read_header
from harvester.query.parameters import Parameter, parse_variable
from harvester.query.sparql import Form, Sparql, read
from harvester.query.tokens import Token, tokens


@dataclass(frozen=True, slots=True)
class Query:
    """A canned query, read and checked, not yet bound to values. `text` is the whole file."""

    name: str
    text: str
    form: Form
    header: Header = field(hash=False)
    parameters: tuple[Parameter, ...]
    path: Path

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of that name."""
        return next((parameter for parameter in self.parameters if parameter.name == name), None)


@dataclass(frozen=True, slots=True)
class Library:
    """The canned queries of some folders, read when asked for.

    `replaced` are the names for which a later folder took the place of an earlier one.
    """

    paths: Mapping[str, Path] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *folders: Path) -> "Library":
        """List the `*.rq` files of the folders; a later folder's file takes the place of an earlier one's.

        Raises UsageError if a folder does not exist or has no queries.
        """
        paths: dict[str, Path] = {}
        replaced: set[str] = set()
        for folder in folders:
            found = {path.stem: path for path in sorted(folder.glob("*.rq"))}
            if not found:
                raise UsageError(
                    f"{folder} holds no queries", fix="name a folder with files whose names end in .rq"
                )
            replaced |= found.keys() & paths.keys()
            paths |= found
        return cls(dict(sorted(paths.items())), frozenset(replaced))

    def __getitem__(self, name: str) -> Query:
        """Read a query. Raises UsageError for an unknown name (with the nearest), and as `load`."""
        if name in self.paths:
            return load(self.paths[name])
        near = get_close_matches(name, self.paths, n=3, cutoff=0.5)
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        raise UsageError(f"There is no query {name!r}{hint}", fix="harvester queries lists them all")

    def __iter__(self) -> Iterator[Query]:
        """Read all queries, by name. Raises as `load`."""
        return map(load, self.paths.values())


def load(path: Path) -> Query:
    """Read and check one query file.

    Raises UsageError, which names file and line, for a broken header, an ill-named parameter, a value in
    the header that does not fit its parameter, and what `sparql.read` refuses.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}", fix="it must be a file in UTF-8") from error
    try:
        sparql = read(text, known={})
    except UsageError as error:
        raise UsageError(f"{path}: {error.cause}", fix=error.fix) from error
    header = read_header(sparql.text, str(path))
    query = Query(path.stem, sparql.text, sparql.form, header, _parameters(sparql, header, path), path)
    if header.pagination:
        _check_pagination(query)
    return query


def top_level(text: str) -> Iterator[Token]:
    """Yield the tokens that stand outside all brackets."""
    depth = 0
    for token in tokens(text):
        depth -= token.kind == "mark" and token.text in "})]"
        if depth == 0:
            yield token
        depth += token.kind == "mark" and token.text in "{(["


def _parameters(sparql: Sparql, header: Header, path: Path) -> tuple[Parameter, ...]:
    found: dict[str, Parameter] = {}
    for token in tokens(sparql.text):
        if token.kind != "variable":
            continue
        line = sparql.text.count("\n", 0, token.start) + 1
        try:
            parameter = parse_variable(token.text)
        except ValueError as error:
            _fail(path, line, str(error), error)
        if parameter is None:
            continue
        known = found.setdefault(parameter.name, parameter)
        if known.variables != parameter.variables:
            _fail(path, line, f"{token.text} and {known.variables[0]} are two spellings of one parameter")
    return tuple(_with_header(found, header, path).values())


def _with_header(found: dict[str, Parameter], header: Header, path: Path) -> dict[str, Parameter]:
    """Add defaults and choices, and check them and the example as values."""
    choices = [("enumerate", name, choice) for name, all_ in header.enumerate.items() for choice in all_]
    defaults = [("defaults", name, value) for name, value in header.defaults.items()]
    examples = [("example", name, value) for name, value in header.example.items()]
    for key, name, _ in (values := choices + defaults + examples):
        if name not in found:
            _fail(path, header.lines[key], f"{key}: the query has no parameter {name}")
    for name, parameter in found.items():
        found[name] = replace(
            parameter, choices=header.enumerate.get(name, ()), default=header.defaults.get(name)
        )
    for key, name, value in values:
        if isinstance(value, Sample):
            continue
        try:
            found[name].term(value)
        except UsageError as error:
            _fail(path, header.lines[key], f"{key}: {error.cause}", error)
    return found


def _check_pagination(query: Query) -> None:
    line = query.header.lines["pagination"]
    words = {token.text.upper() for token in top_level(query.text) if token.kind == "word"}
    if query.form is not Form.SELECT:
        _fail(query.path, line, f"pagination: only SELECT has pages, this is {query.form}")
    if "ORDER" not in words:
        _fail(query.path, line, "pagination: without ORDER BY, pages would overlap at random")
    if words & {"LIMIT", "OFFSET"}:
        _fail(query.path, line, "pagination: the query must leave LIMIT and OFFSET to it")


def _fail(path: Path, line: int, why: str, error: Exception | None = None) -> NoReturn:
    raise UsageError(
        f"{path}, line {line}: {why}", fix="correct the file; docs/queries.md tells how"
    ) from error
