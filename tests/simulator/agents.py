"""Who owns datasets and reuses, and whom to ask about them."""

import random
from datetime import timedelta

from tests.simulator import words
from tests.simulator.parts import EPOCH
from tests.simulator.records import Contact, Organization, Person
from tests.simulator.text import identifier, markdown, slug

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

BADGES = (
    ("certified", "public-service"),
    ("public-service",),
    ("local-authority", "certified"),
    ("association",),
    ("company",),
    (),
)


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
    founded = EPOCH - timedelta(days=3000 - number % 2000)
    return Organization(
        id=identifier(seed, "organization", number),
        slug=f"ville-de-{slug(place)}-{number}",
        name=f"Ville de {place} {number}",
        acronym=f"ORG{number}" if number % 2 else None,
        homepage=f"https://org{number}.exemple.fr/" if number % 4 else None,
        contacts=tuple(_contact(seed, number, role) for role in dict.fromkeys(roles)),
        description=markdown(random.Random(f"{seed}:organization:{number}"), number + 5),
        badges=BADGES[number % len(BADGES)],
        logo=f"logo{number}" if number % 3 == 0 else None,
        number=f"130025265{number:05d}" if number % 5 == 0 else None,
        members=number % 4,
        created=founded.isoformat(),
        modified=(founded + timedelta(days=number % 900)).isoformat(),
    )


def _contact(seed: int, number: int, role: str) -> Contact:
    return Contact(
        id=identifier(seed, f"contact-{role}", number),
        role=role,
        name=f"Service données n°{number} – {role}",
        mail=f"donnees{number}-{role}@exemple.fr",
        form=f"https://org{number}.exemple.fr/contact?r={role}" if number % 2 else None,
    )
