"""One resource out of the catalogue, with what a reader needs to make sense of it."""

from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from heapq import nlargest
from itertools import chain, groupby, islice
from unicodedata import combining, normalize

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from harvester.errors import UsageError
from harvester.export.groups import Group, Reader
from harvester.export.reading import fetch_about, fetch_rows, read_about
from harvester.export.selection import Unit, is_bookkeeping, unit_of
from harvester.rdf.iris import is_valid
from harvester.rdf.rows import Row
from harvester.vocab import DCAT, DCT, FOAF, PROV

_WHO = frozenset(
    f"<{iri}>" for iri in (DCT + "publisher", DCT + "creator", DCT + "contributor", DCAT + "contactPoint")
)
"""Whose objects are described along with a resource: who is behind it, whom to ask."""

_TITLES = (
    f"SELECT ?resource ?title WHERE {{ GRAPH ?g {{ ?resource a <{DCAT}Dataset> ; <{DCT}title> ?title }} }}"
)
_SIMILAR = 0.6
_MOST_TITLE = 200
_MOST_COMPARED = 20_000
"""Titles that a wrong name is compared with: 1 to 2 s, which whoever asks in vain must wait."""


class UnknownResource(UsageError):
    """A name that the catalogue has nothing for."""


class ResourceGone(UsageError):
    """A resource that a portal no longer publishes: its tombstone is all that is left of it."""


def find_resource(reader: Reader, name: str) -> str:
    """Return the IRI of a resource that the catalogue describes, named by that or by the portal's id for it.

    That may be a part of another resource, or one of our own records and runs, if those are asked for too.
    Raises UnknownResource, with the datasets whose titles or IRIs are nearest; ResourceGone, with when and
    by which run; UsageError for an id that several resources have.
    """
    if not name.isprintable():
        raise UnknownResource(
            f"{name[:_MOST_TITLE]!r} is no name of a resource", fix="name one by its IRI or the portal's id"
        )
    if reader.homes.of(name):
        return name
    if is_valid(name):
        _refuse_gone(reader.store, name)
        if any(True for _ in reader.about(NamedNode(name))):
            return name
    identified = reader.store.quads_for_pattern(None, NamedNode(DCT + "identifier"), Literal(name), None)
    topics = {topic for quad in identified for topic in _topics(reader.store, quad.subject)}
    found = sorted(filter(reader.homes.of, topics))
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{name!r} is the id of {len(found)} resources", fix=f"name one: {', '.join(found)}")
    for topic in sorted(topics):
        _refuse_gone(reader.store, topic)
    near = _nearest(reader.store, name)
    raise UnknownResource(
        f"the catalogue describes nothing by the name {name[:_MOST_TITLE]!r}",
        fix=f"did you mean {' or '.join(near)}?" if near else "name a dataset by its IRI or the portal's id",
    )


def description(reader: Reader, resource: str, *, keep_graphs: bool) -> Iterator[Group]:
    """Yield all that the catalogue says about `resource`, its publisher and its contacts, in whichever graph.

    A group for each graph, or, without `keep_graphs`, for each record; nothing twice.
    """
    own = _units(reader, [resource])
    if not own:
        yield from _part(reader, resource, keep_graphs=keep_graphs)
        return
    strays = _strays(reader, own)
    first = f"<{resource}>"
    said: list[Row] = []
    for unit, parts in _read(reader, own):
        said += chain(*parts)
        if keep_graphs:
            yield from reader.graphs_of(unit, parts)
        else:
            yield reader.group_of(unit, first, [*chain(*parts), *(row for _, row in strays)])
            strays = []
    for graph, same in groupby(strays, key=lambda stray: stray[0]):
        yield Group(f"<{graph}>", first, sorted(row for _, row in same))
    mentioned = {o[1:-1] for _, p, o in said if p in _WHO}
    for unit, parts in _read(reader, _units(reader, sorted(mentioned - {resource}))):
        said += chain(*parts)
        if keep_graphs:
            yield from reader.graphs_of(unit, parts)
        else:
            yield reader.group_of(unit, f"<{unit.resource}>", [*chain(*parts)])
    for graph, subject, rows in chain(reader.loose_ends(said), _bookkeeping(reader, own)):
        yield Group(graph if keep_graphs else "", subject, rows)


def _part(reader: Reader, resource: str, *, keep_graphs: bool) -> Iterator[Group]:
    """Yield what is said of an IRI without a record of its own, and of what is named for it.

    A distribution or a concept stands in another resource's record; our own records and runs are noted
    with their checksums (`#checksum`) and problems (`#p1`).
    """
    said: list[Row] = []
    waiting, met = [resource], {resource}
    while waiting:
        subject = waiting.pop(0)
        parts = list(reader.about(NamedNode(subject)))
        rows = sorted({row for _, part in parts for row in part})
        said += rows
        for graph, part in parts if keep_graphs else [("", rows)]:
            yield Group(graph, f"<{subject}>", part)
        named = {o[1:-1] for _, _, o in rows if o.startswith(f"<{resource}#")}
        waiting += sorted(named - met)
        met |= named
    for graph, token, rows in reader.loose_ends(said):
        yield Group(graph if keep_graphs else "", token, rows)


def _units(reader: Reader, resources: Iterable[str]) -> list[Unit]:
    graphs = [graph for resource in resources for graph in reader.homes.all_of(resource)]
    return [unit_of(reader.store, graph, reader.selection) for graph in graphs]


def _read(reader: Reader, units: list[Unit]) -> Iterator[tuple[Unit, list[list[Row]]]]:
    return zip(units, reader.read(fetch_rows(reader.store, units), units), strict=True)


def _strays(reader: Reader, own: list[Unit]) -> list[tuple[str, Row]]:
    """Return what graphs of other records say about the resource of `own`, by graph."""
    graphs = {graph for unit in own for graph in unit.graphs}
    about = read_about(fetch_about(reader.store, own[:1]), own[:1], reader.left_out)[0]
    return sorted(
        (graph, row)
        for graph, row in about
        if graph not in graphs and reader.selection.admits(graph) and not is_bookkeeping(graph)
    )


def _bookkeeping(reader: Reader, own: list[Unit]) -> Iterator[tuple[str, str, list[Row]]]:
    """Yield the dcat:CatalogRecord of each unit and its checksum, if asked for: graph, subject and rows."""
    for unit in own if reader.selection.provenance else ():
        for name in (unit.name, unit.name + "#checksum"):
            for graph, rows in reader.about(NamedNode(name)):
                yield graph, f"<{name}>", rows


def _refuse_gone(store: Store, resource: str) -> None:
    """Raise ResourceGone if there is a tombstone of `resource`."""
    for quad in store.quads_for_pattern(None, NamedNode(FOAF + "primaryTopic"), NamedNode(resource), None):
        tombstone = quad.subject
        gone = {
            term.predicate.value: term.object
            for term in store.quads_for_pattern(tombstone, None, None, quad.graph_name)
        }
        when, run = gone.get(PROV + "invalidatedAtTime"), gone.get(PROV + "wasInvalidatedBy")
        if isinstance(when, Literal) and isinstance(run, NamedNode) and isinstance(tombstone, NamedNode):
            raise ResourceGone(
                f"{resource} is gone: its portal published it no longer at {when.value}, which the run"
                f" {run.value} found out",
                fix=f"ask for {tombstone.value}, which tells what is still known of it",
            )


def _topics(store: Store, subject: NamedNode | BlankNode | Triple) -> list[str]:
    """Return the resource that a dcat:CatalogRecord is about, or `subject` itself."""
    if not isinstance(subject, NamedNode):
        return []
    topics = store.quads_for_pattern(subject, NamedNode(FOAF + "primaryTopic"), None, None)
    return [subject.value, *(quad.object.value for quad in topics if isinstance(quad.object, NamedNode))]


def _nearest(store: Store, name: str) -> list[str]:
    """Return the three datasets whose IRI or title is most like `name`, if they are like it at all."""
    wanted = _folded(name)
    solutions = store.query(_TITLES)
    assert isinstance(solutions, QuerySolutions)  # noqa: S101  # the query is a SELECT
    scored = (
        (max(_likeness(wanted, iri), _likeness(wanted, title)), iri, title)
        for iri, title in (
            (row["resource"].value, row["title"].value) for row in islice(solutions, _MOST_COMPARED)
        )
    )
    best = nlargest(3, (near for near in scored if near[0] >= _SIMILAR))
    return list(dict.fromkeys(f"{iri} ({title[:_MOST_TITLE]})" for _, iri, title in best))


def _likeness(wanted: str, text: str) -> float:
    text = _folded(text)
    if wanted in text:
        return 1.0
    matcher = SequenceMatcher(a=wanted, b=text)
    return matcher.ratio() if matcher.real_quick_ratio() > _SIMILAR < matcher.quick_ratio() else 0.0


def _folded(text: str) -> str:
    """Drop accents and case."""
    letters = normalize("NFKD", text[:_MOST_TITLE])
    return "".join(letter for letter in letters if not combining(letter)).casefold()
