"""The check of feeds finds what is wrong, or the tests that use it would show nothing."""

import pytest

from tests.serve.atom_rules import mistakes

GOOD = """<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:a</id><title>T</title>
<updated>2026-01-31T02:00:00Z</updated><author><name>N</name></author>
<link rel="self" href="http://a.example/"/>
<entry><id>urn:b</id><title>E</title><updated>2026-01-31T02:00:00.5+01:00</updated>
<link href="http://a.example/e"/><category term="x" scheme="urn:s"/></entry></feed>"""


def test_a_good_feed_has_no_mistakes():
    """One that is written by hand from the RFC."""
    assert mistakes(GOOD.encode()) == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("<id>urn:a</id>", "", "feed has 0 id"),
        ("<id>urn:b</id>", "<id>b</id>", "no IRI"),
        ("<title>E</title>", "<title>E</title><title>F</title>", "entry has 2 title"),
        ("<title>E</title>", "<title><b>E</b></title>", "no plain text"),
        ("2026-01-31T02:00:00Z", "2026-01-31 02:00:00Z", "no date"),
        ("2026-01-31T02:00:00Z", "2026-01-31T02:00:00", "no date"),
        ("<author><name>N</name></author>", "", "without author"),
        ("<name>N</name>", "", "without one name"),
        ('<link rel="self" href="http://a.example/"/>', "", "no link to itself"),
        ('<link href="http://a.example/e"/>', "", "neither content"),
        ('<link href="http://a.example/e"/>', 2 * '<link href="http://a.example/e"/>', "two alternates"),
        ('href="http://a.example/e"', 'href="/e f"', "link to"),
        ('term="x"', "", "without term"),
        ("<title>T</title>", '<title lang="en">T</title>', "may not have @lang"),
        ("<title>T</title>", "<title>T</title><pubDate>x</pubDate>", "may not have pubDate"),
        ("</title>", "&#1;</title>", "not well-formed"),
    ],
)
def test_a_mistake_is_found(old, new, words):
    """Each by its name."""
    assert any(words in mistake for mistake in mistakes(GOOD.replace(old, new).encode()))


def test_two_entries_of_one_id_are_found():
    """A reader would show only one of them."""
    entry = GOOD[GOOD.index("<entry>") : GOOD.index("</feed>")]
    assert "two entries" in mistakes(GOOD.replace("</feed>", f"{entry}</feed>").encode())[0]
