"""What the public adds to a portal: files made of datasets, and discussions."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from tests.simulator.parts import EPOCH, resource
from tests.simulator.records import (
    CommunityResource,
    Discussion,
    Message,
    Organization,
    Owner,
    Person,
    Subject,
)
from tests.simulator.text import digest, identifier, sentence, uuid

TITLES = ("Fichier vide", "Erreur d'encodage (Ã©)", "Quelle licence ?", "Mise à jour", "Accès « restreint »")


def community_resource(seed: int, number: int, datasets: int, owners: Sequence[Owner]) -> CommunityResource:
    """Build a file that someone made of one of `datasets`; every fiftieth has lost its dataset.

    Its id ends with its number, so that it can be found again.
    """
    draw = random.Random(f"{seed}:community:{number}")
    file = resource(draw, seed, number, 0)
    written = EPOCH - timedelta(days=number % 900, hours=number % 24)
    return CommunityResource(
        index=number,
        file=replace(
            file,
            id=uuid(f"{digest(seed, 'community', number)[:22]}{number:08x}"),
            title=f"Extrait {number} – {file.title}",
            url=f"https://communaute.exemple.fr/{number}/données.{file.format or 'bin'}",
            created=(written - timedelta(days=30)).isoformat(),
            modified=written.isoformat(),
        ),
        dataset=None if number % 50 == 49 else draw.randrange(datasets),
        owner=owners[number % len(owners)],
    )


def discussion(
    seed: int,
    number: int,
    subjects: Sequence[tuple[str, int]],
    people: Sequence[Person],
    organizations: Sequence[Organization],
) -> Discussion:
    """Build a discussion of one to four messages; two of five are closed.

    `subjects` are classes and how many of each there are: most discussions are about the first.
    """
    draw = random.Random(f"{seed}:discussion:{number}")
    opened = EPOCH - timedelta(days=500) + timedelta(hours=3 * (number % 3900))
    messages = tuple(
        Message(
            id=uuid(digest(seed, "message", number, turn)),
            text=f"{sentence(draw)} Écrivez à zoe{number}@exemple.fr." if turn == 2 else sentence(draw),
            author=people[(number + turn) % len(people)],
            speaker=organizations[number % len(organizations)] if turn == 1 else None,
            date=(opened + timedelta(days=turn)).isoformat(),
            edited=(opened + timedelta(days=turn, hours=2)).isoformat() if turn == 3 else None,
        )
        for turn in range(1 + number % 4)
    )
    return Discussion(
        index=number,
        id=identifier(seed, "discussion", number),
        title=TITLES[number % len(TITLES)],
        subject=chosen(draw, number, subjects),
        messages=messages,
        closed=(opened + timedelta(days=10)).isoformat() if number % 5 in (1, 3) else None,
    )


def chosen(draw: random.Random, number: int, subjects: Sequence[tuple[str, int]]) -> Subject:
    """Choose a record: four of five times one of the first class, else one of each other class in turn."""
    others = subjects[1:] or subjects
    kind, count = others[number // 5 % len(others)] if number % 5 == 4 else subjects[0]
    return kind, draw.randrange(count)
