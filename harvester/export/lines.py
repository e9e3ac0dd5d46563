"""N-Triples and N-Quads: a line per statement. https://www.w3.org/TR/n-quads/"""

from collections.abc import Iterable, Iterator

from pyoxigraph import NamedNode, RdfFormat, Store

from harvester.export.groups import Group, Reader
from harvester.export.reading import ahead, batches


def ntriples(groups: Iterable[Group]) -> Iterator[str]:
    """Yield an N-Triples document in pieces."""
    for group in groups:
        yield "".join([f"{s} {p} {o} .\n" for s, p, o in group.rows])


def nquads(groups: Iterable[Group]) -> Iterator[str]:
    """Yield an N-Quads document in pieces."""
    for group in groups:
        end = f" {group.graph} .\n" if group.graph else " .\n"
        yield "".join([f"{s} {p} {o}{end}" for s, p, o in group.rows])
