"""What mapping a batch of reuses came to: records, and what the report must say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from harvester.enrich.lift import DATASETS, Fault, Lifted, Missing
from harvester.model import Category, Problem, Record
from harvester.rdf.rows import Row


@dataclass(frozen=True, slots=True)
class Dangling:
    """A link of a reuse to a dataset that the catalogue does not list, kept against its permalink."""

    reuse: str
    page: str
    dataset_id: str
    title: str
    dataset: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """A batch of reuses, mapped.

    `agents` describe organizations (and persons, if switched on) as the reuses name them: for those that
    the catalogue itself does not describe. `unknown` counts the reuses of each type or topic (concept IRI)
    that the crosswalk takes nowhere: add up the batches, then see `unknown_terms`; `concepts` are all types
    and topics met. `left_out` counts reuses that are private or deleted, `repaired` the terms made valid.
    """

    records: tuple[Record, ...] = field(repr=False)
    agents: tuple[Record, ...] = field(repr=False)
    problems: tuple[Problem, ...]
    dangling: tuple[Dangling, ...]
    concepts: frozenset[str]
    unknown: Mapping[str, int]
    left_out: int = 0
    repaired: int = 0


@dataclass(frozen=True, slots=True)
class Shaped:
    """What one set of rules made of a batch."""

    records: tuple[Record, ...]
    problems: tuple[Problem, ...]
    repaired: int


def unknown_terms(counts: Mapping[str, int]) -> tuple[Problem, ...]:
    """Report each type or topic that the crosswalk takes nowhere, once, with the number of its reuses."""
    return tuple(
        Problem(
            Category.UNKNOWN_TERM,
            url=concept,
            what=f"“{unquote(concept.rpartition('#')[2])}” of {count:,} reuse{'s' * (count > 1)}",
            why="the crosswalk gives it no class or theme; the reuses keep the portal's own term",
            fix="if it fits one, add it to reuse-types.ttl or reuse-topics.ttl (docs/mapping.md)",
        )
        for concept, count in sorted(counts.items())
    )


def count_unknown(batch: Sequence[Lifted], mapped: frozenset[str]) -> Mapping[str, int]:
    """Count the reuses of each concept that is not in `mapped`."""
    return Counter(concept for lifted in batch for concept in lifted.concepts - mapped)


def dangling_links(lifted: Lifted) -> list[Dangling]:
    """Return the links to datasets that the catalogue does not list, by dataset id."""
    missing = sorted((m for m in lifted.missing if m.key == DATASETS), key=lambda m: m.portal_id)
    return [Dangling(lifted.iri, _page(lifted), m.portal_id, m.title, m.iri) for m in missing]


def problems_of(lifted: Lifted, thing: str) -> list[Problem]:
    """Report what of one document, a `thing`, was left out or dangles."""
    missing = sorted(lifted.missing, key=lambda m: (m.key, m.portal_id))
    return [*(_dangling(lifted, m) for m in missing), *(_fault(lifted, f, thing) for f in lifted.faults)]


def no_id(listing: str) -> Problem:
    """Report an item of a list that cannot be named."""
    return Problem(
        Category.MALFORMED,
        url=listing,
        what=f"an item of the list of {listing.rstrip('/').rpartition('/')[2]}",
        why="it has no id that can stand in a permalink",
        fix="tell the portal's operators",
    )


def strayed(rows: Sequence[Row]) -> list[Problem]:
    """Report rules that describe something else than the reuse at hand."""
    if not rows:
        return []
    subject, predicate, _ = rows[0]
    return [
        Problem(
            Category.CONFLICT,
            url=subject.strip("<>"),
            what=f"{len(rows):,} triples of the mapping's rules, {predicate} of {subject} for one",
            why="a rule may describe the reuse (or agent), what hangs from it, or what points at it",
            fix="look at the CONSTRUCT templates in the mapping folder",
        )
    ]


def dropped(terms: Sequence[str]) -> list[Problem]:
    """Report terms that a rule made and that are not valid RDF."""
    return [
        Problem(
            Category.INVALID_IRI,
            url="",
            what=f"{term} made by a rule",
            why="it is not a valid term, so its triples are left out",
            fix="look at IRI(…) in the rules of the mapping folder",
        )
        for term in terms
    ]


def _page(lifted: Lifted) -> str:
    """Return where a person can look at the reuse."""
    return next(iter(lifted.node.get("page", [])), lifted.iri)


def _dangling(lifted: Lifted, missing: Missing) -> Problem:
    thing = "dataset" if missing.key == DATASETS else "data service"
    kept = "the link is kept against its permalink" if missing.key == DATASETS else "the link is left out"
    return Problem(
        Category.DANGLING,
        url=_page(lifted),
        what=f"link to {thing} {missing.portal_id} {missing.title}",
        why=f"the catalogue lists no such {thing} (deleted, private or archived, perhaps); {kept}",
        fix="ask who publishes the reuse to correct the link",
    )


def _fault(lifted: Lifted, fault: Fault, thing: str) -> Problem:
    return Problem(
        fault.category,
        url=_page(lifted),
        what=f"{fault.what} in {thing} {lifted.portal_id}",
        why=f"it does not have the form of such a value; that part of the {thing} is left out",
        fix=f"ask who publishes the {thing} to correct it",
    )
