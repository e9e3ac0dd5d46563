"""A document becomes a page of records: the one function that worker processes run."""

import io
from dataclasses import dataclass, field
from itertools import islice

from pyoxigraph import Quad, RdfFormat, parse, serialize

from harvester.config import MEBIBYTE, RdfLimits
from harvester.errors import DocumentError
from harvester.formats import BY_MEDIA_TYPE, Format
from harvester.model import Category, Document, Kind, Page, Problem
from harvester.rdf.blanks import VOLATILE
from harvester.rdf.context import Context, inline_context
from harvester.rdf.depth import TooDeep, check_depth
from harvester.rdf.hydra import take_view
from harvester.rdf.records import split
from harvester.rdf.rows import Row, Rows, read_ntriples
from harvester.vocab import HV

_OURS = "<urn:x-harvester:"
"""A portal that could speak of runs and records would be believed by queries over the union of all graphs."""
_DATA_NAMES = (
    "featured",
    "features",
    "lastReuse",
    "reuses",
    "unmet",
    "granularity",
    "closed",
    "availability",
    "outcome",
    "seen",
)
_DATA_TERMS = frozenset(f"<{HV}{name}>" for name in _DATA_NAMES)
"""Our own predicates that speak of datasets and reuses: another harvester's catalogue may hold them."""
_DATA_CLASSES = frozenset({f"<{HV}CommunityResource>"})
_QUAD_FORMATS = (RdfFormat.TRIG, RdfFormat.N_QUADS, RdfFormat.JSON_LD)
_MAX_NTRIPLES = 96 * MEBIBYTE
"""What a document may be when written out as N-Triples: a page of 1,000 datasets is 19 MB."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How documents of one portal are read: the same for all of a run."""

    portal: str
    format: Format
    """The format asked for: decides where the server names no known media type."""
    base: str = ""
    """What relative IRIs are resolved against; "": the document's URL."""
    limits: RdfLimits = field(default_factory=RdfLimits)
    context: Context = field(default_factory=dict)
    context_url: str = ""
    volatile: frozenset[str] = VOLATILE
    plain: bool = False
    """The portal is no udata, which counts what it lists by its own ids (two datasets may share an IRI), and
    which has no business with our terms. Others count IRIs, and may be harvesters such as this."""


def read_page(document: Document, reading: Reading) -> Page:
    """Parse, repair and split one RDF document. All or nothing: raises DocumentError where it is not RDF."""
    format_ = BY_MEDIA_TYPE.get(document.media_type, reading.format)
    rows = read_rows(document, format_, reading)
    allowed = _DATA_TERMS if reading.plain else frozenset()
    foreign = [row for row in rows.rows if not _is_ours(row, allowed)]
    view, rest = take_view(foreign)
    records = split(rest, reading.portal, document.url, reading.volatile)
    listed = [r for r in records if r.listed and (reading.plain or r.kind is Kind.DATASET)]
    return Page(
        records=tuple(records),
        view=view,
        members=sum(1 if reading.plain else max(1, len(r.ids)) for r in listed),
        repaired=rows.repaired,
        problems=tuple(_problems(document, format_, rows, len(rows.rows) - len(foreign))),
    )


def _is_ours(row: Row, allowed: frozenset[str]) -> bool:
    """Tell whether a row speaks of our own records and runs, or in our terms but for those `allowed`."""
    s, p, o = row
    about = s.startswith(_OURS) or (o.startswith(_OURS) and not (allowed and o in _DATA_CLASSES))
    return about or (p.startswith(_OURS) and p not in allowed)


def read_rows(document: Document, format_: Format, reading: Reading) -> Rows:
    """Parse `document` leniently and repair its terms."""
    limits, base = reading.limits, reading.base or document.url
    if len(document.body) > limits.max_bytes:
        raise _refused(document, f"is larger than {limits.max_bytes:,} bytes")
    try:
        check_depth(document.body, format_.rdf, limits.max_depth)
    except TooDeep as error:
        raise _refused(document, str(error)) from error
    body = document.body
    try:
        if format_.rdf == RdfFormat.JSON_LD and reading.context:
            body = inline_context(body, document.url, reading.context, reading.context_url)
        text = _to_ntriples(body, format_, base, limits)
    except _TooMuch as error:
        raise _refused(document, str(error)) from error
    except (SyntaxError, ValueError) as error:
        raise _not_rdf(document, format_, error) from error
    if not text:
        raise _not_rdf(document, format_, ValueError("it holds no triples"))
    return read_ntriples(text, base)


class _TooMuch(Exception):
    """A document holds more than allowed."""


class _Bounded(io.BytesIO):
    """A buffer that refuses to grow past `limit` bytes."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self.limit = limit

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # the library only writes bytes
        if self.tell() + len(data) > self.limit:
            raise _TooMuch(f"grows past {self.limit:,} bytes when written out")
        return super().write(data)


def _to_ntriples(body: bytes, format_: Format, url: str, limits: RdfLimits) -> str:
    quads = parse(body, format_.rdf, base_iri=url, lenient=True)
    out = _Bounded(min(_MAX_NTRIPLES, 12 * limits.max_bytes))
    if format_.rdf in _QUAD_FORMATS:
        # The portal's TriG puts everything in one graph with a blank name: graphs of the source are dropped.
        serialize(
            (Quad(*quad.triple) for quad in islice(quads, limits.max_triples + 1)), out, RdfFormat.N_QUADS
        )
    else:
        serialize(islice(quads, limits.max_triples + 1), out, RdfFormat.N_QUADS)
    text = out.getvalue().decode()
    if text.count("\n") > limits.max_triples:
        raise _TooMuch(f"holds more than {limits.max_triples:,} triples")
    return text


def _refused(document: Document, why: str) -> DocumentError:
    return DocumentError(
        f"{document.url} {why}",
        fix="ask for smaller pages (--page-size); if the size alone is the matter, raise --max-body",
        url=document.url,
        category=Category.REFUSED,
    )


def _not_rdf(document: Document, format_: Format, error: Exception) -> DocumentError:
    start = document.body[:200].lstrip().lower()
    if start.startswith((b"<!doctype html", b"<html")):
        cause = f"{document.url} is an HTML page where {format_.name} was asked for"
        fix = "open it in a browser: the portal may be under maintenance or ask for a login"
    elif not start:
        cause = f"{document.url} is empty"
        fix = "try again later; if it lasts, tell the portal's owner"
    else:
        cause = f"{document.url} is not valid {format_.name}: {str(error)[:300]}"
        fix = "tell the portal's owner; another --format may get through"
    return DocumentError(cause, fix=fix, url=document.url, category=Category.NOT_RDF)


def _problems(document: Document, format_: Format, rows: Rows, ours: int) -> list[Problem]:
    problems = [
        Problem(
            category=Category.INVALID_IRI,
            url=document.url,
            what=f"the triples with {term!r} were left out",
            why="the term is not a valid IRI, and percent-encoding does not make it one",
            fix="tell the publisher to correct it",
        )
        for term in rows.dropped[:20]
    ]
    if ours:
        problems.append(
            Problem(
                category=Category.REFUSED,
                url=document.url,
                what=f"{ours:,} statements in the harvester's own namespace were left out",
                why="only the harvester itself describes its runs and records",
                fix="ask the portal's owner where they come from",
            )
        )
    if document.media_type not in format_.media_types:
        problems.append(
            Problem(
                category=Category.NOT_RDF,
                url=document.url,
                what=f"was served as {document.media_type or 'no media type'}, read as {format_.name}",
                why="the Content-Type header does not name the format of the body",
                fix="tell the portal's owner to send the registered media type",
            )
        )
    return problems
