"""Where pages lead: the same answer as a file, a query in the editor."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from harvester.query.results import Output
from harvester.serve.core.serving import Serving

RESOURCE = "/resource"
"""Where every record has its page."""
_LONGEST_ADDRESS = 8_000
"""Characters of an address that servers and proxies on its way take."""


@dataclass(frozen=True, slots=True)
class Download:
    """An answer as a file."""

    label: str
    address: str
    media_type: str


def label(output: Output) -> str:
    """Return the name that people know a format by.

    >>> from harvester.query.results import CSV, RDF_XML, TURTLE
    >>> label(CSV), label(TURTLE), label(RDF_XML)
    ('CSV', 'Turtle', 'RDF/XML')
    """
    return output.syntax.name.removeprefix("SPARQL Results in ")


def editor_address(serving: Serving, text: str) -> str:
    """Return the address that opens a query in the editor, "" if it would be too long."""
    address = f"{serving.path('/sparql')}?{urlencode({'query': text})}"
    return address if len(address) <= _LONGEST_ADDRESS else ""


def changed_iri(row: Mapping[str, str]) -> str:
    """Return whose page tells of a change of a `resource`: of what was removed, only its `record` has one."""
    return row["record"] if row["change"] == "removed" else row["resource"]


def resource_address(path: Callable[[str], str], iri: str, suffix: str = "") -> str:
    """Return the address of our description of an IRI; `suffix` as in ".ttl"."""
    return f"{path(RESOURCE + suffix)}?{urlencode({'iri': iri})}"
