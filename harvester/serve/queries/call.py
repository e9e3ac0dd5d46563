"""What a request asks of a canned query: values, page and format, read from the parts of its URL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self
from urllib.parse import urlencode

from harvester.errors import UsageError
from harvester.query.bind import bind
from harvester.query.canned import Library, Query
from harvester.query.parameters import Parameter
from harvester.query.results import GRAPHS, ROWS
from harvester.query.sparql import Form
from harvester.serve.tasks.bounds import MOST_AT_ONCE
from harvester.workers.task import Task

HTML = "html"
FORMATS = frozenset((HTML, *ROWS, *GRAPHS))
"""All words for formats: suffixes of a query's address, and values of `?format=`."""

MAX_PAGE = 1_000_000
"""Beyond any page that has rows, and small enough for the engine's OFFSET."""

MAX_ROWS = MOST_AT_ONCE
"""Most rows or triples of an answer without pages."""

MAX_ROWS_SHOWN = 200
"""Most of them that a page shows."""


def formats(form: Form) -> tuple[str, ...]:
    """Name the formats that can hold the answer to a query, the one for programs first.

    >>> formats(Form.ASK)
    ('json', 'csv', 'tsv', 'xml', 'html')
    """
    first = ("ttl",) if form.gives_graph else ("json",)
    return tuple(dict.fromkeys((*first, *(GRAPHS if form.gives_graph else ROWS), HTML)))


def split_name(library: Library, name: str) -> tuple[str, str | None]:
    """Part the last piece of a path in a query's name and a format: `publishers.csv`."""
    stem, dot, suffix = name.rpartition(".")
    if name not in library.paths and dot and suffix in FORMATS:
        return stem, suffix
    return name, None


def control(query: Query, word: str) -> str:
    """Return how a request says `page` or `format`: as `_page` or `_format` if the query has one of its own.

    A query's parameter never begins with `_`.
    """
    return f"_{word}" if query.parameter(word) else word


@dataclass(frozen=True, slots=True)
class Call:
    """A canned query with the values that a client gave; those left empty are not among them."""

    query: Query
    values: Mapping[str, str]
    page: int = 1
    format: str | None = None

    @classmethod
    def read(cls, query: Query, items: Iterable[tuple[str, str]]) -> Self:
        """Read the names and values of a URL's query or of a form.

        An empty value is none at all: a form sends its empty fields too.
        Raises UsageError for a name given twice and for a page that cannot be.
        """
        given: dict[str, str] = {}
        for name, value in items:
            if name in given:
                raise UsageError(f"The parameter {name} is given twice", fix="give it once")
            given[name] = value
        given = {name: value for name, value in given.items() if value}
        format_ = given.pop(control(query, "format"), None)
        page = _page(given.pop(control(query, "page"), "1")) if query.header.pagination else 1
        return cls(query, given, page, format_)

    @property
    def missing(self) -> tuple[Parameter, ...]:
        """The parameters that must have a value, and have none."""
        return tuple(
            parameter
            for parameter in self.query.parameters
            if parameter.required and parameter.default is None and parameter.name not in self.values
        )

    def text(self) -> str:
        """Return the query with the values in place. Raises UsageError as `bind`, and for what is missing."""
        if self.missing:
            names = ", ".join(parameter.name for parameter in self.missing)
            hint = urlencode({parameter.name: parameter.type.example for parameter in self.missing})
            raise UsageError(f"The query {self.query.name} needs {names}", fix=f"add ?{hint} to its address")
        return _bound(self.query, tuple(self.values.items()), self.page)

    def task(self, format_: str) -> Task:
        """Return the work that answers it in one of `formats`; for HTML, in the one that pages are made of.

        Raises UsageError as `text`.
        """
        graph = self.query.form.gives_graph
        name = ("ttl" if graph else "json") if format_ == HTML else format_
        limit = self.query.header.pagination or (MAX_ROWS_SHOWN if format_ == HTML else MAX_ROWS)
        rows_and_graph = (None, name) if graph else (name, None)
        return Task("sparql", (self.text(), None, None, *rows_and_graph, limit))

    def mistakes(self) -> dict[str, str]:
        """Say for each parameter with a value that is not of its type what was expected."""
        found = {}
        for parameter in self.query.parameters:
            try:
                if parameter.name in self.values:
                    parameter.term(self.values[parameter.name])
            except UsageError as error:
                found[parameter.name] = error.cause
        return found

    def search(self) -> str:
        """Return the part of a URL behind the path, `?` included, that asks the same; "" if there is none."""
        page = {control(self.query, "page"): str(self.page)} if self.page > 1 else {}
        format_ = {control(self.query, "format"): self.format} if self.format else {}
        text = urlencode({**self.values, **page, **format_})
        return f"?{text}" if text else ""

    def for_reader(self, language: str) -> Self:
        """Return the call with labels in a reader's language: those of a query's `lang`, unless it is given.

        A page asks so, as its reader chose a language already; programs get what the query's file says.
        """
        lang = self.query.parameter("lang")
        if not lang or lang.default in (None, language) or "lang" in self.values:
            return self
        if lang.choices and language not in lang.choices:
            return self
        return replace(self, values={**self.values, "lang": language})

    def turned(self, page: int) -> Self:
        """Return the same call of another page."""
        return replace(self, page=page)

    def links(self, *, more: bool) -> dict[str, "Call"]:
        """Return the pages that this one leads to, by link relation. Nobody knows which is the last.

        https://www.rfc-editor.org/rfc/rfc8288#section-3.3
        """
        if self.query.header.pagination is None:
            return {}
        links = {"first": self.turned(1)}
        if self.page > 1:
            links["prev"] = self.turned(self.page - 1)
        if more and self.page < MAX_PAGE:
            links["next"] = self.turned(self.page + 1)
        return links


@lru_cache(maxsize=256)
def _bound(query: Query, values: tuple[tuple[str, str], ...], page: int) -> str:
    """Return what `bind` does, which takes up to a millisecond, at once for those asked again and again."""
    return bind(query, dict(values), page=page)


def _page(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= MAX_PAGE:
        return int(text)
    raise UsageError(f"There is no page {text!r}", fix=f"pages count from 1, and end at {MAX_PAGE:,}")
