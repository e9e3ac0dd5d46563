"""Data services."""

import random
from datetime import timedelta

from tests.simulator import words
from tests.simulator.parts import EPOCH
from tests.simulator.records import Service
from tests.simulator.text import identifier, markdown, slug


def service(seed: int, number: int, datasets: int, organizations: int) -> Service:
    """Build a service of one of so many organizations for some of so many datasets; every fifth has none."""
    draw = random.Random(f"{seed}:service:{number}")
    theme = draw.choice(words.THEMES)
    wanted = 0 if number % 5 == 4 else min(1 + number % 9, datasets)
    served = {*draw.sample(range(datasets), wanted), *((number * 12 % datasets,) if wanted else ())}
    return Service(
        index=number,
        id=identifier(seed, "service", number),
        slug=f"api-{slug(theme)}-{number}",
        title=f"API {theme} v{number}",
        description=markdown(draw, number + 3),
        url=f"https://api{number}.exemple.fr/v1",
        documentation=f"https://api{number}.exemple.fr/openapi.json" if number % 2 else None,
        uri=f"https://amont.exemple.fr/service/{number}" if number % 3 == 0 else None,
        tags=tuple(sorted(draw.sample(words.TAGS, 3))),
        datasets=tuple(sorted(served)),
        created=(EPOCH - timedelta(days=700 - number % 600)).isoformat(),
        modified=EPOCH.isoformat(),
        owner=number * 3 % organizations,
    )
