"""What a page shows of a publisher: who it is, and what it publishes."""

from itertools import islice

from pyoxigraph import NamedNode

from harvester.serve.tasks.common_facts import dataset_line, newest, numbers, records, reuse_card, told
from harvester.serve.tasks.facts import About, Facts, JsonObject, Subject
from harvester.serve.tasks.quality_facts import quality
from harvester.vocab import DCAT, DCT, FOAF, ORG, SCHEMA

MOST_PUBLISHED = 200
"""Things of a publisher that are read for a page. Of one with more, the search index knows the rest."""
SHOWN_DATASETS = 20
SHOWN_REUSED = 6
SHOWN_REUSES = 30
SHOWN_SERVICES = 30


def publisher(facts: Facts, resource: NamedNode) -> JsonObject:
    """Return all that its page shows; `more` tells that it has too much to be counted here."""
    about = facts.about(resource)
    return {
        **told(about),
        "badges": about.values(ORG + "classification"),
        "homepages": about.values(FOAF + "homepage", SCHEMA + "url", most=5),
        "pages": about.values(FOAF + "page", most=3),
        "mails": about.values(FOAF + "mbox", most=3),
        "logos": about.values(FOAF + "logo", SCHEMA + "logo", most=3),
        "business": about.plain(ORG + "identifier"),
        "areas": about.values(DCT + "spatial", SCHEMA + "areaServed"),
        "quality": quality(facts, about),
        "numbers": numbers(about),
        "records": records(facts, resource),
        **_published(facts, resource),
    }


def publishes_data(facts: Facts, resource: NamedNode) -> bool:
    """Tell whether a dataset or data service names this as its publisher."""
    quads = facts.store.quads_for_pattern(None, NamedNode(DCT + "publisher"), resource, None)
    return any(
        facts.about(quad.subject).is_a(DCAT + "Dataset", DCAT + "DataService")
        for quad in islice(quads, 20)
        if isinstance(quad.subject, NamedNode)
    )


def _published(facts: Facts, resource: NamedNode) -> JsonObject:
    nodes = facts.subjects(DCT + "publisher", resource, MOST_PUBLISHED + 1)
    more = len(nodes) > MOST_PUBLISHED
    things = [facts.about(node) for node in nodes[: SHOWN_DATASETS if more else MOST_PUBLISHED]]
    datasets = [thing for thing in things if thing.is_a(DCAT + "Dataset")]
    reuses = [thing for thing in things if thing.is_a(DCAT + "Resource")]
    services = {thing.subject for thing in things if thing.is_a(DCAT + "DataService")}
    services.update(facts.subjects(SCHEMA + "provider", resource))
    reused = {each.subject: set(each.nodes(DCT + "isReferencedBy")) for each in datasets}
    counts = {subject: len(by) for subject, by in reused.items()}
    return {
        "more": more,
        "datasets": _newest(facts, datasets),
        "datasets_total": MOST_PUBLISHED if more else len(datasets),
        "reused": [] if more else _most_reused(facts, datasets, counts),
        "used_by": None if more else len(set[NamedNode]().union(*reused.values())),
        "reuses": [reuse_card(facts, reuse) for reuse in newest(reuses)[:SHOWN_REUSES]],
        "reuses_total": None if more else len(reuses),
        "services": [
            {"name": facts.value_of(node)}
            for node in sorted(services, key=lambda node: node.value)[:SHOWN_SERVICES]
        ],
        "services_total": len(services),
    }


def _newest(facts: Facts, datasets: list[About]) -> list[JsonObject]:
    ordered = newest(datasets, DCT + "modified")[:SHOWN_DATASETS]
    return [dataset_line(facts, NamedNode(each.subject.value)) for each in ordered]


def _most_reused(facts: Facts, datasets: list[About], counts: dict[Subject, int]) -> list[JsonObject]:
    ordered = sorted(datasets, key=lambda each: (-counts[each.subject], each.subject.value))
    best = [each for each in ordered if counts[each.subject]][:SHOWN_REUSED]
    return [
        {**dataset_line(facts, NamedNode(each.subject.value)), "reuses": counts[each.subject]}
        for each in best
    ]
