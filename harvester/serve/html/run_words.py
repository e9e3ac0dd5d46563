"""What kinds of records, changes and outcomes of runs are called on pages and in feeds."""

from collections.abc import Mapping

from harvester.model import Category, Kind
from harvester.serve.html.words import Words


def kind_name(words: Words, kind: str) -> str:
    """Return the name of one kind of record, in the plural as the heading of a list."""
    return _kinds(words).get(kind, kind)


def change_name(words: Words, change: str) -> str:
    """Return the word for what became of a record."""
    names = {
        "added": words.pgettext("change", "added"),
        "changed": words.pgettext("change", "changed"),
        "removed": words.pgettext("change", "removed"),
    }
    return names.get(change, change)


def one_change_name(words: Words, change: str) -> str:
    """Return the word for what became of one record, beside its name."""
    names = {
        "added": words.pgettext("one record", "added"),
        "changed": words.pgettext("one record", "changed"),
        "removed": words.pgettext("one record", "removed"),
    }
    return names.get(change, change)


def outcome_name(words: Words, outcome: str) -> str:
    """Return the word for how a run ended; older versions told only of those that published."""
    names = {
        "": words.gettext("published"),
        "published": words.gettext("published"),
        "unchanged": words.gettext("nothing new"),
        "failed": words.gettext("failed"),
        "interrupted": words.gettext("cut off"),
        "running": words.gettext("running"),
    }
    return names.get(outcome, outcome)


def mode_name(words: Words, mode: str) -> str:
    """Return the word for how much of a portal a run read."""
    return {"full": words.gettext("full"), "delta": words.gettext("delta")}.get(mode, mode)


def category_name(words: Words, category: str) -> str:
    """Return what a kind of problem is called."""
    names: Mapping[str, str] = {
        Category.UNREACHABLE: words.gettext("unreachable"),
        Category.TOO_SLOW: words.gettext("too slow"),
        Category.REFUSED: words.gettext("refused by limits"),
        Category.NOT_RDF: words.gettext("not RDF"),
        Category.NOT_JSON: words.gettext("not JSON"),
        Category.INVALID_IRI: words.gettext("invalid IRI"),
        Category.INCOMPLETE: words.gettext("incomplete listing"),
        Category.CONFLICT: words.gettext("conflict"),
        Category.DANGLING: words.gettext("dangling link"),
        Category.GONE: words.gettext("gone"),
        Category.LOSSY: words.gettext("lossy format"),
        Category.UNKNOWN_TERM: words.gettext("unknown term"),
        Category.MALFORMED: words.gettext("malformed item"),
    }
    return names.get(category, category)


def _kinds(words: Words) -> Mapping[str, str]:
    return {
        Kind.CATALOG: words.gettext("catalogues"),
        Kind.DATASET: words.gettext("datasets"),
        Kind.SERVICE: words.gettext("data services"),
        Kind.AGENT: words.gettext("organizations and persons"),
        Kind.CONTACT: words.gettext("contact points"),
        Kind.REUSE: words.gettext("reuses"),
        Kind.CONCEPTS: words.gettext("concept schemes"),
        Kind.ORGANIZATION_DETAILS: words.gettext("details of organizations"),
        Kind.DATASET_DETAILS: words.gettext("details of datasets"),
        Kind.SERVICE_DETAILS: words.gettext("details of data services"),
        Kind.COMMUNITY_RESOURCE: words.gettext("community resources"),
        Kind.TOPIC: words.gettext("topics"),
        Kind.POST: words.gettext("posts"),
        Kind.DISCUSSION: words.gettext("discussions"),
        Kind.HARVEST_SOURCE: words.gettext("harvest sources"),
        Kind.ZONE: words.gettext("zones"),
        Kind.OTHER: words.gettext("other resources"),
    }
