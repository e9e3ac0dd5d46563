"""Documents about the portal itself, and its code lists."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from tests.simulator import words
from tests.simulator.docs.shared import JSON
from tests.simulator.world import World

_CODES = Path(__file__).parents[2] / "data" / "udata-17.18" / "codes.json"
_COUNTED = """dataservices datasets datasets_by_months datasets_visits_by_months discussions
discussions_by_months followers harvesters harvesters_by_months max_dataset_followers max_dataset_reuses
max_org_datasets max_org_followers max_org_reuses max_reuse_datasets max_reuse_followers organizations
organizations_by_months public-service resources resources_downloads_by_months reuses reuses_by_months users
users_by_months"""


def site(world: World) -> JSON:
    """`metrics` are 0 until a job ran on the portal: not to be trusted as totals."""
    return {
        "feed_size": 20,
        "id": "sim",
        "keywords": ["opendata", "udata"],
        "metrics": dict.fromkeys(_COUNTED.split(), 0),
        "title": world.title,
        "version": "17.18.0",
    }


def labels(codes: dict[str, str], language: str | None) -> list[JSON]:
    english = words.ENGLISH if language == "en" else {}
    return [{"id": code, "label": english.get(code, label)} for code, label in codes.items()]


@cache
def codes() -> dict[str, dict[str, Any]]:
    """Return path below the API -> language -> the code list that a real udata answered.

    A list that has no labels, or none in English, is there in French only.
    """
    found: dict[str, dict[str, Any]] = json.loads(_CODES.read_text(encoding="utf-8"))
    return found


def tags(world: World) -> str:
    """Return tags with how many listed datasets and reuses have them, as CSV with udata's quoting."""
    datasets = Counter(tag for record in world.every_listed() for tag in record.tags)
    reuses = Counter(tag for number in world.listed_reuses for tag in world.reuse(number).tags)
    rows = sorted((datasets + reuses).items(), key=lambda row: (-row[1], row[0]))
    lines = [f'"{tag}";{datasets[tag]};{reuses[tag]};{total}' for tag, total in rows]
    return "\r\n".join(['"name";"datasets";"reuses";"total"', *lines, ""])
