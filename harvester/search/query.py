"""Queries of the index, made of words: each word has points by where it stands, and by how rare it is."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import ceil, log2
from typing import Any, cast

from tantivy import Occur, Query, Schema, Searcher

from harvester.search.layout import TEXTS, stems
from harvester.search.words import LANGUAGES, Wanted, Word, fold

# A score is a sum of whole numbers, small enough for a float of 32 bits to hold them all: it does not depend
# on the order in which an index adds them up, nor, as BM25 would, on documents that it no longer has.
_POINTS = {"title": 8, "keyword": 5, "publisher-name": 4, "text": 2}
_BEGINNING = 3
_SIMILAR = 3
"""Points of a word that begins as the query's does, and of one that is spelt nearly so."""
_PHRASE, _WHOLE_TITLE = 4, 12
"""Points for words of a title that stand together as they do in the query, and if they are all of it."""
_SHORTEST_SIMILAR, SHORTEST_TWO = 4, 7
"""Letters from which one, or two, may be wrong, and from which a beginning is looked for."""
_MOST_WORDS_OF = 0.6
"""Share of the words that a record must have, where none has them all."""


class Queries:
    """Makes queries for one reader of an index; remembers how many records have a word."""

    def __init__(self, searcher: Searcher, schema: Schema) -> None:
        self._schema = schema
        self._searcher = searcher
        self._having = lru_cache(maxsize=20_000)(self._count_having)

    def count(self, query: Query) -> int:
        """Return how many records a query finds, exactly."""
        return cast("int", cast("Any", self._searcher.search(query, 1)).count)

    def attempts(self, text: str, wanted: Wanted) -> Iterator[tuple[Query, bool]]:
        """Yield what may find the records that a text asks for, and whether it is all that was asked for.

        The first that finds any is the answer: records with all the words, or else with words like them, or
        else with most of them.
        """
        if not wanted.words:
            yield Query.all_query(), True
            return
        by_name = self.any_of(("iri", "id"), [text])
        if self.count(by_name):
            yield by_name, True
            return
        # How rare a word is tells it from others only.
        rarity = [self._rarity(word) if len(wanted.words) > 1 else 1 for word in wanted.words]
        extra = self._extra(text, wanted, sum(rarity))
        last = len(wanted.words) - 1
        exact = [
            self._exact(word, rare, open_=wanted.open and number == last)
            for number, (word, rare) in enumerate(zip(wanted.words, rarity, strict=True))
        ]
        yield self._all([*exact, *self._phrases(wanted)], extra), True
        parts = zip(wanted.words, rarity, exact, strict=True)
        loose = [best_of([query, self.similar(word, rare)]) for word, rare, query in parts]
        yield self._all(loose, extra), False
        if len(loose) > 1:
            most = [(Occur.Should, each) for each in loose]
            yield Query.boolean_query(most, ceil(len(loose) * _MOST_WORDS_OF)), False

    def has(self, word: Word) -> bool:
        """Tell whether any record has a word."""
        return bool(self._having(word))

    def similar(self, word: Word, rarity: int = 1) -> Query:
        """Return what finds words of titles, keywords and publishers that are spelt nearly like one."""
        if len(word.plain) < _SHORTEST_SIMILAR or word.plain.isdecimal():
            return Query.empty_query()
        distance = 1 if len(word.plain) < SHORTEST_TWO else 2
        query = Query.fuzzy_term_query(self._schema, "word", word.plain, distance)
        return points(query, _SIMILAR * rarity)

    def any_of(self, fields: Iterable[str], values: Sequence[str]) -> Query:
        """Return what finds records that have one of some values in one of some fields, for no points."""
        terms = [(Occur.Should, self._term(field, value)) for field in fields for value in values]
        return points(Query.boolean_query(terms), 0)

    @staticmethod
    def _all(needed: Sequence[Query], extra: Sequence[Query]) -> Query:
        must = [(Occur.Must, query) for query in needed]
        return Query.boolean_query(must + [(Occur.Should, query) for query in extra])

    def _rarity(self, word: Word) -> int:
        return max(1, round(2 * log2((1 + self._searcher.num_docs) / (1 + self._having(word)))))

    def _count_having(self, word: Word) -> int:
        return self.count(self._word(word, 1))

    def _exact(self, word: Word, rarity: int, *, open_: bool) -> Query:
        query = self._word(word, rarity)
        if not open_ or len(word.plain) < _SHORTEST_SIMILAR or self.has(word):
            return query
        return points(
            Query.fuzzy_term_query(self._schema, "word", word.plain, 0, prefix=True), _BEGINNING * rarity
        )

    def _word(self, word: Word, rarity: int) -> Query:
        found = [
            points(self._term(stems(text, language), stem), _POINTS[text] * rarity)
            for text in TEXTS
            for language, stem in zip(LANGUAGES, word.stems, strict=True)
        ]
        return best_of(found)

    def _extra(self, text: str, wanted: Wanted, rarity: int) -> list[Query]:
        """Return what makes a record a better one, though it need not have it."""
        given = [points(self._term("whole-title", fold(text)), _WHOLE_TITLE * rarity)]
        pairs = zip(wanted.words, wanted.words[1:], strict=False)
        for first, second in pairs:
            given.append(points(self._phrase("title", (first, second)), _PHRASE * rarity))
        return given

    def _phrases(self, wanted: Wanted) -> list[Query]:
        return [
            points(best_of([self._phrase(text, phrase) for text in TEXTS]), 1) for phrase in wanted.phrases
        ]

    def _phrase(self, text: str, words: Sequence[Word]) -> Query:
        found = []
        for number, language in enumerate(LANGUAGES):
            # As far apart as they were typed: “de l’” between two words is not looked for, but counts.
            said: list[str | tuple[int, str]] = [
                (word.place - words[0].place, word.stems[number]) for word in words
            ]
            found.append(Query.phrase_query(self._schema, stems(text, language), said))
        return best_of(found)

    def _term(self, field: str, value: str) -> Query:
        return Query.term_query(self._schema, field, value.encode("utf-8", "replace").decode(), "basic")


def points(query: Query, number: int) -> Query:
    """Give each record that a query finds so many points."""
    return Query.const_score_query(query, float(number))


def best_of(queries: Sequence[Query]) -> Query:
    """Return what finds records that one of several queries finds, with the most points that one gives."""
    return Query.disjunction_max_query(list(queries))


def both(query: Query, filters: Iterable[Query]) -> Query:
    """Return what finds records that a query finds, and each of the filters."""
    return Query.boolean_query([(Occur.Must, each) for each in (query, *filters)])
