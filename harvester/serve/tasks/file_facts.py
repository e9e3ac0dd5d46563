"""What a page shows of the files of a dataset: its distributions, and those that others made."""

from collections import Counter

from pyoxigraph import Literal, NamedNode

from harvester.serve.tasks.facts import About, Facts, JsonObject, Said, Term, distinct
from harvester.vocab import DCAT, DCT, HV

MOST_FILES = 5_000
"""Files that are counted."""
SHOWN_FILES = 160
"""Files that are described, as far as the page has room for their addresses and titles."""
MOST_CHARACTERS = 50_000
SHOWN_WHOLE = 25
"""Files that are shown with their description; the rest are lines that a reader unfolds."""
MOST_SUMMARY = 200
MOST_SHARED = 10

_MAIN = "#main"


def files(facts: Facts, dataset: About) -> JsonObject:
    """Return the files, the newest first and documentation last, and what can be said of them all."""
    nodes = dataset.nodes(DCAT + "distribution", most=MOST_FILES)
    read = sorted((facts.about(node, whole=True) for node in nodes[:SHOWN_FILES]), key=_name)
    read.sort(key=_date, reverse=True)
    read.sort(key=lambda file: not _is_main(file))
    read = read[: _fitting(read)]
    checked = next(iter(facts.store.quads_for_pattern(None, NamedNode(HV + "httpStatus"), None, None)), None)
    community = [file for file in read if file.is_a(HV + "CommunityResource")]
    own = [file for file in read if file not in community]
    licences = dataset.values(DCT + "license")
    return {
        "files": [
            _file(facts, file, described=n < SHOWN_WHOLE, checked=bool(checked)) for n, file in enumerate(own)
        ],
        "files_total": len(nodes) - len(community),
        "community": [_file(facts, file, described=True, checked=bool(checked)) for file in community],
        "licences": licences or _shared(facts, own, DCT + "license"),
        "licences_of_files": not licences,
        "common_licences": licences or _common(facts, own, DCT + "license"),
        "rights": _shared(facts, own, DCT + "rights"),
    }


def _fitting(files: list[About]) -> int:
    """Return how many files fit on a page."""
    room = MOST_CHARACTERS
    for number, file in enumerate(files):
        texts = (DCT + "title", DCAT + "downloadURL", DCAT + "accessURL", DCT + "description")
        room -= len(str(file.subject)) + sum(len(file.plain(predicate)[:500]) for predicate in texts)
        if room < 0:
            return max(1, number)
    return len(files)


def _name(file: About) -> str:
    return file.plain(DCT + "title") + file.plain(DCT + "identifier")


def _date(file: About) -> str:
    return file.plain(DCT + "modified")


def _is_main(file: About) -> bool:
    kinds = file.nodes(DCT + "type")
    return not kinds or any(kind.value.endswith(_MAIN) for kind in kinds)


def _file(facts: Facts, about: About, *, described: bool, checked: bool) -> JsonObject:
    download, access = about.address(DCAT + "downloadURL"), about.address(DCAT + "accessURL")
    encodings = [
        term.value for term, _ in about.said(DCT + "format", DCAT + "mediaType") if isinstance(term, Literal)
    ]
    return {
        "iri": about.subject.value,
        "title": about.text(DCT + "title") or facts.value_of(about.subject),
        "description": _summary(about) if described else None,
        "formats": about.settled(DCT + "format") or about.settled(DCAT + "mediaType"),
        "encodings": encodings,
        "kinds": [] if _is_main(about) else about.values(DCT + "type"),
        "bytes": about.number(DCAT + "byteSize"),
        "issued": about.plain(DCT + "issued"),
        "modified": _date(about),
        "download": download,
        "access": access,
        "status": _status(facts, download or access) if checked else None,
        "creators": about.values(DCT + "creator") if described else [],
    }


def _summary(about: About) -> JsonObject | None:
    """Return the description of a file; udata writes "None" where there is none."""
    said = about.text(DCT + "description", most=MOST_SUMMARY)
    return None if said and said["text"].strip() in ("", "None") else said


def _status(facts: Facts, address: str) -> int | None:
    """Return what an address answered when links were checked, 0 for nothing; None where nobody asked."""
    number = facts.about(NamedNode(address)).number(HV + "httpStatus") if address else None
    return None if number is None else int(number)


def _shared(facts: Facts, files: list[About], predicate: str) -> list[JsonObject]:
    """Return what is said of any of several files, each once: said before inferred, the commonest first."""
    number: Counter[Term] = Counter()
    inferred: dict[Term, bool] = {}
    for file in files:
        for term, only_inferred in file.said(predicate):
            number[term] += 1
            inferred[term] = inferred.get(term, True) and only_inferred
    order = sorted(number, key=lambda term: (inferred[term], -number[term], str(term)))
    return distinct(facts.value(Said(term, inferred[term])) for term in order[:MOST_SHARED])


def _common(facts: Facts, files: list[About], predicate: str) -> list[JsonObject]:
    """Return what is said of every file."""
    sets = [dict(file.said(predicate)) for file in files]
    common = set.intersection(*map(set, sets)) if sets else set()
    return [facts.value(Said(term, sets[0][term])) for term in sorted(common, key=str)]
