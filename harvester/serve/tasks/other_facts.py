"""What pages show of reuses, data services and topics."""

from pyoxigraph import NamedNode

from harvester.serve.tasks.common_facts import (
    dataset_line,
    discussions,
    listed_topics,
    numbers,
    records,
    reuse_card,
    told,
)
from harvester.serve.tasks.context_facts import conditions, contacts, places, roles
from harvester.serve.tasks.facts import About, Facts, JsonObject
from harvester.vocab import DCAT, DCT, FOAF, HV, PREFIXES, PROV, SCHEMA

MOST_PARTS = 2_000
"""Things that a record refers to and that are counted."""
SHOWN_PARTS = 200

_DATASET, _SERVICE, _REUSE = DCAT + "Dataset", DCAT + "DataService", DCAT + "Resource"


def reuse(facts: Facts, resource: NamedNode) -> JsonObject:
    """Return all that the page of a reuse shows."""
    about = facts.about(resource)
    return {
        **told(about),
        **_parts(facts, about, DCT + "references"),
        "types": about.values(DCT + "type"),
        "themes": about.values(DCAT + "theme"),
        "keywords": about.values(DCAT + "keyword")[:60],
        "creators": about.values(DCT + "publisher", SCHEMA + "creator"),
        "addresses": about.values(FOAF + "homepage", most=5),
        "pictures": about.values(SCHEMA + "image", most=5),
        "topics": listed_topics(facts, about),
        "discussions": discussions(facts, about),
        "numbers": numbers(about),
        "records": records(facts, resource),
    }


def service(facts: Facts, resource: NamedNode) -> JsonObject:
    """Return all that the page of a data service shows."""
    about = facts.about(resource)
    return {
        **told(about),
        **_parts(facts, about, DCAT + "servesDataset"),
        "providers": about.values(DCT + "publisher", SCHEMA + "provider"),
        "addresses": about.values(DCAT + "endpointURL"),
        "machine": about.values(DCAT + "endpointDescription"),
        "documentation": about.values(SCHEMA + "documentation", FOAF + "page"),
        "formats": about.values(DCT + "type"),
        "standards": about.values(DCT + "conformsTo"),
        "availability": about.number(HV + "availability"),
        "limits": about.values(SCHEMA + "termsOfService"),
        "licences": about.values(DCT + "license"),
        "access": about.values(DCT + "accessRights"),
        "terms": conditions(about),
        "roles": roles(about),
        "contacts": contacts(facts, about),
        "themes": about.values(DCAT + "theme"),
        "categories": about.values(PREFIXES["dcatap"] + "hvdCategory"),
        "keywords": about.values(DCAT + "keyword")[:60],
        "languages": about.settled(DCT + "language"),
        "topics": listed_topics(facts, about),
        "reuses": _reuses_of(facts, about),
        "discussions": discussions(facts, about),
        "numbers": numbers(about),
        "records": records(facts, resource),
        "derived": about.values(PROV + "wasDerivedFrom"),
    }


def topic(facts: Facts, resource: NamedNode) -> JsonObject:
    """Return all that the page of a topic shows."""
    about = facts.about(resource)
    return {
        **told(about),
        **_parts(facts, about, DCT + "hasPart"),
        "notes": _notes(about),
        "places": places(facts, about),
        "keywords": about.values(DCAT + "keyword")[:60],
        "discussions": discussions(facts, about),
        "records": records(facts, resource),
    }


def _parts(facts: Facts, about: About, predicate: str) -> JsonObject:
    """Return what a record refers to, by kind; `dangling` is what the catalogue does not describe."""
    found: dict[str, list[JsonObject]] = {"datasets": [], "services": [], "reuses": [], "dangling": []}
    nodes = about.nodes(predicate, most=MOST_PARTS)
    for node in nodes[:SHOWN_PARTS]:
        part = facts.about(node)
        if part.is_a(_DATASET):
            found["datasets"].append(dataset_line(facts, node))
        elif part.is_a(_SERVICE):
            found["services"].append({"name": facts.value_of(node)})
        elif part.is_a(_REUSE):
            found["reuses"].append(reuse_card(facts, part))
        else:
            found["dangling"].append({"name": facts.value_of(node)})
    for parts in found.values():
        parts.sort(key=lambda part: part["name"]["text"] or part["name"]["iri"])
    return {**found, "parts_total": len(nodes)}


def _reuses_of(facts: Facts, about: About) -> list[JsonObject]:
    nodes = facts.subjects(DCT + "references", about.subject)
    reuses = [facts.about(node) for node in nodes]
    return [reuse_card(facts, each) for each in reuses if each.is_a(_REUSE)][:60]


def _notes(about: About) -> list[JsonObject]:
    """Return what a topic says of its elements in words of its own; some name nothing that there is yet."""
    found = []
    for element in about.parts(SCHEMA + "itemListElement"):
        name, text = element.text(SCHEMA + "name"), element.text(SCHEMA + "description")
        if name or text:
            found.append({"item": element.values(SCHEMA + "item", most=1), "name": name, "text": text})
    return sorted(found, key=lambda note: (not note["item"], (note["name"] or note["text"])["text"]))
