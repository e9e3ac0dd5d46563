"""Rows of a batch, put with the resource that they describe."""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from harvester.rdf.rows import Row

NO_PARTS: Mapping[str, str] = MappingProxyType({})


def group_rows(
    rows: Iterable[Row], resources: Collection[str], parts: Mapping[str, str] = NO_PARTS
) -> tuple[dict[str, list[Row]], list[Row]]:
    """Return the rows of each of `resources` (tokens), and those that describe something else.

    A row belongs to its subject; where the subject is a blank node, to what leads to it; where it is one of
    `parts` (a file of a dataset), to the resource of which that says it is a part; where it is another
    resource that points at one of `resources` (`<dataset> dct:isReferencedBy <reuse>`), to the latter.

    >>> group_rows([("<r>", "<p>", "_:x"), ("_:x", "<q>", '"1"'), ("<d>", "<by>", "<r>")], {"<r>"})[0]
    {'<r>': [('<r>', '<p>', '_:x'), ('_:x', '<q>', '"1"'), ('<d>', '<by>', '<r>')]}
    """
    rows = list(rows)
    above = {o: s for s, _, o in rows if o[0] == "_"}
    groups: dict[str, list[Row]] = {resource: [] for resource in resources}
    strays: list[Row] = []
    for row in rows:
        group = groups.get(row[0])
        if group is None:
            owner = _top(row[0], above)
            owner = parts.get(owner, owner)
            group = groups.get(owner if owner in groups or owner[0] == "_" else row[2], strays)
        group.append(row)
    return groups, strays


def _top(node: str, above: dict[str, str]) -> str:
    """Climb from a blank node to the IRI that leads to it; stop in a circle."""
    seen = set()
    while node[0] == "_" and node in above and node not in seen:
        seen.add(node)
        node = above[node]
    return node
