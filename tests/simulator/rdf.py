"""Records as udata 17.18 says them in RDF, one function per kind of node."""

from collections.abc import Iterable

from pyoxigraph import BlankNode, NamedNode

from tests.simulator import words
from tests.simulator.graph import Graph, Subject
from tests.simulator.names import Names
from tests.simulator.records import Contact, Dataset, Organization, Owner, Resource, Service
from tests.simulator.world import World

EU = "http://publications.europa.eu/resource/authority"
LAW = "http://data.europa.eu/eli/reg_impl/2023/138/oj"
LIMITED = (
    "http://inspire.ec.europa.eu/metadata-codelist/LimitationsOnPublicAccess/INSPIRE_Directive_Article13_1f"
)
ROLES = {
    "contact": "dcat:contactPoint",
    "publisher": "dcterms:publisher",
    "creator": "dcterms:creator",
    "rightsHolder": "dcterms:rightsHolder",
}
"""udata's role -> property; all others are GeoDCAT-AP's, by the same name."""


def describe_dataset(
    graph: Graph, world: World, names: Names, dataset: Dataset, *, listed: bool
) -> NamedNode:
    """Describe a dataset and what hangs from it, as `listed` in the catalogue or as in its own document."""
    node = graph.iri(names.dataset(dataset))
    graph.links(node, "rdf:type", "http://www.w3.org/ns/dcat#Dataset")
    _identify(graph, world, names, node, dataset)
    graph.texts(node, "dcterms:title", dataset.title)
    graph.texts(node, "dcterms:description", dataset.description)
    graph.texts(node, "skos:altLabel", dataset.acronym)
    graph.texts(node, "dcat:keyword", *dataset.tags)
    harvest = dataset.harvest
    for name, date in (
        ("dcterms:created", harvest.created if harvest else dataset.created),
        ("dcterms:issued", harvest.issued if harvest else dataset.created),
        ("dcterms:modified", harvest.modified if harvest else dataset.modified),
    ):
        graph.typed(node, name, date, "xsd:dateTime")
    page = (harvest and harvest.page) or names.page("datasets", dataset.slug)
    graph.links(node, "dcat:landingPage", page or f"{names.api}/datasets/{dataset.slug}/")
    graph.links(node, "dcterms:accrualPeriodicity", words.FREQUENCIES.get(dataset.frequency or ""))
    access = f"{EU}/access-right/{'NON_PUBLIC' if dataset.closed else 'PUBLIC'}"
    graph.links(node, "dcterms:accessRights", access)
    _rights_statement(graph, access)
    _regulate(graph, node, dataset)
    _agents(graph, names, node, dataset, listed=listed)
    if dataset.period:
        _period(graph, node, *dataset.period)
    for resource in dataset.resources:
        _distribution(graph, names, node, dataset, resource)
    if dataset.hvd:
        for service in world.services_of.get(dataset.index, ()):
            blank = graph.blank()
            graph.add(node, "dcat:distribution", blank)
            graph.links(blank, "rdf:type", "http://www.w3.org/ns/dcat#Distribution")
            graph.texts(blank, "dcterms:title", service.title)
            graph.links(blank, "dcat:accessURL", service.url)
            graph.add(blank, "dcat:accessService", describe_service(graph, world, names, service))
    return node


def describe_service(graph: Graph, world: World, names: Names, service: Service) -> NamedNode:
    """Describe a data service; what it serves may be on other pages, hidden, or gone."""
    node = graph.iri(names.service(service))
    if not graph.once(service.id):
        return node
    graph.links(node, "rdf:type", "http://www.w3.org/ns/dcat#DataService")
    graph.texts(node, "dcterms:identifier", f"svc-{service.index}" if service.uri else service.id)
    graph.texts(node, "dcterms:title", service.title)
    graph.texts(node, "dcterms:description", service.description)
    graph.texts(node, "dcat:keyword", *service.tags)
    graph.typed(node, "dcterms:created", service.created, "xsd:dateTime")
    graph.typed(node, "dcterms:issued", service.created, "xsd:dateTime")
    graph.typed(node, "dcterms:modified", service.modified, "xsd:dateTime")
    graph.links(node, "dcat:endpointURL", service.url)
    graph.links(node, "dcat:endpointDescription", service.documentation)
    page = names.page("dataservices", service.slug) or f"{names.api}/dataservices/{service.slug}/"
    graph.links(node, "dcat:landingPage", page)
    graph.links(node, "dcat:servesDataset", *(names.dataset(world.dataset(i)) for i in service.datasets))
    return node


def describe_catalog(
    graph: Graph, world: World, names: Names, datasets: Iterable[Dataset], *, first: bool
) -> NamedNode:
    """Describe one page of the catalogue: its head, its datasets, and the services that serve one of them.

    Services without datasets are on the first page.
    """
    node = graph.iri(names.catalog)
    graph.links(node, "rdf:type", "http://www.w3.org/ns/dcat#Catalog")
    graph.texts(node, "dcterms:title", world.title)
    graph.texts(node, "dcterms:description", world.title)
    graph.texts(node, "dcterms:language", "fr")
    graph.links(node, "foaf:homepage", names.home)
    publisher = graph.blank()
    graph.add(node, "dcterms:publisher", publisher)
    graph.links(publisher, "rdf:type", "http://xmlns.com/foaf/0.1/Organization")
    graph.texts(publisher, "foaf:name", "Étalab de test")
    services = {service.id: service for service in world.services if first and not service.datasets}
    for dataset in datasets:
        graph.add(node, "dcat:dataset", describe_dataset(graph, world, names, dataset, listed=True))
        services.update({service.id: service for service in world.services_of.get(dataset.index, ())})
    for service in services.values():
        graph.add(node, "dcat:service", describe_service(graph, world, names, service))
    return node


def _identify(graph: Graph, world: World, names: Names, node: Subject, dataset: Dataset) -> None:
    if dataset.harvest and dataset.harvest.identifier:
        graph.texts(node, "dcterms:identifier", dataset.harvest.identifier)
        blank = graph.blank()
        graph.add(node, "adms:identifier", blank)
        graph.links(blank, "rdf:type", "http://www.w3.org/ns/adms#Identifier")
        graph.texts(blank, "dcterms:creator", world.title)
        graph.texts(blank, "skos:notation", names.permalink("datasets", dataset.id))
    else:
        graph.texts(node, "dcterms:identifier", dataset.id)


def _distribution(graph: Graph, names: Names, parent: Subject, dataset: Dataset, resource: Resource) -> None:
    node = graph.iri(names.resource(dataset, resource))
    graph.add(parent, "dcat:distribution", node)
    graph.links(node, "rdf:type", "http://www.w3.org/ns/dcat#Distribution")
    graph.texts(node, "dcterms:identifier", resource.id)
    graph.texts(node, "dcterms:title", resource.title)
    graph.texts(node, "dcterms:description", str(resource.description))  # udata really writes "None"
    graph.links(node, "dcat:downloadURL", resource.url)
    graph.links(node, "dcat:accessURL", names.download(resource))
    graph.typed(node, "dcterms:issued", resource.created, "xsd:dateTime")
    graph.typed(node, "dcterms:modified", resource.modified, "xsd:dateTime")
    graph.typed(node, "dcat:byteSize", resource.size, "xsd:integer")
    graph.texts(node, "dcat:mediaType", resource.mime)
    graph.texts(node, "dcterms:format", resource.format)
    _license(graph, node, dataset)
    if dataset.hvd:
        graph.links(node, "dcatap:applicableLegislation", LAW)
    if resource.checksum:
        blank = graph.blank()
        graph.add(node, "spdx:checksum", blank)
        graph.links(blank, "rdf:type", "http://spdx.org/rdf/terms#Checksum")
        algorithm, value = resource.checksum
        graph.links(blank, "spdx:algorithm", f"http://spdx.org/rdf/terms#checksumAlgorithm_{algorithm}")
        graph.texts(blank, "spdx:checksumValue", value)
    if resource.format in ("ogc:wms", "wfs"):
        _ogc_service(graph, names, node, dataset, resource)


def _ogc_service(graph: Graph, names: Names, parent: Subject, dataset: Dataset, resource: Resource) -> None:
    blank = graph.blank()
    graph.add(parent, "dcat:accessService", blank)
    graph.links(blank, "rdf:type", "http://www.w3.org/ns/dcat#DataService")
    graph.texts(blank, "dcterms:title", resource.title)
    graph.links(blank, "dcat:endpointURL", resource.url.partition("?")[0])
    if "GetCapabilities" in resource.url:
        graph.links(blank, "dcat:endpointDescription", resource.url)
    kind = (resource.format or "").removeprefix("ogc:")
    graph.links(blank, "dcterms:conformsTo", f"http://www.opengeospatial.org/standards/{kind}")
    _license(graph, blank, dataset)
    _regulate(graph, blank, dataset)
    for contact in dataset.contacts:
        _contact(graph, names, blank, contact)


def _license(graph: Graph, node: Subject, dataset: Dataset) -> None:
    if dataset.license is not None:
        _, title, url = words.LICENSES[dataset.license]
        if url:
            graph.links(node, "dcterms:license", url)
        else:
            graph.texts(node, "dcterms:rights", title)
    if dataset.closed:
        graph.links(node, "dcterms:rights", LIMITED)
        if _rights_statement(graph, LIMITED):
            graph.texts(graph.iri(LIMITED), "dcterms:description", "Données à caractère personnel")


def _rights_statement(graph: Graph, iri: str) -> bool:
    """Describe an IRI that many datasets share."""
    new = graph.once(iri)
    if new:
        graph.links(graph.iri(iri), "rdf:type", "http://purl.org/dc/terms/RightsStatement")
    return new


def _regulate(graph: Graph, node: Subject, dataset: Dataset) -> None:
    if dataset.hvd:
        graph.links(node, "dcatap:applicableLegislation", LAW)
        graph.links(node, "dcatap:hvdCategory", f"http://data.europa.eu/bna/{words.HVD[dataset.hvd]}")


def _period(graph: Graph, node: Subject, start: str, end: str | None) -> None:
    blank = graph.blank()
    graph.add(node, "dcterms:temporal", blank)
    graph.links(blank, "rdf:type", "http://purl.org/dc/terms/PeriodOfTime")
    graph.typed(blank, "dcat:startDate", start, "xsd:date")
    graph.typed(blank, "dcat:endDate", end, "xsd:date")


def _agents(graph: Graph, names: Names, node: Subject, dataset: Dataset, *, listed: bool) -> None:
    """Add owner and contact points: beside a contact who publishes, the owner is the distributor.

    The catalogue says in every case that the owner publishes; the dataset's own document does not.
    """
    roles = [contact.role for contact in dataset.contacts]
    owner = _owner(graph, names, dataset.owner)
    if owner:
        properties = {"dcterms:publisher"} if listed or "publisher" not in roles else set()
        if "publisher" in roles and "distributor" not in roles:
            properties.add("geodcat:distributor")
        for name in sorted(properties):
            graph.add(node, name, owner)
    for contact in dataset.contacts:
        _contact(graph, names, node, contact)


def _owner(graph: Graph, names: Names, owner: Owner) -> NamedNode | None:
    if owner is None:
        return None
    node = graph.iri(names.owner(owner))
    if graph.once(owner.id):
        kind = "Organization" if isinstance(owner, Organization) else "Person"
        name = owner.name if isinstance(owner, Organization) else f"{owner.first_name} {owner.last_name}"
        graph.links(node, "rdf:type", f"http://xmlns.com/foaf/0.1/{kind}")
        graph.texts(node, "foaf:name", name)
        graph.texts(node, "rdfs:label", name)
        graph.links(node, "foaf:homepage", owner.homepage)
    return node


def _contact(graph: Graph, names: Names, parent: NamedNode | BlankNode, contact: Contact) -> None:
    node = graph.iri(names.contact(contact))
    graph.add(parent, ROLES.get(contact.role, f"geodcat:{contact.role}"), node)
    if not graph.once(contact.id):
        return
    if contact.role == "contact":
        graph.links(node, "rdf:type", "http://www.w3.org/2006/vcard/ns#Kind")
        graph.texts(node, "vcard:fn", contact.name)
        graph.links(node, "vcard:hasEmail", f"mailto:{contact.mail}")
        graph.links(node, "vcard:hasURL", contact.form)
    else:
        graph.links(node, "rdf:type", "http://xmlns.com/foaf/0.1/Agent")
        graph.texts(node, "foaf:name", contact.name)
        graph.links(node, "foaf:mbox", f"mailto:{contact.mail}")
        graph.links(node, "foaf:page", contact.form)
