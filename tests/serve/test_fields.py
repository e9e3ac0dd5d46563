"""Parameters as fields of a form."""

import pytest

from harvester.query.canned import load
from harvester.serve.html.words import words_in
from harvester.serve.queries.call import Call
from harvester.serve.queries.fields import Field, fields


@pytest.fixture
def form(tmp_path):
    """A function that returns the fields, by name, of a query with these parameters and values."""

    def form(variables: str, header: str = "", **values: str) -> dict[str, Field]:
        path = tmp_path / "mine.rq"
        path.write_text(f"#+ summary: Mine\n{header}SELECT * {{ ?a ?b {variables} }}", encoding="utf-8")
        return {
            field.name: field for field in fields(Call.read(load(path), list(values.items())), words_in("en"))
        }

    return form


def test_inputs_fit_their_types(form):
    """Numbers, dates and IRIs have inputs of their own; the others are texts."""
    made = form("?_a_integer, ?_b_number, ?_c_date, ?_d_iri, ?_e_dateTime, ?_f, ?_g_fr")

    assert {name: field.type for name, field in made.items()} == {
        "a": "number",
        "b": "number",
        "c": "date",
        "d": "url",
        "e": "text",
        "f": "text",
        "g": "text",
    }
    assert (made["a"].step, made["b"].step, made["g"].language) == ("1", "any", "fr")


def test_what_a_browser_would_drop_is_shown_as_text(form):
    """A value that such an input cannot hold must not vanish from the form."""
    made = form("?_a_integer, ?_b_date, ?_c_number", a="many", b="2026-01-31Z", c="INF")

    assert {(field.type, field.value) for field in made.values()} == {
        ("text", "many"),
        ("text", "2026-01-31Z"),
        ("text", "INF"),
    }
    assert [name for name, field in made.items() if field.mistake] == ["a"]


def test_choices_make_a_list(form):
    """With nothing chosen only if nothing may be; a value that is none of them stays to be mended."""
    header = "#+ enumerate: {kind: [a, b], by: [x, y]}\n#+ defaults: {by: x}\n"

    made = form("?__kind, ?__by, ?__flag_boolean", header, kind="c")

    assert [value for value, _ in made["kind"].choices] == ["", "c", "a", "b"]
    assert (made["kind"].value, bool(made["kind"].mistake)) == ("c", True)
    assert ([value for value, _ in made["by"].choices], made["by"].value) == (["x", "y"], "x")
    assert [value for value, _ in made["flag"].choices] == ["", "true", "false"]


def test_only_what_has_no_default_must_be_filled_in(form):
    """A default fills the field, and an empty field means the default."""
    made = form("?_a, ?_b, ?__c", "#+ defaults: {b: word}\n")

    assert [name for name, field in made.items() if field.required] == ["a"]
    assert (made["b"].value, made["b"].placeholder) == ("word", "word")
    assert "may be left out" in made["c"].hint
