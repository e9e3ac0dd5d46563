"""The query behind a search: the same records by the same facets, in SPARQL that a reader can go on from."""

from collections.abc import Iterator

from pyoxigraph import Literal, NamedNode

from harvester.search import terms
from harvester.search.terms import DATASET, EU, LISTS, ORGANIZATION, REUSE, SERVICE
from harvester.serve.site.asked import ALL, Asked

_PATHS = {
    "theme": "dcat:theme",
    "topic": "dcat:theme",
    "publisher": "dct:publisher",
    "format": "dcat:distribution/dct:format",
    "licence": "dct:license|dcat:distribution/dct:license",
    "frequency": "dct:accrualPeriodicity",
    "type": "dct:type",
}
_HVD = f"<{terms.HVD}>"
_PREFIXES = """\
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcatap: <http://data.europa.eu/r5r/>
PREFIX dct: <http://purl.org/dc/terms/>
PREFIX foaf: <http://xmlns.com/foaf/0.1/>
PREFIX hv: <urn:x-harvester:vocabulary#>
PREFIX org: <http://www.w3.org/ns/org#>"""
_CLASSES = {
    DATASET: ("dcat:Dataset",),
    SERVICE: ("dcat:DataService",),
    REUSE: ("dcat:Resource",),
    ORGANIZATION: ("foaf:Organization", "org:Organization"),
}
"""By kind: what has several classes is of the first kind."""
_MOST = 1_000


def sparql_of(asked: Asked) -> str:
    """Return a query for all records that a search with these facets finds.

    Of its text the query asks that each word be in the title, description or keywords as it stands; the
    index also knows other forms of words, and other spellings.
    """
    patterns = "\n".join(f"  {line}" for line in _patterns(asked))
    return f"""{_PREFIXES}

SELECT (MIN(?name) AS ?title) ?record WHERE {{
{patterns}
  OPTIONAL {{ ?record dct:title|foaf:name ?name }}
}}
GROUP BY ?record
ORDER BY ?title ?record
LIMIT {_MOST}"""


def _patterns(asked: Asked) -> Iterator[str]:
    yield from _kind(asked.kind)
    names = dict.fromkeys(name for name, _ in asked.facets)
    for name in names:
        values = [value for facet, value in asked.facets if facet == name]
        alternatives = [_facet(name, value, asked.kind) for value in values]
        if len(alternatives) == 1:
            yield alternatives[0]
        else:
            yield " UNION ".join(f"{{ {each} }}" for each in alternatives)
    words = asked.text.replace('"', " ").lower().split()
    if words:
        yield "# The search also finds other forms of these words, without accents and nearly so spelt."
    for word in words[:20]:
        text = str(Literal(word))
        yield (
            "FILTER EXISTS { ?record dct:title|foaf:name|dct:description|dcat:keyword ?text "
            f"FILTER(CONTAINS(LCASE(STR(?text)), {text})) }}"
        )


def _kind(kind: str) -> Iterator[str]:
    every = [name for names in _CLASSES.values() for name in names]
    classes = every if kind == ALL else list(_CLASSES[kind])
    if len(classes) == 1:
        yield f"?record a {classes[0]} ."
    else:
        yield f"VALUES ?class {{ {' '.join(classes)} }} ?record a ?class ."
    others = ["dcat:Catalog"]
    for other, names in _CLASSES.items():
        if kind in (other, ALL):
            break
        others += names
    nots = " ".join(f"FILTER NOT EXISTS {{ ?record a {other} }}" for other in others)
    yield f"FILTER isIRI(?record) {nots}"


def _facet(name: str, value: str, kind: str) -> str:
    """Return the pattern that a value of a facet stands for."""
    if name == "reused":
        has = "FILTER {}EXISTS {{ ?record hv:reuses ?reuses FILTER(?reuses > 0) }}"
        return has.format("" if value == "yes" else "NOT ")
    if name == "high-value":
        category = (
            f"?record dcatap:hvdCategory ?category }} UNION {{ ?record dcatap:applicableLegislation {_HVD}"
        )
        return f"FILTER {'' if value == 'yes' else 'NOT '}EXISTS {{ {{ {category} }} }}"
    path = _PATHS[name]
    if name == "type" and kind == ORGANIZATION:
        path = "org:classification"
    term = _iri(value)
    if term is None:
        text = Literal(value)
        word = f"?record {path} ?word . FILTER(isLiteral(?word) && LCASE(STR(?word)) = {text})"
        return f"{word} FILTER NOT EXISTS {{ ?record {path} ?code FILTER(isIRI(?code)) }}"
    pattern = f"?record {path} {term} ."
    if name in LISTS and not value.startswith(EU + LISTS[name]):  # what has a code goes by its code
        code = f"?record {path} ?code FILTER(STRSTARTS(STR(?code), {Literal(EU + LISTS[name])}))"
        return f"{pattern} FILTER NOT EXISTS {{ {code} }}"
    return pattern


def _iri(value: str) -> NamedNode | None:
    try:
        return NamedNode(value)
    except ValueError:
        return None
