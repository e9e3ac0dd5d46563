"""Whatever a portal says, its page is harmless, and holds together."""

import json
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest

from tests.serve import planted
from tests.serve.site import Page, get, page
from tests.serve.support import Server, publish, serving

LARGEST = 150_000
PREFIXES = """
    @prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
    @prefix foaf: <http://xmlns.com/foaf/0.1/> . @prefix hv: <urn:x-harvester:vocabulary#> .
    @prefix : <http://a.example/> . @prefix record: <urn:x-harvester:record:a.example:http://a.example/> .
    @prefix inferred: <urn:x-harvester:inferred:a.example:http://a.example/> .
    @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
"""
LONG_TITLE = ("Relevés " * 70)[:500].strip()
MANY = 400


def files(count: int) -> str:
    return "\n".join(
        f":many dcat:distribution :f{n} . :f{n} a dcat:Distribution ; dct:title 'file {n} {'x' * 200}' ;"
        f" dcat:downloadURL <https://files.example/{'y' * 300}/{n}> ; dct:format 'csv' ; dcat:byteSize {n} ;"
        f" dct:modified '2026-01-{n % 28 + 1:02}T00:00:00'^^xsd:dateTime ; dct:description '{'z' * 300}' ."
        for n in range(count)
    )


def reuses(count: int) -> str:
    return "\n".join(
        f":used dct:isReferencedBy :r{n} . :r{n} a dcat:Resource ; dct:title 'reuse {n}' ;"
        f" dct:issued '2026-01-{n % 28 + 1:02}' ."
        for n in range(count)
    )


def datasets(count: int) -> str:
    return "\n".join(
        f":d{n} a dcat:Dataset ; dct:title 'set {n}' ; dct:publisher :big ." for n in range(count)
    )


EXTREMES = f"""
    record:bare {{ :bare a dcat:Dataset }}
    record:long {{ :long a dcat:Dataset ; dct:title "{LONG_TITLE}" }}
    record:heavy {{ :heavy a dcat:Dataset ; dct:title "Heavy" ; dct:description "{"mot " * 260_000}" ;
      dcat:keyword {", ".join(f'"keyword {n}"' for n in range(3_000))} }}
    record:knot {{ :knot a dcat:Dataset ; dct:title "Knot" ; dct:description "{"![[" * 5_000}" }}
    record:many {{ :many a dcat:Dataset ; dct:title "Many" . {files(MANY)} }}
    record:used {{ :used a dcat:Dataset ; dct:title "Used" . {reuses(60)} }}
    record:big {{ :big a foaf:Organization ; foaf:name "Big" . {datasets(1_200)} }}
    record:said {{ :said a dcat:Dataset ; dct:title "Said"@en, "Dit"@fr ; dct:accrualPeriodicity "yearly" ;
      dct:modified "2026-01-01T00:00:00"^^xsd:dateTime ; dcat:keyword "both" }}
    inferred:said {{ :said dct:accrualPeriodicity :annual ; dcat:theme :theme ; dcat:keyword "both" ;
      dct:modified "2026-01-01T00:00:00Z"^^xsd:dateTime }}
    record:list {{ :annual <http://www.w3.org/2004/02/skos/core#prefLabel> "annual"@en, "annuel"@fr .
      :theme <http://www.w3.org/2004/02/skos/core#prefLabel> "Environment"@en, "Environnement"@fr }}
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    store = tmp_path_factory.mktemp("planted") / "store"
    publish(store, PREFIXES + EXTREMES + planted.planted())
    with serving(store, "--access-log", "off") as server:
        yield server
        assert "Traceback" not in server.log.read_text()


def address(iri: str, path: str = "/resource") -> str:
    return f"{path}?iri={quote(iri, safe='')}"


def a(name: str) -> str:
    return address(f"http://a.example/{name}")


class Isolation(Page):
    """Notes where texts that turn their direction stand: never where they could turn what is beside them."""

    def __init__(self, reply):
        self.loose: list[str] = []
        self.met = 0
        super().__init__(reply)

    def handle_data(self, data):
        super().handle_data(data)
        if planted.OVERRIDE in data and not any(e.tag == "script" for e in self._open):
            self.met += 1
            if not any(e.tag == "bdi" or "dir" in e.attributes for e in self._open):
                self.loose.append(data)


@pytest.mark.parametrize("path", ["/resource", "/statements"])
@pytest.mark.parametrize("kind", planted.CLASSES)
def test_no_text_becomes_markup_and_no_address_a_script(server, kind, path):
    """In any field of any kind of record, and of all that hangs from it."""
    shown = page(server, address(planted.iri_of(kind), path))
    text = shown.reply.body.decode()

    assert not [e for e in shown.elements if e.tag in ("img", "iframe", "style", "object")]
    assert {form["action"] for form in shown.all("form")} <= {"/search"}
    assert {e["type"] for e in shown.all("script")} <= {"application/ld+json"}
    assert "alert(1)" in text  # it is shown, as a text
    for element in shown.elements:
        assert not [name for name in element.attributes if name.startswith("on")]
        for name in ("href", "src", "action"):
            scheme = urlsplit(element.attributes.get(name, "")).scheme
            assert scheme in ("", "http", "https"), element
    assert len(shown.reply.body) < LARGEST


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("kind", planted.CLASSES)
def test_a_text_turns_nothing_but_itself(server, kind, language):
    """Right-to-left marks stand in elements that keep their effect inside."""
    shown = Isolation(get(server, address(planted.iri_of(kind)), "text/html", Accept_Language=language))

    assert shown.met
    assert shown.loose == []
    assert planted.OVERRIDE not in str(shown.one("title"))


def test_no_text_leaves_the_block_for_search_engines(server):
    """Not even `</script>`; what is in it is what was said."""
    shown = page(server, address(planted.iri_of("dataset")))
    (script,) = shown.all("script")
    block = json.loads("".join(script.text))

    assert block["name"] in planted.TEXTS
    assert not set("<>&\u2028") & set("".join(script.text))
    assert all(
        urlsplit(file.get("contentUrl", "")).scheme in ("", "http", "https") for file in block["distribution"]
    )


def test_a_dataset_that_says_nothing_has_a_page(server):
    """Headed by its IRI; what is not there is said to be not there."""
    shown = page(server, a("bare"))
    text = str(shown.one("main"))

    assert str(shown.one("h1")) == "a.example/bare"
    assert "gives no description" in text
    assert "lists no file" in text
    assert "no reuse" in text
    assert not shown.all("p", class_="legend")


def test_a_title_of_500_letters_is_shown_whole(server):
    """Smaller; the window's title is cut."""
    shown = page(server, a("long"))

    assert str(shown.one("h1")) == LONG_TITLE
    assert shown.one("h1")["class"] == "long"
    assert len(str(shown.one("title"))) < 200


def test_what_is_too_much_is_cut_and_counted(server):
    """A description of a million characters, thousands of keywords."""
    shown = page(server, a("heavy"))

    assert len(shown.reply.body) < LARGEST
    assert "…" in str(shown.one("div", class_="prose"))
    assert "and 940 more" in str(shown.one("main"))  # of 1,000 that are read


def test_a_text_that_is_hard_to_read_is_shown_as_it_is(server):
    """A parser of Markdown would take seconds for it."""
    shown = page(server, a("knot"))

    assert str(shown.one("p", class_="plain")).startswith("![[![[")


def test_hundreds_of_files_are_counted_and_as_many_shown_as_fit(server):
    """The rest is a query away, and the page says so."""
    shown = page(server, a("many"))
    text = str(shown.one("main"))
    rest = [link["href"] for link in shown.all("a") if "dataset-distributions" in link["href"]]

    assert f"{MANY} files" in str(shown.one("h2", id="files"))
    assert "more do not fit on this page" in text
    assert len(shown.reply.body) < LARGEST
    assert get(server, rest[0], "text/html").status == 200


def test_many_reuses_unfold(server):
    """The newest ones first."""
    shown = page(server, a("used"))
    titles = [str(h3) for h3 in shown.all("h3")]

    assert "60 reuses" in str(shown.one("h2", id="reuses"))
    assert {"reuse 27", "reuse 55"} == set(titles[:2])
    assert len(shown.reply.body) < LARGEST


def test_a_publisher_of_more_than_can_be_counted_here_says_so(server):
    """Without a search index: at least so many."""
    shown = page(server, a("big"))

    assert "200+ datasets" in str(shown.one("ul", class_="totals"))
    assert len(shown.reply.body) < LARGEST


@pytest.mark.parametrize(
    ("language", "title", "frequency", "theme"),
    [
        ("en", "Said", "annual inferred", "Environment inferred"),
        ("fr", "Dit", "annuel déduit", "Environnement déduit"),
    ],
)
def test_said_and_inferred_stand_apart_in_both_languages(server, language, title, frequency, theme):
    """A value that both say is said; of a date the said one is shown."""
    shown = Page(get(server, a("said"), "text/html", Accept_Language=language))
    values = [str(dd) for dd in shown.all("dd")]

    assert str(shown.one("h1")) == title
    assert "yearly" in values
    assert frequency in values
    assert theme in values
    assert len(shown.all("a", href="/search?q=both")) == 1
    assert [v for v in values if v.startswith(("Jan 1, 2026", "1 janv. 2026"))] == [
        "Jan 1, 2026" if language == "en" else "1 janv. 2026"
    ]
