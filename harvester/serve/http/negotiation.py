"""Content negotiation: which of the forms on offer a client likes best.

https://www.rfc-editor.org/rfc/rfc9110#section-12.5

No library that we found does this for linked data: python-mimeparse minds the case of types and fails on
a quoted comma; WebOb and Werkzeug refuse `text/turtle;charset=utf-8` and JSON-LD's `profile`, which clients
send, and each is a second web framework.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from harvester.formats import BY_NAME
from harvester.query.results import CSV, GRAPHS, JSON, TSV, XML, GraphOutput, Output

MAX_HEADER = 1_000
"""Characters of a header that are looked at; browsers and clients of linked data send up to 600."""

CODINGS = ("zstd", "gzip")
"""Content codings on offer, the one to prefer first."""

ROW_TYPES: Mapping[str, str] = MappingProxyType(
    {
        "application/sparql-results+json": JSON.name,  # https://www.w3.org/TR/sparql11-results-json/#mediaType
        "application/sparql-results+xml": XML.name,  # https://www.w3.org/TR/rdf-sparql-XMLres/#mime
        "text/csv": CSV.name,  # https://www.w3.org/TR/sparql11-results-csv-tsv/
        "text/tab-separated-values": TSV.name,
        "application/json": JSON.name,
        "application/xml": XML.name,
        "text/xml": XML.name,
    }
)
"""Media type to the name of an output of rows, in our order of preference; those at the end are aliases."""

_SYNTAXES = {name: BY_NAME[name].media_types for name in GRAPHS}

GRAPH_TYPES: Mapping[str, str] = MappingProxyType(
    {types[0]: name for name, types in _SYNTAXES.items()}
    | {alias: name for name, types in _SYNTAXES.items() for alias in types[1:]}
    | {"text/plain": "nt"}  # what N-Triples were before RDF 1.1
)
"""Media type to the name of an output of graphs, as ROW_TYPES."""

_ROW_OFFERS, _GRAPH_OFFERS = tuple(ROW_TYPES), tuple(GRAPH_TYPES)
_PAGES = ("text/html", "application/xhtml+xml")
_ALL_OFFERS = (*_ROW_OFFERS, *_GRAPH_OFFERS, *_PAGES)

_QUOTED = re.compile(r'"(?:[^"\\]|\\.?)*+"?', re.DOTALL)
_WEIGHT = re.compile(r"0(?:\.\d*)?|\.\d+|1(?:\.0*)?")


def choose(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """Return the media type on offer that an Accept header likes best, None if it takes none of them.

    Of those that it likes as much, one that it names goes before one that a wildcard stands for
    (`text/turtle, */*` means Turtle if there is any), then our order decides. No header, or nothing in it
    that can be read, takes anything. Offers have no parameters; those of a range (charset, profile,
    version) are no reason to refuse: who asks for one variant can mostly read the plain type.

    >>> choose("text/csv;q=0.5, text/*;q=0.9", ("text/html", "text/csv"))
    'text/html'
    """
    return _choose(_bounded(accept), offers)


def choose_coding(accept_encoding: str | None) -> str | None:
    """Return the content coding that an Accept-Encoding header likes best, None for the answer as it is.

    https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3

    >>> choose_coding("gzip, deflate, br, zstd"), choose_coding("gzip;q=0"), choose_coding(None)
    ('zstd', None, None)
    """
    return _choose_coding(_bounded(accept_encoding))


def rows_output(accept: str | None) -> str | None:
    """Name the output of rows (query.results.ROWS) that a header likes best, None if it takes none."""
    chosen = choose(accept, _ROW_OFFERS)
    return None if chosen is None else ROW_TYPES[chosen]


def graph_output(accept: str | None) -> str | None:
    """Name the output of graphs (query.results.GRAPHS) that a header likes best, None if it takes none."""
    chosen = choose(accept, _GRAPH_OFFERS)
    return None if chosen is None else GRAPH_TYPES[chosen]


def prefers_html(accept: str) -> bool:
    """Tell whether a client would rather have a page than data."""
    return choose(accept, _ALL_OFFERS) in _PAGES


def content_type(output: Output) -> str:
    """Return the Content-Type of an answer: the registered media type, whatever alias was asked for."""
    types = GRAPH_TYPES if isinstance(output, GraphOutput) else ROW_TYPES
    registered = next(media_type for media_type, name in types.items() if name == output.name)
    return f"{registered}; charset=utf-8" if registered.startswith("text/") else registered


@lru_cache(maxsize=1024)
def _choose(accept: str, offers: tuple[str, ...]) -> str | None:
    weights = _weights(accept)
    if not weights:
        return offers[0]
    best, best_rank = None, (0.0, 0)
    for offer in offers:
        ranges = (offer, offer.partition("/")[0] + "/*", "*/*", "*")  # Java's URLConnection sends the last
        named = next((at for at, range_ in enumerate(ranges) if range_ in weights), None)
        if named is None or not weights[ranges[named]]:
            continue
        rank = (weights[ranges[named]], -named)
        if best is None or rank > best_rank:
            best, best_rank = offer, rank
    return best


@lru_cache(maxsize=1024)
def _choose_coding(accept: str) -> str | None:
    weights = _weights(accept)
    weights.setdefault("gzip", weights.get("x-gzip", weights.get("*", 0.0)))
    weights.setdefault("zstd", weights.get("*", 0.0))
    best = max(CODINGS, key=lambda coding: weights[coding])
    return best if weights[best] > 0 and weights[best] >= weights.get("identity", 0) else None


def _bounded(header: str | None) -> str:
    """Return the beginning of a header, cut between two of its elements."""
    if header is None or len(header) <= MAX_HEADER:
        return header or ""
    return header[:MAX_HEADER].rpartition(",")[0]


def _weights(header: str) -> dict[str, float]:
    """Return what a header names, in lower case, with its weight; what cannot be read is left out.

    Where a media range comes with and without parameters, the one without counts: it is what we offer.
    """
    plain: dict[str, float] = {}
    special: dict[str, float] = {}
    for element in _QUOTED.sub("", header).lower().split(","):
        name, *parameters = (part.strip(" \t") for part in element.split(";"))
        weight = _weight(parameters)
        if not name or weight is None:
            continue
        others = [parameter for parameter in parameters if parameter and not parameter.startswith("q=")]
        if not others:
            plain[name] = max(weight, plain.get(name, 0))
        elif weight:  # a refusal of one variant is none of the plain type
            special[name] = max(weight, special.get(name, 0))
    return special | plain


def _weight(parameters: list[str]) -> float | None:
    """Return the weight among the parameters of a range, 1 if there is none, None if it cannot be read."""
    for parameter in parameters:
        if parameter.startswith("q="):
            value = parameter[2:].strip()
            return float(value) if _WEIGHT.fullmatch(value) else None
    return 1.0
