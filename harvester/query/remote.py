"""Ask a SPARQL 1.1 endpoint elsewhere: the same queries, the same outputs."""

import ast
import http.client
import re
import urllib.error
import warnings
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BufferedReader
from typing import NoReturn
from urllib.parse import urlsplit

from pyoxigraph import QueryResultsFormat
from SPARQLWrapper import POST, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed, SPARQLWrapperException

from harvester import __version__
from harvester.errors import QueryError, UsageError
from harvester.formats import BY_MEDIA_TYPE
from harvester.query.endpoint import PatientStream
from harvester.query.results import Answer, GraphOutput, Output, RowsOutput
from harvester.query.sparql import Form, Sparql

LONGEST_GET = 1_500
"""Characters of a query that still travel in a URL; longer ones are posted."""
_ACCEPT_ROWS = (
    "application/sparql-results+json, application/sparql-results+xml;q=0.8, text/tab-separated-values;q=0.5"
)
_ACCEPT_GRAPH = (
    "text/turtle, application/n-triples;q=0.9, application/rdf+xml;q=0.7, application/ld+json;q=0.5"
)


@dataclass(frozen=True, slots=True)
class RemoteEndpoint:
    """The SPARQL endpoint at `url`, which is called as given and never from a query's file. An Endpoint.

    Its answers may come in another format than asked for, one that can be read. `timeout_s`: seconds to
    wait for an answer, in all.
    """

    url: str
    timeout_s: float = 60.0

    def __post_init__(self) -> None:
        """Raise UsageError for what is no web address."""
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(f"{self.url!r} is no SPARQL endpoint", fix="http://… or https://…")
        if parts.username or parts.password:
            raise UsageError("An endpoint's URL must not hold a password", fix="use an endpoint open to you")

    @contextmanager
    def ask(self, query: Sparql, output: Output) -> Iterator[Answer]:  # noqa: ARG002  # it chooses the format
        """See Endpoint. UsageError for a query that the endpoint calls malformed."""
        wrapper = SPARQLWrapper(self.url, agent=f"harvester/{__version__}")
        wrapper.setOnlyConneg(True)  # no `format=` and `output=` beside the Accept header
        wrapper.setTimeout(max(1, round(self.timeout_s)))
        wrapper.setQuery(query.standalone)
        wrapper.queryType = str(query.form)  # its own guess is by regular expression
        wrapper.addCustomHttpHeader("Accept", _ACCEPT_GRAPH if query.form.gives_graph else _ACCEPT_ROWS)
        if len(query.standalone) > LONGEST_GET or urlsplit(self.url).query:
            wrapper.setMethod(POST)
        with closing(self._open(wrapper)) as response:
            media_type = response.headers.get_content_type()
            answer = _format(query.form, media_type)
            if answer is None:
                raise QueryError(
                    f"{self.url} answered {media_type}, which is no answer to {query.form}",
                    fix="check that this is the address of the SPARQL endpoint itself, not of its web page",
                )
            stream = _Response(response, self.url, self.timeout_s)
            yield Answer(answer, BufferedReader(stream, 1 << 16))

    def _open(self, wrapper: SPARQLWrapper) -> http.client.HTTPResponse:
        try:
            with warnings.catch_warnings(action="ignore"):
                return wrapper.query().response
        except (SPARQLWrapperException, urllib.error.HTTPError) as error:
            _raise_refusal(self.url, error)
        except (OSError, http.client.HTTPException) as error:
            _raise_broken(self.url, error)


class _Response(PatientStream):
    def __init__(self, response: http.client.HTTPResponse, url: str, timeout_s: float) -> None:
        super().__init__(timeout_s)
        self._response = response
        self._url = url

    def _receive(self, size: int, timeout_s: float) -> bytes:
        if not timeout_s:
            raise TimeoutError
        try:
            data = self._response.read1(size)
            if not data and self._response.length:  # http.client says nothing of what is still due
                raise http.client.IncompleteRead(data, self._response.length)
        except TimeoutError:
            raise
        except (OSError, http.client.HTTPException) as error:
            _raise_broken(self._url, error)
        return data


def _format(form: Form, media_type: str) -> Output | None:
    """Return the format of an answer that can be read, None for any other."""
    if form.gives_graph:
        known = BY_MEDIA_TYPE.get(media_type)
        return GraphOutput(known.name, known.rdf) if known else None
    syntax = QueryResultsFormat.from_media_type(media_type)
    if syntax is None or syntax == QueryResultsFormat.CSV:  # CSV tells no types
        return None
    return RowsOutput(syntax.file_extension, syntax)


def _raise_refusal(url: str, error: SPARQLWrapperException | urllib.error.HTTPError) -> NoReturn:
    if isinstance(error, urllib.error.HTTPError):
        status, said = f"HTTP {error.code} {error.reason}", error.read(2_000).decode(errors="replace")
    else:
        status, said = type(error).__name__, _said(error)
    words = _one_line(re.sub(r"<[^>]*>", " ", said))
    if isinstance(error, QueryBadFormed):
        raise UsageError(f"{url} refused the query: {words}", fix="correct it for that endpoint") from error
    raise QueryError(
        f"{url} did not answer: {status}: {words}", fix="check the address, or ask again later"
    ) from error


def _one_line(text: str) -> str:
    """Return the words of a server without what would command a terminal."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", text).strip()[:500]


def _said(error: SPARQLWrapperException) -> str:
    """Return the body of the HTTP answer, which the library puts into its message as a Python literal."""
    literal = str(error).partition("Response:\n")[2]
    try:
        body = ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        return literal
    return body.decode(errors="replace") if isinstance(body, bytes) else str(body)


def _raise_broken(url: str, error: OSError | http.client.HTTPException) -> NoReturn:
    reason = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(reason, TimeoutError):
        why, fix = "no answer in time", "allow more time by --timeout SECONDS, or ask for less"
    else:
        why = _one_line(str(reason) or type(error).__name__)
        fix = "check the address and the network"
    raise QueryError(f"{url} cannot be asked: {why}", fix=fix) from error
