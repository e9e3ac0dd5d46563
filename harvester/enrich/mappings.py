"""The mapping folder, read and checked once.

- `NAME.context.jsonld` lifts documents of one kind to RDF (JSON-LD 1.1), `NAME/*.rq` shape them (SPARQL
  CONSTRUCT): `reuse` must be there, others may be (`harvester.enrich.surfaces` lists them);
- `common/*.rq` shape documents of any kind, where their context lifts what the rules name;
- `agent/*.rq` describe the organizations that documents name;
- `*.ttl` are crosswalks: code lists in SKOS, IRIs relative to the portal's API root;
- `codes/*.ttl` are code lists of others (EU authority tables and the like), for inference;
- `infer/*.rq` infer more from what was harvested (there may be none);
- `quality/*.rq` measure the quality of datasets (`harvester.enrich.quality_rules`; there may be none);
- `schema/*.rq` describe the catalogue in schema.org's terms (`harvester.enrich.view`; there may be none);
- `volatile.txt` lists predicates whose values alone are no change (it may be missing).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, RdfFormat, parse

from harvester.enrich.mapping_files import (
    FIX,
    fingerprint,
    read_context,
    read_rules,
    read_texts,
    read_turtle,
    read_volatile,
)
from harvester.enrich.quality_rules import QualityRules, read_quality
from harvester.enrich.rules import INFERENCE, Rule
from harvester.enrich.shape import Shape
from harvester.enrich.surfaces import BY_MAPPING
from harvester.errors import UsageError
from harvester.rdf.blanks import VOLATILE

REUSE = "reuse"

_CONTEXT = ".context.jsonld"
_COMMON = "common"


@dataclass(frozen=True, slots=True)
class DocumentMapping:
    """How JSON documents of one kind become RDF: lifted by `context`, shaped by `rules`."""

    name: str
    context: Mapping[str, Any] = field(repr=False)
    shape: Shape
    rules: tuple[Rule, ...]

    def fields(self, *, persons: bool = False) -> str:
        """Return what to ask of the portal for each document, as an X-Fields mask: the context's keys."""
        return self.shape.fields(frozenset() if persons else BY_MAPPING[self.name].personal)


@dataclass(frozen=True, slots=True)
class Mappings:
    """A checked mapping folder. Immutable: one serves any number of portals."""

    documents: Mapping[str, DocumentMapping]
    """By name; `reuse` for one."""
    crosswalks: tuple[bytes, ...] = field(repr=False)
    agent: tuple[Rule, ...]
    codes: tuple[bytes, ...] = field(default=(), repr=False)
    infer: tuple[Rule, ...] = ()
    quality: QualityRules = field(default_factory=QualityRules)
    schema: tuple[Rule, ...] = ()
    """The schema.org view of what was harvested: `harvester.enrich.view`."""
    volatile: frozenset[str] = VOLATILE
    """Predicates (tokens) whose values alone do not make a record count as changed."""
    fingerprint: str = ""
    """SHA-256 over all of its files: another one, and things are mapped otherwise."""

    @classmethod
    def load(cls, folder: Path) -> "Mappings":
        """Read a mapping folder; raise UsageError naming file and line where it cannot serve."""
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a folder", fix=FIX)
        names = {path.name.removesuffix(_CONTEXT) for path in folder.glob(f"*{_CONTEXT}")} | {REUSE}
        for name in sorted(names - BY_MAPPING.keys()):
            raise UsageError(
                f"{folder / (name + _CONTEXT)}: nothing of the portal is mapped by that name",
                fix=f"known names: {', '.join(sorted(BY_MAPPING))}",
            )
        return cls(
            documents={name: _read_mapping(folder, name) for name in sorted(names)},
            crosswalks=tuple(read_turtle(path) for path in sorted(folder.glob("*.ttl"))),
            agent=tuple(read_rules(folder / "agent", some=True)),
            codes=tuple(read_turtle(path) for path in sorted((folder / "codes").glob("*.ttl"))),
            infer=tuple(read_rules(folder / "infer", INFERENCE)),
            quality=read_quality(read_texts(folder / "quality")),
            schema=tuple(read_rules(folder / "schema", INFERENCE)),
            volatile=read_volatile(folder / "volatile.txt"),
            fingerprint=fingerprint(folder),
        )

    @property
    def derivations(self) -> tuple[str, ...]:
        """The texts of the rules by which more is made of what was harvested."""
        return (
            *(rule.text for rule in self.infer),
            *(each.text for each in self.quality.indicators),
            *(rule.text for rule in self.schema),
        )

    def only(self, name: str) -> "Mappings":
        """Return what mapping documents by `name` takes, and no more."""
        return Mappings({name: self.documents[name]}, self.crosswalks, self.agent, volatile=self.volatile)

    def storing(self, *, schema_org: bool) -> "Mappings":
        """Return what is to be stored by these mappings: the schema.org view only if that is asked for.

        Then by another fingerprint, so that all is made anew when that changes. Raises UsageError where there
        is no such view.
        """
        if not schema_org:
            return replace(self, schema=())
        if not self.schema:
            raise UsageError(
                "the mappings have no rules for schema.org",
                fix="put some in the folder's schema/, such as the shipped ones, or leave out --schema-org",
            )
        return replace(self, fingerprint=f"{self.fingerprint}+schema.org")

    def crosswalk(self, root: str) -> Iterator[Quad]:
        """Yield the crosswalks for the portal whose API root is `root`."""
        for text in self.crosswalks:
            yield from parse(text, RdfFormat.TURTLE, base_iri=root)


def _read_mapping(folder: Path, name: str) -> DocumentMapping:
    context, shape = read_context(folder / (name + _CONTEXT))
    rules = (*read_rules(folder / name, some=True), *read_rules(folder / _COMMON))
    return DocumentMapping(name, context, shape, rules)
