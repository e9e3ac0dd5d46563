"""The messages of pages, read from code and templates; `python -m tests.serve.messages` updates fr.po."""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

from harvester.query.canned import Library
from harvester.query.parameters import _XSD_TYPES, TYPES
from harvester.serve.html.templating import SITE
from harvester.serve.http.problem import TITLES

ROOT = Path(__file__).parents[2]
SERVE = ROOT / "harvester" / "serve"
FRENCH = SERVE / "html" / "locale" / "fr.po"
LIBRARY = Library.of(ROOT / "queries")

_METHODS = {"*.py": "python", "*.html": "jinja2.ext.babel_extract"}
_OPTIONS = {"trimmed": "true", "silent": "false"}
_WIDTH = 110


def messages() -> Catalog:
    """Return all that pages say, with the files that say it."""
    found = Catalog()
    for path, context, text in [*_in_files(), *_in_data()]:
        found.add(text, locations=[(path, 1)], context=context)
    return found


def french() -> Catalog:
    """Return the French catalogue as it stands."""
    with FRENCH.open("rb") as file:
        return read_po(file, locale="fr")


def updated() -> str:
    """Return fr.po with a place for every message, and for no other."""
    catalogue = french()
    catalogue.update(messages(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=_WIDTH, omit_header=True, sort_by_file=True, include_lineno=False)
    header = FRENCH.read_text(encoding="utf-8").partition("\n\n")[0]
    return f"{header}\n\n{written.getvalue().decode().strip()}\n"


def _in_files() -> Iterator[tuple[str, str | None, str | tuple[str, ...]]]:
    """Yield path, context and text of each message in code and templates."""
    for pattern, method in _METHODS.items():
        for path in sorted(SERVE.rglob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            with path.open("rb") as file:
                for _, text, _, context in extract(method, file, DEFAULT_KEYWORDS, (), _OPTIONS):
                    yield name, context, text


def _in_data() -> Iterator[tuple[str, str | None, str]]:
    """Yield those that are looked up by a value: of problems, of parameters, and of the tags of queries."""
    yield "harvester/serve/html/templating.py", None, SITE
    for _, title in TITLES.values():
        yield "harvester/serve/http/problem.py", None, title
    for type_ in [*TYPES.values(), *_XSD_TYPES.values()]:
        yield "harvester/query/parameters.py", None, type_.expects
    for tag in sorted({tag for query in LIBRARY for tag in query.header.tags}):
        yield "queries", "tag", tag


def _main() -> None:
    FRENCH.write_text(updated(), encoding="utf-8")
    empty = [message.id for message in french() if message.id and not all(_forms(message.string))]
    for text in empty:
        sys.stdout.write(f"to translate: {text if isinstance(text, str) else text[0]}\n")
    sys.stdout.write(f"{len(empty)} to translate in {FRENCH.relative_to(ROOT)}\n")


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


PLACEHOLDER = re.compile(r"%\(\w+\)s|<[^>]+>|%(?!\()")
"""What a translation must keep: values that are filled in, markup, signs of percent."""

if __name__ == "__main__":
    _main()
