"""N-Triples and N-Quads, a line per statement: https://www.w3.org/TR/n-quads/ ."""

from collections.abc import Iterable, Iterator
from functools import partial

from pyoxigraph import NamedNode, RdfFormat, Store

from harvester.batches import batches
from harvester.export.groups import Group, Reader
from harvester.export.reading import ahead


def ntriples(groups: Iterable[Group]) -> Iterator[str]:
    """Yield an N-Triples document in pieces."""
    for group in groups:
        yield "".join([f"{s} {p} {o} .\n" for s, p, o in group.rows])


def nquads(groups: Iterable[Group]) -> Iterator[str]:
    """Yield an N-Quads document in pieces."""
    for group in groups:
        end = f" {group.graph} .\n" if group.graph else " .\n"
        yield "".join([f"{s} {p} {o}{end}" for s, p, o in group.rows])


def stored_nquads(reader: Reader) -> Iterator[bytes]:
    """Yield all of a store as N-Quads in pieces, written by the library alone: nothing is faster."""
    yield from ahead(partial(_serialize, reader.store), batches(reader.small_graphs(), 32))
    for piece in nquads(reader.large_graphs()):
        yield piece.encode()


def _serialize(store: Store, graphs: list[str]) -> bytes:
    pieces = []
    for graph in map(NamedNode, graphs):
        triples = store.dump(format=RdfFormat.N_TRIPLES, from_graph=graph)
        assert triples is not None  # noqa: S101  # no output was named
        # Line ends inside of literals are escaped, so this changes the ends of statements only.
        pieces.append(triples.replace(b" .\n", f" {graph} .\n".encode()))
    return b"".join(pieces)
