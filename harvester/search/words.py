"""Words: how texts and queries are cut up, folded and stemmed; the same for both."""

import re
import unicodedata
from dataclasses import dataclass

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

MOST_WORDS = 12
"""Words of a query that count: more than anybody types, and few enough to be cheap."""
MOST_TEXT = 500
"""Characters of a query that are looked at."""
_LONGEST_WORD = 60
"""Bytes; what is longer is left out, of texts and of queries."""

# Words that say nothing by themselves. What an elision leaves (l’, d’, qu’ …) is among them.
_EMPTY = frozenset(
    """
    a ainsi au aux avec c ce ces cet cette d dans de des du elle en et il ils j l la le les leur leurs m n ne
    nous on ou par pour qu que qui s sa se ses son sont sur t un une vos votre y
    an and are at by for from in is it its of or that the this to was were with
    """.split()  # noqa: SIM905  # as text, it can be read
)
_QUOTED = re.compile(r'"([^"]*)"|«([^»]*)»|“([^”]*)”')


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a query: as typed, folded (lower case, without accents), and its stem in each language.

    `place` is its number among the words that were typed.
    """

    typed: str
    plain: str
    stems: tuple[str, ...]
    place: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a query asks for: words, all of them, and phrases, of which the words are among `words` too.

    `open` tells that its last word may be the beginning of one.
    """

    words: tuple[Word, ...]
    phrases: tuple[tuple[Word, ...], ...] = ()
    open: bool = False


def _analyzer(language: str = "") -> TextAnalyzer:
    # Accents go before stems are taken, so that a query finds the same without them.
    builder = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD))
    builder = builder.filter(Filter.lowercase()).filter(Filter.ascii_fold())
    return builder.filter(Filter.stemmer(language)).build() if language else builder.build()


LANGUAGES = ("fr", "en")
ANALYZERS = {"fr": _analyzer("french"), "en": _analyzer("english"), "plain": _analyzer()}
"""By the name that fields call them by."""
_SPLIT = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_LONGEST_WORD)).build()


def normal(text: str) -> str:
    r"""Return text in one of the ways in which Unicode can write it: `é` is one character.

    >>> normal("e\u0301cole m\u00b2")
    'école m2'
    """
    return unicodedata.normalize("NFKC", text.encode("utf-8", "replace").decode())


def fold(text: str) -> str:
    """Return a text's words, folded, with a space between.

    >>> fold("L’École d'été")
    'l ecole d ete'
    """
    return " ".join(ANALYZERS["plain"].analyze(normal(text)))


def typed_words(text: str) -> list[tuple[str, str]]:
    """Return the words of a text: as they stand there, and folded."""
    text = normal(text)
    return list(zip(_SPLIT.analyze(text), ANALYZERS["plain"].analyze(text), strict=True))


def wanted(text: str) -> Wanted:
    """Read a query: words, and phrases in quotes. There is no other syntax, so that no text is wrong.

    >>> [word.plain for word in wanted("Les écoles d’Île-de-France").words]
    ['ecoles', 'ile', 'france']
    """
    text = normal(text[:MOST_TEXT])
    words = _words(text)
    telling = [word for word in words if word.plain not in _EMPTY] or words
    once = {word.plain: word for word in reversed(telling)}
    phrases = ["".join(groups) for groups in _QUOTED.findall(text)]
    return Wanted(
        tuple(sorted(once.values(), key=lambda word: word.place))[:MOST_WORDS],
        tuple(tuple(phrase) for phrase in map(_words, phrases) if len(phrase) > 1),
        open=text[-1:].isalnum(),
    )


def _words(text: str) -> list[Word]:
    folded = ANALYZERS["plain"].analyze(text)
    stems = zip(*(ANALYZERS[language].analyze(text) for language in LANGUAGES), strict=True)
    return [
        Word(*parts, place)
        for place, parts in enumerate(zip(_SPLIT.analyze(text), folded, stems, strict=True))
    ][: 3 * MOST_WORDS]
