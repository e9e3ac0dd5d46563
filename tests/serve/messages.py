"""The messages of pages, read from code and templates; `python -m tests.serve.messages` updates the .po."""

import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po, write_po

from harvester.harvest.absences import ARCHIVED, DELETED, NOT_FOUND, UNLISTED
from harvester.query.canned import Library
from harvester.query.parameters import _XSD_TYPES, TYPES
from harvester.serve.html.templating import SITE
from harvester.serve.html.words import LANGUAGES
from harvester.serve.http.problem import TITLES

ROOT = Path(__file__).parents[2]
SERVE = ROOT / "harvester" / "serve"
LIBRARY = Library.of(ROOT / "queries")

_METHODS = {"*.py": "python", "*.html": "jinja2.ext.babel_extract"}
_OPTIONS = {"trimmed": "true", "silent": "false"}
_KEYWORDS = {**DEFAULT_KEYWORDS, "say": None}  # say = words.gettext, where much is said
_WIDTH = 110


def messages() -> Catalog:
    """Return all that pages say, with the files that say it."""
    found = Catalog()
    for path, context, text in [*_in_files(), *_in_data()]:
        found.add(text, locations=[(path, 1)], context=context)
    for message in found:
        message.locations = sorted(set(message.locations))
    return found


def file_of(language: str) -> Path:
    """Return where the messages of a language are."""
    return SERVE / "html" / "locale" / f"{language}.po"


def translated(language: str) -> Catalog:
    """Return the messages of a language as they stand."""
    with file_of(language).open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> str:
    """Return the file of a language with a place for every message, and for no other."""
    catalogue = translated(language)
    catalogue.update(messages(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=_WIDTH, omit_header=True, sort_by_file=True, include_lineno=False)
    header = file_of(language).read_text(encoding="utf-8").partition("\n\n")[0]
    return f"{header}\n\n{written.getvalue().decode().strip()}\n"


def _in_files() -> Iterator[tuple[str, str | None, str | tuple[str, ...]]]:
    """Yield path, context and text of each message in code and templates."""
    for pattern, method in _METHODS.items():
        for path in sorted(SERVE.rglob(pattern)):
            name = path.relative_to(ROOT).as_posix()
            with path.open("rb") as file:
                for _, text, _, context in extract(method, file, _KEYWORDS, (), _OPTIONS):
                    yield name, context, text


def _in_data() -> Iterator[tuple[str, str | None, str]]:
    """Yield those that are looked up by a value: of problems, of parameters, and of the tags of queries."""
    yield "harvester/serve/html/templating.py", None, SITE
    for _, title in TITLES.values():
        yield "harvester/serve/http/problem.py", None, title
    for type_ in [*TYPES.values(), *_XSD_TYPES.values()]:
        yield "harvester/query/parameters.py", None, type_.expects
    yield "harvester/query/parameters.py", None, TYPES["literal"].example
    for why in (DELETED, NOT_FOUND, ARCHIVED, UNLISTED):
        yield "harvester/harvest/absences.py", "absence", why
    for tag in sorted({tag for query in LIBRARY for tag in query.header.tags}):
        yield "queries", "tag", tag


def _main() -> None:
    for language in LANGUAGES[1:]:
        file_of(language).write_text(updated(language), encoding="utf-8")
        empty = [message for message in translated(language) if message.id and not all(forms(message.string))]
        for message in empty:
            sys.stdout.write(f"to translate: {forms(message.id)[0]}\n")
        sys.stdout.write(f"{len(empty)} to translate in {file_of(language).relative_to(ROOT)}\n")


def forms(text: str | Sequence[str]) -> tuple[str, ...]:
    """Return the forms of a message, one if it counts nothing."""
    return (text,) if isinstance(text, str) else tuple(text)


PLACEHOLDER = re.compile(r"%\(\w+\)s|<[^>]+>|%(?!\()|\{\w+\}")
"""What a translation must keep: values that are filled in, markup, signs of percent."""

if __name__ == "__main__":
    _main()
