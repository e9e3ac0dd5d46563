"""IRIs are repaired exactly as udata encodes them, so that one IRI comes out of every format."""

import re
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode

from harvester.rdf.iris import is_valid, repair


def as_udata_writes_turtle(iri: str) -> str:
    """udata's own rule (portal contract: identity): quote the whole IRI if it holds a forbidden character."""
    return quote(iri, safe=":/?#[]@!$&'()*+,;=") if re.search(r'[<>" {}|\\^`]', iri) else iri


RAW = [
    "https://amont.exemple.fr/jeu de données/3",
    "https://amont.exemple.fr/jeu-é-6",
    "https://ogc.geo-ide.exemple.fr/18|x",
    'https://vieux.exemple.fr/mes fichiers/été 0.csv?q="a"<b>',
    "https://fichiers.exemple.fr/a%20b/[1]|{x}^y`z.csv",
    "https://fichiers.exemple.fr/[1].csv",
    "urn:uuid:00000000-0000-0000-0000-000000000021",
]


@pytest.mark.parametrize("raw", RAW)
def test_raw_and_encoded_forms_give_one_iri(raw):
    """RDF/XML and JSON-LD have the raw IRI, Turtle the encoded one: both end as the same valid IRI."""
    from_turtle = repair(as_udata_writes_turtle(raw))

    assert repair(raw) == from_turtle
    assert from_turtle is not None
    assert NamedNode(from_turtle).value == from_turtle


@given(st.text())
def test_a_repaired_iri_is_valid_and_stays_as_it_is(text):
    """Repair gives a valid IRI or None, and repairing twice changes nothing."""
    once = repair(text, "http://base.example/dir/page")

    assert once is None or (is_valid(once) and repair(once) == once)


@given(st.from_regex(r"https://[a-z]{1,8}\.example/[a-z/é]{0,12}", fullmatch=True))
def test_valid_iris_are_left_alone(iri):
    """Only what is invalid is touched: accents in IRIs stay."""
    assert repair(iri) == iri
