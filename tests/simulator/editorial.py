"""What the portal's editors add to it: topics, which are curated collections, and posts."""

import random
from collections.abc import Sequence
from datetime import timedelta

from tests.simulator import words
from tests.simulator.community import chosen
from tests.simulator.parts import EPOCH
from tests.simulator.records import Element, Owner, Person, Post, Topic
from tests.simulator.text import identifier, markdown, sentence, slug
from tests.simulator.zones import coverage


def topic(seed: int, number: int, subjects: Sequence[tuple[str, int]], owners: Sequence[Owner]) -> Topic:
    """Build a topic with up to twenty elements; `subjects` are classes and how many of each there are."""
    draw = random.Random(f"{seed}:topic:{number}")
    theme = draw.choice(words.THEMES)
    created = EPOCH - timedelta(days=800) + timedelta(hours=5 * (number % 3800))
    return Topic(
        index=number,
        id=identifier(seed, "topic", number),
        slug=f"collection-{slug(theme)}-{number}",
        name=f"Collection « {theme} » {number}",
        description=markdown(draw, number + 11) if number % 4 else None,
        tags=tuple(sorted(draw.sample(words.TAGS, number % 5))),
        owner=owners[number % len(owners)],
        featured=number % 10 == 0,
        spatial=coverage(number) if number % 3 == 0 else None,
        elements=tuple(_element(draw, seed, number, place, subjects) for place in range(number * 7 % 21)),
        created=created.isoformat(),
        modified=(created + timedelta(days=20)).isoformat(),
    )


def post(
    seed: int, number: int, pages: Sequence[int], people: Sequence[Person], datasets: int, reuses: int
) -> Post:
    """Build a post; two of five are pages of the site, below the first of `pages` if there is one."""
    draw = random.Random(f"{seed}:post:{number}")
    published = EPOCH - timedelta(days=300 - 7 * number)
    page = number % 5 in (2, 3)
    return Post(
        index=number,
        id=identifier(seed, "post", number),
        slug=f"actualite-{number}",
        name=f"Actualité du portail, n° {number}",
        headline=sentence(draw) if number % 2 else None,
        body=("markdown", "html", "markdown", "markdown", "blocs")[number % 5],
        page=page,
        parent=pages[0] if page and pages else None,
        tags=tuple(sorted(draw.sample(words.TAGS, number % 3))),
        owner=people[number % len(people)] if number % 4 else None,
        datasets=tuple(draw.sample(range(datasets), min(number % 3, datasets))),
        reuses=tuple(draw.sample(range(reuses), min(number % 2, reuses))),
        created=(published - timedelta(days=2)).isoformat(),
        published=published.isoformat(),
        modified=(published + timedelta(days=1)).isoformat(),
    )


def _element(
    draw: random.Random, seed: int, topic_: int, place: int, subjects: Sequence[tuple[str, int]]
) -> Element:
    """Build a member of a topic: most are datasets; every ninth is what the editor misses."""
    missing = place % 9 == 8
    return Element(
        id=identifier(seed, f"element-{topic_}", place),
        subject=None if missing else chosen(draw, place, subjects),
        title=f"Élément {place} de la collection" if missing or place % 3 == 0 else None,
        description=sentence(draw) if place % 4 == 1 else None,
        tags=("reference",) if place == 0 else (),
    )
