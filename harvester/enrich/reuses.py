"""Reuses as linked data: their JSON is lifted by a context, shaped by rules, and linked to the catalogue."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from harvester.enrich.concepts import mapped_concepts, portal_scheme, shared_schemes
from harvester.enrich.group import group_rows
from harvester.enrich.lift import DATASETS, Fence, Lifted, portal_id_of
from harvester.enrich.mappings import PERSONAL, Mappings
from harvester.enrich.outcome import (
    Mapped,
    Shaped,
    count_unknown,
    dangling_links,
    dropped,
    no_id,
    problems_of,
    strayed,
)
from harvester.enrich.portal import PortalFacts
from harvester.enrich.rules import Rule
from harvester.model import Kind, Record
from harvester.rdf.records import record_of
from harvester.rdf.rows import read_ntriples
from harvester.vocab import DCAT, RDF

_TYPE = NamedNode(RDF + "type")
_CATALOG = NamedNode(DCAT + "Catalog")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_UNDETERMINED = "und"  # https://www.rfc-editor.org/rfc/rfc5646#section-4.1


def dataset_ids(documents: Iterable[object]) -> set[str]:
    """Return the ids of the datasets that a batch of reuses refers to."""
    lists = [document.get(DATASETS) for document in documents if isinstance(document, dict)]
    items = [item for datasets in lists if isinstance(datasets, list) for item in datasets]
    return {portal_id for item in items if (portal_id := portal_id_of(item))}


class ReuseMapper:
    """Maps the reuses of one portal. Holds no state of a run: batches may come in any order.

    `persons` lets reuses name owners who are persons: personal data, left out unless switched on.
    """

    def __init__(self, mappings: Mappings, portal: PortalFacts, *, persons: bool = False) -> None:
        self._mappings = mappings
        self._portal = portal
        self._language = portal.language if _LANGUAGE.fullmatch(portal.language) else _UNDETERMINED
        self._fence = Fence(mappings.shape, portal, frozenset() if persons else PERSONAL)
        self._crosswalk = Store()
        self._crosswalk.extend(mappings.crosswalk(portal.root))
        self._mapped = mapped_concepts(self._crosswalk)
        context = json.dumps([mappings.context, {"@language": self._language}])
        self._head = f'{{"@context":{context},"@graph":'

    def schemes(
        self,
        types: Sequence[object],
        topics: Sequence[object],
        *,
        english: tuple[Sequence[object], Sequence[object]] = ((), ()),
        used: Iterable[str] = (),
    ) -> list[Record]:
        """Describe the portal's types and topics of reuses, and the vocabularies that they match.

        `types` and `topics` are the portal's lists (`[{"id", "label"}, …]`) in its own language, `english`
        both in English where asked for. `used` are the concepts that reuses were found to have
        (`Mapped.concepts`): those that the portal does not list are described too.
        """
        concepts = list(used)
        terms = self._mappings.shape.terms
        lists = zip(("type", "topic"), (types, topics), english, strict=True)
        own = [
            portal_scheme(
                self._portal, terms[key], self._crosswalk, {"en": translated, self._language: given}, concepts
            )
            for key, given, translated in lists
            if key in terms
        ]
        return own + shared_schemes(self._portal, self._crosswalk)

    def map(self, documents: Sequence[object], known: Mapping[str, str]) -> Mapped:
        """Map a batch, a page of the portal's list of reuses.

        `known` maps portal ids to the IRIs that the catalogue uses: of datasets, of data services, and of
        organizations where the caller has them (elsewhere their permalinks serve). Never raises on what
        a document says: what cannot be mapped is in `Mapped.problems`. Of two documents of one id the first
        counts, as a listing that moves while it is read shows an item twice.
        """
        public = [document for document in documents if not _is_hidden(document)]
        passed = [self._fence.lift(document, known) for document in public]
        first: dict[str, Lifted] = {}
        for item in filter(None, passed):
            first.setdefault(item.iri, item)
        batch = list(first.values())
        store = self._stage(batch)
        reuses = {item.iri: item.portal_id for item in batch}
        agents = {iri: portal_id for item in batch for iri, portal_id in item.agents.items()}
        shaped = self._shape(store, self._mappings.reuse, Kind.REUSE, reuses)
        named = self._shape(store, self._mappings.agent, Kind.AGENT, agents)
        problems = [no_id(self._portal.root) for item in passed if item is None]
        problems += [problem for item in batch for problem in problems_of(item)]
        return Mapped(
            records=shaped.records,
            agents=named.records,
            problems=(*problems, *shaped.problems, *named.problems),
            dangling=tuple(link for item in batch for link in dangling_links(item)),
            concepts=frozenset(concept for item in batch for concept in item.concepts),
            unknown=count_unknown(batch, self._mapped),
            left_out=len(documents) - len(public),
            repaired=sum(item.repaired for item in batch) + shaped.repaired + named.repaired,
        )

    def _stage(self, batch: Sequence[Lifted]) -> Store:
        """Return a store with a batch lifted, the crosswalk and the catalogue: what rules are run over."""
        store = Store()
        store.extend(self._crosswalk)
        store.add(Quad(NamedNode(self._portal.catalog), _TYPE, _CATALOG))
        nodes = json.dumps([item.node for item in batch], ensure_ascii=False)
        document = f"{self._head}{nodes}}}".encode(errors="replace")
        store.load(document, RdfFormat.JSON_LD, base_iri=self._portal.root, lenient=True)
        return store

    def _shape(self, store: Store, rules: Sequence[Rule], kind: Kind, resources: Mapping[str, str]) -> Shaped:
        """Run `rules` over the staged batch; `resources` are what they may describe, with portal ids."""
        text = "".join(rule.ntriples(store, self._portal.root) for rule in rules)
        rows = read_ntriples(text, self._portal.root)
        groups, strays = group_rows(rows.rows, {f"<{iri}>" for iri in resources})
        records = tuple(
            record_of(
                self._portal.key,
                kind,
                iri,
                groups[f"<{iri}>"],
                source=self._source(kind, portal_id),
                ids=(portal_id,),
                volatile=self._mappings.volatile,
            )
            for iri, portal_id in resources.items()
            if groups[f"<{iri}>"]
        )
        return Shaped(records, (*strayed(strays), *dropped(rows.dropped)), rows.repaired)

    def _source(self, kind: Kind, portal_id: str) -> str:
        """Return the API URL that says what a record says."""
        return (
            f"{self._portal.root}reuses/{portal_id}/" if kind is Kind.REUSE else f"{self._portal.root}reuses/"
        )


def _is_hidden(document: object) -> bool:
    """Tell whether a reuse is private or deleted: were one listed, it would not be ours to publish."""
    return isinstance(document, dict) and bool(document.get("private") or document.get("deleted"))
