"""What DCAT-AP 3.0.1 says, as its tables do: https://semiceu.github.io/DCAT-AP/releases/3.0.1/.

Copied from the tables of each class (range, cardinality), the quick reference (M mandatory, R recommended,
O optional) and section 10.2 (controlled vocabularies), so that the shapes have something to be held against.
"""

from typing import NamedTuple

CLASSES = {
    "Catalogue": "dcat:Catalog",
    "CatalogueRecord": "dcat:CatalogRecord",
    "Dataset": "dcat:Dataset",
    "DatasetSeries": "dcat:DatasetSeries",
    "Distribution": "dcat:Distribution",
    "DataService": "dcat:DataService",
    "Agent": "foaf:Agent",
    "Checksum": "spdx:Checksum",
    "Concept": "skos:Concept",
    "ConceptScheme": "skos:ConceptScheme",
    "Identifier": "adms:Identifier",
    "Kind": "vcard:Kind",
    "LicenceDocument": "dct:LicenseDocument",
    "Location": "dct:Location",
    "PeriodofTime": "dct:PeriodOfTime",
    "Relationship": "dcat:Relationship",
}

_TABLES = {
    "Catalogue": """
dct:title Literal 1..* M
dct:description Literal 1..* M
dct:publisher foaf:Agent 1..1 M
dcat:dataset dcat:Dataset 0..* O
dcat:service dcat:DataService 0..* O
dct:spatial dct:Location 0..* R
foaf:homepage foaf:Document 0..1 R
dct:language dct:LinguisticSystem 0..* R
dct:license dct:LicenseDocument 0..1 R
dct:modified TemporalLiteral 0..1 R
dct:issued TemporalLiteral 0..1 R
dcat:themeTaxonomy skos:ConceptScheme 0..* R
dcatap:applicableLegislation eli:LegalResource 0..* O
dcat:catalog dcat:Catalog 0..* O
dct:creator foaf:Agent 0..1 O
dct:hasPart dcat:Catalog 0..* O
dcat:record dcat:CatalogRecord 0..* O
dct:rights dct:RightsStatement 0..* O
dct:temporal dct:PeriodOfTime 0..* O
""",
    "CatalogueRecord": """
dct:modified TemporalLiteral 1..1 M
foaf:primaryTopic dcat:Resource 1..1 M
dct:conformsTo dct:Standard 0..* R
adms:status skos:Concept 0..1 R
dct:issued TemporalLiteral 0..1 R
dct:title Literal 0..* O
dct:description Literal 0..* O
dct:language dct:LinguisticSystem 0..* O
dct:source dcat:CatalogRecord 0..1 O
""",
    "Dataset": """
dct:title Literal 1..* M
dct:description Literal 1..* M
dcat:contactPoint vcard:Kind 0..* R
dcat:distribution dcat:Distribution 0..* R
dct:spatial dct:Location 0..* R
dcat:keyword Literal 0..* R
dct:publisher foaf:Agent 0..1 R
dct:temporal dct:PeriodOfTime 0..* R
dcat:theme skos:Concept 0..* R
dct:accessRights dct:RightsStatement 0..1 O
dcatap:applicableLegislation eli:LegalResource 0..* O
dct:conformsTo dct:Standard 0..* O
dct:creator foaf:Agent 0..* O
foaf:page foaf:Document 0..* O
dct:accrualPeriodicity dct:Frequency 0..1 O
dcat:hasVersion dcat:Dataset 0..* O
dct:identifier Literal 0..* O
dcat:inSeries dcat:DatasetSeries 0..* O
dct:isReferencedBy Resource 0..* O
dcat:landingPage foaf:Document 0..* O
dct:language dct:LinguisticSystem 0..* O
dct:modified TemporalLiteral 0..1 O
adms:identifier adms:Identifier 0..* O
dct:provenance dct:ProvenanceStatement 0..* O
prov:qualifiedAttribution prov:Attribution 0..* O
dcat:qualifiedRelation dcat:Relationship 0..* O
dct:relation Resource 0..* O
dct:issued TemporalLiteral 0..1 O
adms:sample dcat:Distribution 0..* O
dct:source dcat:Dataset 0..* O
dcat:spatialResolutionInMeters xsd:decimal 0..* O
dcat:temporalResolution xsd:duration 0..1 O
dct:type skos:Concept 0..* O
dcat:version Literal 0..1 O
adms:versionNotes Literal 0..* O
prov:wasGeneratedBy prov:Activity 0..* O
""",
    "DatasetSeries": """
dct:title Literal 1..* M
dct:description Literal 1..* M
dcat:contactPoint vcard:Kind 0..* R
dct:spatial dct:Location 0..* R
dct:publisher foaf:Agent 0..1 R
dcatap:applicableLegislation eli:LegalResource 0..* O
dct:accrualPeriodicity dct:Frequency 0..1 O
dct:modified TemporalLiteral 0..1 O
dct:issued TemporalLiteral 0..1 O
dct:temporal dct:PeriodOfTime 0..* O
""",
    "Distribution": """
dcat:accessURL Resource 1..* M
dcatap:availability skos:Concept 0..1 R
dct:description Literal 0..* R
dct:format dct:MediaTypeOrExtent 0..1 R
dct:license dct:LicenseDocument 0..1 R
dcat:accessService dcat:DataService 0..* O
dcatap:applicableLegislation eli:LegalResource 0..* O
dcat:byteSize xsd:nonNegativeInteger 0..1 O
spdx:checksum spdx:Checksum 0..1 O
dcat:compressFormat dct:MediaType 0..1 O
foaf:page foaf:Document 0..* O
dcat:downloadURL Resource 0..* O
odrl:hasPolicy odrl:Policy 0..1 O
dct:language dct:LinguisticSystem 0..* O
dct:conformsTo dct:Standard 0..* O
dcat:mediaType dct:MediaType 0..1 O
dct:modified TemporalLiteral 0..1 O
dcat:packageFormat dct:MediaType 0..1 O
dct:issued TemporalLiteral 0..1 O
dct:rights dct:RightsStatement 0..* O
dcat:spatialResolutionInMeters xsd:decimal 0..1 O
adms:status skos:Concept 0..1 O
dcat:temporalResolution xsd:duration 0..1 O
dct:title Literal 0..* O
""",
    "DataService": """
dct:title Literal 1..* M
dcat:endpointURL Resource 1..* M
dct:conformsTo dct:Standard 0..* R
dcat:contactPoint vcard:Kind 0..* R
dcat:endpointDescription Resource 0..* R
dcat:keyword Literal 0..* R
dct:publisher foaf:Agent 0..1 R
dcat:servesDataset dcat:Dataset 0..* R
dcat:theme skos:Concept 0..* R
dct:accessRights dct:RightsStatement 0..1 O
dcatap:applicableLegislation eli:LegalResource 0..* O
dct:description Literal 0..* O
foaf:page foaf:Document 0..* O
dct:format dct:MediaTypeOrExtent 0..* O
dcat:landingPage foaf:Document 0..* O
dct:license dct:LicenseDocument 0..1 O
""",
    "Agent": """
foaf:name Literal 1..* M
dct:type skos:Concept 0..1 R
""",
    "Checksum": """
spdx:algorithm spdx:ChecksumAlgorithm 1..1 M
spdx:checksumValue xsd:hexBinary 1..1 M
""",
    "Concept": """
skos:prefLabel Literal 1..* M
""",
    "ConceptScheme": """
dct:title Literal 1..* M
""",
    "Identifier": """
skos:notation Literal 1..1 M
""",
    "Kind": """
""",
    "LicenceDocument": """
dct:type skos:Concept 0..* R
""",
    "Location": """
dcat:bbox Literal 0..1 R
dcat:centroid Literal 0..1 R
locn:geometry locn:Geometry 0..1 O
""",
    "PeriodofTime": """
dcat:startDate TemporalLiteral 0..1 R
dcat:endDate TemporalLiteral 0..1 R
time:hasBeginning time:Instant 0..1 O
time:hasEnd time:Instant 0..1 O
""",
    "Relationship": """
dcat:hadRole dcat:Role 1..* M
dct:relation Resource 1..* M
""",
}

EU = "http://publications.europa.eu/resource/authority/"
IANA = "https://www.iana.org/assignments/media-types/"

MUST = {
    ("Distribution", "dcat:mediaType"): f"{IANA}text/csv",
    ("Distribution", "dcat:compressFormat"): f"{IANA}application/gzip",
    ("Distribution", "dcat:packageFormat"): f"{IANA}application/zip",
    ("Distribution", "dct:format"): f"{EU}file-type/CSV",
    ("DataService", "dct:format"): f"{EU}file-type/JSON",
    ("Dataset", "dct:accrualPeriodicity"): f"{EU}frequency/MONTHLY",
    ("DatasetSeries", "dct:accrualPeriodicity"): f"{EU}frequency/ANNUAL",
    ("Catalogue", "dct:language"): f"{EU}language/FRA",
    ("CatalogueRecord", "dct:language"): f"{EU}language/FRA",
    ("Dataset", "dct:language"): f"{EU}language/DEU",
    ("Distribution", "dct:language"): f"{EU}language/ENG",
    ("Distribution", "adms:status"): f"{EU}distribution-status/COMPLETED",
    ("Distribution", "dcatap:availability"): f"{EU}planned-availability/STABLE",
    ("Checksum", "spdx:algorithm"): "http://spdx.org/rdf/terms#checksumAlgorithm_sha256",
}
"""Vocabularies that must be used, with a value of each."""

AT_LEAST_ONE = {
    ("Dataset", "dcat:theme"): f"{EU}data-theme/ENVI",
    ("DataService", "dcat:theme"): f"{EU}data-theme/TRAN",
}
RECOMMENDED = {
    ("Agent", "dct:type"): "http://purl.org/adms/publishertype/LocalAuthority",
    ("LicenceDocument", "dct:type"): "http://purl.org/adms/licencetype/Attribution",
    ("Dataset", "dct:accessRights"): f"{EU}access-right/PUBLIC",
    ("DataService", "dct:accessRights"): f"{EU}access-right/RESTRICTED",
}
LEGAL = {
    ("Distribution", "dct:license"): f"{EU}licence/CC_BY_4_0",
    ("DataService", "dct:license"): f"{EU}licence/CC0",
}
"""Section 11, Legal information: the licence list is recommended; local licences may stand beside it."""
MAY = {
    ("Dataset", "dct:type"): f"{EU}dataset-type/STATISTICAL",
    ("Catalogue", "dct:spatial"): f"{EU}country/FRA",
    ("Dataset", "dct:spatial"): f"{EU}place/FRA_PAR",
    ("DatasetSeries", "dct:spatial"): "https://sws.geonames.org/3017382/",
}
VALUES = MUST | AT_LEAST_ONE | RECOMMENDED | LEGAL | MAY

DEPRECATED = {"dct:hasVersion", "dct:isVersionOf", "owl:versionInfo"}
"""Of a dataset: quick reference, deprecated properties."""


class Property(NamedTuple):
    """A row of a table; `most` is None for *."""

    of: str
    path: str
    range: str
    least: int
    most: int | None
    level: str


def _rows(of: str, table: str) -> list[Property]:
    rows = []
    for line in table.split("\n"):
        if line:
            path, range_, cardinality, level = line.split()
            least, _, most = cardinality.partition("..")
            rows.append(Property(of, path, range_, int(least), None if most == "*" else int(most), level))
    return rows


PROPERTIES = [row for of, table in _TABLES.items() for row in _rows(of, table)]
