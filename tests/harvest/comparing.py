"""A store beside the truth: what the portal's pages say, read without any code of the harvester."""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from pathlib import Path

import requests
from pyoxigraph import (
    BlankNode,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    Triple,
    parse,
)

from harvester.store.generations import Generation
from harvester.vocab import details_graph, record_graph
from tests.harvest.support import JSON_ONLY, instances, said
from tests.simulator import Portal, Truth
from tests.simulator.names import repaired
from tests.simulator.records import Dataset as Record
from tests.simulator.records import State

DATASET = "http://www.w3.org/ns/dcat#Dataset"
SERVICE = "http://www.w3.org/ns/dcat#DataService"
REUSE = "http://www.w3.org/ns/dcat#Resource"
CONTACTS = ("http://www.w3.org/2006/vcard/ns#Kind", "http://xmlns.com/foaf/0.1/Agent")
TITLE = "http://purl.org/dc/terms/title"
REFERENCES = "http://purl.org/dc/terms/references"
SPATIAL = "http://purl.org/dc/terms/spatial"
OURS = ("http://purl.org/dc/terms/isReferencedBy", "http://www.w3.org/ns/dcat#resource")
"""What the harvester says of datasets and the catalogue because of reuses: no page does."""
_HYDRA = "http://www.w3.org/ns/hydra/core#"


def assert_truth(store: Path, portal: Portal) -> None:
    """Fail unless the store has exactly what the portal has now: no record and no statement more or less.

    What is archived is not listed, but still answers: it stays where it was found once.
    """
    truth = Truth(portal.world, portal.api)
    quads = said(store)
    targets = {dataset for _, dataset in truth.links}
    found = instances(quads, DATASET)
    same("datasets", found - archived(truth) | targets, truth.datasets | targets)
    same("named datasets", found & targets, targets)
    same("services", instances(quads, SERVICE), truth.services)
    same("reuses", instances(quads, REUSE), truth.reuses)
    reuses = instances(quads, REUSE)
    named = (q for q in quads if q.predicate.value == REFERENCES and q.subject.value in reuses)
    links = {(q.subject.value, q.object.value) for q in named}
    same("links", {link for link in links if link[1] in targets}, truth.links)
    _same_titles(quads, truth)
    _same_pages(quads, portal)


def archived(truth: Truth) -> set[str]:
    """Return the IRIs of archived datasets."""
    return {truth.iri(record) for record in _archived(truth)}


def same_but_archived(store: set[Quad], fresh: set[Quad], truth: Truth) -> None:
    """Fail unless an old store says what a new one says, but for what was archived meanwhile.

    That stays, and whom and what it names; a new store reads of it only what a reuse names, and knows of no
    time when the catalogue listed it.
    """
    more = {quad.graph_name.value for quad in store} - {quad.graph_name.value for quad in fresh}
    same("graphs", more - _graphs(truth, _left_behind(truth) | _zones(store, truth)), set())
    aside = more | _graphs(truth, archived(truth)) | _naming(store, archived(truth))
    same("quads", *({q for q in some if q.graph_name.value not in aside} for some in (store, fresh)))


def _archived(truth: Truth) -> list[Record]:
    hidden = map(truth.world.dataset, truth.world.hidden)
    return [record for record in hidden if record.state is State.ARCHIVED]


def _left_behind(truth: Truth) -> set[str]:
    """Return the IRIs of archived datasets and of whom and what they name."""
    iris = archived(truth)
    for record in _archived(truth):
        iris |= {truth.names.contact(contact) for contact in record.contacts}
        iris |= {truth.names.owner(record.owner)} if record.owner else set()
        services = truth.world.services_of.get(record.index, ())
        iris |= {repaired(truth.names.service(service), truth.names.catalog) for service in services}
    return iris


def _zones(quads: set[Quad], truth: Truth) -> set[str]:
    """Return the IRIs of the zones that archived datasets cover."""
    left = archived(truth)
    return {q.object.value for q in quads if q.predicate.value == SPATIAL and q.subject.value in left}


def _naming(quads: set[Quad], iris: set[str]) -> set[str]:
    """Return the graphs of topics, posts and the like that link something by its IRI."""
    json = (q for q in quads if JSON_ONLY.fullmatch(q.graph_name.value))
    return {q.graph_name.value for q in json if {q.subject.value, getattr(q.object, "value", "")} & iris}


def _graphs(truth: Truth, iris: set[str]) -> set[str]:
    portal = truth.api.removesuffix("/api/1").removeprefix("http://")
    return {name(portal, iri) for iri in iris for name in (record_graph, details_graph)}


def same(what: str, found: AbstractSet[object], expected: AbstractSet[object]) -> None:
    """Fail unless two sets are equal, with their differences."""
    if found != expected:
        missing, extra = (sorted(map(str, some))[:5] for some in (expected - found, found - expected))
        raise AssertionError(f"{what}: missing {missing}, too many {extra}")


def _same_titles(quads: Iterable[Quad], truth: Truth) -> None:
    """Reuses have the title of today: those of datasets are on the pages."""
    titles = {(truth.names.reuse(r), r.title) for r in map(truth.world.reuse, truth.world.listed_reuses)}
    found = {(q.subject.value, q.object.value) for q in quads if q.predicate.value == TITLE}
    same("titles", {title for title in found if title[0] in truth.reuses}, titles)


def _same_pages(quads: Iterable[Quad], portal: Portal) -> None:
    """Compare statement by statement; those about blank nodes by what they say, and how often."""
    shown = page_triples(portal)
    stored = {quad.triple for quad in quads if not JSON_ONLY.fullmatch(quad.graph_name.value)}
    ground = {triple for triple in shown if not _has_blank(triple)}
    subjects = {triple.subject for triple in ground}
    told = {
        t for t in stored if not _has_blank(t) and t.subject in subjects and t.predicate.value not in OURS
    }
    same("statements", told, ground)
    expected, found = _about_blanks(shown), _about_blanks(stored)
    same("blank nodes", expected.keys() & found.keys(), expected.keys())  # equal ones of one record are one


def page_triples(portal: Portal) -> list[Triple]:
    """Return what one page with the whole catalogue says, but for the paging, with its IRIs repaired.

    Oxigraph writes some literals in another way: "00.500000"^^xsd:dateTime is "00.5". So it does here.
    """
    base = f"{portal.api}/site/catalog"
    body = requests.get(f"{base}.nt?page_size=10000", timeout=30).content
    triples = [quad.triple for quad in parse(body, RdfFormat.N_TRIPLES, lenient=True)]

    def spelled(term):
        return NamedNode(repaired(term.value, base)) if isinstance(term, NamedNode) else term

    said = (t for t in triples if _HYDRA not in f"{t.predicate} {t.object}")
    memory = Store()
    memory.extend(Quad(spelled(t.subject), t.predicate, spelled(t.object)) for t in said)
    return [quad.triple for quad in memory]


def _has_blank(triple: Triple) -> bool:
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)


def _about_blanks(triples: Iterable[Triple]) -> Counter[tuple[str, str]]:
    return Counter(
        (triple.predicate.value, "" if isinstance(triple.object, BlankNode) else str(triple.object))
        for triple in triples
        if isinstance(triple.subject, BlankNode)
    )


def everything(generation: Generation) -> set[Quad]:
    """Return all quads of a generation, bookkeeping included."""
    with generation.open() as reader:
        return set(reader)


def bytes_below(folder: Path) -> dict[str, bytes]:
    """Return the content of every file below a folder."""
    return {str(f.relative_to(folder)): f.read_bytes() for f in sorted(folder.rglob("*")) if f.is_file()}
