"""Descriptions as portals write them become text that reads well, and nothing else."""

import time

import pytest

from harvester.serve.html.prose import prose


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# Titre", "<h3>Titre</h3>\n"),
        ("deux\nlignes", "<p>deux<br />\nlignes</p>\n"),
        ("<p>Un</p><p>deux</p>", "<p>Un<br />\ndeux</p>\n"),
        ("<b class='x'>gras</b><br>suite", "<p>gras<br />\nsuite</p>\n"),
        ('les valeurs <NULL> & "NA"', "<p>les valeurs &lt;NULL&gt; &amp; &quot;NA&quot;</p>\n"),
        ("[ici](/ailleurs)", "<p>[ici](/ailleurs)</p>\n"),
        ("[ici](javascript:alert)", "<p>[ici](javascript:alert)</p>\n"),
        ("![image](data:text/html,x)", "<p>![image](data:text/html,x)</p>\n"),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
    ],
)
def test_formatting_is_kept_and_the_rest_is_text(written, shown):
    """Markdown and the tags that stand for it."""
    assert prose(written) == shown


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("voir https://a.example/x?y=1.", "https://a.example/x?y=1"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("[lien](https://a.example/)", "https://a.example/"),
        ("<mailto:a@b.example>", "mailto:a@b.example"),
    ],
)
def test_addresses_become_links_once(written, address):
    """Which tell nobody where the reader comes from."""
    shown = prose(written)

    assert f'<a href="{address}" rel="nofollow noopener noreferrer">' in shown
    assert shown.count("<a ") == 1


def test_tables_are_tables():
    """As Markdown of GitHub's kind has them."""
    assert "<th>colonne</th>" in prose("| colonne |\n|---|\n| id |")


@pytest.mark.parametrize("mark", ["![[", "[", "*a ", "`a``", "<", "&", "_"])
def test_no_text_takes_long(mark):
    """Not even one that is made for it: parsers of Markdown take the square of its length."""
    begun = time.process_time()
    shown = prose(mark * (15_000 // len(mark)))

    assert 'class="plain"' in shown
    assert time.process_time() - begun < 0.5
