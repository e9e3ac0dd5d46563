"""Query files: headers read, mistakes named by file and line, folders of them."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.errors import UsageError
from harvester.query import header
from harvester.query.canned import Library, load
from harvester.query.chart import Chart
from harvester.query.header import Sample, read_header
from harvester.query.sparql import Form

FULL = """#+ summary: Datasets of a theme
#+ description: |
#+   All of them,
#+   by *title*.
#+ tags: [datasets, themes]
#+ defaults:
#+   limit: 010
#+   since: 2024-01-31
#+ enumerate:
#+   - theme: [ENVI, TRAN]
# an ordinary comment, and then more of the header

#+ method: post
#+ example: {theme: ENVI, dataset: {query: most-reused, column: dataset}}
#+ expect: {min_rows: 2}
#+ chart: {type: bar, x: title, y: n}
PREFIX dct: <http://purl.org/dc/terms/>
SELECT ?title (COUNT(*) AS ?n) {
  ?_dataset_iri dct:title ?title ; dct:issued ?date ; dct:subject ?_theme .
  FILTER(?date > ?__since_date)
} GROUP BY ?title LIMIT ?__limit_integer
"""


@pytest.fixture
def write(tmp_path):
    """A function that writes a query file."""

    def write(text: str, name: str = "mine") -> Path:
        path = Path(tmp_path / f"{name}.rq")
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_is_read_whole(write):
    """Every key of the header, every parameter; values keep their spelling: `010` is not 8."""
    query = load(write(FULL))

    said = query.header
    assert (query.name, query.form, query.text) == ("mine", Form.SELECT, FULL)
    assert said.summary == "Datasets of a theme"
    assert said.description == "All of them,\nby *title*."
    assert said.tags == ("datasets", "themes")
    assert said.defaults == {"limit": "010", "since": "2024-01-31"}
    assert said.enumerate == {"theme": ("ENVI", "TRAN")}
    assert said.method == "POST"
    assert said.example == {"theme": "ENVI", "dataset": Sample("most-reused", "dataset")}
    assert said.expect == {"min_rows": 2}
    assert said.chart == Chart("bar", ("title",), ("n",))
    assert said.warnings == ()
    assert [
        (each.name, each.type.name, each.required, each.default, each.choices) for each in query.parameters
    ] == [
        ("dataset", "iri", True, None, ()),
        ("theme", "literal", True, None, ("ENVI", "TRAN")),
        ("since", "date", False, "2024-01-31", ()),
        ("limit", "integer", False, "010", ()),
    ]


ASK = "ASK { ?s ?p ?_x_integer }"
BROKEN = (
    # (header below its summary, if it begins with one, and query; line; what the message says)
    (f"#+ summary: [a\n{ASK}", 1, "the header is not YAML"),
    (f"# comment\n\n#+ just words\n{ASK}", 3, "must be lines of `key: value`"),
    (ASK, 1, "the header has no summary"),
    (f"#+ summary:\n{ASK}", 1, "the header has no summary"),
    (f"#+ summary: [a, b]\n{ASK}", 1, "summary: must be a text"),
    *(
        (f"#+ summary: a\n#+ {header}\n{ASK}", 2, why)
        for header, why in (
            ("tags: b: c", "the header is not YAML"),
            ("\ttags: b", "the header is not YAML"),
            ("expect: {min_rows: few}", "expect: 'few' is not a whole number"),
            ("expect: {rows: 1}", "only min_rows can be expected"),
            ("method: PUT", "PUT is neither GET nor POST"),
            ("defaults: 5", "defaults: must be lines of `name: value`"),
            ("defaults: {y: 5}", "defaults: the query has no parameter y"),
            ("defaults: {x: five}", "defaults: Parameter x: 'five' is not a whole number"),
            ("example: {x: five}", "example: Parameter x: 'five' is not a whole number"),
            ("example: {x: {query: q}}", "example: a value must be a text, or {query"),
            ("enumerate: [x]", "enumerate: must be parameter names"),
            ("enumerate: {x: [1, two]}", "enumerate: Parameter x: 'two' is not a whole number"),
            ("pagination: 10", "only SELECT has pages"),
            (f"tags: {'[' * 30}{']' * 30}", "nested deeper than 20 levels"),
        )
    ),
    (f"#+ summary: a\n\n#+ method: PUT\n{ASK}", 3, "PUT"),
    (
        f"#+ summary: a\n#+ enumerate: {{x: [1]}}\n#+ defaults: {{x: 2}}\n{ASK}",
        3,
        "defaults: Parameter x: '2'",
    ),
    ("#+ summary: a\n#+ pagination: 10\nSELECT * { ?s ?p ?o }", 2, "without ORDER BY"),
    ("#+ summary: a\n#+ pagination: 10\nSELECT * { { SELECT * {} ORDER BY ?s } }", 2, "without ORDER BY"),
    ("#+ summary: a\n#+ pagination: 10\nSELECT * {} ORDER BY ?s LIMIT 5", 2, "leave LIMIT and OFFSET to it"),
    ("#+ summary: a\n#+ pagination: 0\nSELECT * {} ORDER BY ?s", 2, "0 rows per page are not between"),
    ("#+ summary: a\nASK {\n  ?s ?p ?_data_set_iri\n}", 3, "write dataSet_iri"),
    ("#+ summary: a\nASK { ?s ?_x_iri\n ?_x }", 3, "?_x and ?_x_iri are two spellings"),
    (f"#+ summary: a\n#+ tags: {'[' * 2000}{']' * 2000}\n{ASK}", 2, "the header is not YAML"),
)


@pytest.mark.parametrize(("text", "line", "why"), BROKEN)
def test_a_broken_header_is_an_error_with_file_and_line(write, text, line, why):
    """A file that is not as it should be is never dropped in silence."""
    path = write(text)

    with pytest.raises(UsageError) as refused:
        load(path)

    assert refused.value.cause.startswith(f"{path}, line {line}: ")
    assert why in refused.value.cause


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("DELETE WHERE { ?s ?p ?o }", "is an update"),
        ("ASK { SERVICE <http://e.example/> { ?s ?p ?o } }", "SERVICE would have"),
        ("ASK { ?s dct:title ?o }", "the prefix dct: is not declared"),
        ("ASK { ?s ?p 'o }", "this string is not closed"),
        ("", "there is no query"),
    ],
)
def test_a_file_is_checked_as_any_query(write, query, why):
    """And it is valid SPARQL by itself: it declares its prefixes."""
    path = write(f"#+ summary: a\n{query}")
    with pytest.raises(UsageError, match=why) as refused:
        load(path)
    assert refused.value.cause.startswith(f"{path}: ")


@pytest.mark.parametrize("content", [b"#+ summary: \xe9t\xe9\nASK {}", None], ids=["Latin-1", "no file"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    """Files are UTF-8."""
    path = Path(tmp_path / "mine.rq")
    if content:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"mine\.rq cannot be read"):
        load(path)


def test_unknown_keys_are_warnings(write):
    """They are returned with file and line; whatever names an endpoint is never honoured."""
    path = write(
        "#+ summary: a\n#+ sumary: b\n#+ endpoint: http://evil.example/\n#+ endpoint_in_url: true\n"
        "ASK {}\n#+ late: x\n"
    )

    warnings = load(path).header.warnings

    assert [warning.partition(": ")[0] for warning in warnings] == [
        f"{path}, line {line}" for line in (6, 2, 3, 4)
    ]
    assert "not read" in warnings[0]
    assert "sumary is not a known key" in warnings[1]
    assert "endpoint is not honoured" in warnings[2]
    assert "endpoint_in_url is not honoured" in warnings[3]


@given(st.text() | st.text(st.sampled_from("#+ :[]{}-&*!|>'\"%@`ab\n\t")).map(lambda text: "#+ " + text))
def test_any_header_is_read_or_refused(text):
    """No header fails otherwise than by UsageError."""
    try:
        said = read_header(text, "file").summary
    except UsageError as error:
        said = error.cause

    assert said


def test_folders_are_put_together(write, tmp_path):
    """A later folder adds queries, and takes the place of those of the same name: which is told."""
    write(FULL, "one")
    write(FULL, "two")
    mine = Path(tmp_path / "mine")
    mine.mkdir()
    Path(mine / "two.rq").write_text("#+ summary: My own\nASK {}", encoding="utf-8")
    Path(mine / "three.rq").write_text("#+ summary: Another\nASK {}", encoding="utf-8")
    Path(mine / "notes.txt").write_text("not a query", encoding="utf-8")

    library = Library.of(tmp_path, mine)

    assert [query.name for query in library] == ["one", "three", "two"]
    assert library["two"].header.summary == "My own"
    assert library.replaced == {"two"}


def test_a_folder_without_queries_is_an_error(tmp_path):
    """Perhaps another was meant."""
    with pytest.raises(UsageError, match="holds no queries"):
        Library.of(tmp_path)


@pytest.mark.parametrize(
    ("name", "hint"),
    [("most-reused-dataset", "most-reused-datasets"), ("stale", "stale-datasets"), ("licenses", "licences")],
)
def test_an_unknown_name_suggests_the_nearest(library, name, hint):
    """Names are long: the message helps."""
    with pytest.raises(UsageError, match=f"no query '{name}'; did you mean .*{hint}"):
        library[name]


def test_a_broken_file_hides_no_other(write, tmp_path):
    """Files are read when asked for."""
    write("#+ summary: [", "broken")
    write(FULL, "good")
    assert Library.of(tmp_path)["good"].name == "good"


def test_the_manual_tells_what_there_is(write):
    """Its example loads without a warning, and its table has every key of the header."""
    manual = Path(__file__).parents[2].joinpath("docs", "queries.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```sparql\n(.*?)```", manual, re.DOTALL)

    assert load(write(text)).header.warnings == ()
    assert set(re.findall(r"^\| `([a-z]+)` \|", manual, re.MULTILINE)) == set(header._KEYS)
