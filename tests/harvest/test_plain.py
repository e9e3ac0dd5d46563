"""Harvesting a catalogue in pages that is all there is: no JSON, no ids, and nothing of it is missed."""

import pytest

from harvester.model import Category
from harvester.vocab import DCAT, DCT
from tests.harvest.support import ask, harvest
from tests.portal.loopback import Loopback, reply

DATASETS = f"SELECT ?d {{ ?d a <{DCAT}Dataset> }} ORDER BY ?d"
PREFIXES = (
    f"@prefix dcat: <{DCAT}> . @prefix dct: <{DCT}> . @prefix hydra: <http://www.w3.org/ns/hydra/core#> .\n"
)


def page(number: int, last: int, total: int, *names: str, old: bool = False) -> bytes:
    """A page as CKAN writes it; `old` in the words of 2013, with literals for links."""
    datasets = "".join(
        f"<#catalog> dcat:dataset <{n}> . <{n}> a dcat:Dataset ; dct:identifier '{n}' .\n" for n in names
    )
    if old:
        view = f"<#page> a hydra:PagedCollection ; hydra:totalItems {total} ; hydra:lastPage '?page={last}'"
        view += f" ; hydra:nextPage '?page={number + 1}'" if number < last else ""
    else:
        view = f"<#catalog> hydra:totalItems {total} ; hydra:view <#page> . <#page> hydra:last <?page={last}>"
        view += f" ; hydra:next <?page={number + 1}>" if number < last else ""
    head = "<#catalog> a dcat:Catalog ; dct:title 'Catalogue' ."
    return f"{PREFIXES}{head}\n{datasets}{view} .".encode()


def catalogue(server: Loopback, *pages: tuple[str, ...], old: bool = False) -> None:
    total = sum(map(len, pages))
    for number, names in enumerate(pages, 1):
        answer = reply(page(number, len(pages), total, *names, old=old))
        server.on(f"/catalog.ttl?page={number}", answer)
        if number == 1:
            server.on("/catalog.ttl", answer)


@pytest.mark.parametrize("old", [False, True], ids=["today's Hydra", "Hydra of 2013"])
def test_all_pages_are_read_and_nothing_else_is_asked_for(old, tmp_path):
    """That there is no JSON beside is no failure."""
    with Loopback() as server:
        catalogue(server, ("http://a.example/1", "http://a.example/2"), ("http://a.example/3",), old=old)
        report = harvest(server.url("/catalog.ttl"), tmp_path)
        paths = {seen.path for seen in server.seen}

    assert ask(tmp_path, DATASETS) == [[f"http://a.example/{n}"] for n in (1, 2, 3)]
    assert (report.complete, report.exit_code, report.problems) == (True, 0, [])
    assert paths == {"/catalog.ttl", "/catalog.ttl?page=2"}


def test_a_dataset_that_is_no_longer_listed_is_gone_after_its_time_of_grace(tmp_path):
    """A complete listing is all the proof that such a catalogue can give: it must be given repeatedly."""
    with Loopback() as server:
        catalogue(server, ("http://a.example/1", "http://a.example/2"))
        harvest(server.url("/catalog.ttl"), tmp_path)
        catalogue(server, ("http://a.example/2",))
        removed = [harvest(server.url("/catalog.ttl"), tmp_path).count("removed") for _ in range(4)]

    assert removed == [0, 0, 0, 1]
    assert ask(tmp_path, DATASETS) == [["http://a.example/2"]]


RDF_SYNTAX = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
GEONETWORK = f"""<rdf:RDF xmlns:rdf="{RDF_SYNTAX}" xmlns:dcat="{DCAT}" xmlns:dct="{DCT}">
<dcat:Catalog rdf:about="http://geo.example/srv/api"><dct:title>Géo</dct:title>%s</dcat:Catalog>
</rdf:RDF>"""
MEMBER = """<dcat:dataset><dcat:Dataset rdf:about="http://geo.example/{0}"><dct:title>{0}</dct:title></dcat:Dataset>
</dcat:dataset>"""


def test_a_catalogue_in_one_document_is_whole(tmp_path):
    """As GeoNetwork and OpenDataSoft export it, without a word of paging: what it lacks is missing."""
    with Loopback() as server:

        def has(*names: str) -> None:
            body = (GEONETWORK % "".join(map(MEMBER.format, names))).encode()
            server.on("/srv/export.rdf", reply(body, 200, "application/rdf+xml"))

        has("roads", "rivers")
        first = harvest(server.url("/srv/export.rdf"), tmp_path)
        has("roads")
        last = [harvest(server.url("/srv/export.rdf"), tmp_path) for _ in range(4)][-1]

    assert (first.complete, first.exit_code, first.problems) == (True, 0, [])
    assert last.count("removed") == 1
    assert ask(tmp_path, DATASETS) == [["http://geo.example/roads"]]


def test_nothing_is_removed_on_an_incomplete_listing(tmp_path):
    """A page that is gone ends the listing: those that follow are asked for no more."""
    with Loopback() as server:
        catalogue(server, ("http://a.example/1",), ("http://a.example/2",), ("http://a.example/3",))
        harvest(server.url("/catalog.ttl"), tmp_path)
        catalogue(server, ("http://a.example/1", "http://a.example/4"), (), (), (), ("http://a.example/3",))
        server.on("/catalog.ttl?page=2", reply(b"begin again", 410, "text/plain"))
        server.seen.clear()
        report = harvest(server.url("/catalog.ttl"), tmp_path)

    assert (report.complete, report.count("removed"), report.exit_code) == (False, 0, 5)
    assert [row[0][-1] for row in ask(tmp_path, DATASETS)] == ["1", "2", "3", "4"]
    assert not {"/catalog.ttl?page=4", "/catalog.ttl?page=5"} & {seen.path for seen in server.seen}
    assert report.problem_counts[Category.INCOMPLETE] == 1


def test_two_catalogues_of_one_host_live_side_by_side(tmp_path):
    """Neither takes what the other lists for gone."""
    with Loopback() as server:
        for name in ("one", "two"):
            server.on(f"/{name}/catalog.ttl", reply(page(1, 1, 1, f"http://a.example/{name}")))
        harvest(server.url("/one/catalog.ttl"), tmp_path)
        report = harvest(server.url("/two/catalog.ttl"), tmp_path)

    assert report.count("removed") == 0
    assert ask(tmp_path, DATASETS) == [["http://a.example/one"], ["http://a.example/two"]]


def test_a_first_page_without_a_catalogue_is_no_obstacle(tmp_path):
    """Which it is may be said on a later one, or nowhere."""
    bare = (
        PREFIXES + "<http://a.example/1> a dcat:Dataset . <#p> a hydra:PagedCollection ; hydra:totalItems 0 ."
    )
    with Loopback() as server:
        server.on("/catalog.ttl", reply(bare.encode() + b"<#c> dcat:dataset <http://a.example/1> ."))
        harvest(server.url("/catalog.ttl"), tmp_path)

    assert ask(tmp_path, DATASETS) == [["http://a.example/1"]]
