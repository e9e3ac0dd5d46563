"""Inference: rules over what is known of some resources, for graphs apart from what the portal said."""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from harvester.enrich.mappings import Mappings
from harvester.enrich.neighbourhood import BESIDE, CODES, SAID, Neighbourhood
from harvester.enrich.rules import Graph
from harvester.errors import UsageError
from harvester.rdf.rows import Row, read_ntriples

_SEEN: list[Graph] = [SAID, BESIDE, CODES]


def infer(around: Neighbourhood, mappings: Mappings, catalog: str) -> Mapping[str, list[Row]]:
    """Return, by resource, the sorted rows that the rules infer of it and its distributions.

    Never what is said already. `<>` in a rule is the IRI `catalog`. What is inferred is noted in `around`.
    Raises UsageError where a rule makes blank nodes.
    """
    lines = dict.fromkeys(_lines(around, mappings, catalog))
    inferred: dict[str, list[Row]] = defaultdict(list)
    for row in read_ntriples("".join(lines), catalog).rows:
        owner = around.owners.get(row[0])
        if owner is not None:  # a rule may describe what it only hears of, such as another dataset of a reuse
            inferred[owner].append(row)
    around.note_inferred(inferred.values())
    return {resource: sorted(set(rows)) for resource, rows in inferred.items()}


def _lines(around: Neighbourhood, mappings: Mappings, catalog: str) -> Iterator[str]:
    for rule in mappings.infer:
        for line in around.ntriples(rule, catalog, _SEEN):
            subject, _, rest = line.partition(" ")
            if subject[0] == "_" or rest.partition(" ")[2][0] == "_":
                raise UsageError(f"{rule.name} makes blank nodes", fix="describe resources by IRI only")
            yield f"{line}\n"
