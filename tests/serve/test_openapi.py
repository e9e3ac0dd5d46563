"""The OpenAPI document: valid, complete, and true of the server that gives it."""

import json
import re
from collections import Counter
from urllib.parse import quote, urlencode

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from harvester import __version__
from harvester.config import data_dir
from harvester.query.canned import load
from harvester.serve.queries.openapi import document, operation
from tests.serve.site import get, get_json, page


@pytest.fixture(scope="module")
def server(shared_site):
    return shared_site


@pytest.fixture(scope="module")
def openapi(server):
    """Its document."""
    return get_json(server, "/openapi.json")


def typed(tmp_path, text):
    path = tmp_path / "mine.rq"
    path.write_text(f"#+ summary: Mine\n{text}", encoding="utf-8")
    return load(path)


def test_the_document_is_valid(openapi):
    """By the schema of OpenAPI 3.1 and the rules beyond it; defaults and examples are of their type."""
    OpenAPIV31SpecValidator(openapi).validate()

    assert openapi["openapi"].startswith("3.1.")
    assert openapi["info"]["version"] == __version__


def test_every_query_is_a_path(server, openapi):
    """The shipped ones and the operator's own, at the public address of the server."""
    shipped = {f"/queries/{path.stem}" for path in data_dir("queries").glob("*.rq")}

    assert shipped | {"/queries/typed", "/queries/posted"} <= set(openapi["paths"])
    assert "/queries/broken" not in openapi["paths"]
    assert openapi["servers"] == [{"url": server.url}]


def test_parameters_are_typed(tmp_path):
    """Types, choices, defaults and examples are those of the query file, as JSON has them."""
    query = typed(
        tmp_path,
        "#+ defaults: {n: '3', flag: 'true', rate: '2.5'}\n#+ enumerate: {n: ['3', '4']}\n"
        "SELECT * { ?a ?b ?_day_date , ?__n_integer , ?__flag_boolean ;"
        " ?c ?__rate_number , ?__at_dateTime , ?_iri_iri }",
    )

    parameters = {each["name"]: each for each in operation(query, {"day": "2026-01-31"})["parameters"]}

    schemas = {name: each["schema"] for name, each in parameters.items()}
    assert schemas["day"] == {"type": "string", "format": "date"}
    assert schemas["n"] == {"type": "integer", "enum": [3, 4], "default": 3}
    assert schemas["flag"] == {"type": "boolean", "default": True}
    assert schemas["rate"] == {"type": "number", "default": 2.5}
    assert re.search(schemas["at"]["pattern"], "2026-01-31T12:00:00")
    assert not re.search(schemas["at"]["pattern"], "2026-01-31T12:00:00 or so")
    assert {name for name, each in parameters.items() if each.get("required")} == {"day", "iri"}
    assert parameters["day"]["example"] == "2026-01-31"


def test_our_own_parameters_give_way(tmp_path):
    """`page` is there for queries in pages; a query's own `format` makes ours `_format`."""
    paged = typed(tmp_path, "#+ pagination: 5\nSELECT ?x { ?x ?y ?_format } ORDER BY ?x")

    names = [each["name"] for each in operation(paged, {})["parameters"]]

    assert names == ["format", "_format", "page"]


def test_a_query_that_says_post_is_a_post(openapi):
    """Its values are the fields of a form."""
    assert list(openapi["paths"]["/queries/posted"]) == ["post"]
    body = openapi["paths"]["/queries/posted"]["post"]["requestBody"]

    assert body["required"] is True
    assert body["content"]["application/x-www-form-urlencoded"]["example"] == {"text": "word"}


def test_a_server_with_tokens_says_so():
    """So that generated clients send one."""
    secured = document([], "https://data.example/x", {}, tokens=True)

    OpenAPIV31SpecValidator(secured).validate()
    assert secured["security"] == [{"token": []}]


def resolved(openapi, node):
    """Follow a reference."""
    while "$ref" in node:
        found = openapi
        for key in node["$ref"].split("/")[1:]:
            found = found[key]
        node = found
    return node


def calls(openapi):
    """Every operation with its examples, in each format that it says it has."""
    for path, item in openapi["paths"].items():
        for method, described in item.items():
            parameters = [resolved(openapi, each) for each in described.get("parameters", [])]
            values = {each["name"]: each["example"] for each in parameters if "example" in each}
            address = re.sub(r"{(\w+)}", lambda name, values=values: quote(values.pop(name[1])), path)
            headers, body = {}, None
            for type_, content in described.get("requestBody", {}).get("content", {}).items():
                if "example" in content:
                    headers["Content-Type"] = type_
                    example = content["example"]
                    body = (example if isinstance(example, str) else urlencode(example)).encode()
            if any(each.get("required") and "example" not in each for each in parameters):
                continue  # the catalogue has none of these: asked without, it is a 400
            for media_type in described["responses"]["200"]["content"]:
                search = f"?{urlencode(values)}" if values else ""
                yield described, (method.upper(), address + search, {**headers, "Accept": media_type}, body)


def test_the_server_does_what_the_document_says(server, openapi):
    """Each operation, asked with its examples in each of its formats, answers as it says.

    That is 200 in that format, but for a query whose form has no answer in it, and dumps in the making.
    """
    statuses = Counter()
    for described, call in calls(openapi):
        reply = server.ask(*call)
        statuses[reply.status] += 1

        responses, wanted = described["responses"], call[2]["Accept"]
        if reply.status != 200:
            assert (reply.status, described["tags"][0]) in ((406, "SPARQL"), (503, "Files")), (
                call,
                reply.body,
            )
            assert reply.media_type in resolved(openapi, responses[str(reply.status)])["content"]
            continue
        assert reply.media_type == wanted, call
        promised = set(responses["200"].get("headers", {})) - {"Link", "X-Truncated"}
        assert all(name in reply.headers for name in promised), call
    assert statuses[200] > 150


def test_examples_have_answers(server, openapi):
    """The example of a parameter that depends on the catalogue is looked up in it."""
    parameters = openapi["paths"]["/queries/dataset-reuses"]["get"]["parameters"]
    example = next(each["example"] for each in parameters if each["name"] == "dataset")

    rows = get_json(server, f"/queries/dataset-reuses?{urlencode({'dataset': example})}")

    assert rows["results"]["bindings"]


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/queries/publishers?nope=1", "application/json", "400"),
        ("/queries/publishers", "image/png", "406"),
        ("/sparql?query=SELECT", "application/json", "400"),
    ],
)
def test_what_goes_wrong_is_described(server, openapi, path, accept, status):
    """Problem details have the members that the document promises."""
    reply = get(server, path, accept)
    described = openapi["paths"][path.partition("?")[0]]["get"]["responses"][status]

    assert (str(reply.status), reply.media_type) == (status, "application/problem+json")
    assert reply.media_type in resolved(openapi, described)["content"]
    required = openapi["components"]["schemas"]["Problem"]["required"]
    assert set(required) <= set(json.loads(reply.body))


def test_the_api_page_shows_every_operation_with_a_command(server, openapi):
    """The same paths, and a curl command for each that can be copied."""
    shown = page(server, "/api")

    paths = [str(element) for element in shown.all("code")]
    commands = [text for text in paths if text.startswith("curl ")]
    operations = sum(len(item) for item in openapi["paths"].values())
    assert set(openapi["paths"]) <= set(paths)
    assert len(commands) == operations
    assert any(f"{server.url}/queries/publishers?by=reuses" in command for command in commands)
