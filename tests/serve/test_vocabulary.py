"""What the SPARQL editor is told of the catalogue's own words, and the files that it is made of."""

import pytest

from harvester.serve.sparql import files
from harvester.vocab import DCAT, DCT, PREFIXES
from tests.serve.programs import installed
from tests.serve.site import get, get_json, page
from tests.serve.support import Server
from tests.test_frontend import BUILT

PATH = "/sparql/vocabulary.json"


@pytest.fixture(scope="module")
def server(shared_site: Server) -> Server:
    return shared_site


def counted(server: Server, pattern: str) -> int:
    query = f"SELECT%20(COUNT(*)%20AS%20%3Fn)%20%7B{pattern.replace('?', '%3F').replace(' ', '%20')}%7D"
    rows = get_json(server, f"/sparql?query={query}")["results"]["bindings"]
    return int(rows[0]["n"]["value"])


def test_the_words_are_those_of_the_catalogue(server):
    """Classes and properties with the number of their uses, most used first, and no others."""
    told = get_json(server, PATH)

    assert told["prefixes"] == PREFIXES
    for kind, iri, pattern in (
        ("classes", DCAT + "Dataset", "?s a dcat:Dataset"),
        ("properties", DCT + "title", "?s dct:title ?o"),
    ):
        counts = {term["iri"]: term["count"] for term in told[kind]}
        assert counts[iri] == counted(server, pattern) > 0
        assert list(counts.values()) == sorted(counts.values(), reverse=True)
        assert DCT + "spatial" not in counts or counted(server, "?s dct:spatial ?o")
    assert "http://c.example/d" not in str(told)


def test_they_are_asked_for_once_per_catalogue(server):
    """A browser that has them asks whether they changed; languages do not share an answer."""
    reply = get(server, PATH)
    again = get(server, PATH, If_None_Match=reply.headers["ETag"])
    french = get(server, PATH, Accept_Language="fr")

    assert again.status == 304
    assert french.headers["ETag"] != reply.headers["ETag"]
    assert "Accept-Language" in ", ".join(reply.headers.get_all("Vary"))


def test_files_come_compressed_and_for_good(server):
    """By names that change with what is in them; no other file of the folder is sent."""
    installed(BUILT, "the SPARQL editor, which npm builds when harvester is installed")
    (script,) = page(server, "/sparql").all("script")
    reply = get(server, script["src"], Accept_Encoding="gzip")

    assert reply.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert reply.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert reply.headers["Content-Encoding"] == "gzip"
    assert get(server, script["src"], If_None_Match=reply.headers["ETag"]).status == 304
    licences = get(server, files.PATH + files.LICENCES)
    assert licences.headers.get_content_type() == "text/plain"
    assert b"immutable" not in licences.headers["Cache-Control"].encode()
    for name in ("manifest.json", "made-from.txt", "nothing.js"):
        assert get(server, files.PATH + name).status == 404


def test_without_the_files_the_page_has_a_plain_field(monkeypatch, tmp_path):
    """As it is where npm was not to be had."""
    monkeypatch.setattr(files, "_BUILT", tmp_path)
    files.editor_files.cache_clear()
    try:
        assert files.editor_files() == {}
    finally:
        monkeypatch.undo()
        files.editor_files.cache_clear()
