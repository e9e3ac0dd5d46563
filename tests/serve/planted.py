"""A catalogue in which everything that a portal says is meant to do harm, or is more than anybody expects."""

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, serialize

from harvester.vocab import (
    ADMS,
    DCAT,
    DCT,
    FOAF,
    HV,
    ORG,
    PREFIXES,
    PROV,
    RDF,
    RDFS,
    SCHEMA,
    SKOS,
    VCARD,
    record_graph,
)

PORTAL = "evil.example"
OVERRIDE = "\u202e"
"""Turns the direction of what follows: https://www.unicode.org/reports/tr9/#Explicit_Directional_Overrides"""
TEXTS = (
    f"<script>alert(1)</script>{OVERRIDE}\"'><img src=x onerror=alert(2)>",
    f"</script>{OVERRIDE}<script>alert(3)</script>",
    f"{OVERRIDE}[press](javascript:alert(4)) ![x](javascript:alert(5)) <a href='javascript:alert(6)'>x</a>",
    "{{ 7*7 }} {% raw %} \u2028 ]]> <!-- <style>*{display:none}</style> <iframe src=//evil.example>",
)
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>".replace("<", "%3C").replace(">", "%3E"),
    "vbscript:msgbox(1)",
    "mailto:a@b.example?bcc=everybody@evil.example",
    "http://evil.example/'onmouseover='alert(1)",
)
TEXT_PROPERTIES = (
    *(
        DCT + name
        for name in ("title", "description", "identifier", "issued", "modified", "created", "rights")
    ),
    *(DCT + name for name in ("format", "license", "accrualPeriodicity", "language", "accessRights", "type")),
    *(
        DCAT + name
        for name in ("keyword", "theme", "byteSize", "mediaType", "version", "startDate", "endDate")
    ),
    *(FOAF + "name", SKOS + "altLabel", SKOS + "notation", SKOS + "prefLabel", RDFS + "label", VCARD + "fn"),
    *(SCHEMA + "name", SCHEMA + "description", SCHEMA + "termsOfService", SCHEMA + "commentCount"),
    *(ORG + "identifier", HV + "availability", HV + "absence", HV + "absentSince", HV + "reuses"),
)
LINK_PROPERTIES = (
    *(
        DCAT + name
        for name in ("landingPage", "downloadURL", "accessURL", "endpointURL", "endpointDescription")
    ),
    *(FOAF + name for name in ("homepage", "page", "logo", "mbox")),
    *(SCHEMA + name for name in ("image", "url", "logo", "documentation")),
    *(VCARD + name for name in ("hasEmail", "hasURL")),
    *(
        DCT + name
        for name in ("license", "conformsTo", "isReferencedBy", "references", "hasPart", "type", "source")
    ),
    *(DCAT + "theme", ORG + "classification", PROV + "wasDerivedFrom", PREFIXES["dcatap"] + "hvdCategory"),
)
PARTS = {
    "contactPoint": DCAT + "contactPoint",
    "publisher": DCT + "publisher",
    "temporal": DCT + "temporal",
    "spatial": DCT + "spatial",
    "right": DCT + "rights",
    "file": DCAT + "distribution",
    "community": DCAT + "distribution",
    "origin": FOAF + "isPrimaryTopicOf",
    "element": SCHEMA + "itemListElement",
    "talk": SCHEMA + "subjectOf",
    "identifier": ADMS + "identifier",
}
CLASSES = {
    "dataset": DCAT + "Dataset",
    "reuse": DCAT + "Resource",
    "service": DCAT + "DataService",
    "publisher": FOAF + "Organization",
    "topic": PREFIXES["dcmitype"] + "Collection",
}
_PART_CLASSES = (DCAT + "Distribution", SCHEMA + "Conversation", DCAT + "CatalogRecord")
_COMMUNITY = HV + "CommunityResource"


def iri_of(name: str) -> str:
    """The IRI of a planted record."""
    return f"http://{PORTAL}/{name}"


def planted() -> str:
    """Return the catalogue in TriG: a hostile record of each kind, its parts in circles."""
    quads: list[Quad] = []
    for kind, class_ in CLASSES.items():
        iri = iri_of(kind)
        graph = NamedNode(record_graph(PORTAL, iri))
        record = NamedNode(iri)
        quads.append(Quad(record, NamedNode(RDF + "type"), NamedNode(class_), graph))
        quads += _evil(record, graph)
        for number, (name, predicate) in enumerate(PARTS.items()):
            classes = [*_PART_CLASSES, _COMMUNITY] if name == "community" else _PART_CLASSES
            blank, named = BlankNode(f"{kind}{number}"), NamedNode(f"{iri}/part{number}")
            for part in (blank, named):
                quads.append(Quad(record, NamedNode(predicate), part, graph))
                quads += [Quad(part, NamedNode(RDF + "type"), NamedNode(each), graph) for each in classes]
                quads += _evil(part, graph)
                quads += [Quad(part, NamedNode(each), blank, graph) for each in PARTS.values()]
        note = NamedNode(record_graph(PORTAL, iri))
        notes = NamedNode(f"urn:x-harvester:records:{PORTAL}")
        quads.append(Quad(note, NamedNode(RDF + "type"), NamedNode(DCAT + "CatalogRecord"), notes))
        quads.append(Quad(note, NamedNode(FOAF + "primaryTopic"), record, notes))
        quads += _evil(note, notes)
    return serialize(quads, format=RdfFormat.TRIG).decode()


def _evil(subject: NamedNode | BlankNode, graph: NamedNode) -> list[Quad]:
    texts = [Literal(text) for text in TEXTS] + [Literal(TEXTS[0], language="fr")]
    said = [Quad(subject, NamedNode(each), text, graph) for each in TEXT_PROPERTIES for text in texts]
    links = [NamedNode(address) for address in ADDRESSES]
    return said + [Quad(subject, NamedNode(each), link, graph) for each in LINK_PROPERTIES for link in links]
