"""Turtle and TriG as a reader sees them."""

from harvester.export.nesting import MAX_DEPTH
from tests.export.stores import dumped, read, store_of, union


def test_a_subject_is_one_block():
    """Whichever graphs speak of it; classes come first, then predicates in order, and names are short."""
    store = store_of("""
        record:d1 {
          :catalog dcat:dataset :d1 .
          :d1 dct:title "Vélos \\"libres\\"\\n"@fr ; dcat:byteSize 12 ; a dcat:Dataset .
          :d1 dct:issued "2020-01-01"^^xsd:date .
        }
        inferred:d1 { :d1 dcat:theme :HEAL }
        record:r1 { :r1 dct:references :d1 . :d1 dct:isReferencedBy :r1 }
        record:catalog { :catalog a dcat:Catalog }
        record:d2 { :catalog dcat:dataset :d2 . :d2 a dcat:Dataset }
    """)

    text, _ = dumped(store, "ttl")

    assert sorted(text.split("\n\n")) == sorted(EXPECTED.split("\n\n"))


EXPECTED = """\
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

<http://a.example/d1> a dcat:Dataset ;
    dct:isReferencedBy <http://a.example/r1> ;
    dct:issued "2020-01-01"^^xsd:date ;
    dct:title "Vélos \\"libres\\"\\n"@fr ;
    dcat:byteSize 12 ;
    dcat:theme <http://a.example/HEAL> .

<http://a.example/r1> dct:references <http://a.example/d1> .

<http://a.example/catalog> a dcat:Catalog ;
    dcat:dataset <http://a.example/d1>,
        <http://a.example/d2> .

<http://a.example/d2> a dcat:Dataset .

"""


def test_only_prefixes_in_use_are_declared():
    """Before they are used, wherever that is, and once."""
    many = "".join(f'record:d{n} {{ :d{n} dct:title "{n}" }}' for n in range(200))
    text, _ = dumped(store_of(many + "record:z { :z dcat:keyword 1 }"), "ttl")

    assert text.count("@prefix dct: ") == text.count("@prefix dcat: ") == text.count("@prefix ") / 2 == 1
    assert text.index("@prefix dcat: ") < text.index(" dcat:keyword ")
    assert text.startswith("@prefix d")


def test_names_that_would_need_escapes_stay_iris():
    """A short name is used only where it needs none."""
    objects = "dct: , dcat:a.b , <http://www.w3.org/ns/dcat#a.> , dcat:%41"
    text, _ = dumped(store_of(f"record:d {{ :d dct:relation {objects} }}"), "ttl")

    assert text.split("dct:relation ")[1].split() == [
        "<http://purl.org/dc/terms/>,",
        "<http://www.w3.org/ns/dcat#%41>,",
        "<http://www.w3.org/ns/dcat#a.>,",
        "dcat:a.b",
        ".",
    ]


def test_a_blank_node_stands_where_it_is_pointed_at():
    """If there is one such place; else it has a label. A node that nothing describes is []."""
    store = store_of("""
        record:d {
          :d dct:temporal [ dcat:startDate 1 ; dct:spatial [ dct:title "in" ] ] .
          :d dct:relation _:none , _:two ; dct:source _:two . _:two dct:title "2" .
        }
    """)

    text, _ = dumped(store, "ttl")

    assert text.partition("\n\n")[2] == NESTED


NESTED = """\
<http://a.example/d> dct:relation [],
        _:two ;
    dct:source _:two ;
    dct:temporal [
        dct:spatial [
            dct:title "in"
        ] ;
        dcat:startDate 1
    ] .

_:two dct:title "2" .

"""


def test_a_blank_node_that_other_records_mention_keeps_its_label():
    """Nested, the other mention would point at nothing."""
    store = store_of("""
        record:d1 { :d1 dct:publisher _:p . _:p dct:title "P" }
        record:d2 { :d2 dct:publisher _:p }
    """)

    text, _ = dumped(store, "ttl")

    assert text.count("dct:publisher _:p") == 2
    assert read(text, "ttl") == union(store)


def test_circles_and_long_chains_of_blank_nodes_end():
    """Nothing nests without end: what does not nest has labels."""
    chain = "".join(f"_:n{n} dct:relation _:n{n + 1} . " for n in range(3000))
    circle = "_:x dct:relation _:y . _:y dct:relation _:x ."
    store = store_of(f"record:d {{ :d dct:relation _:n0 . {chain} {circle} }}")

    text, _ = dumped(store, "ttl")

    assert max(len(line) - len(line.lstrip()) for line in text.splitlines()) <= 4 * (MAX_DEPTH + 1)
    assert text.count("dct:relation") == 3003


def test_a_graph_is_a_block_in_trig():
    """What the default graph says stands outside of blocks."""
    text, _ = dumped(store_of('record:d { :d dct:title "d" } :x dct:title "x" .'), "trig")

    assert text == (
        "@prefix dct: <http://purl.org/dc/terms/> .\n\n"
        "<urn:x-harvester:record:a.example:http://a.example/d> {\n"
        '    <http://a.example/d> dct:title "d" .\n'
        "}\n\n"
        '<http://a.example/x> dct:title "x" .\n\n'
    )
