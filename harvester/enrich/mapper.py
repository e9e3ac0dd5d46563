"""JSON documents as linked data: lifted by a context, shaped by rules, linked to the catalogue."""

import json
import re
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from harvester.enrich.concepts import mapped_concepts
from harvester.enrich.group import NO_PARTS, group_rows
from harvester.enrich.lift import Fence, Lifted
from harvester.enrich.mappings import Mappings
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
from harvester.enrich.shape import flatten
from harvester.enrich.surfaces import BY_MAPPING, REUSES
from harvester.model import Kind
from harvester.rdf.records import record_of
from harvester.rdf.rows import read_ntriples
from harvester.vocab import DCAT, RDF, details_graph, record_graph

_TYPE = NamedNode(RDF + "type")
_CATALOG = NamedNode(DCAT + "Catalog")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_UNDETERMINED = "und"  # https://www.rfc-editor.org/rfc/rfc5646#section-4.1
_HIDDEN = ("private", "deleted", "deleted_at")


class Mapper:
    """Maps the documents of one portal by the mapping `name`. Holds no state of a run: any order will do.

    `persons` lets documents name owners who are persons: personal data, left out unless switched on.
    """

    def __init__(self, mappings: Mappings, name: str, portal: PortalFacts, *, persons: bool = False) -> None:
        self._mappings = mappings
        self._portal = portal
        self._surface = BY_MAPPING[name]
        self.mapping = mappings.documents[name]
        self.language = portal.language if _LANGUAGE.fullmatch(portal.language) else _UNDETERMINED
        self._fence = Fence(
            self.mapping.shape,
            portal,
            leave_out=frozenset() if persons else self._surface.personal,
            dangling=self._surface is REUSES,
        )
        self.crosswalk = Store()
        self.crosswalk.extend(mappings.crosswalk(portal.root))
        self._mapped = mapped_concepts(self.crosswalk)
        context = json.dumps([flatten(self.mapping.context), {"@language": self.language}])
        self._head = f'{{"@context":{context},"@graph":'
        self._persons = persons

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle what it is made of: a process that unpickles it makes another that maps alike."""
        return _anew, (self._mappings.only(self._surface.mapping), self._portal, self._persons)

    def map(self, documents: Sequence[object], known: Mapping[str, str]) -> Mapped:
        """Map a batch, a page of one of the portal's lists.

        `known` maps portal ids to the IRIs that the catalogue uses: of datasets, of data services, and of
        organizations where the caller has them (elsewhere their permalinks serve). Documents with details of
        what the catalogue describes are passed over where it is not known. Never raises on what a document
        says: what cannot be mapped is in `Mapped.problems`. Of two documents of one id the first counts, as a
        listing that moves while it is read shows an item twice.
        """
        public = [document for document in documents if not _is_hidden(document)]
        passed = [self._fence.lift(document, known) for document in public]
        first: dict[str, Lifted] = {}
        for item in filter(None, passed):
            if iri := self._name(item, known):
                item.name(iri)
                first.setdefault(item.portal_id, item)  # two datasets may share an IRI
        batch = list(first.values())
        store = self._stage(batch)
        agents = {iri: portal_id for item in batch for iri, portal_id in item.agents.items()}
        shaped = self._shape(
            store,
            self.mapping.rules,
            self._surface.kind,
            {item.iri: item.portal_id for item in batch},
            {f"<{part}>": f"<{item.iri}>" for item in batch for part in item.parts},
        )
        named = self._shape(store, self._mappings.agent, Kind.AGENT, agents) if agents else Shaped((), (), 0)
        problems = [no_id(self._list) for item in passed if item is None]
        problems += [problem for item in batch for problem in problems_of(item, self._surface.thing)]
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

    def _name(self, item: Lifted, known: Mapping[str, str]) -> str | None:
        match self._surface.naming:
            case "permalink":
                return item.iri
            case "catalogue":
                return known.get(item.portal_id)
            case "api":
                return f"{self._list}{item.portal_id}/"
            case "concept":
                return f"{self._list}#{quote(item.portal_id, safe='')}"

    @property
    def _list(self) -> str:
        return self._portal.root + self.mapping.shape.path

    def _source(self, portal_id: str) -> str:
        """Return the address of a document; some are served by the API's second version."""
        version = self._surface.path.partition("/")[0] or "1"
        return f"{self._portal.root.removesuffix('1/')}{version}/{self.mapping.shape.path}{portal_id}/"

    def _stage(self, batch: Sequence[Lifted]) -> Store:
        """Return a store with a batch lifted, the crosswalk and the catalogue: what rules are run over."""
        store = Store()
        store.extend(self.crosswalk)
        store.add(Quad(NamedNode(self._portal.catalog), _TYPE, _CATALOG))
        nodes = json.dumps([item.node for item in batch], ensure_ascii=False)
        document = f"{self._head}{nodes}}}".encode(errors="replace")
        store.load(document, RdfFormat.JSON_LD, base_iri=self._portal.root, lenient=True)
        return store

    def _shape(
        self,
        store: Store,
        rules: Sequence[Rule],
        kind: Kind,
        resources: Mapping[str, str],
        parts: Mapping[str, str] = NO_PARTS,
    ) -> Shaped:
        """Run `rules` over the staged batch; `resources` are what they may describe, with portal ids.

        So they may `parts` of them: token of a part → token of the resource.
        """
        text = "".join(rule.ntriples(store, self._portal.root) for rule in rules)
        rows = read_ntriples(text, self._portal.root)
        groups, strays = group_rows(rows.rows, {f"<{iri}>" for iri in resources}, parts)
        details = self._surface.naming == "catalogue" and kind is not Kind.AGENT
        name = details_graph if details else record_graph
        records = tuple(
            record_of(
                self._portal.key,
                kind,
                iri,
                groups[f"<{iri}>"],
                source=self._list if kind is Kind.AGENT else self._source(portal_id),
                ids=() if details else (portal_id,),  # the id leads to what the details are about
                volatile=self._mappings.volatile,
                graph=name(self._portal.key, iri),
            )
            for iri, portal_id in resources.items()
            if groups[f"<{iri}>"]
        )
        return Shaped(records, (*strayed(strays), *dropped(rows.dropped)), rows.repaired)


def _anew(mappings: Mappings, portal: PortalFacts, persons: bool) -> Mapper:
    (name,) = mappings.documents
    return Mapper(mappings, name, portal, persons=persons)


def _is_hidden(document: object) -> bool:
    """Tell whether something is private or deleted: were it listed, it would not be ours to publish."""
    return isinstance(document, dict) and any(document.get(key) for key in _HIDDEN)
