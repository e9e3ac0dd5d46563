"""Who owns datasets and reuses, and whom to ask about them."""

from tests.simulator import words
from tests.simulator.records import Contact, Organization, Person
from tests.simulator.text import identifier, slug

ROLES = (
    "contact",
    "publisher",
    "creator",
    "distributor",
    "custodian",
    "rightsHolder",
    "user",
    "originator",
    "processor",
    "principalInvestigator",
    "resourceProvider",
)
"""What contact points can be to a dataset, all that udata knows."""


def person(seed: int, number: int) -> Person:
    """Build a person, some with a web page."""
    page = f"https://exemple.fr/~p{number}" if number % 3 == 0 else None
    return Person(identifier(seed, "person", number), f"zoe-dupont-{number}", "Zoé", f"Dûpont {number}", page)


def organization(seed: int, number: int) -> Organization:
    """Build an organization with one contact point for each of one to three roles."""
    place = words.PLACES[number % len(words.PLACES)]
    roles = ROLES[: 1 + number % 3]
    if number % 4 == 0:
        roles = (*ROLES[4 + number // 4 % 7 :][:2], "publisher")
    return Organization(
        id=identifier(seed, "organization", number),
        slug=f"ville-de-{slug(place)}-{number}",
        name=f"Ville de {place} {number}",
        acronym=f"ORG{number}" if number % 2 else None,
        homepage=f"https://org{number}.exemple.fr/" if number % 4 else None,
        contacts=tuple(_contact(seed, number, role) for role in dict.fromkeys(roles)),
    )


def _contact(seed: int, number: int, role: str) -> Contact:
    return Contact(
        id=identifier(seed, f"contact-{role}", number),
        role=role,
        name=f"Service données n°{number} – {role}",
        mail=f"donnees{number}-{role}@exemple.fr",
        form=f"https://org{number}.exemple.fr/contact?r={role}" if number % 2 else None,
    )
