"""What pages show around a record: whom to ask, who did what, where it applies, under which conditions."""

from pyoxigraph import Literal, NamedNode

from harvester.enrich.functions import bounds
from harvester.serve.tasks.facts import About, Facts, JsonObject, address_value
from harvester.vocab import DCAT, DCT, FOAF, GEO, PREFIXES, VCARD

_GEODCAT = PREFIXES["geodcat"]
_ROLES = {
    "creator": (DCT + "creator", _GEODCAT + "originator"),
    "contributor": (
        DCT + "contributor",
        _GEODCAT + "principalInvestigator",
        _GEODCAT + "processor",
    ),
    "holder": (DCT + "rightsHolder",),
    "distributor": (_GEODCAT + "distributor", _GEODCAT + "resourceProvider"),
    "custodian": (_GEODCAT + "custodian",),
    "user": (_GEODCAT + "user",),
}
_AREAS = (PREFIXES["locn"] + "geometry", DCAT + "bbox", GEO + "asWKT")


def roles(about: About) -> JsonObject:
    """Return who made, keeps, gives out and uses a thing, beside its publisher."""
    return {role: about.values(*predicates, most=20) for role, predicates in _ROLES.items()}


def contacts(facts: Facts, about: About) -> list[JsonObject]:
    """Return whom to ask, and where."""
    return [_contact(facts, contact) for contact in about.parts(DCAT + "contactPoint", most=10)]


def _contact(facts: Facts, contact: About) -> JsonObject:
    addresses = contact.nodes(VCARD + "hasEmail", VCARD + "hasURL", most=5)
    return {"name": facts.value_of(contact.subject), "addresses": list(map(address_value, addresses))}


def conditions(about: About) -> list[JsonObject]:
    """Return what is said of rights: texts, codes, and what a statement of rights says."""
    found = about.values(DCT + "rights")
    for part in about.parts(DCT + "rights"):
        if not isinstance(part.subject, NamedNode):
            found += part.values(DCT + "type", DCT + "description", FOAF + "page")
    return found


def places(facts: Facts, about: About) -> list[JsonObject]:
    """Return the areas covered: their names, and the boxes around them (west, south, east, north)."""
    found: list[JsonObject] = []
    for place in about.parts(DCT + "spatial"):
        name = facts.value_of(place.subject)
        areas = (term.value for term, _ in place.said(*_AREAS) if isinstance(term, Literal))
        found.append({"name": name, "box": next(filter(None, map(bounds, areas)), None)})
    return [place for place in found if place["box"] or place["name"]["text"] or place["name"]["iri"]]
