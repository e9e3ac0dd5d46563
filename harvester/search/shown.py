"""Hits as they are told: in the reader's language where there is one."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from harvester.rdf.languages import rank

JsonObject = dict[str, Any]


def hit(stored: bytes, language: str, label: Callable[[str, str], str]) -> JsonObject:
    """Return a hit as JSON values, of what the index has stored; `label` gives names of IRIs."""
    said = json.loads(bytes(stored))
    title, title_language = _best(said["titles"], language)
    summary, summary_language = _best(said["summaries"], language)

    def named(facet: str) -> list[str]:
        return [label(value, language) or _tail(value) for value in said["values"].get(facet, ())]

    publisher, _, names = next(iter(said["publishers"]), ("", False, []))
    name = label(publisher, language) or next(iter(names), _tail(publisher))
    return {
        "iri": said["iri"],
        "kind": said["kind"],
        "title": title or _tail(said["iri"]),
        "title_language": title_language,
        "summary": summary,
        "summary_language": summary_language,
        "publisher": {"iri": publisher, "name": name} if publisher else None,
        "modified": said["modified"],
        "reuses": said["reuses"],
        "datasets": said["datasets"],
        "formats": named("format"),
        "themes": named("theme"),
        "licence": next(iter(named("licence")), ""),
        "type": next(iter(named("type")), ""),
        "picture": said["picture"],
        "high_value": said["high_value"],
        "score": said["score"],
    }


def _best(texts: Sequence[Sequence[str]], language: str) -> tuple[str, str]:
    """Return the text that suits a reader best: in their language, in none, in English, in any."""
    ranked = sorted(texts, key=lambda each: (rank(language, each[1]), each[1]))
    return (ranked[0][0], ranked[0][1]) if ranked else ("", "")


def _tail(iri: str) -> str:
    """Return the end of an IRI, which tells more than its beginning.

    >>> _tail("http://purl.org/adms/publishertype/Company"), _tail("csv")
    ('Company', 'csv')
    """
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2] or iri
