"""Entries as documents of the index."""

import json
from hashlib import blake2b
from math import log10

from tantivy import Document

from harvester.search.entry import Entry
from harvester.search.layout import TEXTS, stems
from harvester.search.plain import summary
from harvester.search.terms import DATASET
from harvester.search.words import LANGUAGES, fold, normal

_LIFT = 0.15
"""What ten times as many reuses add to a record's relevance: its score is 0.15 times the higher."""
_APART = 0.004
"""Most by which records that are as relevant are told apart, so that their order is always the same."""
_LONGEST_KEY = 100


def document(entry: Entry) -> Document:
    """Return the document of an entry."""
    made = Document()
    for name in ("iri", "kind"):
        made.add_text(name, getattr(entry, name))
    for id_ in entry.ids:
        made.add_text("id", id_)
    _add_texts(made, entry)
    for name, values in entry.values.items():
        for value in values:
            made.add_text(name, value)
    if entry.kind == DATASET:
        made.add_text("reused", "yes" if entry.reuses else "no")
        made.add_text("high-value", "yes" if entry.high_value else "no")
    _add_order(made, entry)
    made.add_bytes("shown", json.dumps(_shown(entry), ensure_ascii=False).encode("utf-8", "replace"))
    return made


def _add_texts(made: Document, entry: Entry) -> None:
    titles = [text for text, _ in entry.titles] + list(entry.other_titles)
    texts = {
        "title": titles,
        "keyword": entry.keywords,
        "publisher-name": [name for each in entry.publishers for name in each.names],
        "text": [*(text for text, _ in entry.descriptions), *entry.files],
    }
    for name in TEXTS:
        for text in map(normal, texts[name]):
            for language in LANGUAGES:
                made.add_text(stems(name, language), text)
            if name != "text":
                made.add_text("word", text)
    for title in dict.fromkeys(map(fold, titles)):
        made.add_text("whole-title", title)


def _add_order(made: Document, entry: Entry) -> None:
    """Add keys that give each record its place, whatever way its index was made."""
    name = blake2b(entry.iri.encode("utf-8", "replace"), digest_size=8)
    title = fold(entry.titles[0][0])[:_LONGEST_KEY] if entry.titles else "\U0010ffff"
    date = entry.modified[:32]
    made.add_text("by-title", f"{title}\n{name.hexdigest()}")
    made.add_text("by-date", f"{date:<32}{name.hexdigest()}")
    made.add_text("by-reuses", f"{entry.reuses:010d}{date:<32}{name.hexdigest()}")
    lift = 1 + _LIFT * log10(1 + entry.reuses)
    apart = 1 + _APART * int.from_bytes(name.digest()[:3]) / (1 << 24)
    # A search multiplies a score by log2(2 + x).
    made.add_float("lift", 2 ** (lift * apart) - 2)


def _shown(entry: Entry) -> dict[str, object]:
    """Return what a hit shows, and what the next run must know of it."""
    return {
        "iri": entry.iri,
        "kind": entry.kind,
        "titles": entry.titles,
        "summaries": [(summary(text), language) for text, language in entry.descriptions],
        "keywords": entry.keywords,
        "publishers": [(each.iri, each.is_organization, each.names) for each in entry.publishers],
        "modified": entry.modified[:10],
        "reuses": entry.reuses,
        "datasets": entry.datasets,
        "values": {name: given for name, given in entry.values.items() if name != "publisher"},
        "picture": entry.picture,
        "high_value": entry.high_value,
        "score": entry.score,
        "digest": entry.digest,
    }
