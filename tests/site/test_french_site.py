"""The whole site in French: search, gallery and pages of records say nothing of ours in English."""

from pyoxigraph import Store

from tests.serve.crawl import literals, untranslated


def test_the_site_says_nothing_of_ours_in_english(demo, demo_store):
    """What both languages have in common is data. Queries and answers are read over a smaller catalogue."""
    store = Store.read_only(str((demo_store / "current").resolve() / "store"))

    assert untranslated(demo, literals(store), besides=("/queries/", "/sparql")) == {}
