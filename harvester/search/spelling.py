"""How else a query may be spelt: by words that titles, keywords and names of publishers have."""

import json
import re
from collections import Counter

from rapidfuzz.distance.OSA import distance
from tantivy import Searcher

from harvester.search.query import SHORTEST_TWO, Queries
from harvester.search.words import Wanted, Word, typed_words, wanted

_LOOKED_AT = 50
"""Records with similar words whose words are looked at."""


def suggestion(searcher: Searcher, queries: Queries, text: str, asked: Wanted) -> str:
    """Return the query with other words in place of those that no record has, "" if that finds nothing."""
    spelt = text
    for word in asked.words:
        if not queries.has(word):
            near = _nearest(searcher, queries, word)
            if not near:
                return ""
            spelt = re.sub(rf"(?<!\w){re.escape(word.typed)}(?!\w)", near, spelt)
    if spelt == text:
        return ""
    again = wanted(spelt)
    query, _ = next(queries.attempts(spelt, again))
    return spelt if queries.count(query) else ""


def _nearest(searcher: Searcher, queries: Queries, word: Word) -> str:
    """Return the word nearest to one, as it stands there; of those as near, the most frequent."""
    found: Counter[tuple[str, str]] = Counter()
    for _, address in searcher.search(queries.similar(word), _LOOKED_AT, order_by_field="by-reuses").hits:
        said = json.loads(bytes(searcher.doc(address)["shown"][0]))
        texts = [title for title, _ in said["titles"]] + said["keywords"]
        texts += [name for _, _, names in said["publishers"] for name in names]
        found.update({(plain, typed.lower()) for text in texts for typed, plain in typed_words(text)})
    most = 1 if len(word.plain) < SHORTEST_TWO else 2
    near = [
        (apart, -number, typed)
        for (plain, typed), number in found.items()
        if (apart := distance(word.plain, plain, score_cutoff=most)) <= most
    ]
    return min(near)[2] if near else ""
