"""RDF/XML, a description per subject: https://www.w3.org/TR/rdf-syntax-grammar/ .

It cannot say all that RDF can: a predicate must end in a name that XML allows (`http://a.example/2020` does
not), and XML 1.0 has no control characters. Statements with such predicates are left out and counted, such
characters become `?`, as in the portal's own documents.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape

from harvester.export.groups import Group
from harvester.export.nesting import Statements, tree
from harvester.export.tokens import STRING, literal
from harvester.vocab import PREFIXES, RDF

_START = (
    "A-Z_a-z\xc0-\xd6\xd8-\xf6\xf8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f\u2c00-\u2fef"
)
_START += "\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
_NAME_START = re.compile(f"[{_START}]")
_NOT_NAME = re.compile(rf"[^-.0-9\xb7\u0300-\u036f\u203f-\u2040{_START}]")
"""The letters of an NCName: https://www.w3.org/TR/xml-names/#NT-NCName ."""

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""https://www.w3.org/TR/xml/#NT-Char"""

_RESERVED = frozenset(
    RDF + name
    for name in (
        *("RDF", "ID", "about", "parseType", "resource", "nodeID", "datatype", "Description"),
        *("li", "aboutEach", "aboutEachPrefix", "bagID"),
    )
)
"""https://www.w3.org/TR/rdf-syntax-grammar/#propertyElementURIs ; rdf:li would come back as rdf:_1."""

_RESERVED_NAMESPACES = frozenset({"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"})
_PLAIN_LABEL = re.compile(r"_:([A-Za-z0-9_.-]+)")
_MOST_NAMES = 5_000


def rdfxml(groups: Iterable[Group], left_out: Counter[str]) -> Iterator[str]:
    """Yield an RDF/XML document in pieces. `left_out` counts what it cannot express."""
    declared = "".join(
        [f'\n  xmlns:{prefix}="{namespace}"' for prefix, namespace in sorted(PREFIXES.items())]
    )
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF{declared}>\n'
    names = _Names()
    for group in groups:
        arranged = tree(group)
        subjects = [*arranged.subjects, *(s for s in arranged.statements if s in arranged.nested)]
        yield "".join([_description(s, arranged.statements[s], names, left_out) for s in subjects])
    yield "</rdf:RDF>\n"


class _Names(dict[str, tuple[str, str] | None]):
    """Predicate (IRI) → its element's name and the namespace to declare there; None where XML has no name."""

    def __init__(self) -> None:
        super().__init__()
        self._prefixes = {namespace: prefix for prefix, namespace in PREFIXES.items()}

    def __missing__(self, predicate: str) -> tuple[str, str] | None:
        if len(self) > _MOST_NAMES:
            self.clear()
        self[predicate] = self._element(predicate)
        return self[predicate]

    def _element(self, predicate: str) -> tuple[str, str] | None:
        after = max((match.end() for match in _NOT_NAME.finditer(predicate)), default=0)
        start = _NAME_START.search(predicate, after)
        if start is None or predicate in _RESERVED:
            return None
        namespace, local = predicate[: start.start()], predicate[start.start() :]
        if namespace in _RESERVED_NAMESPACES:
            return None
        prefix = self._prefixes.get(namespace)
        if prefix:
            return f"{prefix}:{local}", ""
        return f"p:{local}", f' xmlns:p="{escape(namespace)}"'


def _description(subject: str, said: Statements, names: _Names, left_out: Counter[str]) -> str:
    properties = []
    for p, o in said:
        element = names[p[1:-1]]
        if element is None:
            left_out["statements whose predicate has no name in XML"] += 1
        elif o[0] != '"':
            attribute = f'rdf:resource="{escape(o[1:-1])}"' if o[0] == "<" else f'rdf:nodeID="{_node_id(o)}"'
            properties.append(f"    <{element[0]}{element[1]} {attribute}/>\n")
        else:
            properties.append(_text_property(*element, o, left_out))
    if not properties:
        return ""
    about = (
        f'rdf:about="{escape(subject[1:-1])}"' if subject[0] == "<" else f'rdf:nodeID="{_node_id(subject)}"'
    )
    return f"  <rdf:Description {about}>\n{''.join(properties)}  </rdf:Description>\n"


def _text_property(name: str, declared: str, token: str, left_out: Counter[str]) -> str:
    text, language, datatype = literal(token)
    if "--" in language:
        left_out["texts with a base direction"] += 1
        return ""
    if not text.isprintable():
        text, changed = _NOT_XML.subn("?", text)
        left_out["control characters (written as ?)"] += changed
    text = escape(text, quote=False).replace("\r", "&#13;")
    if language:
        declared += f' xml:lang="{language}"'
    elif datatype != STRING:
        declared += f' rdf:datatype="{escape(datatype)}"'
    return f"    <{name}{declared}>{text}</{name}>\n"


def _node_id(token: str) -> str:
    """Return a name that XML allows for a blank node; different labels give different names."""
    plain = _PLAIN_LABEL.fullmatch(token)
    return f"_{plain[1]}" if plain else f"x{token[2:].encode().hex()}"
