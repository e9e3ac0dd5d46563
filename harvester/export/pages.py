"""The catalogue in pages, as udata has it: records with all that was inferred of them, and Hydra's controls.

Another harvester that reads page after page has all of the catalogue but our own bookkeeping, which speaks of
our runs and not of its. A page is a stretch of the store's graphs in the store's own order, which stays the
same as long as the generation is current.
https://www.hydra-cg.com/spec/latest/core/#collections
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from pyoxigraph import NamedNode, QuerySolutions, Store

from harvester.batches import batches
from harvester.errors import UsageError
from harvester.export.dump import NESTING, Counted, document, store_errors
from harvester.export.files import Output
from harvester.export.groups import Group, Reader
from harvester.export.reading import BATCH, fetch_about, fetch_rows, read_about, read_rows, row_of
from harvester.export.selection import Homes, Selection, Unit, is_small, name_of, unit_of
from harvester.export.syntax import Syntax
from harvester.rdf.records import MEMBERSHIP
from harvester.rdf.rows import Row
from harvester.vocab import DCAT, HYDRA, RDF, RESOURCE_GRAPHS, XSD

MAX_SIZE = 1_000
"""Most records on a page: with as many datasets, 6 to 19 MB."""
SELECTION = Selection(remade=False)
"""What is passed on: whoever harvests it measures quality and has code lists themselves."""
SYNTAXES = ("ttl", "jsonld", "xml", "nt")

_MEMBERSHIP = tuple(NamedNode(token[1:-1]) for token in MEMBERSHIP)
_MOST_CATALOGUES = 20
"""Catalogues that are described again on each page that lists members of theirs."""
_STRETCH = "SELECT ?g { GRAPH ?g {} } LIMIT %d OFFSET %d"
_GRAPHS = "SELECT (COUNT(*) AS ?number) { GRAPH ?g {} }"
_DATASETS = (
    f"SELECT (COUNT(DISTINCT ?d) AS ?number) {{ GRAPH ?g {{ ?c <{DCAT}dataset> ?d }} FILTER(isIRI(?d)) }}"
)
_CATALOGUES = f"SELECT DISTINCT ?c {{ GRAPH ?g {{ ?c <{DCAT}dataset> ?d }} FILTER(isIRI(?c)) }} LIMIT 2"

Address = Callable[[int], str]
"""Turn the number of a page into its absolute URL."""


@dataclass(frozen=True, slots=True)
class Pages:
    """A catalogue of so many `graphs` in pages of at most `size` records, numbered from 1 to `last`.

    `total` counts the datasets listed on all pages, as udata and CKAN count; `collection` is the IRI of the
    portal's catalogue, None where the store holds those of several portals, or none.
    """

    size: int
    graphs: int
    total: int
    collection: str | None

    def __post_init__(self) -> None:
        """Raise UsageError for a size that is none."""
        if not 1 <= self.size <= MAX_SIZE:
            raise UsageError(f"A page cannot hold {self.size:,} records", fix=f"ask for 1 to {MAX_SIZE:,}")

    @property
    def last(self) -> int:
        """The number of the last page."""
        return max(1, -(-self.graphs // self.size))

    @classmethod
    def of(cls, store: Store, size: int) -> "Pages":
        """Count what is in a store. Raises UsageError for a size that is none, StoreError."""
        with store_errors():
            graphs, datasets = (int(_first(store, query, "number")[0]) for query in (_GRAPHS, _DATASETS))
            catalogues = _first(store, _CATALOGUES, "c")
        only = catalogues[0] if len(catalogues) == 1 else None
        return cls(size, graphs, datasets, only)

    def controls(self, number: int, address: Address, collection: str) -> list[Row]:
        """Return what Hydra says of a page; `collection` is the catalogue's IRI where it has none itself."""
        page, whole = f"<{address(number)}>", f"<{self.collection or collection}>"
        leads = {"first": 1, "previous": number - 1, "next": number + 1, "last": self.last}
        return [
            (whole, f"<{RDF}type>", f"<{HYDRA}Collection>"),
            (whole, f"<{HYDRA}totalItems>", f'"{self.total}"^^<{XSD}integer>'),
            (whole, f"<{HYDRA}view>", page),
            (page, f"<{RDF}type>", f"<{HYDRA}PartialCollectionView>"),
            *(
                (page, f"<{HYDRA}{name}>", f"<{address(to)}>")
                for name, to in leads.items()
                if 1 <= to <= self.last
            ),
        ]


def write_page(
    store: Store,
    output: Output,
    syntax: Syntax,
    pages: Pages,
    number: int,
    address: Address,
    *,
    collection: str,
    context: Mapping[str, Any] | None = None,
    homes: Homes | None = None,
) -> int:
    """Write one of `pages`; return the number of its statements.

    `collection` and `address` are as for `Pages.controls`, `context` as for a dump; `homes` saves who writes
    many pages of one store a look at all its graphs each time.

    Raises UsageError where there is no such page, StoreError where the store cannot be read.
    """
    if not 1 <= number <= pages.last:
        raise UsageError(f"There is no page {number:,}", fix=f"the last one is {pages.last:,}")
    with store_errors():
        reader = Reader(store, SELECTION, nesting=syntax.format in NESTING, homes=homes)
        controls = Group("", "", sorted(pages.controls(number, address, collection)))
        written = Counted(chain([controls], _records(reader, pages.size, number)))
        for text in document(written, syntax, reader.left_out, context):
            output.write(text.encode())
    return written.statements


def _records(reader: Reader, size: int, number: int) -> Iterator[Group]:
    """Yield the records of a page, and those of the catalogues that list them."""
    named: set[str] = set()
    listing: set[str] = set()
    for batch in batches(_stretch(reader, size, number), BATCH):
        named.update(unit.name for unit in batch)
        rows, about = fetch_rows(reader.store, batch), fetch_about(reader.store, batch)
        for unit, parts, others in zip(
            batch,
            read_rows(rows, batch, reader.left_out),
            read_about(about, batch, reader.left_out),
            strict=True,
        ):
            own = list(chain(*parts))
            if reader.homes.of(unit.resource) == unit.name:
                own += _listed_elsewhere(reader.store, unit)
                own += [row for graph, row in others if _travels(graph) and row[1] not in MEMBERSHIP]
            group = _group(reader, unit, own)
            listing.update(s for s, p, _ in group.rows if p in MEMBERSHIP)
            yield from _complete(reader, group)
    yield from _catalogues(reader, sorted(listing), named)


def _stretch(reader: Reader, size: int, number: int) -> Iterator[Unit]:
    """Yield the records of a page. What was inferred of a record is with it, wherever its own graph comes."""
    for name in _first(reader.store, _STRETCH % (size, (number - 1) * size), "g"):
        if _travels(name):
            unit = unit_of(reader.store, name, reader.selection)
            if unit.name == name:
                yield unit


def _listed_elsewhere(store: Store, unit: Unit) -> Iterator[Row]:
    """Yield the rows by which the catalogues of other portals list the resource of a unit."""
    resource = NamedNode(unit.resource)
    for predicate in _MEMBERSHIP:
        for quad in store.quads_for_pattern(None, predicate, resource, None):
            graph = name_of(quad.graph_name)
            if graph not in unit.graphs and _travels(graph) and isinstance(quad.subject, NamedNode):
                yield row_of(quad)


def _travels(graph: str) -> bool:
    return graph.startswith(RESOURCE_GRAPHS) and SELECTION.admits(graph) and is_small(graph)


def _catalogues(reader: Reader, listing: list[str], named: set[str]) -> Iterator[Group]:
    """Yield what is said of catalogues, as udata repeats it on each page.

    Less their blank nodes, which would be others on each page: who adds up the pages shall have each once.
    """
    homes = [graph for token in listing if token[0] == "<" for graph in reader.homes.all_of(token[1:-1])]
    units = [unit_of(reader.store, graph, reader.selection) for graph in homes if graph not in named]
    units = units[:_MOST_CATALOGUES]
    rows = read_rows(fetch_rows(reader.store, units), units, reader.left_out)
    for unit, parts in zip(units, rows, strict=True):
        yield _group(reader, unit, (row for row in chain(*parts) if "_" not in (row[0][0], row[2][0])))


def _group(reader: Reader, unit: Unit, rows: Iterable[Row]) -> Group:
    """Make a group of the rows that belong to a unit, and do not travel with another."""
    kept = [row for row in rows if row[2][0] == "_" or _owner(reader, row) in (unit.name, "")]
    return reader.group_of(unit, f"<{unit.resource}>", kept)


def _owner(reader: Reader, row: Row) -> str:
    """Return the record that a row travels with: that of its subject, or of what it says to be a member."""
    s, p, o = row
    token = o if p in MEMBERSHIP else s
    return reader.homes.of(token[1:-1]) if token[0] == "<" else ""


def _complete(reader: Reader, group: Group) -> Iterator[Group]:
    """Yield a group, and what other records say of the blank nodes that it points at."""
    yield group
    for graph, subject, rows in reader.loose_ends(group.rows):
        if _travels(graph.strip("<>")):
            yield Group("", subject, rows)


def _first(store: Store, query: str, name: str) -> list[str]:
    """Return what a SELECT gives for one variable."""
    rows = store.query(query)
    assert isinstance(rows, QuerySolutions)  # noqa: S101  # the query is a SELECT
    return [row[name].value for row in rows]
