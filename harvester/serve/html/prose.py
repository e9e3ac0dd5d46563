"""Descriptions as portals write them: Markdown with tables, bits of HTML, bare addresses; made harmless."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from markupsafe import Markup

_BREAKS = re.compile(r"<br\s*/?>|</(?:p|div|li|tr|h[1-6]|ul|ol|table)\s*>", re.IGNORECASE)
_TAGS = re.compile(
    r"</?(?:p|div|span|b|i|u|em|strong|ul|ol|li|a|font|table|tbody|thead|tr|td|th|h[1-6])(?:\s[^<>]{0,2000})?/?>",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s<>\"'()\[\]{}«»]{1,1000}[^\s<>\"'()\[\]{}«».,;:!?]")
_FOLLOWED = re.compile(r"(?:https?://[^/\s]|mailto:)", re.IGNORECASE)
_MOST_MARKS = 1_000
"""Of one kind: with more, a text is made to take the parser's time, which grows with their square."""
_LEVELS = {"h1": "h3", "h2": "h4", "h3": "h5"}
"""Headings stand below those of the page."""


def prose(text: str) -> Markup:
    r"""Render a description. Tags of formatting are dropped, any others are shown as text.

    >>> prose("<p>See <b>https://a.example/x.</b></p>")
    Markup('<p>See <a href="https://a.example/x" rel="nofollow noopener noreferrer">https://a.example/x</a>.</p>\n')
    """
    plain = _TAGS.sub("", _BREAKS.sub("\n", text))
    if any(plain.count(mark) > _MOST_MARKS for mark in "[*_`<&"):
        return Markup('<p class="plain">{}</p>').format(text)
    return Markup(_MARKDOWN.render(plain))  # noqa: S704  # the renderer escapes all that is not Markdown


def _followable(address: str) -> bool:
    """Tell whether a description may link there: not within this site, of which its author knows nothing."""
    return bool(_FOLLOWED.match(address))


def _demote(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = _LEVELS.get(token.tag, "h6")


def _link_addresses(state: StateCore) -> None:
    """Make links of addresses that stand in the text as such."""
    for token in state.tokens:
        if token.type == "inline" and token.children and "://" in token.content:
            token.children = _linked(token.children)


def _linked(tokens: Sequence[Token]) -> list[Token]:
    found: list[Token] = []
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        found += _parted(token.content) if token.type == "text" and not depth else [token]
    return found


def _parted(text: str) -> list[Token]:
    parts: list[Token] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        parts += [
            Token("text", "", 0, content=text[end : match.start()]),
            Token("link_open", "a", 1, attrs={"href": match[0]}),
            Token("text", "", 0, content=match[0]),
            Token("link_close", "a", -1),
        ]
        end = match.end()
    return [*parts, Token("text", "", 0, content=text[end:])]


def _open_link(
    renderer: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: EnvType
) -> str:
    tokens[at].attrSet("rel", "nofollow noopener noreferrer")
    return renderer.renderToken(tokens, at, options, env)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")
    parser.validateLink = _followable  # type: ignore[method-assign, assignment]
    parser.core.ruler.push("demote", _demote)
    parser.core.ruler.push("addresses", _link_addresses)
    parser.add_render_rule("link_open", _open_link)
    return parser


_MARKDOWN = _parser()
