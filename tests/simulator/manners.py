"""How a portal behaves where portals differ: udata 17.18 as measured, older ones, and others than udata."""

from dataclasses import dataclass
from enum import StrEnum


class Hydra(StrEnum):
    """How a catalogue pages."""

    VIEW = "hydra:view"
    LEGACY = "hydra:nextPage"
    NONE = "not at all"


class Surface(StrEnum):
    """A part of the JSON API that a portal may lack; datasets and reuses are everywhere."""

    ORGANIZATIONS = "organizations"
    SERVICES = "data services"
    COMMUNITY = "community resources"
    TOPICS = "topics"
    POSTS = "posts"
    DISCUSSIONS = "discussions"
    SOURCES = "harvest sources"
    ZONES = "spatial zones"
    CODES = "code lists and tags"


EXTENSIONS = {
    "ttl": "ttl",
    "n3": "n3",
    "nt": "nt",
    "trig": "trig",
    "xml": "xml",
    "rdf": "xml",
    "owl": "xml",
    "json": "jsonld",
    "jsonld": "jsonld",
    "json-ld": "jsonld",
}
"""Extension in URLs -> format."""

CRASHING = ("nq", "trix", "html")
"""Extensions that udata knows and then fails on, with 500."""

MEDIA_TYPES = {
    "ttl": "application/x-turtle",
    "n3": "text/n3",
    "nt": "application/n-triples",
    "trig": "application/trig",
    "xml": "application/rdf+xml",
    "jsonld": "application/ld+json",
}
"""Format -> Content-Type, without a charset, as udata sends it."""

NEGOTIATED = {
    "application/rdf+xml": "xml",
    "application/xml": "xml",
    "text/xml": "xml",
    "text/n3": "n3",
    "application/x-turtle": "ttl",
    "text/turtle": "ttl",
    "application/n-triples": "nt",
    "application/ld+json": "json",
    "application/json": "json",
    "application/trig": "trig",
}
"""Media type in Accept -> extension, the first wins among equals."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds that a portal takes per dataset of a catalogue page, per item of a list, per document."""

    page_dataset: float = 0.0
    list_item: float = 0.0
    document: float = 0.0

    def times(self, factor: float) -> "Pace":
        """Return a pace as many times as slow."""
        return Pace(self.page_dataset * factor, self.list_item * factor, self.document * factor)


@dataclass(frozen=True, slots=True)
class Manners:
    """What a portal serves and how.

    `extensions`: those that `catalog.<extension>` answers to. `api`: whether there is a JSON API.
    `masks`: X-Fields is honoured. `light_reuses`: datasets[] of reuses are short references, not whole
    documents. `home`: /site/home/* still exists (udata before 10.9). `surfaces`: the other parts of its JSON
    API that are there; the rest answers 404. `gzip`: a front proxy compresses.
    `canonical_host`: requests through any other Host are redirected there, like data.gouv.fr to www.
    `etags`: RDF has a strong ETag and If-None-Match is answered with 304, so blank nodes keep their labels; a
    front proxy can do so, and `harvester serve` does. `pace`: how long answers take.
    """

    hydra: Hydra = Hydra.VIEW
    extensions: frozenset[str] = frozenset(EXTENSIONS)
    api: bool = True
    masks: bool = True
    light_reuses: bool = False
    home: bool = False
    surfaces: frozenset[Surface] = frozenset(Surface)
    gzip: bool = False
    canonical_host: str | None = None
    etags: bool = False
    pace: Pace = Pace()


UDATA = Manners()
CACHED = Manners(etags=True)
"""udata behind a front proxy that adds validators."""
LEGACY = Manners(hydra=Hydra.LEGACY, light_reuses=True, home=True, surfaces=frozenset())
"""An older udata: of its JSON API only datasets and reuses can be relied on."""
PLAIN = Manners(hydra=Hydra.NONE, extensions=frozenset(), api=False)
"""A DCAT catalogue in one page, by content negotiation only, with nothing of udata."""

MEASURED = Pace(page_dataset=0.04, list_item=0.007, document=0.025)
"""udata 17.18 as measured: 4 s for a page of 100 datasets, 0.7 s for 100 items of a thin list, 25 ms for one
dataset's document.
"""
