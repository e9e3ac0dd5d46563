"""What pages show of records of several kinds: words, dates, numbers, history, what people say about them."""

from collections.abc import Iterable

from pyoxigraph import Literal, NamedNode

from harvester.serve.tasks.facts import MOST_DESCRIPTION, About, Facts, JsonObject, Subject
from harvester.serve.tasks.labels import TITLES
from harvester.vocab import ADMS, DCAT, DCT, FOAF, HV, PREFIXES, PROV, RDFS, SCHEMA, SKOS

SIOC = PREFIXES["sioc"]
COLLECTION = PREFIXES["dcmitype"] + "Collection"

SHOWN_DISCUSSIONS = 5
MOST_DISCUSSIONS = 500
_DEPRECATED = "http://purl.org/adms/status/Deprecated"
_COUNTED = {"ViewAction": "views", "DownloadAction": "downloads", "FollowAction": "followers"}


def told(about: About) -> JsonObject:
    """Return what a record tells of itself: title, description, who publishes it, where, when."""
    return {
        "title": about.text(DCT + "title", FOAF + "name", SCHEMA + "name", *TITLES),
        "acronym": about.plain(SKOS + "altLabel"),
        "description": about.text(
            DCT + "description", SCHEMA + "description", RDFS + "comment", most=MOST_DESCRIPTION
        ),
        "identifier": about.plain(DCT + "identifier"),
        "publishers": about.values(DCT + "publisher", most=20),
        "landing": about.values(DCAT + "landingPage", most=5),
        "created": about.settled(DCT + "created")[:1],
        "issued": about.settled(DCT + "issued")[:1],
        "modified": about.settled(DCT + "modified")[:1],
        "instants": {name: _instant(about, DCT + name) for name in ("created", "issued", "modified")},
        "featured": about.plain(HV + "featured") == "true",
        "archived": _DEPRECATED in (node.value for node in about.nodes(ADMS + "status")),
    }


def _instant(about: About, predicate: str) -> str:
    """Return a date, rather one with its time zone."""
    dates = [term.value for term, _ in about.said(predicate) if isinstance(term, Literal)]
    return next((date for date in dates if date.endswith("Z")), dates[0] if dates else "")


def numbers(about: About) -> dict[str, int]:
    """Return how often a thing was viewed, downloaded and followed, as far as the portal counts."""
    found = dict.fromkeys(_COUNTED.values(), 0)
    for counter in about.parts(SCHEMA + "interactionStatistic", most=20):
        count = counter.number(SCHEMA + "userInteractionCount")
        for kind in counter.nodes(SCHEMA + "interactionType"):
            name = _COUNTED.get(kind.value.removeprefix(SCHEMA))
            if name and count:
                found[name] = int(count)
    return found


def records(facts: Facts, resource: NamedNode) -> list[JsonObject]:
    """Return what the harvester notes of a resource: when it met it first, when it changed, by which run."""
    found = []
    for node in facts.subjects(FOAF + "primaryTopic", resource, 20):
        record = facts.about(node)
        if record.is_a(DCAT + "CatalogRecord"):
            issued = record.plain(DCT + "issued")
            earlier = _runs(facts, record.nodes(HV + "touchedEarlierBy"))
            found.append(
                {
                    "issued": issued,
                    "modified": record.plain(DCT + "modified"),
                    "run": record.address(PROV + "wasGeneratedBy"),
                    "change": record.plain(HV + "change"),
                    "earlier": [run for run in earlier if run["when"] != issued],
                    "source": record.address(DCT + "source"),
                    "absence": record.plain(HV + "absence"),
                    "absent_since": record.plain(HV + "absentSince"),
                }
            )
    return found


def _runs(facts: Facts, runs: Iterable[Subject]) -> list[JsonObject]:
    """Return those runs of which the catalogue still tells when they were, the last one first."""
    found = [(facts.about(run).plain(PROV + "startedAtTime"), run.value) for run in runs]
    return [{"run": run, "when": when} for when, run in sorted(found, reverse=True) if when]


def discussions(facts: Facts, about: About) -> JsonObject:
    """Return how many discussions there are, how many are open, when the last comment came, the newest."""
    threads = [facts.about(node) for node in about.nodes(SCHEMA + "subjectOf", most=MOST_DISCUSSIONS)]
    threads = [thread for thread in threads if thread.is_a(SCHEMA + "Conversation")]
    found = [_thread(facts, thread) for thread in threads]
    found.sort(key=lambda thread: (str(thread["last"]), thread["name"]["iri"]), reverse=True)
    return {
        "total": len(found),
        "open": sum(not thread["closed"] for thread in found),
        "last": found[0]["last"] if found else "",
        "newest": found[:SHOWN_DISCUSSIONS],
    }


def _thread(facts: Facts, thread: About) -> JsonObject:
    return {
        "name": facts.value_of(thread.subject),
        "title": thread.text(DCT + "title", SCHEMA + "name"),
        "page": thread.address(FOAF + "page", SCHEMA + "url"),
        "comments": int(thread.number(SCHEMA + "commentCount") or 0),
        "last": thread.plain(SIOC + "last_activity_date", DCT + "created"),
        "closed": thread.plain(HV + "closed"),
    }


def listed_topics(facts: Facts, about: About) -> list[JsonObject]:
    """Return the collections of a portal that a thing is in."""
    nodes = [node for node in about.nodes(DCT + "isPartOf") if facts.about(node).is_a(COLLECTION)]
    return [facts.value_of(node) for node in nodes[:20]]


def newest(things: Iterable[About], predicate: str = DCT + "issued") -> list[About]:
    """Return things by a date of theirs, the newest first."""
    return sorted(things, key=lambda each: (each.plain(predicate), each.subject.value), reverse=True)


def reuse_card(facts: Facts, reuse: About) -> JsonObject:
    """Return what a card shows of a reuse."""
    return {
        "name": facts.value_of(reuse.subject),
        "types": reuse.values(DCT + "type", most=3),
        "creators": reuse.values(DCT + "publisher", SCHEMA + "creator", most=3),
        "issued": reuse.plain(DCT + "issued"),
        "address": reuse.address(FOAF + "homepage", SCHEMA + "url"),
        "picture": reuse.address(SCHEMA + "image"),
    }


def dataset_line(facts: Facts, node: NamedNode) -> JsonObject:
    """Return what a list shows of a dataset."""
    about = facts.about(node)
    return {
        "name": facts.value_of(node),
        "publishers": about.values(DCT + "publisher", most=2),
        "modified": about.plain(DCT + "modified"),
        "reuses": int(about.number(HV + "reuses") or 0),
    }
