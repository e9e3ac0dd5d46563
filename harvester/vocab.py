"""Vocabulary terms and the names of graphs."""

from urllib.parse import quote, unquote

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
XSD = "http://www.w3.org/2001/XMLSchema#"
DCAT = "http://www.w3.org/ns/dcat#"
DCT = "http://purl.org/dc/terms/"
FOAF = "http://xmlns.com/foaf/0.1/"
SKOS = "http://www.w3.org/2004/02/skos/core#"
ADMS = "http://www.w3.org/ns/adms#"
VCARD = "http://www.w3.org/2006/vcard/ns#"
ORG = "http://www.w3.org/ns/org#"
SPDX = "http://spdx.org/rdf/terms#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
PROV = "http://www.w3.org/ns/prov#"
SCHEMA = "http://schema.org/"
DQV = "http://www.w3.org/ns/dqv#"
GEO = "http://www.opengis.net/ont/geosparql#"
HV = "urn:x-harvester:vocabulary#"
"""Our own few terms: counts and problems of a run. Documented in docs/mapping.md."""

PREFIXES = {
    "adms": ADMS,
    "cldfreq": "http://purl.org/cld/freq/",
    "dcat": DCAT,
    "dcatap": "http://data.europa.eu/r5r/",
    "dcmitype": "http://purl.org/dc/dcmitype/",
    "dct": DCT,
    "dqv": DQV,
    "eutheme": "http://publications.europa.eu/resource/authority/data-theme/",
    "eufreq": "http://publications.europa.eu/resource/authority/frequency/",
    "foaf": FOAF,
    "geo": GEO,
    "geodcat": "http://data.europa.eu/930/",
    "hv": HV,
    "hydra": HYDRA,
    "locn": "http://www.w3.org/ns/locn#",
    "odrl": "http://www.w3.org/ns/odrl/2/",
    "org": ORG,
    "prov": PROV,
    "rdf": RDF,
    "rdfs": RDFS,
    "schema": SCHEMA,
    "sioc": "http://rdfs.org/sioc/ns#",
    "skos": SKOS,
    "spdx": SPDX,
    "vcard": VCARD,
    "xsd": XSD,
}
"""Prefixes for output and for short-hand in queries."""

RECORD_GRAPHS = "urn:x-harvester:record:"
DETAILS_GRAPHS = "urn:x-harvester:details:"
INFERRED_GRAPHS = "urn:x-harvester:inferred:"
QUALITY_GRAPHS = "urn:x-harvester:quality:"
DERIVED_GRAPHS = (INFERRED_GRAPHS, QUALITY_GRAPHS)
"""What the harvester made of what portals said of a resource."""
SHARED = "mappings"
"""Portal key of vocabularies that are no portal's own: one graph each, whichever portals are harvested."""
OUR_GRAPHS = (*DERIVED_GRAPHS, f"{RECORD_GRAPHS}{SHARED}:")
"""What no portal said; `--no-inferred` leaves it out."""
RESOURCE_GRAPHS = (RECORD_GRAPHS, DETAILS_GRAPHS, *DERIVED_GRAPHS)
"""Graphs about one resource of one portal each: `<prefix><portal>:<resource>`."""
RECORDS_GRAPHS = "urn:x-harvester:records:"
RUNS_GRAPH = "urn:x-harvester:runs"
RUN = "urn:x-harvester:run:"
"""What the names of runs begin with."""


def record_graph(portal: str, resource: str) -> str:
    """Name the graph that holds what `portal` (its key, see `portal_key`) says of `resource`.

    The same IRI is also that of the record's dcat:CatalogRecord.

    >>> record_graph("data.example", "https://up.example/d/1?v=2")
    'urn:x-harvester:record:data.example:https://up.example/d/1%3Fv=2'
    """
    return f"{RECORD_GRAPHS}{quote(portal)}:{quote(resource, safe=_NSS)}"


def details_graph(portal: str, resource: str) -> str:
    """Name the graph that holds what `portal` says of `resource` in JSON, beyond its RDF.

    >>> details_graph("data.example", "https://up.example/d/1")
    'urn:x-harvester:details:data.example:https://up.example/d/1'
    """
    return f"{DETAILS_GRAPHS}{quote(portal)}:{quote(resource, safe=_NSS)}"


def inferred_graph(portal: str, resource: str) -> str:
    """Name the graph that holds what was inferred about `resource` of `portal`.

    >>> inferred_graph("data.example", "https://up.example/d/1")
    'urn:x-harvester:inferred:data.example:https://up.example/d/1'
    """
    return f"{INFERRED_GRAPHS}{quote(portal)}:{quote(resource, safe=_NSS)}"


def quality_graph(portal: str, resource: str) -> str:
    """Name the graph that holds the measured quality of `resource` of `portal`.

    >>> quality_graph("data.example", "https://up.example/d/1")
    'urn:x-harvester:quality:data.example:https://up.example/d/1'
    """
    return f"{QUALITY_GRAPHS}{quote(portal)}:{quote(resource, safe=_NSS)}"


def graphs_of(graph: str) -> tuple[str, ...]:
    """Name all graphs about the resource of one of them, whether they exist or not, that of its record first.

    >>> graphs_of("urn:x-harvester:inferred:data.example:urn:a")[:2]
    ('urn:x-harvester:record:data.example:urn:a', 'urn:x-harvester:details:data.example:urn:a')
    """
    prefix = next((prefix for prefix in RESOURCE_GRAPHS if graph.startswith(prefix)), None)
    return tuple(other + graph.removeprefix(prefix) for other in RESOURCE_GRAPHS) if prefix else ()


def derived_graphs(graph: str) -> tuple[str, ...]:
    """Name what was derived from a record, if `graph` is that of one; details have nothing of their own."""
    return graphs_of(graph)[-len(DERIVED_GRAPHS) :] if graph.startswith(RECORD_GRAPHS) else ()


def records_graph(portal: str) -> str:
    """Name the graph of the dcat:CatalogRecord descriptions of one portal.

    >>> records_graph("data.example")
    'urn:x-harvester:records:data.example'
    """
    return f"{RECORDS_GRAPHS}{quote(portal)}"


def resource_of(graph: str) -> str:
    """Return the resource IRI of a record or inferred graph.

    >>> resource_of(record_graph("127.0.0.1:7000", "urn:uuid:1"))
    'urn:uuid:1'
    """
    return unquote(graph.split(":", 4)[4])


_NSS = ":/@!$&'()*+,;=~"
"""Characters that RFC 8141 lets stand in a URN's name (`?` and `#` start other parts)."""
