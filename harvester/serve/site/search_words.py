"""What kinds, facets, orders and ratings are called on the pages of searches."""

from harvester.search.terms import DATASET, ORGANIZATION, REUSE, SERVICE
from harvester.serve.html.words import Words
from harvester.serve.site.asked import ALL

_RATINGS = (351, 221, 121, 0)
"""Least points of each: https://data.europa.eu/mqa/methodology."""
KINDS_OF_REUSE = frozenset(
    ("api", "application", "hardware", "idea", "news_article", "paper", "post", "visualization")
)
"""Codes of udata's types of reuses, which have a colour of their own."""


def kind_name(words: Words, kind: str) -> str:
    """Return what a tab is called."""
    return {
        DATASET: words.gettext("Datasets"),
        REUSE: words.gettext("Reuses"),
        ORGANIZATION: words.gettext("Publishers"),
        SERVICE: words.gettext("Data services"),
        ALL: words.gettext("Everything"),
    }[kind]


def one_of_kind(words: Words, kind: str) -> str:
    """Return what one hit is."""
    return {
        DATASET: words.gettext("Dataset"),
        REUSE: words.gettext("Reuse"),
        ORGANIZATION: words.gettext("Publisher"),
        SERVICE: words.gettext("Data service"),
    }.get(kind, kind)


def found_words(words: Words, kind: str, total: int) -> str:
    """Say how many were found."""
    if kind == DATASET:
        return words.ngettext("%(num)s dataset", "%(num)s datasets", total)
    if kind == REUSE:
        return words.ngettext("%(num)s reuse", "%(num)s reuses", total)
    if kind == ORGANIZATION:
        return words.ngettext("%(num)s publisher", "%(num)s publishers", total)
    if kind == SERVICE:
        return words.ngettext("%(num)s data service", "%(num)s data services", total)
    return words.ngettext("%(num)s record", "%(num)s records", total)


def facet_name(words: Words, name: str) -> str:
    """Return the heading of a facet."""
    return {
        "theme": words.gettext("Theme"),
        "topic": words.pgettext("of a reuse", "Topic"),
        "type": words.gettext("Type"),
        "publisher": words.gettext("Publisher"),
        "format": words.gettext("Format"),
        "licence": words.gettext("Licence"),
        "frequency": words.gettext("Update frequency"),
        "reused": words.gettext("Reused"),
        "high-value": words.gettext("High-value dataset"),
    }[name]


def value_name(words: Words, label: str) -> str:
    """Return what a value that is yes or no is called, any other as it stands."""
    return {"yes": words.gettext("Yes"), "no": words.gettext("No")}.get(label, label)


def sort_name(words: Words, sort: str) -> str:
    """Return what an order is called."""
    return {
        "relevance": words.gettext("Best match"),
        "newest": words.gettext("Newest"),
        "reused": words.gettext("Most reused"),
        "title": words.gettext("Title"),
    }[sort]


def rating(words: Words, score: int | None) -> str:
    """Return the European portal's word for so many points of quality, "" if they were not measured."""
    if score is None:
        return ""
    names = (
        words.pgettext("quality", "excellent"),
        words.pgettext("quality", "good"),
        words.pgettext("quality", "sufficient"),
        words.pgettext("quality", "poor"),
    )
    return next(name for name, least in zip(names, _RATINGS, strict=True) if score >= least)
