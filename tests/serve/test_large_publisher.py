"""A publisher of more datasets than a page reads: the search index counts them, and knows the newest."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest

from tests.serve.site import add_index, page
from tests.serve.support import Server, publish, serving
from tests.waiting import awaited

MANY = 300
PREFIXES = """
    @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix hv: <urn:x-harvester:vocabulary#> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> . @prefix : <http://a.example/> .
    @prefix record: <urn:x-harvester:record:a.example:http://a.example/> .
"""


def dataset(number: int) -> str:
    return (
        f"record:d{number} {{ :d{number} a dcat:Dataset ; dct:title 'set {number:03}' ; dct:publisher :big ;"
        f" dct:modified '{2000 + number // 12}-{number % 12 + 1:02}-01T00:00:00Z'^^xsd:dateTime ;"
        f" hv:reuses {number % 7} }}\n"
    )


RECORDS = [dataset(number) for number in range(MANY)]
OTHERS = """
    record:big { :big a foaf:Organization ; foaf:name "Big" }
    record:r { :r a dcat:Resource ; dct:title "Its map" ; dct:publisher :big ;
      dct:issued "2026-01-31T00:00:00Z"^^xsd:dateTime }
    record:s { :s a dcat:DataService ; dct:title "Its service" ; dct:publisher :big }
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("large") / "store"
    generation = publish(folder, PREFIXES + "".join(RECORDS) + OTHERS)
    add_index(generation)
    with serving(folder, "--access-log", "off") as server:
        yield server
        assert "Traceback" not in server.log.read_text()


def test_all_are_counted_and_the_newest_and_most_reused_shown(server):
    """With its own reuses and services; where four searches take a busy machine too long, it says less."""
    shown = awaited(
        lambda: page(server, f"/resource?iri={quote('http://a.example/big', safe='')}"),
        lambda shown: "200+ datasets" not in str(shown.one("ul", class_="totals")),
    )
    totals = str(shown.one("ul", class_="totals"))
    lists = [str(ul) for ul in shown.all("ul", class_="lines")]

    assert f"{MANY} datasets" in totals
    assert "1 reuse of its own" in totals
    assert "1 data service" in totals
    assert lists[0].startswith("set 299")  # the newest
    assert lists[0].count("set ") == 20
    assert "6 reuses" in lists[1].split("set ")[1]
    assert "Its map" in [str(h3) for h3 in shown.all("h3")]
    assert "Its service" in lists[-1]
