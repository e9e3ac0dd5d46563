"""How else a query may be spelt: by words that titles, keywords and names of publishers have."""

import json
import re
from collections import Counter

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
        (distance, -number, typed)
        for (plain, typed), number in found.items()
        if (distance := _distance(word.plain, plain, most)) <= most
    ]
    return min(near)[2] if near else ""


def _distance(first: str, second: str, most: int) -> int:
    """Return how many letters were changed, added, left out or swapped; over `most`: any such number.

    https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance (optimal string alignment)

    >>> _distance("velso", "velos", 2), _distance("budjet", "budget", 2), _distance("a", "abcd", 2)
    (1, 1, 3)
    """
    if abs(len(first) - len(second)) > most:
        return most + 1
    before, row = [0] * (len(second) + 1), list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        before2, before, row = before, row, [i]
        for j, b in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, before2[j - 2] + 1)
            row.append(cost)
    return row[-1]
