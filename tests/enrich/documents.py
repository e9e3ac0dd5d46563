"""Recorded answers of udata 17.18 for each mapping, lists of documents: tests/data/udata-17.18/api-NAME.json.

A few documents of each kind that have between them every key that was met, most null ones elsewhere filled;
long texts and lists are cut down.
"""

import json
from typing import Any

from tests.enrich.support import DATA, recorded

Document = dict[str, Any]


def documents(mapping: str) -> list[Document]:
    """Return recorded documents as the harvester hands them to the mapping."""
    match mapping:
        case "reuse":
            return recorded("reuses.json")
        case "topic":
            return [{**topic, "elements": _read("topic-element")} for topic in _read("topic")]
        case "zone":
            return [_zone(zone) for zone in _read("zone")]
        case _:
            return _read(mapping)


def _read(name: str) -> list[Document]:
    found: list[Document] = json.loads(
        (DATA / "udata-17.18" / f"api-{name}.json").read_text(encoding="utf-8")
    )
    return found


def _zone(zone: Document) -> Document:
    """Lift the properties of a GeoJSON feature; datasets hold zones that have none."""
    return {
        **{key: value for key, value in zone.items() if key != "properties"},
        **zone.get("properties", {}),
    }
