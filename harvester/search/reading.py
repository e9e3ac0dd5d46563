"""Entries of the index, read from a store: what all graphs together say of each resource."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import cast

from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from harvester.search.entry import Entry, Publisher, Text
from harvester.search.terms import DATASET, EU, HVD, LISTS, ORGANIZATION, REUSE, SERVICE
from harvester.vocab import DCAT, DCT, DQV, FOAF, HV, ORG, RDF, RDFS, SCHEMA, SKOS

_CLASSES = {
    DCAT + "Dataset": DATASET,
    DCAT + "DataService": SERVICE,
    DCAT + "Resource": REUSE,
    FOAF + "Organization": ORGANIZATION,
    ORG + "Organization": ORGANIZATION,
}
"""By class; what has several is the first of them."""
_NOT = DCAT + "Catalog"
"""A class of what is no dataset, though DCAT says that it is one."""
_LONGEST_TEXT = 20_000
_LONGEST_VALUE = 2_000
"""Characters of a description that are indexed, and of an IRI that can be a value."""

_PROPERTIES = {
    "class": RDF + "type",
    "title": DCT + "title",
    "name": FOAF + "name",
    "label": RDFS + "label",
    "other-title": SKOS + "altLabel",
    "description": DCT + "description",
    "keyword": DCAT + "keyword",
    "id": DCT + "identifier",
    "publisher": DCT + "publisher",
    "theme": DCAT + "theme",
    "licence": DCT + "license",
    "frequency": DCT + "accrualPeriodicity",
    "type": DCT + "type",
    "badge": ORG + "classification",
    "modified": DCT + "modified",
    "reuses": HV + "reuses",
    "logo": FOAF + "logo",
    "image": SCHEMA + "image",
    "law": "http://data.europa.eu/r5r/applicableLegislation",
    "category": "http://data.europa.eu/r5r/hvdCategory",
}
_SCORE = "urn:x-harvester:measurement:score:"
"""Beginning of the names of measurements; the points follow."""
_OWN = " UNION ".join(
    [f'{{ ?s <{iri}> ?o BIND("{key}" AS ?k) }}' for key, iri in _PROPERTIES.items()]
    # By name: through `?o dqv:isMeasurementOf hv:score`, Oxigraph goes over all that there are each time.
    + [f'{{ ?s <{DQV}hasQualityMeasurement> ?o BIND("score" AS ?k) FILTER(STRSTARTS(STR(?o), "{_SCORE}")) }}']
)
_FILES = " UNION ".join(
    f'{{ ?f <{iri}> ?o BIND("{key}" AS ?k) }}'
    for key, iri in (("format", DCT + "format"), ("licence", DCT + "license"), ("file", DCT + "title"))
)
_REFERRED = f"?s <{DCT}references> ?o . ?o a <{DCAT}Dataset>"
_PUBLISHED = f"?o <{DCT}publisher> ?s . ?o a <{DCAT}Dataset>"
_REUSED = f"{_PUBLISHED} . ?o <{DCT}isReferencedBy> ?r . ?r a <{DCAT}Resource>"
_NAMES = [NamedNode(iri) for iri in (FOAF + "name", DCT + "title", SKOS + "prefLabel", RDFS + "label")]

_Said = dict[str, set[NamedNode | Literal]]


class Reader:
    """Reads entries from `store`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.publisher = lru_cache(maxsize=20_000)(self._publisher)
        """Describes a publisher; remembers."""

    def resources(self) -> Iterator[str]:
        """Yield all resources that may have an entry; one that has several classes comes several times."""
        for iri in _CLASSES:
            last = None
            for quad in self._store.quads_for_pattern(None, NamedNode(RDF + "type"), NamedNode(iri), None):
                # The graphs that say so come one after the other.
                if isinstance(quad.subject, NamedNode) and quad.subject != last:
                    last = quad.subject
                    yield last.value

    def entries(self, iris: Sequence[str]) -> dict[str, Entry]:
        """Return the entries of those resources that have one."""
        iris = [iri for iri in iris if _is_iri(iri)]
        said = self._rows(iris, _OWN)
        kinds = {number: kind for number, about in said.items() if (kind := _kind(about))}
        described = [iris[number] for number in kinds]
        files = self._rows(described, f"?s <{DCAT}distribution> ?f {{ {_FILES} }}", distinct=True)
        entries = {}
        for place, (number, kind) in enumerate(kinds.items()):
            iri, about = iris[number], said[number]
            entries[iri] = self._entry(iri, kind, about, files[place])
        return entries | self._counted(entries.values())

    def reusers(self, dataset: str) -> Iterator[str]:
        """Yield the reuses that say that they refer to a dataset, which the catalogue need not describe."""
        if not _is_iri(dataset):
            return
        pattern = self._store.quads_for_pattern(NamedNode(dataset), NamedNode(DCT + "isReferencedBy"), None)
        yield from (quad.object.value for quad in pattern if isinstance(quad.object, NamedNode))

    def _rows(self, iris: Sequence[str], pattern: str, *, distinct: bool = False) -> dict[int, _Said]:
        """Return what a pattern finds as ?o of each ?s of `iris`, by number and by ?k."""
        found: dict[int, _Said] = defaultdict(lambda: defaultdict(set))
        if iris:
            # Numbers for IRIs: a row has one term less to be looked up.
            subjects = " ".join(f"({number} {NamedNode(iri)})" for number, iri in enumerate(iris))
            select = "SELECT DISTINCT" if distinct else "SELECT"
            query = f"{select} ?n ?k ?o {{ VALUES (?n ?s) {{ {subjects} }} {pattern} }}"
            for row in cast("QuerySolutions", self._store.query(query, use_default_graph_as_union=True)):
                if isinstance(row[2], NamedNode | Literal):
                    found[int(row[0].value)][row[1].value].add(row[2])
        return found

    def _count(self, iris: Sequence[str], pattern: str, counted: str) -> dict[str, int]:
        """Return how many different ones there are of a variable, for each ?s of `iris`; nothing for none."""
        if not iris:
            return {}
        subjects = " ".join(f"({number} {NamedNode(iri)})" for number, iri in enumerate(iris))
        query = f"SELECT ?n (COUNT(DISTINCT {counted}) AS ?c) {{ VALUES (?n ?s) {{ {subjects} }} {pattern} }}"
        rows = self._store.query(query + " GROUP BY ?n", use_default_graph_as_union=True)
        return {iris[int(row[0].value)]: int(row[1].value) for row in cast("QuerySolutions", rows)}

    def _entry(self, iri: str, kind: str, said: _Said, files: _Said) -> Entry:
        names = said["title"] or said["name"] or said["label"]
        publishers = [self.publisher(iri) for iri in _iris(said["publisher"])]
        publishers.sort(key=lambda each: not each.is_organization)
        laws = {term.value for term in said["law"]}
        types = said["badge"] or said["type"] if kind == ORGANIZATION else said["type"]
        values = {
            "theme": _codes("theme", said["theme"]),
            "topic": _other(said["theme"]) if kind == REUSE else (),
            "publisher": tuple(each.iri for each in publishers),
            "format": _codes("format", files["format"]),
            "licence": _codes("licence", said["licence"] | files["licence"]),
            "frequency": _codes("frequency", said["frequency"]),
            "type": () if kind == DATASET else _codes("type", types),
        }
        return Entry(
            iri=iri,
            kind=kind,
            titles=_texts(names),
            other_titles=_words(said["other-title"]),
            descriptions=_texts(said["description"]),
            keywords=_words(said["keyword"]),
            files=_words(files["file"]),
            ids=_words(said["id"]),
            publishers=tuple(publishers),
            values={name: given for name, given in values.items() if given},
            modified=max(_words(said["modified"]), default=""),
            reuses=max(_numbers(said["reuses"]), default=0),
            picture=min(_web(said["image"] or said["logo"]), default=""),
            high_value=HVD in laws or bool(said["category"]),
            score=max(_points(said["score"]), default=None),
        )

    def _counted(self, entries: Iterable[Entry]) -> dict[str, Entry]:
        """Return those entries that count others, with their numbers."""
        reuses = {entry.iri: entry for entry in entries if entry.kind == REUSE}
        owners = {entry.iri: entry for entry in entries if entry.kind == ORGANIZATION}
        referred = self._count(list(reuses), _REFERRED, "?o")
        published = self._count(list(owners), _PUBLISHED, "?o")
        reused = self._count(list(owners), _REUSED, "?r")
        return {iri: replace(entry, datasets=referred.get(iri, 0)) for iri, entry in reuses.items()} | {
            iri: replace(entry, datasets=published.get(iri, 0), reuses=reused.get(iri, 0))
            for iri, entry in owners.items()
        }

    def _publisher(self, iri: str) -> Publisher:
        names: set[NamedNode | Literal] = set()
        classes: set[str] = set()
        if _is_iri(iri):
            for predicate in (*_NAMES, NamedNode(RDF + "type")):
                for quad in self._store.quads_for_pattern(NamedNode(iri), predicate, None, None):
                    if isinstance(quad.object, Literal):
                        names.add(quad.object)
                    elif isinstance(quad.object, NamedNode):
                        classes.add(quad.object.value)
        is_organization = any(_CLASSES.get(name) == ORGANIZATION for name in classes)
        return Publisher(iri, is_organization, _words(names))


def _is_iri(text: str) -> bool:
    try:
        NamedNode(text)
    except ValueError:  # the store takes in what is none: lenient, as portals are
        return False
    return True


def _kind(said: _Said) -> str | None:
    classes = {term.value for term in said["class"]}
    if _NOT in classes:
        return None
    return next((kind for iri, kind in _CLASSES.items() if iri in classes), None)


def _texts(terms: Iterable[NamedNode | Literal]) -> tuple[Text, ...]:
    """Return one text for each language, the first by the alphabet where there are several."""
    found: dict[str, str] = {}
    for term in terms:
        if isinstance(term, Literal) and (text := term.value.strip()):
            language = term.language or ""
            found[language] = min(text[:_LONGEST_TEXT], found.get(language, text[:_LONGEST_TEXT]))
    return tuple((text, language) for language, text in sorted(found.items()))


def _words(terms: Iterable[NamedNode | Literal]) -> tuple[str, ...]:
    found = {term.value.strip()[:_LONGEST_VALUE] for term in terms if isinstance(term, Literal)}
    return tuple(sorted(found - {""}))


def _numbers(terms: Iterable[NamedNode | Literal]) -> list[int]:
    return [int(term.value) for term in terms if isinstance(term, Literal) and term.value.isdecimal()]


def _points(terms: Iterable[NamedNode | Literal]) -> list[int]:
    points = [iri.removeprefix(_SCORE) for iri in _iris(terms)]
    return [int(number) for number in points if number.isdecimal()]


def _iris(terms: Iterable[NamedNode | Literal]) -> list[str]:
    found = sorted(term.value for term in terms if isinstance(term, NamedNode))
    return [iri for iri in found if len(iri) <= _LONGEST_VALUE]


def _web(terms: Iterable[NamedNode | Literal]) -> list[str]:
    return [iri for iri in _iris(terms) if iri.startswith(("https://", "http://"))]


def _codes(facet: str, terms: Iterable[NamedNode | Literal]) -> tuple[str, ...]:
    """Return a facet's values: codes of the EU's list, or else other IRIs, or else words in lower case."""
    terms = list(terms)
    iris = _iris(terms)
    eu = [iri for iri in iris if facet in LISTS and iri.startswith(EU + LISTS[facet])]
    words = {word.lower() for word in _words(terms)} if facet == "format" else ()
    return tuple(eu or iris or sorted(words))


def _other(terms: Iterable[NamedNode | Literal]) -> tuple[str, ...]:
    return tuple(iri for iri in _iris(terms) if not iri.startswith(EU))
