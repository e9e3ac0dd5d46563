"""RDF formats and media types: one table for reading, writing and negotiating."""

from dataclasses import dataclass

from pyoxigraph import RdfFormat


@dataclass(frozen=True, slots=True)
class Format:
    """An RDF syntax as the harvester reads and writes it.

    `name` is the word for options, `extensions` the portal's URL suffixes (and ours for files),
    `media_types` all that servers send for it, the registered one first.
    """

    name: str
    extensions: tuple[str, ...]
    media_types: tuple[str, ...]

    @property
    def media_type(self) -> str:
        """The registered media type."""
        return self.media_types[0]

    @property
    def rdf(self) -> RdfFormat:
        """The library's name for it (not a field: it cannot cross to another process)."""
        rdf = RdfFormat.from_media_type(self.media_type)
        assert rdf is not None  # noqa: S101  # a test checks all of the table below
        return rdf


FORMATS = (
    # https://www.w3.org/TR/turtle/#sec-mediaReg ; udata sends application/x-turtle
    Format("ttl", ("ttl",), ("text/turtle", "application/x-turtle")),
    # https://www.w3.org/TR/n-triples/#n-triples-mediatype
    Format("nt", ("nt",), ("application/n-triples",)),
    # https://www.w3.org/TR/rdf-syntax-grammar/#section-MIME-Type
    Format(
        "xml",
        ("xml", "rdf", "owl"),
        ("application/rdf+xml", "application/xml", "text/xml"),
    ),
    # https://www.w3.org/TR/json-ld11/#iana-considerations
    Format(
        "jsonld",
        ("jsonld", "json", "json-ld"),
        ("application/ld+json", "application/json"),
    ),
    # https://www.w3.org/TeamSubmission/n3/#mimetype
    Format("n3", ("n3",), ("text/n3",)),
    # https://www.w3.org/TR/trig/#sec-mediaReg
    Format("trig", ("trig",), ("application/trig", "application/x-trig")),
    # https://www.w3.org/TR/n-quads/#n-quads-mediatype
    Format("nq", ("nq",), ("application/n-quads",)),
)
"""All formats, the one to prefer for reading first (smallest, lossless: see docs/decisions)."""

BY_NAME = {name: format_ for format_ in FORMATS for name in (format_.name, *format_.extensions)}
BY_MEDIA_TYPE = {media_type: format_ for format_ in FORMATS for media_type in format_.media_types}
