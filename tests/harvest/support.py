"""Running the job in tests: over loopback or from a recording, into a real store."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store

from harvester.config import HttpSettings, data_dir
from harvester.enrich.mappings import Mappings
from harvester.harvest.job import Job
from harvester.harvest.report import Report
from harvester.harvest.run import Mode, Options
from harvester.portal.client import Client
from harvester.portal.udata import Portal
from harvester.portal.warc import Replayer
from harvester.store.generations import Catalogue
from harvester.vocab import DETAILS_GRAPHS, RECORD_GRAPHS

THOROUGH = bool(os.environ.get("THOROUGH"))
"""Run all of the long series, which take a quarter of an hour, and not a sample (CONTRIBUTING.md)."""
MAPPINGS = Mappings.load(data_dir("mappings"))
QUICK = HttpSettings(
    connect_timeout=2,
    read_timeout=2,
    total_timeout=4,
    attempts=3,
    backoff=0.01,
    max_wait=2,
    max_spacing=0.002,
    rate=0,
    max_body=4_000_000,
)


def harvest(
    site: str, store: Path, *, settings: HttpSettings = QUICK, mode: Mode = "full", **options
) -> Report:
    """Harvest a portal on loopback."""
    options["mode"] = mode
    with Client(settings, site) as fetcher:
        return Job(Portal.at(site), fetcher, Catalogue(store), MAPPINGS, Options(**options)).run()


def harvest_catalogue(site: str, store: Path, **options) -> Report:
    """Harvest catalogue and reuses alone: in half the time, where the rest of the API makes no difference."""
    return harvest(site, store, surfaces=frozenset(), **options)


def replay(recording: Path, store: Path, **options) -> Report:
    """Harvest the recorded portal."""
    with Replayer(recording, HttpSettings()) as fetcher:
        told = Options(standalone=True, replayed=True, **options)
        return Job(Portal.at("http://portal.test"), fetcher, Catalogue(store), MAPPINGS, told).run()


JSON_ONLY = re.compile(
    r"urn:x-harvester:(details:.*|record:(mappings:.*|[^:]+:https?://[^/]+/(.*reuses/.*|topics/.*|posts/.*"
    r"|api/1/(site/|access_type/.*|dataservices/formats/|datasets/.*/.*|discussions/.*|harvest/.*"
    r"|organizations/badges/|spatial/.*))))"
)
"""Graphs of what comes from the portal's JSON, not from its RDF."""


def said(store: Path) -> set[Quad]:
    """Return what the current generation says that the portal said."""
    with Catalogue(store).require().open() as reader:
        return {quad for quad in reader if quad.graph_name.value.startswith((RECORD_GRAPHS, DETAILS_GRAPHS))}


def instances(quads: Iterable[Quad], *classes: str) -> set[str]:
    """Return the IRIs of the instances of classes."""
    return {
        quad.subject.value
        for quad in quads
        if quad.predicate.value.endswith("#type")
        and quad.object.value in classes
        and isinstance(quad.subject, NamedNode)
    }


def ask(store: Path, query: str) -> list[list[str]]:
    """Answer a SELECT over the union of the current generation's graphs."""
    with Catalogue(store).require().open() as reader:
        return select(reader, query)


def select(store: Store, query: str) -> list[list[str]]:
    """Answer a SELECT over the union of a store's graphs."""
    return [
        [term.value if term else "" for term in row]
        for row in store.query(query, use_default_graph_as_union=True)
    ]
