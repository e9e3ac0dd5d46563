"""What an index knows of one resource."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from hashlib import blake2b

Text = tuple[str, str]
"""A text and its language, "" if it has none."""


@dataclass(frozen=True, slots=True)
class Publisher:
    """Whom a resource is published by; `names` in any language."""

    iri: str
    is_organization: bool
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One resource: all that can be searched, filtered, sorted by and shown, sorted where there are several.

    `modified` is an xsd:dateTime or xsd:date as said, "" if unknown. `reuses` of an organization are those
    of its datasets; `datasets` are those of a reuse or an organization. `score` is of 405 points.
    """

    iri: str
    kind: str
    titles: tuple[Text, ...] = ()
    other_titles: tuple[str, ...] = ()
    descriptions: tuple[Text, ...] = ()
    keywords: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Titles of distributions."""
    ids: tuple[str, ...] = ()
    publishers: tuple[Publisher, ...] = ()
    """Organizations first: portals name the contact point of one as another publisher."""
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By the facet: themes, formats …: IRIs, or words where no IRI is known."""
    modified: str = ""
    reuses: int = 0
    datasets: int = 0
    picture: str = ""
    high_value: bool = False
    score: int | None = None

    @property
    def digest(self) -> str:
        """Tell entries apart: 32 hex digits."""
        said = repr([getattr(self, each.name) for each in fields(self)])
        return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
