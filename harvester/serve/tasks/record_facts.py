"""What a page shows of a record, by the kind of thing that it is."""

import json
from collections.abc import Callable, Mapping

from pyoxigraph import NamedNode, Store

from harvester.rdf.iris import is_valid
from harvester.serve.tasks.common_facts import COLLECTION
from harvester.serve.tasks.dataset_facts import dataset
from harvester.serve.tasks.facts import About, Facts, JsonObject
from harvester.serve.tasks.linked import found_in
from harvester.serve.tasks.other_facts import reuse, service, topic
from harvester.serve.tasks.publisher_facts import publisher, publishes_data
from harvester.vocab import DCAT, FOAF, ORG, RDF, RECORD_GRAPHS, SCHEMA, resource_of
from harvester.workers.task import Work

_KINDS: Mapping[str, Callable[[Facts, NamedNode], JsonObject]] = {
    "dataset": dataset,
    "reuse": reuse,
    "dataservice": service,
    "organization": publisher,
    "topic": topic,
}


def record_facts(work: Work, name: str, language: str) -> None:
    """Write what the page of `name` (an IRI, or the portal's id) shows, as JSON, labels in a language.

    `resource` in it is the IRI, `kind` one of dataset, reuse, dataservice, organization, topic, or "" for
    what has no page of its own. Raises Refused: 404 for an unknown name, 410 for what is gone.
    """
    resource = NamedNode(name if has_record(work.store, name) else found_in(work, name))
    facts = Facts(work.store, language)
    kind = kind_of(facts, facts.about(resource))
    shown = _KINDS[kind](facts, resource) if kind else {}
    work.sink.begin("application/json")
    document = {"kind": kind, "resource": resource.value, **shown}
    work.sink.write(json.dumps(document, ensure_ascii=False).encode())


def has_record(store: Store, iri: str) -> bool:
    """Tell whether a portal has a record of this IRI; it takes no look at all records, which others need."""
    if not is_valid(iri):
        return False
    typed = store.quads_for_pattern(NamedNode(iri), NamedNode(RDF + "type"), None, None)
    graphs = {quad.graph_name.value for quad in typed if isinstance(quad.graph_name, NamedNode)}
    return any(graph.startswith(RECORD_GRAPHS) and resource_of(graph) == iri for graph in graphs)


def kind_of(facts: Facts, about: About) -> str:
    """Return the kind of page that suits a thing best, "" if none does."""
    if about.is_a(DCAT + "Dataset"):
        return "dataset"
    if about.is_a(DCAT + "DataService"):
        return "dataservice"
    if about.is_a(DCAT + "Resource"):
        return "reuse"
    if about.is_a(COLLECTION):
        return "topic"
    if about.is_a(FOAF + "Organization", ORG + "Organization", SCHEMA + "Organization"):
        return "organization"
    if isinstance(about.subject, NamedNode) and publishes_data(facts, about.subject):
        return "organization"
    return ""
