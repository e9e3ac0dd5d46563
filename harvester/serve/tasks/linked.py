"""What workers do for linked data: one resource described, a page of the catalogue."""

import json
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import BinaryIO, cast
from urllib.parse import urlencode

from pyoxigraph import Store

from harvester.export.description import ResourceGone, UnknownResource, description, find_resource
from harvester.export.dump import write_dump
from harvester.export.files import streaming
from harvester.export.groups import Reader
from harvester.export.pages import MAX_SIZE, Pages, write_page
from harvester.export.selection import Homes, Selection
from harvester.export.syntax import Syntax
from harvester.query.results import GRAPHS
from harvester.serve.http.negotiation import content_type
from harvester.serve.tasks.outline import outline
from harvester.store.generation import read_context
from harvester.workers.task import Refused, Work

_EVERYTHING = Selection(inferred=True, provenance=True)


def record(work: Work, name: str, format_: str) -> None:
    """Describe what `name` (an IRI, or the portal's id) stands for; the fact `resource` is its IRI.

    `format_` names an RDF format. Raises Refused: 404 for an unknown name, 410 for what is gone.
    """
    reader = Reader(work.store, _EVERYTHING, nesting=False, homes=_homes(work.folder, work.store))
    resource = _found(reader, name)
    work.sink.begin(content_type(GRAPHS[format_]), resource=resource)
    with streaming(cast("BinaryIO", work.sink)) as output:
        write_dump(
            work.store,
            output,
            Syntax(format_),
            _EVERYTHING,
            resource=resource,
            context=read_context(work.folder) if format_ == "jsonld" else None,
            homes=reader.homes,
        )


def record_outline(work: Work, name: str) -> None:
    """Describe what `name` stands for as JSON for a page: see `outline`. Raises Refused as `record`."""
    reader = Reader(work.store, _EVERYTHING, nesting=True, homes=_homes(work.folder, work.store))
    resource = _found(reader, name)
    work.sink.begin("application/json", resource=resource)
    shown = outline(reader, description(reader, resource, keep_graphs=True), resource)
    work.sink.write(json.dumps(shown, ensure_ascii=False).encode())


def catalogue_page(
    work: Work, format_: str, size: int, number: int, generation: str | None, url: str
) -> None:
    """Write a page of the catalogue; `url` is the catalogue's own, without extension.

    `generation` is the one whose pages the client began to read, None at its first. Raises Refused: 404 for
    a page that there is not, 410 for pages of a generation that is no longer current.
    """
    current = work.folder.name
    if generation not in (None, current):
        raise Refused(
            410,
            f"These are pages of the generation {generation[:40]}, and the catalogue has changed since",
            fix=f"begin again at {url}.{format_}; what was read before is out of date",
        )
    pages = replace(_pages(work.folder, work.store), size=size)
    if not 1 <= number <= pages.last:
        raise Refused(404, f"There is no page {number:,}", fix=f"the last one is {pages.last:,}")
    work.sink.begin(content_type(GRAPHS[format_]), total=pages.total, last=pages.last)
    with streaming(cast("BinaryIO", work.sink)) as output:
        write_page(
            work.store,
            output,
            Syntax(format_),
            pages,
            number,
            partial(page_address, f"{url}.{format_}", size, current),
            collection=url,
            context=read_context(work.folder) if format_ == "jsonld" else None,
            homes=_homes(work.folder, work.store),
        )


def page_address(url: str, size: int, generation: str, number: int) -> str:
    """Return the address of a page. It names the generation, so that a listing never mixes two."""
    return f"{url}?{urlencode({'page': number, 'page_size': size, 'generation': generation})}"


def found_in(work: Work, name: str) -> str:
    """Return the IRI of what `name` (an IRI, or the portal's id) stands for. Raises Refused: 404, 410."""
    homes = _homes(work.folder, work.store)
    return _found(Reader(work.store, _EVERYTHING, nesting=False, homes=homes), name)


def _found(reader: Reader, name: str) -> str:
    try:
        return find_resource(reader, name)
    except UnknownResource as error:
        raise Refused(404, error.cause, fix=error.fix) from error
    except ResourceGone as error:
        raise Refused(410, error.cause, fix=error.fix) from error


# A worker has one generation open as long as it lives: what is learnt of it once holds.


@lru_cache(maxsize=1)
def _homes(folder: Path, store: Store) -> Homes:  # noqa: ARG001  # the folder tells stores apart
    return Homes(store)


@lru_cache(maxsize=1)
def _pages(folder: Path, store: Store) -> Pages:  # noqa: ARG001
    return Pages.of(store, MAX_SIZE)
