"""What all templates have: the frame's words, links with the proxy's prefix, Markdown, and escaping."""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

from jinja2 import BytecodeCache, Environment, FileSystemBytecodeCache, PackageLoader, StrictUndefined
from jinja2.bccache import Bucket
from markdown_it import MarkdownIt
from markupsafe import Markup

from harvester import __version__
from harvester.serve.html.prose import prose
from harvester.serve.html.rows import followable, shorten_iri
from harvester.serve.html.words import LANGUAGES, Words, switch_address, words_in

SITE = "Open data catalogue"
"""The name of the site, on every page."""

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).disable("image")
"""HTML in a text is shown as it stands; links to `javascript:` and the like are left as text."""


class Templates:
    """The templates of this package, in each language; `path` adds the prefix that a reverse proxy gives."""

    def __init__(self, path: Callable[[str], str]) -> None:
        compiled = _Compiled()
        self._environments = {
            language: _environment(words_in(language), path, compiled) for language in LANGUAGES
        }

    def warm(self) -> None:
        """Load all of them: compiling one takes up to a tenth of a second, which no reader should wait."""
        for environment in self._environments.values():
            for name in environment.list_templates(extensions=["html"]):
                environment.get_template(name)

    def render(self, language: str, name: str, context: Mapping[str, Any]) -> str:
        """Make a page of a template and its values."""
        return self._environments[language].get_template(name).render(context)


class _Compiled(FileSystemBytecodeCache):
    """Templates compiled once for all languages, and kept where Python keeps compiled modules, if it may."""

    def __init__(self) -> None:
        folder = Path(cache_from_source(str(Path(__file__).with_name("templates") / "any.py"))).parent
        super().__init__(str(folder), "template-%s.cache")
        self._made: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Find a template, by the checksum of its source."""
        if bucket.key in self._made:
            bucket.bytecode_from_string(self._made[bucket.key])
        else:
            with suppress(OSError):
                super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template. A folder that cannot be written, or a full disk, is no matter."""
        self._made[bucket.key] = bucket.bytecode_to_string()
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                Path(self.directory).mkdir(parents=True, exist_ok=True)
                super().dump_bytecode(bucket)


def _environment(words: Words, path: Callable[[str], str], compiled: BytecodeCache) -> Environment:
    environment = Environment(
        loader=PackageLoader("harvester.serve.html"),
        bytecode_cache=compiled,
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext
    )
    environment.globals |= {
        "path": path,
        "site": words.gettext(SITE),
        "version": __version__,
        "words": words,
        "language": words.language,
        "languages": {"en": "English", "fr": "Français"},
        "switch": switch_address,
    }
    environment.filters["markdown"] = markdown
    environment.filters["prose"] = prose
    environment.filters["web"] = followable
    environment.filters["short"] = shorten_iri
    environment.filters["number"] = words.number
    environment.filters["digits"] = words.digits
    environment.filters["date"] = words.date
    environment.filters["moment"] = words.moment
    return environment


def markdown(text: str) -> Markup:
    r"""Render Markdown.

    >>> markdown("the *newest* <b>first</b>")
    Markup('<p>the <em>newest</em> &lt;b&gt;first&lt;/b&gt;</p>\n')
    """
    return Markup(_MARKDOWN.render(text))  # noqa: S704  # the renderer escapes all that is not Markdown
