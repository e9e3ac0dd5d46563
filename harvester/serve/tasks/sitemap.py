"""What workers do for sitemaps: the addresses of the pages of records, part by part.

https://www.sitemaps.org/protocol.html
"""

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode
from xml.sax.saxutils import escape

from pyoxigraph import Store

from harvester.model import Kind
from harvester.serve.tasks.description import ask
from harvester.store.manifest import Manifest
from harvester.vocab import DCT, FOAF, HV, PROV
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
_SPAN = f"""
SELECT ?topic ?changed ?gone WHERE {{
  {{ SELECT ?record WHERE {{ ?record <{HV}kind> "%s" }} LIMIT %d OFFSET %d }}
  ?record <{FOAF}primaryTopic> ?topic .
  OPTIONAL {{ ?record <{DCT}modified> ?changed }}
  OPTIONAL {{ ?record <{PROV}invalidatedAtTime> ?gone }}
}}
"""
"""Without an order of its own it comes in the store's, which a generation never changes."""


def sitemap_index(work: Work, part_url: str, fixed: int) -> None:
    """List the parts, whose addresses are `part_url` with their number for `%d`.

    `fixed` is how many pages there are that are no record's. No part is newer than the generation.
    """
    parts = -(-(fixed + sum(_counts(work.store).values())) // PART)
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
    spans = list(_spans({"": len(fixed), **_counts(work.store)}, (number - 1) * PART))
    if not spans:
        raise Refused(404, f"There is no part {number:,} of the sitemap", fix="/sitemap.xml lists them")
    work.sink.begin(_MEDIA_TYPE)
    work.sink.write(f"{_HEAD}<urlset {_NAMESPACE}>\n".encode())
    listed = set[str]()
    for kind, begin, size in spans:
        pages = (
            _described(work.store, kind, begin, size, resource_url) if kind else ((url, "") for url in fixed)
        )
        for url, changed in pages:
            if len(url) < _MOST_ADDRESS and url not in listed:  # two portals may describe one resource
                listed.add(url)
                work.sink.write(_line(url, changed).encode())
    work.sink.write(b"</urlset>\n")


def _spans(counts: Mapping[str, int], begin: int) -> Iterator[tuple[str, int, int]]:
    """Yield what makes a part that begins so far behind the first address: (kind, first, how many).

    >>> list(_spans({"": 2, "dataset": 15_000, "reuse": 10}, PART))
    [('dataset', 9998, 5002), ('reuse', 0, 10)]
    """
    left = PART
    for kind, count in counts.items():
        skipped = min(begin, count)
        size = min(left, count - skipped)
        if size:
            yield kind, skipped, size
        begin, left = begin - skipped, left - size


def _described(
    store: Store, kind: str, begin: int, size: int, resource_url: str
) -> Iterator[tuple[str, str]]:
    """Yield the addresses of pages, and when what they tell changed; what was removed has none."""
    for row in ask(store, _SPAN % (kind, size, begin)):
        if row["gone"] is None:
            changed = row["changed"]
            yield f"{resource_url}?{urlencode({'iri': row['topic'].value})}", changed.value if changed else ""


def _line(url: str, changed: str) -> str:
    dated = f"<lastmod>{escape(changed)}</lastmod>" if changed else ""
    return f"<url><loc>{escape(url)}</loc>{dated}</url>\n"


def _counts(store: Store) -> dict[str, int]:
    return {
        kind.value: sum(int(row["number"].value) for row in ask(store, _COUNT % kind.value))
        for kind in _KINDS
    }
