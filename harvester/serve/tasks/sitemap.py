"""What workers do for sitemaps: the addresses of the pages of records, part by part.

https://www.sitemaps.org/protocol.html
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from harvester.model import Kind
from harvester.store.manifest import Manifest
from harvester.vocab import DCT, FOAF, HV
from harvester.workers.task import Refused, Work

PART = 10_000
"""Addresses in one part; the protocol allows 50,000, and 50 MB."""
_MOST_ADDRESS = 2_048
"""The protocol: shorter than this."""
_KINDS = (Kind.DATASET, Kind.REUSE, Kind.AGENT, Kind.SERVICE)
"""Records with a page that is worth to be found, in the order of the parts."""
_MEDIA_TYPE = "application/xml; charset=utf-8"
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
_COUNT = f'SELECT (COUNT(*) AS ?number) WHERE {{ ?record <{HV}kind> "%s" }}'

_KIND, _TOPIC = NamedNode(HV + "kind"), NamedNode(FOAF + "primaryTopic")
_MODIFIED = NamedNode(DCT + "modified")
_CHANGE, _REMOVED = NamedNode(HV + "change"), Literal("removed")


def sitemap_index(work: Work, part_url: str, fixed: int) -> None:
    """List the parts, whose addresses are `part_url` with their number for `%d`.

    `fixed` is how many pages there are that are no record's. No part is newer than the generation.
    """
    parts = -(-(fixed + _count(work.store)) // PART)
    changed = f"{Manifest.read(work.folder).created:%Y-%m-%dT%H:%M:%SZ}"
    work.sink.begin(_MEDIA_TYPE, parts=parts)
    work.sink.write(f"{_HEAD}<sitemapindex {_NAMESPACE}>\n".encode())
    for number in range(1, parts + 1):
        line = f"<sitemap><loc>{escape(part_url % number)}</loc><lastmod>{changed}</lastmod></sitemap>\n"
        work.sink.write(line.encode())
    work.sink.write(b"</sitemapindex>\n")


def sitemap_part(work: Work, number: int, resource_url: str, fixed: tuple[str, ...]) -> None:
    """Write a part: `fixed` addresses in the first one, then those of records, `resource_url` with `?iri=`.

    Memory does not grow with the catalogue: one record after the other is looked up and written.
    Raises Refused (404) for a part that there is not.
    """
    addresses: Iterator[NamedNode | str] = chain(fixed, _records(work.store))
    part = islice(addresses, (number - 1) * PART, number * PART)
    first = next(part, None)
    if first is None:
        raise Refused(404, f"There is no part {number:,} of the sitemap", fix="/sitemap.xml lists them")
    work.sink.begin(_MEDIA_TYPE)
    work.sink.write(f"{_HEAD}<urlset {_NAMESPACE}>\n".encode())
    for line in _lines(work.store, chain([first], part), resource_url):
        work.sink.write(line.encode())
    work.sink.write(b"</urlset>\n")


def _lines(store: Store, part: Iterable[NamedNode | str], resource_url: str) -> Iterator[str]:
    listed = set[str]()
    for each in part:
        address, changed = (each, "") if isinstance(each, str) else _described(store, each, resource_url)
        if address and len(address) < _MOST_ADDRESS and address not in listed:
            listed.add(address)  # two portals may describe one resource
            dated = f"<lastmod>{changed}</lastmod>" if changed else ""
            yield f"<url><loc>{escape(address)}</loc>{dated}</url>\n"


def _described(store: Store, record: NamedNode, resource_url: str) -> tuple[str, str]:
    """Return the address of a record's page and when it changed; "" for one that was removed."""
    changed = _one(store, record, _MODIFIED)
    if changed is None and next(store.quads_for_pattern(record, _CHANGE, _REMOVED), None):
        return "", ""
    topic = _one(store, record, _TOPIC)
    if topic is None:
        return "", ""
    return f"{resource_url}?{urlencode({'iri': topic.value})}", changed.value if changed else ""


def _records(store: Store) -> Iterator[NamedNode]:
    """Yield the records in the store's order, which a generation never changes."""
    for kind in _KINDS:
        for quad in store.quads_for_pattern(None, _KIND, Literal(kind.value)):
            if isinstance(quad.subject, NamedNode):
                yield quad.subject


def _count(store: Store) -> int:
    number = 0
    for kind in _KINDS:
        rows = store.query(_COUNT % kind.value, use_default_graph_as_union=True)
        assert isinstance(rows, QuerySolutions)  # noqa: S101  # the query is a SELECT
        number += sum(int(row["number"].value) for row in rows)
    return number


def _one(store: Store, subject: NamedNode, predicate: NamedNode) -> NamedNode | Literal | None:
    found = next(store.quads_for_pattern(subject, predicate, None), None)
    return found.object if found and isinstance(found.object, NamedNode | Literal) else None
