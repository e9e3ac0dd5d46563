"""Descriptions as plain text: what is left of Markdown and HTML for a line below a title."""

import html
import re

_LONGEST = 300
_LOOKED_AT = 1_500
"""Characters: rules may take time that grows with their square."""
_RULES = (
    (re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.DOTALL | re.IGNORECASE), " "),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), " "),
    (re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)"), r"\1"),
    (re.compile(r"^[ \t]{0,8}(?:#{1,6}[ \t]|>|[-*+][ \t]|\|?[-:| ]{3,200}$)", re.MULTILINE), ""),
    (re.compile(r"\*\*|__|`|~~|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)"), ""),
    (re.compile(r"[\x00-\x1f\x7f\s]+"), " "),
    (re.compile(r" ?\| ?"), " · "),
)


def summary(text: str) -> str:
    r"""Return the beginning of a description as plain text on one line, of 300 characters at the most.

    It may still hold any character that HTML has a meaning for: whoever puts it into a page escapes it.

    >>> summary("## Où ?\n\n**Partout**, voir [la carte](https://e.fr) <br>et `id`")
    'Où ? Partout, voir la carte et id'
    """
    text = text[:_LOOKED_AT]
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    text = html.unescape(text).strip(" ·")
    if len(text) <= _LONGEST:
        return text
    cut = text[: _LONGEST - 1]
    return (cut[: cut.rfind(" ")] if " " in cut[-60:] else cut).rstrip(" ,;:.") + "…"
