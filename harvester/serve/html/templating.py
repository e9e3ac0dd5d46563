"""What all templates have: the frame's words, links with the proxy's prefix, Markdown, and escaping."""

from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup
from starlette.templating import Jinja2Templates

from harvester import __version__

SITE = "Open data catalogue"
"""The name of the site, on every page."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
"""HTML in a text is shown as it stands; links to `javascript:` and the like are left as text."""


def make_templates(path: Callable[[str], str]) -> Jinja2Templates:
    """Return the templates of this package; `path` adds the prefix that a reverse proxy gives the site."""
    environment = Environment(
        loader=PackageLoader("harvester.serve.html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"path": path, "site": SITE, "version": __version__}
    environment.filters["markdown"] = markdown
    return Jinja2Templates(env=environment)


def markdown(text: str) -> Markup:
    r"""Render Markdown.

    >>> markdown("the *newest* <b>first</b>")
    Markup('<p>the <em>newest</em> &lt;b&gt;first&lt;/b&gt;</p>\n')
    """
    return Markup(_MARKDOWN.render(text))  # noqa: S704  # the renderer escapes all that is not Markdown
