"""The mapping folder, read and checked once: a context, crosswalks, rules.

- `reuse.context.jsonld` lifts reuse JSON to RDF (JSON-LD 1.1);
- `*.ttl` are crosswalks: code lists in SKOS, IRIs relative to the portal's API root;
- `reuse/*.rq` shape reuses (SPARQL CONSTRUCT);
- `agent/*.rq` describe the organizations that reuses name;
- `infer/*.rq` infer more from what was harvested (there may be none);
- `volatile.txt` lists predicates whose values alone are no change (it may be missing).
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from harvester.enrich.rules import INFERENCE, SUMMARY, Rule, read_rule
from harvester.enrich.shape import BadContext, Role, Shape, read_shape
from harvester.errors import UsageError
from harvester.rdf.blanks import VOLATILE
from harvester.vocab import PREFIXES

PERSONAL = frozenset({"owner"})
"""Keys of a reuse that hold personal data: neither asked for nor lifted unless persons are switched on."""

_VOLATILE = "volatile.txt"
_CONTEXT = "reuse.context.jsonld"
_MAX_BYTES = 16 * 1024 * 1024
_FIX = "name a folder with the files of the shipped one (docs/mapping.md)"


@dataclass(frozen=True, slots=True)
class Mappings:
    """A checked mapping folder. Immutable: one serves any number of portals."""

    context: Mapping[str, Any] = field(repr=False)
    shape: Shape
    crosswalks: tuple[bytes, ...] = field(repr=False)
    reuse: tuple[Rule, ...]
    agent: tuple[Rule, ...]
    infer: tuple[Rule, ...]
    volatile: frozenset[str] = VOLATILE
    """Predicates (tokens) whose values alone do not make a record count as changed."""
    fingerprint: str = ""
    """SHA-256 over all of its files: another one, and reuses are mapped otherwise."""

    @classmethod
    def load(cls, folder: Path) -> "Mappings":
        """Read a mapping folder; raise UsageError naming file and line where it cannot serve."""
        if not folder.is_dir():
            raise UsageError(f"{folder} is not a folder", fix=_FIX)
        context, shape = _read_context(folder / _CONTEXT)
        return cls(
            context=context,
            shape=shape,
            crosswalks=tuple(_read_crosswalk(path) for path in sorted(folder.glob("*.ttl"))),
            reuse=tuple(_read_rules(folder / "reuse", SUMMARY)),
            agent=tuple(_read_rules(folder / "agent", SUMMARY)),
            infer=tuple(_read_rules(folder / "infer", INFERENCE, ordered=True)),
            volatile=_read_volatile(folder / _VOLATILE),
            fingerprint=_fingerprint(folder),
        )

    def fields(self, *, persons: bool = False) -> str:
        """Return what to ask of the portal for each reuse: the keys of the context, as an X-Fields mask."""
        return self.shape.fields(frozenset() if persons else PERSONAL)

    def crosswalk(self, root: str) -> Iterator[Quad]:
        """Yield the crosswalks for the portal whose API root is `root`."""
        for text in self.crosswalks:
            yield from parse(text, RdfFormat.TURTLE, base_iri=root)


def _fingerprint(folder: Path) -> str:
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".jsonld", ".ttl", ".rq", ".txt"}:
            digest.update(f"{path.relative_to(folder)}\0".encode() + sha256(_read(path)).digest())
    return digest.hexdigest()


def _read(path: Path) -> bytes:
    try:
        text = path.read_bytes()
        text.decode()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", fix=_FIX) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}, line {line}: not UTF-8", fix="save it as UTF-8") from error
    if len(text) > _MAX_BYTES:
        raise UsageError(f"{path} is larger than {_MAX_BYTES:,} bytes", fix="split it")
    return text


def _read_context(path: Path) -> tuple[Mapping[str, Any], Shape]:
    text = _read(path).decode()
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}, line {error.lineno}: not JSON: {error.msg}", fix="correct it") from error
    context = document.get("@context") if isinstance(document, dict) else None
    if not isinstance(context, dict):
        raise UsageError(f"{path}, line 1: no @context object", fix='write {"@context": {…}}')
    try:
        shape = read_shape(context)
        _try_out(context, shape)
    except BadContext as error:
        line = _line_of(text, error.key)
        raise UsageError(
            f"{path}, line {line}: {error}", fix="see docs/mapping.md for what it may hold"
        ) from error
    return context, shape


def _try_out(context: Mapping[str, Any], shape: Shape) -> None:
    """Let the JSON-LD processor see each term alone, since it does not say which one it refuses."""
    prefixes = {key: value for key, value in context.items() if key not in shape.terms}
    for key, term in shape.terms.items():
        sample = {} if term.role in (Role.THING, Role.OBJECT) else "x"
        document = {"@context": {**prefixes, key: context[key]}, key: sample}
        try:
            list(parse(json.dumps(document), RdfFormat.JSON_LD, base_iri="https://portal.invalid/"))
        except SyntaxError as error:
            raise BadContext(key, f"{key} is not a JSON-LD term: {error.msg}") from error


def _read_crosswalk(path: Path) -> bytes:
    text = _read(path)
    try:
        for _ in parse(text, RdfFormat.TURTLE, base_iri="https://portal.invalid/api/1/"):
            pass
    except SyntaxError as error:
        why = error.msg.split(": ", 1)[-1]
        raise UsageError(f"{path}, line {error.lineno}: not Turtle: {why}", fix="correct it") from error
    return text


def _read_rules(folder: Path, keys: frozenset[str], *, ordered: bool = False) -> Iterator[Rule]:
    paths = sorted(folder.glob("*.rq"))
    if not paths and not ordered:
        raise UsageError(f"{folder} holds no rules (*.rq)", fix=_FIX)
    for path in paths:
        yield read_rule(str(path), _read(path).decode(), keys, ordered=ordered)


def _read_volatile(path: Path) -> frozenset[str]:
    """Read a predicate a line, as `<IRI>` or with a known prefix; ` #` begins a comment."""
    if not path.exists():
        return VOLATILE
    found = set()
    for number, line in enumerate(_read(path).decode().splitlines(), 1):
        term = re.split(r"(?:^|\s)#", line)[0].strip()
        prefix, colon, name = term.partition(":")
        if term.startswith("<") and term.endswith(">"):
            iri = term[1:-1]
        elif colon and prefix in PREFIXES:
            iri = PREFIXES[prefix] + name
        elif term:
            raise UsageError(
                f"{path}, line {number}: {term!r} is no predicate",
                fix=f"write <IRI>, or a name with one of the prefixes {', '.join(sorted(PREFIXES))}",
            )
        else:
            continue
        try:
            found.add(str(NamedNode(iri)))
        except ValueError as error:
            raise UsageError(f"{path}, line {number}: {iri!r} is no IRI", fix="correct it") from error
    return frozenset(found)


def _line_of(text: str, key: str) -> int:
    """Return the line where a key first stands: JSON keeps no positions."""
    position = text.find(json.dumps(key, ensure_ascii=False))
    return text.count("\n", 0, max(position, 0)) + 1
