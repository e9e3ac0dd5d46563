"""What the stages of one run share."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from harvester.config import RdfLimits
from harvester.enrich.mappings import Mappings
from harvester.enrich.portal import PortalFacts
from harvester.enrich.surfaces import SURFACES, Surface
from harvester.formats import Format
from harvester.harvest.intake import Intake
from harvester.harvest.parser import Parser
from harvester.harvest.progress import Listener, Progress
from harvester.harvest.report import Report
from harvester.model import Document, Page
from harvester.portal.client import Fetcher
from harvester.portal.spool import Spool
from harvester.portal.stash import Stash
from harvester.portal.udata import Portal
from harvester.portal.urls import redact
from harvester.rdf.context import Context
from harvester.rdf.page import Reading
from harvester.store.ledger import Absence
from harvester.store.pages import Pages
from harvester.store.roll import Roll

DatasetsRdf = Literal["missing", "all", "none"]
Mode = Literal["auto", "full", "delta"]


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for.

    `format` is a format's name or "auto"; `page_size` in datasets; `limit` in datasets (0: all);
    `keep` in generations; `ahead` is how many pages are fetched before they are needed.
    Of `mode`, "auto" takes "delta" while the last full harvest is younger than `full_every_s` seconds.
    A record that the portal no longer lists goes after `grace` runs in a row, after `grace_deleted` where the
    portal says that it deleted it; `max_removal` is the share of a portal's records that one run may remove.
    Pages of a run that was killed are taken over for `resume_s` seconds (0: never).
    A `standalone` run, such as one that is recorded, asks for everything, whatever earlier runs have seen;
    one that is `replayed` tells later runs nothing of the portal.
    """

    mode: Mode = "auto"
    full_every_s: float = 7 * 86_400.0
    format: str = "auto"
    page_size: int = 100
    datasets_rdf: DatasetsRdf = "missing"
    persons: bool = False
    limit: int = 0
    dry_run: bool = False
    keep: int = 3
    ahead: int = 2
    grace: int = 3
    grace_deleted: int = 0
    max_removal: float = 0.10
    allow_mass_removal: bool = False
    standalone: bool = False
    replayed: bool = False
    resume_s: float = 6 * 3_600.0
    limits: RdfLimits = field(default_factory=RdfLimits)
    check_links: bool = False
    contact: str = ""
    link_requests: int = 20_000
    link_seconds: float = 1_800.0
    """How long, and by how many requests, one run may ask the links of distributions."""
    surfaces: frozenset[str] = frozenset(surface.name for surface in SURFACES if surface.default)
    """Names of the lists of the portal's API that are read beside its catalogue and its reuses."""
    schema_org: bool = False
    """Store the schema.org view of everything too, with what is inferred."""


@dataclass(slots=True)
class Run:
    """One run under way."""

    portal: Portal
    fetcher: Fetcher
    parser: Parser
    mappings: Mappings
    intake: Intake
    report: Report
    options: Options
    listener: Listener
    format: Format
    roll: Roll
    pages: Pages
    spool: Spool
    stash: Stash
    """The list of datasets with their details, where the census could read it with them."""
    context: Context = field(default_factory=dict)
    catalog: str = ""
    """IRI of the portal's catalogue, once its first page was read."""
    language: str = "fr"
    asked: set[str] = field(default_factory=set)
    """Ids of datasets and data services that reuses name and that were asked for by themselves."""
    unpublished: set[str] = field(default_factory=set)
    """Those of them that the portal does not publish."""
    absences: dict[str, Absence] = field(default_factory=dict)
    """What is to be noted, by graph, of records that the portal does not list, but that are kept."""
    given_up: set[str] = field(default_factory=set)
    """Ids of datasets that cannot be read in any way."""
    left_to_reuses: set[str] = field(default_factory=set)
    """Graphs of organizations that only reuses name any more, as a delta finds."""
    named: set[str] = field(default_factory=set)
    """Graphs of data services whose ids their own documents told, and not a page."""
    kept: set[str] = field(default_factory=set)
    """Ids of datasets that are kept though the portal does not list them."""
    singles: set[str] = field(default_factory=set)
    """Graphs of datasets that were read from their own documents."""
    since: datetime | None = None
    """When the oldest page was fetched that was taken over from a run that was cut off."""
    stale: set[str] = field(default_factory=set)
    """Ids of datasets that changed, came or went since a run that was cut off fetched its pages."""
    page_lost: bool = False
    """A catalogue page could not be read: what stands on no other page was not seen."""
    permalinks: str = ""
    """Base of the portal's permalinks, as its reuses show it."""

    @property
    def facts(self) -> PortalFacts:
        """What enrichment must know of the portal."""
        return PortalFacts(self.portal.api, self.permalinks, self.portal.key, self.catalog, self.language)

    def wants(self, surface: Surface) -> bool:
        """Tell whether a list of the portal's API is to be read."""
        return surface.name in self.options.surfaces and surface.mapping in self.mappings.documents

    def fields(self, surface: Surface) -> str:
        """Return what to ask of each document of such a list: an X-Fields mask."""
        return self.mappings.documents[surface.mapping].fields(persons=self.options.persons)

    def fetch(self, url: str) -> Page:
        """Get an RDF document in the run's format, and parse it; raises ItemError."""
        return self.read(self.fetcher.get(url, accept=self.format.media_type))

    def read(self, document: Document, format_: Format | None = None) -> Page:
        """Parse an RDF document in a worker; raises DocumentError."""
        reading = Reading(
            portal=self.portal.key,
            format=format_ or self.format,
            # One base for pages and single datasets: an upstream IRI without a scheme is one IRI in both.
            base=redact(self.portal.negotiated_catalog),
            limits=self.options.limits,
            context=self.context,
            context_url=self.portal.context,
            volatile=self.mappings.volatile,
            plain=not self.portal.api,
        )
        return self.parser.read(document, reading)

    def tell(self, stage: str, done: int, total: int | None, unit: str) -> None:
        """Tell the listener how far a stage has come."""
        self.listener(Progress(stage, done, total, unit, self.intake.seen))
