"""Whether the links of distributions answer: asked only where switched on, noted in a graph of their own."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, Store

from harvester.batches import batches
from harvester.errors import StoreError
from harvester.harvest.run import Run
from harvester.portal.links import Link, LinkChecker, LinkSettings
from harvester.store.links import LinkCache
from harvester.vocab import DCAT, HV, quality_graph, record_graph, resource_of

LINKS = "urn:x-harvester:links"
"""What the graph of a portal's links is about."""
HTTP_STATUS = NamedNode(HV + "httpStatus")
_URLS = (NamedNode(DCAT + "accessURL"), NamedNode(DCAT + "downloadURL"))
_BATCH = 500


def check_links(run: Run, folder: Path) -> None:
    """Ask the links that are due, note what changed, and let the quality of their datasets be measured anew.

    All records must be in the store. A cache that the disk refuses costs the links of this run only.
    """
    options = run.options
    if not options.check_links or options.replayed or options.dry_run:
        return
    settings = LinkSettings(
        contact=options.contact,
        max_requests=options.link_requests,
        max_seconds=options.link_seconds,
    )
    store = run.intake.writer.store
    try:
        with LinkCache(folder) as cache:
            run.tell("links", 0, None, "links")
            found = LinkChecker(settings, run.portal.site).check(_links(store, run.portal.key), cache)
            changed = [*_forgotten(store, run.portal.key), *_changed(store, run.portal.key, cache)]
    except StoreError as error:
        run.report.notes.append(f"links were not checked: {error.cause}")
        return
    run.report.links = len(changed)
    run.report.notes.append(
        f"links: {found.checked:,} asked, {found.answered:,} of them answer, {found.fresh:,} known from"
        f" before, {found.postponed:,} left for a later run"
    )
    for url in changed:
        run.intake.material.affect(_resources(store, run.portal.key, url))


def statuses(store: Store, portal: str, urls: Iterable[str]) -> Iterator[str]:
    """Yield what is noted of links, as N-Triples."""
    graph = NamedNode(quality_graph(portal, LINKS))
    for url in urls:
        for quad in store.quads_for_pattern(NamedNode(url), HTTP_STATUS, None, graph):
            yield f"{quad.subject} {quad.predicate} {quad.object} .\n"


def _links(store: Store, portal: str) -> Iterator[str]:
    ours = record_graph(portal, "")
    for predicate in _URLS:
        for quad in store.quads_for_pattern(None, predicate, None):
            if isinstance(quad.object, NamedNode) and str(quad.graph_name)[1:].startswith(ours):
                yield quad.object.value


def _changed(store: Store, portal: str, cache: LinkCache) -> Iterator[str]:
    """Note in the store what is known of links, and yield those of which it said otherwise."""
    for batch in batches(_links(store, portal), _BATCH):
        for url, link in cache.status(batch).items():
            if _note(store, NamedNode(quality_graph(portal, LINKS)), url, link):
                yield url


def _note(store: Store, graph: NamedNode, url: str, link: Link) -> bool:
    said = list(store.quads_for_pattern(NamedNode(url), HTTP_STATUS, None, graph))
    new = Quad(NamedNode(url), HTTP_STATUS, Literal(link.status), graph)
    if said == [new]:
        return False
    for quad in said:
        store.remove(quad)
    store.add(new)
    return True


def _forgotten(store: Store, portal: str) -> Iterator[str]:
    """Remove what is noted of links that no distribution has any more."""
    for quad in list(
        store.quads_for_pattern(None, HTTP_STATUS, None, NamedNode(quality_graph(portal, LINKS)))
    ):
        if not any(any(store.quads_for_pattern(None, predicate, quad.subject)) for predicate in _URLS):
            store.remove(quad)
            yield str(quad.subject)[1:-1]


def _resources(store: Store, portal: str, url: str) -> Iterator[str]:
    ours = record_graph(portal, "")
    for predicate in _URLS:
        for quad in store.quads_for_pattern(None, predicate, NamedNode(url)):
            graph = str(getattr(quad.graph_name, "value", ""))
            if graph.startswith(ours):
                yield resource_of(graph)
