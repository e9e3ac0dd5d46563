"""What the workers can do: the table of their tasks."""

import io
from collections.abc import Iterable
from typing import BinaryIO, cast

from pyoxigraph import Triple

from harvester.query.results import (
    GRAPHS,
    JSON,
    ROWS,
    Answer,
    GraphOutput,
    Output,
    Results,
    write_answer,
    write_results,
)
from harvester.query.sparql import Form, Sparql, read
from harvester.query.worker import Dataset, engine_errors, solve
from harvester.serve.http.negotiation import content_type
from harvester.serve.tasks import linked, sitemap
from harvester.serve.tasks.bounds import MOST_AT_ONCE, RowBound, bounded, first
from harvester.serve.tasks.description import (
    Dump,
    Site,
    describe_data,
    describe_service,
    totals,
    write_description,
)
from harvester.serve.tasks.labels import labels
from harvester.serve.tasks.record_facts import record_facts
from harvester.serve.tasks.search import search
from harvester.serve.tasks.vocabulary import vocabulary
from harvester.store.manifest import Manifest
from harvester.workers.task import Handler, Refused, Work

DumpFields = tuple[tuple[str, str, str | None, int], ...]


def sparql(
    work: Work,
    text: str,
    default_graphs: tuple[str, ...] | None,
    named_graphs: tuple[str, ...] | None,
    rows: str | None,
    graph: str | None,
    limit: int | None,
    base: str | None = None,
) -> None:
    """Answer a query.

    `default_graphs`, `named_graphs`: IRIs of the dataset that the request names, None if it names none: then
    the query says, or else it is the union of all graphs. `rows`, `graph`: names of the outputs wanted if the
    answer turns out to be one of these; None: not acceptable. With `limit` (MOST_AT_ONCE or less) the answer
    is cut after as many rows or triples, and the fact `more` tells whether there were any; without, an answer
    beyond the server's bound fails. `base` is what relative IRIs are resolved against. The fact `form` tells
    the query form.
    """
    query = read(text)
    output = _output(query, rows, graph)
    names_dataset = default_graphs is not None or named_graphs is not None
    dataset = Dataset(default_graphs or (), named_graphs or ()) if names_dataset else None
    with engine_errors(query):
        results = solve(work.store, query, dataset, base)
        if limit is not None:
            _write_first(work, query, results, output, min(limit, MOST_AT_ONCE))
            return
        work.sink.begin(content_type(output), form=query.form)
        out = cast("BinaryIO", work.sink)
        if isinstance(output, GraphOutput):
            write_results(bounded(cast("Iterable[Triple]", results), work.limits.rows), output, out)
        elif query.form is Form.ASK:
            write_results(results, output, out)
        else:
            write_results(results, output, cast("BinaryIO", RowBound(out, output, work.limits.rows)))


def _write_first(work: Work, query: Sparql, results: Results, output: Output, limit: int) -> None:
    head, more = first(results, limit)
    work.sink.begin(content_type(output), form=query.form, more=more)
    out = cast("BinaryIO", work.sink)
    if isinstance(head, bytes):
        write_answer(Answer(JSON, io.BytesIO(head)), output, out)
    else:
        write_results(head, output, out)


def describe(work: Work, output: str, base: str) -> None:
    """Write what the endpoint is; `base` is the public URL."""
    work.sink.begin(content_type(GRAPHS[output]))
    work.sink.write(write_description(describe_service(_site(work, base, ())), GRAPHS[output]))


def describe_contents(work: Work, output: str, base: str, dumps: DumpFields) -> None:
    """Write what the data is, counted, and the endpoint; `dumps` are the fields of Dump."""
    site = _site(work, base, dumps)
    about = [*describe_service(site), *describe_data(site, totals(work.store))]
    work.sink.begin(content_type(GRAPHS[output]))
    work.sink.write(write_description(about, GRAPHS[output]))


def _site(work: Work, base: str, dumps: DumpFields) -> Site:
    created = Manifest.read(work.folder).created
    return Site(base, work.folder.name, created, dumps=tuple(Dump(*dump) for dump in dumps))


def _output(query: Sparql, rows: str | None, graph: str | None) -> Output:
    fitting = GRAPHS if query.form.gives_graph else ROWS
    name = graph if query.form.gives_graph else rows
    if name is None:
        types = ", ".join(dict.fromkeys(content_type(output) for output in fitting.values()))
        raise Refused(
            406, f"{query.form} gives none of the media types that you accept", fix=f"accept {types}"
        )
    return fitting[name]


TASKS: dict[str, Handler] = {
    "sparql": sparql,
    "service": describe,
    "void": describe_contents,
    "record": linked.record,
    "record_outline": linked.record_outline,
    "record_facts": record_facts,
    "catalogue_page": linked.catalogue_page,
    "labels": labels,
    "search": search,
    "sitemap_index": sitemap.sitemap_index,
    "sitemap_part": sitemap.sitemap_part,
    "vocabulary": vocabulary,
}
"""By the name that a Task has."""
