"""The files of a mapping folder, each read and checked: what cannot serve is refused, by name and line."""

import json
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, RdfFormat, parse

from harvester.enrich.rules import SUMMARY, Keys, Rule, read_rule
from harvester.enrich.shape import BadContext, Role, Shape, read_shape
from harvester.errors import UsageError
from harvester.rdf.blanks import VOLATILE
from harvester.vocab import PREFIXES

FIX = "name a folder with the files of the shipped one (docs/mapping.md)"

_MAX_BYTES = 16 * 1024 * 1024
_SUFFIXES = frozenset({".jsonld", ".ttl", ".rq", ".txt"})
_SOMEWHERE = "https://portal.invalid/api/1/"


def fingerprint(folder: Path) -> str:
    """Return the SHA-256 over all files of a mapping folder: another one, and things are mapped otherwise."""
    digest = sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _SUFFIXES:
            digest.update(f"{path.relative_to(folder)}\0".encode() + sha256(read_bytes(path)).digest())
    return digest.hexdigest()


def read_bytes(path: Path) -> bytes:
    """Read a file of UTF-8."""
    try:
        text = path.read_bytes()
        text.decode()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", fix=FIX) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path}, line {line}: not UTF-8", fix="save it as UTF-8") from error
    if len(text) > _MAX_BYTES:
        raise UsageError(f"{path} is larger than {_MAX_BYTES:,} bytes", fix="split it")
    return text


def read_context(path: Path) -> tuple[Mapping[str, Any], Shape]:
    """Read a JSON-LD context, and the shape of the documents that it lifts."""
    text = read_bytes(path).decode()
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
            list(parse(json.dumps(document), RdfFormat.JSON_LD, base_iri=_SOMEWHERE))
        except SyntaxError as error:
            raise BadContext(key, f"{key} is not a JSON-LD term: {error.msg}") from error


def read_turtle(path: Path) -> bytes:
    """Read a code list or a crosswalk; its IRIs may be relative."""
    text = read_bytes(path)
    try:
        for _ in parse(text, RdfFormat.TURTLE, base_iri=_SOMEWHERE):
            pass
    except SyntaxError as error:
        why = error.msg.split(": ", 1)[-1]
        raise UsageError(f"{path}, line {error.lineno}: not Turtle: {why}", fix="correct it") from error
    return text


def read_texts(folder: Path) -> dict[str, str]:
    """Read all files below a folder: path → text."""
    paths = (path for path in sorted(folder.rglob("*")) if path.suffix in _SUFFIXES)
    return {str(path): read_bytes(path).decode() for path in paths}


def read_rules(folder: Path, keys: Keys = SUMMARY, *, some: bool = False) -> Iterator[Rule]:
    """Read the rules of a folder, there must be `some` or there may be none."""
    paths = sorted(folder.glob("*.rq"))
    if some and not paths:
        raise UsageError(f"{folder} holds no rules (*.rq)", fix=FIX)
    for path in paths:
        yield read_rule(str(path), read_bytes(path).decode(), keys)


def read_volatile(path: Path) -> frozenset[str]:
    """Read a predicate a line, as `<IRI>` or with a known prefix; ` #` begins a comment."""
    if not path.exists():
        return VOLATILE
    found = set()
    for number, line in enumerate(read_bytes(path).decode().splitlines(), 1):
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
