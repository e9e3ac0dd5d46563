"""How an index is laid out: its fields, and the file that says which run's content it has."""

import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

from tantivy import Index, Schema, SchemaBuilder, Searcher

from harvester.errors import StoreError
from harvester.search.words import ANALYZERS, LANGUAGES

LAYOUT = 1
"""Raised when fields or what they hold change: an index of another layout is built anew."""
NOTE = "index.json"
"""The file beside tantivy's own that tells layout and run."""
FILTERS = (
    "theme",
    "publisher",
    "format",
    "licence",
    "frequency",
    "reused",
    "high-value",
    "type",
    "topic",
)
"""Facets, each a field: several values each, except for those of YES_NO."""
YES_NO = frozenset({"reused", "high-value"})
TEXTS = ("title", "keyword", "publisher-name", "text")
"""Texts, each a field per language: whatever language a text is in, it has stems of all."""
_LOCKS = (".tantivy-writer.lock", ".tantivy-meta.lock")
_REMOVALS = 100
"""Times that a folder is removed in which something appears again."""


class NoIndex(StoreError):
    """A generation that cannot be searched."""


def stems(text: str, language: str) -> str:
    """Name the field with a text's stems in a language.

    >>> stems("title", "fr")
    'title.fr'
    """
    return f"{text}.{language}"


def schema() -> Schema:
    """Return the fields of an index."""
    builder = SchemaBuilder()
    for name in ("iri", "id", "kind", "whole-title"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=name == "kind")
    for text in TEXTS:
        for language in LANGUAGES:
            builder.add_text_field(stems(text, language), tokenizer_name=language)
    builder.add_text_field("word", tokenizer_name="plain", index_option="basic")
    for name in (*FILTERS, "by-title", "by-date", "by-reuses"):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
    builder.add_float_field("lift", fast=True)
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


def create(folder: Path) -> Index:
    """Make an empty index in a new folder. Raises OSError, ValueError."""
    folder.mkdir()
    return _prepared(Index(schema(), str(folder), reuse=False))


def open_index(folder: Path) -> Index:
    """Open an index for reading, or to change it. Raises NoIndex."""
    read_note(folder)
    try:
        return _prepared(Index.open(str(folder)))
    except (ValueError, OSError) as error:
        raise NoIndex(f"the search index {folder} is damaged: {error}", fix="harvest again") from error


def open_to_read(folder: Path) -> tuple[Index, Searcher]:
    """Open an index of which nobody will ever change a file, nor this reader. Raises NoIndex, OSError.

    Tantivy locks an index to open it, by a file that it makes there; but a generation never changes, and who
    serves it may not be allowed to. So it is given a folder of links, until it has all files open.
    """
    read_note(folder)
    with _links_to(folder) as links:
        index = open_index(links)
        index.reload()
        return index, index.searcher()


@contextmanager
def _links_to(folder: Path) -> Iterator[Path]:
    """Make a folder of links to all files of an index but its locks, until the block ends."""
    links = Path(mkdtemp(prefix="harvester-search-"))
    try:
        for path in folder.absolute().iterdir():
            if path.name not in _LOCKS:
                (links / path.name).symlink_to(path)
        yield links
    finally:
        # A thread of tantivy's, of which it says nothing, may make a lock there meanwhile.
        for _ in range(_REMOVALS):
            shutil.rmtree(links, ignore_errors=True)
            if not links.exists():
                break
            time.sleep(0.01)


def read_note(folder: Path) -> str:
    """Return the id of the run whose content an index has. Raises NoIndex if there is none of this layout."""
    try:
        note = json.loads((folder / NOTE).read_text(encoding="utf-8"))
        layout, run = int(note["layout"]), str(note["run"])
    except FileNotFoundError as error:
        raise NoIndex("this generation has no search index", fix="harvest again: that makes one") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise NoIndex(f"the search index {folder} is damaged: {error}", fix="harvest again") from error
    if layout != LAYOUT:
        raise NoIndex("another version of harvester made this search index", fix="harvest again")
    return run


def is_there(folder: Path) -> bool:
    """Tell whether `folder` holds an index of this layout."""
    try:
        read_note(folder)
    except NoIndex:
        return False
    return True


def write_note(folder: Path, run: str) -> None:
    """Say that an index is complete, and of which run; remove its writer's locks. Raises OSError."""
    for name in _LOCKS:
        (folder / name).unlink(missing_ok=True)
    beside = folder / f"{NOTE}.next"
    beside.write_text(json.dumps({"layout": LAYOUT, "run": run}) + "\n", encoding="utf-8")
    beside.replace(folder / NOTE)  # the file may be a link to that of the generation before


def _prepared(index: Index) -> Index:
    for name, analyzer in ANALYZERS.items():
        index.register_tokenizer(name, analyzer)
    # Nothing is ever changed under a reader: no thread need watch the folder.
    index.config_reader("manual")
    return index
