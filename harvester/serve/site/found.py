"""Hits of a search in the form that lists on the pages of records have."""

from collections.abc import Mapping
from typing import Any

Hit = Mapping[str, Any]
JsonObject = dict[str, Any]


def found_name(hit: Hit) -> JsonObject:
    """Return the title of a hit, which leads to its page."""
    return {
        "text": hit["title"],
        "language": hit["title_language"],
        "iri": hit["iri"],
        "known": True,
        "inferred": False,
    }


def found_dataset(hit: Hit) -> JsonObject:
    """Return a line of a list of datasets."""
    return {
        "name": found_name(hit),
        "publishers": [],
        "modified": hit["modified"],
        "reuses": hit["reuses"],
    }


def found_reuse(hit: Hit) -> JsonObject:
    """Return the card of a reuse."""
    type_ = {"text": hit["type"], "language": "", "iri": "", "known": False, "inferred": False}
    return {
        "name": found_name(hit),
        "types": [type_] if hit["type"] else [],
        "creators": [],
        "issued": hit["modified"],
        "address": "",
        "picture": hit["picture"],
    }
