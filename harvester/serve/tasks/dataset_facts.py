"""What a page shows of a dataset."""

from pyoxigraph import NamedNode

from harvester.serve.tasks.common_facts import (
    discussions,
    listed_topics,
    newest,
    numbers,
    records,
    reuse_card,
    told,
)
from harvester.serve.tasks.context_facts import conditions, contacts, places, roles
from harvester.serve.tasks.facts import About, Facts, JsonObject, address_value
from harvester.serve.tasks.file_facts import files
from harvester.serve.tasks.quality_facts import quality
from harvester.vocab import ADMS, DCAT, DCT, FOAF, HV, PREFIXES, PROV, SKOS, VCARD

MOST_REUSES = 2_000
"""Reuses that are counted and put in order; a page shows the newest of them."""
SHOWN_REUSES = 24
SHOWN_SERVICES = 30
MOST_KEYWORDS = 1_000
SHOWN_KEYWORDS = 60

_DCATAP = PREFIXES["dcatap"]


def dataset(facts: Facts, resource: NamedNode) -> JsonObject:
    """Return all that its page shows."""
    about = facts.about(resource)
    keywords = about.values(DCAT + "keyword", most=MOST_KEYWORDS)
    origin = list(about.parts(FOAF + "isPrimaryTopicOf"))
    return {
        **told(about),
        **files(facts, about),
        "keywords": keywords[:SHOWN_KEYWORDS],
        "more_keywords": max(0, len(keywords) - SHOWN_KEYWORDS),
        "themes": about.values(DCAT + "theme"),
        "categories": about.values(_DCATAP + "hvdCategory"),
        "legislation": about.values(_DCATAP + "applicableLegislation"),
        "badges": about.values(DCT + "type"),
        "frequency": about.values(DCT + "accrualPeriodicity"),
        "languages": about.settled(DCT + "language"),
        "access": about.values(DCT + "accessRights"),
        "terms": conditions(about),
        "standards": about.values(DCT + "conformsTo"),
        "roles": roles(about),
        "persons": _persons(facts, about),
        "contacts": contacts(facts, about),
        "periods": list(map(_period, about.parts(DCT + "temporal"))),
        "places": places(facts, about),
        "granularity": about.values(HV + "granularity"),
        "identifiers": _identifiers(about),
        "version": about.plain(DCAT + "version"),
        "services": _services(facts, resource),
        **_reuses(facts, about),
        "topics": listed_topics(facts, about),
        "discussions": discussions(facts, about),
        "quality": quality(facts, about),
        "numbers": numbers(about),
        "records": records(facts, resource),
        "sources": [value for part in origin for value in part.values(DCT + "isPartOf")],
        "derived": about.values(PROV + "wasDerivedFrom", DCT + "source"),
        "catalogues": [_catalogue(facts, node) for node in facts.subjects(DCAT + "dataset", resource, 5)],
    }


def _period(period: About) -> JsonObject:
    """Return the beginning and the end, as far as they are said."""
    return {"start": period.plain(DCAT + "startDate"), "end": period.plain(DCAT + "endDate")}


def _persons(facts: Facts, about: About) -> list[str]:
    """Return those who publish or create it and are persons."""
    agents = about.nodes(DCT + "publisher", DCT + "creator", PREFIXES["geodcat"] + "originator")
    return [agent.value for agent in agents if facts.about(agent).is_a(FOAF + "Person", VCARD + "Individual")]


def _identifiers(about: About) -> list[str]:
    """Return other identifiers: a DOI, the address at another portal."""
    other = [part.plain(SKOS + "notation") for part in about.parts(ADMS + "identifier")]
    return sorted({each for each in other if each})


def _services(facts: Facts, resource: NamedNode) -> list[JsonObject]:
    found = []
    for node in facts.subjects(DCAT + "servesDataset", resource)[:SHOWN_SERVICES]:
        service = facts.about(node)
        found.append(
            {"name": facts.value_of(node), "addresses": service.values(DCAT + "endpointURL", most=5)}
        )
    return found


def _reuses(facts: Facts, about: About) -> JsonObject:
    """Return the newest reuses as cards, how many there are, and other works that refer to the dataset."""
    referring = about.nodes(DCT + "isReferencedBy", most=MOST_REUSES)
    reuses = [facts.about(node) for node in referring]
    known = newest(reuse for reuse in reuses if reuse.is_a(DCAT + "Resource"))
    others = {reuse.subject.value for reuse in reuses} - {reuse.subject.value for reuse in known}
    return {
        "reuses": [reuse_card(facts, reuse) for reuse in known[:SHOWN_REUSES]],
        "reuses_total": len(known),
        "works": [address_value(NamedNode(iri)) for iri in sorted(others)[:20]],
    }


def _catalogue(facts: Facts, node: NamedNode) -> JsonObject:
    about = facts.about(node)
    return {"name": facts.value_of(node), "homepage": about.address(FOAF + "homepage")}
