"""Of said and inferred values DCAT-AP wants one, or codes only: which of them give way."""

import pytest
from pyoxigraph import RdfFormat, parse

from harvester.rdf.stand_ins import NONE, StandIns

EU = "http://publications.europa.eu/resource/authority/"
CSV, ZIP = f"<{EU}file-type/CSV>", f"<{EU}file-type/ZIP>"
FORMAT, RIGHTS, TITLE = "<urn:format>", "<urn:rights>", "<urn:title>"
STAND_INS = StandIns(frozenset({FORMAT}), frozenset({RIGHTS}))


@pytest.mark.parametrize(
    ("predicate", "said", "inferred", "away"),
    [
        (FORMAT, ['"csv"'], [CSV], ['"csv"']),
        (FORMAT, ['"csv"', "<urn:own>", "_:b"], [CSV], ['"csv"', "<urn:own>", "_:b"]),
        (FORMAT, ['"csv"'], [], []),
        (FORMAT, ['"csv"'], ['"csv, UTF-8"'], ['"csv"']),
        (FORMAT, [ZIP, '"csv"'], [CSV], ['"csv"']),
        (FORMAT, [CSV.replace("CSV", "csv")], [CSV], [CSV.replace("CSV", "csv")]),
        (FORMAT, [CSV.replace("http:", "https:")], [CSV], [CSV.replace("http:", "https:")]),
        (FORMAT, [], ["<urn:licence>", CSV], ["<urn:licence>"]),
        (RIGHTS, ['"Autre"', "<urn:law>"], ["<urn:other>"], ['"Autre"']),
        (RIGHTS, [], ["<urn:other>", CSV], []),
        (TITLE, ['"csv"'], [CSV], []),
    ],
)
def test_what_gives_way(predicate, said, inferred, away):
    """Text and addresses to codes, never a code to another one; where several may be, text only."""
    rows = [[("<a>", predicate, value) for value in values] for values in (said, inferred)]

    assert STAND_INS.give_way(*rows) == {("<a>", predicate, value) for value in away}


def test_only_of_the_same_thing():
    """What was inferred of one file says nothing of another, nor of another property."""
    said = [("<a>", FORMAT, '"csv"'), ("<b>", FORMAT, '"csv"'), ("<a>", RIGHTS, '"csv"')]

    assert STAND_INS.give_way(said, [("<a>", FORMAT, CSV)]) == {said[0]}


def test_a_shapes_graph_tells_the_properties():
    """By two properties of our own; another graph tells none."""
    text = "<urn:s> <urn:x-harvester:vocabulary#inferredReplaces%s> %s ."
    shapes = parse("\n".join(text % pair for pair in (("", FORMAT), ("Text", RIGHTS))), RdfFormat.TURTLE)

    assert StandIns.read(quad.triple for quad in shapes) == STAND_INS
    assert StandIns.read([]) == NONE
    assert not NONE
