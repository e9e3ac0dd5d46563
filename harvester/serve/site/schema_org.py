"""A dataset in schema.org's terms, as search engines read it in its page.

https://developers.google.com/search/docs/appearance/structured-data/dataset says what Google's Dataset
Search wants. The terms are those of docs/schema-org.md, in a tree without references to anything outside.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from harvester.serve.html.rows import followable, shorten, web_address

SHORTEST_DESCRIPTION, LONGEST_DESCRIPTION = 50, 5_000
"""Characters of a description that Google takes."""
MOST_FILES = 40
MOST_KEYWORDS = 40
MOST_NAME = 500
MOST_ADDRESS = 2_000

_PUBLIC = "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
_LANGUAGES = "http://publications.europa.eu/resource/authority/language/"
_YEAR = re.compile(r"\d{4}(?:-\d\d|$)")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(Z|[+-]\d\d:\d\d)?")
_ESCAPES = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}
Facts = Mapping[str, Any]
Block = dict[str, Any]


def dataset_block(facts: Facts, canonical: str) -> Block:
    """Return the description of a dataset whose page here is at `canonical`; what is not said is left out."""
    iri = facts["resource"]
    title = _name(facts)
    publishers = _agents(facts, facts["publishers"])
    block = {
        "@context": "https://schema.org/",
        "@type": "Dataset",
        "@id": iri,
        "name": title,
        "alternateName": facts["acronym"],
        "description": _description(facts, title, canonical),
        "url": canonical,
        "sameAs": _same(facts),
        "identifier": facts["identifier"],
        "keywords": [value["text"] for value in facts["keywords"][:MOST_KEYWORDS]],
        "license": _one(_addresses(facts["common_licences"])),
        "creator": _one(_agents(facts, facts["roles"]["creator"]) or publishers),
        "publisher": _one(publishers),
        "datePublished": _instant(facts["instants"]["issued"]),
        "dateModified": _instant(facts["instants"]["modified"]),
        "dateCreated": _instant(facts["instants"]["created"]),
        "version": facts["version"],
        "inLanguage": _one(_languages(facts["languages"])),
        "isAccessibleForFree": any(value["iri"] == _PUBLIC for value in facts["access"]) or None,
        "temporalCoverage": _one(list(filter(None, map(_interval, facts["periods"])))),
        "spatialCoverage": _one(list(map(_place, facts["places"][:10]))),
        "includedInDataCatalog": _one(list(map(_catalogue, facts["catalogues"]))),
        "distribution": list(map(_download, facts["files"][:MOST_FILES])),
    }
    return _filled(block)


def in_script(block: Block) -> Markup:
    r"""Write a block as JSON that may stand in a script element whatever texts are in it.

    >>> in_script({"name": "</script>"})
    Markup('{"name":"\\u003c/script\\u003e"}')
    """
    text = json.dumps(block, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))  # noqa: S704  # no character is left that means anything in HTML


def _name(facts: Facts) -> str:
    return shorten(facts["title"]["text"], MOST_NAME) if facts["title"] else facts["resource"]


def _description(facts: Facts, title: str, canonical: str) -> str:
    """Return the description; one that Google would find too short also says what has it, and whose it is."""
    said = facts["description"]["text"].strip() if facts["description"] else ""
    if len(said) >= SHORTEST_DESCRIPTION:
        return shorten(said, LONGEST_DESCRIPTION - 1)
    names = [value["text"] for value in facts["publishers"]]
    names += [each["name"]["text"] for each in facts["catalogues"]]
    whole = " – ".join(filter(None, [title, said, *names]))
    return whole if len(whole) >= SHORTEST_DESCRIPTION else f"{whole} – {facts['resource']} – {canonical}"


def _same(facts: Facts) -> list[str]:
    """Return where the original is: the portal's page, a DOI, the IRI itself."""
    addresses = [facts["resource"], *(value["iri"] for value in facts["landing"]), *facts["identifiers"]]
    return [each for each in dict.fromkeys(addresses) if len(each) <= MOST_ADDRESS and followable(each)]


def _agents(facts: Facts, values: Sequence[Facts]) -> list[Block]:
    return [
        _filled({"@type": _kind(facts, value["iri"]), "@id": value["iri"], "name": value["text"]})
        for value in values[:10]
        if value["text"]
    ]


def _kind(facts: Facts, iri: str) -> str:
    return "Person" if iri in facts["persons"] else "Organization"


def _addresses(values: Iterable[Facts]) -> list[str]:
    return [value["iri"] for value in values if followable(value["iri"]) and not value["inferred"]] or [
        value["iri"] for value in values if followable(value["iri"])
    ]


def _languages(values: Iterable[Facts]) -> list[str]:
    """Return tags of languages, which the page says in words: those of code lists are left to the graph."""
    return [value["text"] for value in values if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]+)*", value["text"])]


def _instant(date: str) -> str:
    """Return a moment with a time zone: UTC where none is said, as udata means it; "" if it is none."""
    match = _MOMENT.fullmatch(date)
    return "" if not match else date if match[1] else f"{date}Z"


def _interval(period: Facts) -> str:
    """Return a time in the form of ISO 8601; an end that is not said is open."""
    start, end = (each if _YEAR.match(each) else "" for each in (period["start"], period["end"]))
    return f"{start or '..'}/{end or '..'}" if start or end else ""


def _place(place: Facts) -> Block:
    geo: Block = {}
    if place["box"]:
        west, south, east, north = place["box"]
        if (west, south) == (east, north):
            geo = {"@type": "GeoCoordinates", "latitude": south, "longitude": west}
        else:
            geo = {"@type": "GeoShape", "box": f"{south:.15g} {west:.15g} {north:.15g} {east:.15g}"}
    return _filled({"@type": "Place", "name": place["name"]["text"], "geo": geo})


def _catalogue(catalogue: Facts) -> Block:
    home = catalogue["homepage"]
    return _filled(
        {
            "@type": "DataCatalog",
            "@id": catalogue["name"]["iri"],
            "name": catalogue["name"]["text"],
            "url": home if followable(home) else "",
        }
    )


def _download(file: Facts) -> Block:
    address = next((each for each in (file["download"], file["access"]) if web_address(each)), "")
    size = file["bytes"]
    return _filled(
        {
            "@type": "DataDownload",
            "@id": file["iri"],
            "name": shorten(file["title"]["text"], MOST_NAME),
            "contentUrl": address if len(address) <= MOST_ADDRESS else "",
            "encodingFormat": _one(list(dict.fromkeys(file["encodings"]))[:5]),
            "contentSize": f"{size:.0f} B" if size is not None else "",
            "datePublished": _instant(file["issued"]),
            "dateModified": _instant(file["modified"]),
        }
    )


def _one(values: Sequence[Any]) -> Any:
    """Return the only value by itself, several as a list."""
    told = [value for value in values if value]
    return told[0] if len(told) == 1 else told


def _filled(block: Block) -> Block:
    """Leave out what is empty."""
    return {name: value for name, value in block.items() if value not in ("", None, [], {})}
