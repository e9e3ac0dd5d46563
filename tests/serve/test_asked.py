"""What a search asks for."""

import pytest

from harvester.search.terms import REUSE
from harvester.serve.http.problem import Problem
from harvester.serve.site.asked import ALL, FACETS, Asked
from tests.serve.site import EVIL


def test_an_address_is_read_and_written():
    """What `search` writes is what `read` reads."""
    asked = Asked("vélo libre", REUSE, (("type", "http://t.example/#a"), ("type", "b")), "title", 3)
    written = asked.search()

    pairs = [("q", "vélo libre"), ("kind", "reuse"), ("type", "http://t.example/#a"), ("type", "b")]
    assert Asked.read([*pairs, ("sort", "title"), ("page", "3")]) == asked
    assert written.startswith("?q=v%C3%A9lo+libre&kind=reuse&type=http%3A%2F%2Ft.example%2F%23a&type=b")
    assert Asked().search() == ""


def test_what_means_nothing_is_ignored():
    """Marks of other sites, empty fields of a form, a value given twice."""
    said = [("format", "csv"), ("format", "csv"), ("q", "  a b ")]

    assert Asked.read([("utm_source", "mail"), ("theme", ""), *said, ("x", EVIL)]) == Asked(
        "a b", facets=(("format", "csv"),)
    )


@pytest.mark.parametrize(
    "items",
    [
        [("q", "x" * 301)],
        [("kind", EVIL)],
        [("sort", "random")],
        [("page", "0")],
        [("page", "-1")],
        [("page", "501")],
        [("page", "٣")],
        [("page", "99999999999999999999")],
        [("theme", "x" * 2_001)],
        [("format", str(number)) for number in range(31)],
    ],
    ids=["text", "kind", "sort", "zero", "negative", "deep", "other digits", "huge", "long", "many"],
)
def test_what_cannot_be_meant_is_refused(items):
    """400 with words, whatever it is."""
    with pytest.raises(Problem) as problem:
        Asked.read(items)
    assert problem.value.status == 400
    assert problem.value.fix


def test_choices_begin_at_the_first_page():
    """Another filter, order, kind or spelling has other pages."""
    asked = Asked("velo", page=7, facets=(("theme", "t"),))
    filtered = (asked.toggled("theme", "u"), asked.toggled("theme", "t"), asked.bare())
    others = (asked.sorted("title"), asked.about(REUSE), asked.spelt("vélo"))

    assert {each.page for each in (*filtered, *others)} == {1}
    assert asked.toggled("theme", "u").facets == (("theme", "t"), ("theme", "u"))
    assert asked.toggled("theme", "t").facets == ()


def test_another_kind_keeps_the_filters_that_it_has():
    """A publisher has reuses too, a format has not."""
    asked = Asked(facets=(("format", "csv"), ("publisher", "p"), ("reused", "yes")))

    assert asked.about(REUSE).facets == (("publisher", "p"),)
    assert asked.about(ALL).facets == (("publisher", "p"),)
    assert set(FACETS[ALL]) == {"theme", "publisher"}


def test_the_last_page_is_one_that_can_be_asked_for():
    """However many hits there are."""
    assert [Asked().last_page(total) for total in (0, 1, 20, 21, 75_000)] == [1, 1, 1, 2, 500]
    assert Asked.read([("page", "500")]).page == 500
