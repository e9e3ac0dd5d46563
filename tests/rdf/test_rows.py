"""N-Triples as the library writes them come apart into valid rows, whatever is in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, RdfFormat, Triple, parse, serialize

from harvester.rdf.rows import read_ntriples

AWKWARD = st.text(
    st.sampled_from("ab <>\"{}|\\^`\n\r\t\x0b\x00é[]#%:/?@'\u2028\ufffe\U0001f68c.")
    | st.characters(exclude_categories=["Cs"])
)


def valid_iris():
    def build(tail: str) -> NamedNode | None:
        try:
            return NamedNode("http://a.example/" + tail)
        except ValueError:
            return None

    return st.text(max_size=9).map(build).filter(bool)


LITERALS = (
    st.builds(Literal, st.text())
    | st.builds(lambda v, tag: Literal(v, language=tag), st.text(), st.sampled_from(["fr", "en-GB", "pt-br"]))
    | st.builds(lambda v, t: Literal(v, datatype=t), st.text(), valid_iris())
)


def text_of(triples) -> str:
    return serialize(triples, format=RdfFormat.N_TRIPLES).decode()


def without_control(value: str) -> str:
    return "".join("?" if (ord(c) < 0x20 and c not in "\t\n\r") or c in "\ufffe\uffff" else c for c in value)


@given(st.lists(st.builds(Triple, valid_iris(), valid_iris(), valid_iris() | LITERALS), max_size=5))
def test_valid_triples_come_through_unchanged(triples):
    """Valid terms are neither repaired nor lost; only characters that XML cannot hold become `?`."""
    read = read_ntriples(text_of(triples))

    back = [
        q.triple for q in parse("".join(f"{s} {p} {o} .\n" for s, p, o in read.rows), RdfFormat.N_TRIPLES)
    ]
    expected = []
    for t in triples:
        o = t.object
        if isinstance(o, Literal):
            o = (
                Literal(without_control(o.value), language=o.language)
                if o.language
                else Literal(without_control(o.value), datatype=o.datatype)
            )
        expected.append(Triple(t.subject, t.predicate, o))
    assert back == expected
    assert read.dropped == ()


def lenient(value: str) -> NamedNode | None:
    """Return an IRI node with any text at all inside, as a lenient parse of RDF/XML lets it in."""
    quoted = value.translate({ord("&"): "&amp;", ord("<"): "&lt;", ord('"'): "&quot;"})
    xml = (
        '<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e.example/">'
        f'<r:Description r:about="{quoted}"><e:p r:resource="{quoted}"/></r:Description></r:RDF>'
    )
    try:
        return next(parse(xml, RdfFormat.RDF_XML, lenient=True, base_iri="http://b.example/x")).subject
    except SyntaxError:
        return None


@given(st.lists(AWKWARD, min_size=1, max_size=4))
def test_whatever_an_iri_holds_the_rows_are_valid(values):
    """A hostile IRI is repaired or dropped; it cannot break the file that is loaded afterwards."""
    nodes = [node for node in map(lenient, values) if node is not None]
    triples = [Triple(node, NamedNode("http://p.example/"), other) for node in nodes for other in nodes]

    read = read_ntriples(text_of(triples), "http://b.example/x")

    nquads = "".join(f"{s} {p} {o} <urn:g:1> .\n" for s, p, o in read.rows)
    assert len(list(parse(nquads, RdfFormat.N_QUADS))) == len(read.rows)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('<http://a/x y> <http://b/p> "c" .', ("<http://a/x%20y>", "<http://b/p>", '"c"')),
        (
            '<pas%20une%20iri> <http://b/p> "c" .',
            ("<http://base.example/pas%20une%20iri>", "<http://b/p>", '"c"'),
        ),
        ('<http://a/> <http://b/p> "c"@toolongforatag .', ("<http://a/>", "<http://b/p>", '"c"')),
        ('<http://a/> <http://b/p> "c\\u000Bd" .', ("<http://a/>", "<http://b/p>", '"c?d"')),
        ('<http://a/> <http://b/p> "c\\\\u000Bd" .', ("<http://a/>", "<http://b/p>", '"c\\\\u000Bd"')),
        (
            '<http://a/> <http://b/p> "1"^^<http://t/x y> .',
            ("<http://a/>", "<http://b/p>", '"1"^^<http://t/x%20y>'),
        ),
    ],
)
def test_repairs(line, expected):
    """Invalid terms are repaired one by one, and counted."""
    read = read_ntriples(line + "\n", "http://base.example/page")

    assert read.rows == [expected]
    assert read.repaired == (0 if expected[2].startswith('"c\\\\') else 1)


def test_what_cannot_be_repaired_costs_its_triples_only():
    """A term that nothing helps is named; the other triples stay."""
    read = read_ntriples('<http://h:port/> <http://b/p> "c" .\n<http://a/> <http://b/p> "d" .\n')

    assert read.rows == [("<http://a/>", "<http://b/p>", '"d"')]
    assert read.dropped == ("<http://h:port/>",)


def test_blank_nodes_are_kept():
    """Blank node labels are tokens like others."""
    triple = Triple(BlankNode("x"), NamedNode("http://b/p"), BlankNode("y"))

    assert read_ntriples(text_of([triple])).rows == [("_:x", "<http://b/p>", "_:y")]
