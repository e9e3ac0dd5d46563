"""Evaluate a query: here, or as the main of a process that may be killed.

The process reads one request, a JSON object, from its standard input, and writes the answer to its standard
output. What goes wrong is one line of JSON on its standard error, and exit code 1.
"""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pyoxigraph import NamedNode, Store

from harvester.errors import HarvesterError, StoreError, UsageError
from harvester.query.results import GRAPHS, ROWS, Output, Results, write_results
from harvester.query.sparql import Form, Sparql, mistake
from harvester.store.local import disk_errors, open_read_only

RAISED = {error.__name__: error for error in (UsageError, StoreError)}
"""What the process may raise, by the name that crosses the border."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs, by IRI, that a request asks for; they take the place of those that its query names.

    https://www.w3.org/TR/sparql11-protocol/#dataset
    """

    default: tuple[str, ...]
    named: tuple[str, ...]


def evaluate(store: Store, query: Sparql, output: Output, out: BinaryIO) -> None:
    """Write the answer to a query over the union of all graphs, or over the dataset that it names.

    Blocks without limit, and a query may end the process: for untrusted ones see `harvester.query.local`.
    Raises UsageError for what the engine refuses.
    """
    with engine_errors(query):
        write_results(solve(store, query), output, out)


def solve(store: Store, query: Sparql, dataset: Dataset | None = None, base: str | None = None) -> Results:
    """Begin to evaluate a query; what it gives is computed as it is read. Raises in `engine_errors`.

    `base` is the IRI that relative ones are resolved against.
    """
    graphs: dict[str, Any] = {}
    if dataset:
        graphs["default_graph"] = [NamedNode(iri) for iri in dataset.default]
        graphs["named_graphs"] = [NamedNode(iri) for iri in dataset.named]
    elif not query.names_dataset:  # it would override FROM
        graphs["use_default_graph_as_union"] = True
    return store.query(query.text, base_iri=base, prefixes=dict(query.prefixes), **graphs)


@contextmanager
def engine_errors(query: Sparql) -> Iterator[None]:
    """Turn what the engine refuses in a block that evaluates `query` into a UsageError."""
    try:
        yield
    except SyntaxError as error:
        mistake(query.text, str(error))
    except RuntimeError as error:  # an unknown function is only found when it is called
        if "function" not in str(error):
            raise
        raise UsageError(f"The query failed: {error}", fix="use the functions of SPARQL 1.1") from error


def request(folder: Path, query: Sparql, output: Output) -> bytes:
    """Write a request for `main`, to the store in `folder`."""
    fields = (str(folder), query.text, query.form, query.names_dataset, dict(query.prefixes), output.name)
    return json.dumps(fields).encode()


def main() -> None:
    """Answer the request on standard input."""
    folder, text, form, names_dataset, prefixes, name = json.load(sys.stdin.buffer)
    query = Sparql(text, Form(form), names_dataset, prefixes)
    output = (GRAPHS if query.form.gives_graph else ROWS)[name]
    try:
        with disk_errors(Path(folder)):
            evaluate(open_read_only(Path(folder)), query, output, sys.stdout.buffer)
            sys.stdout.buffer.flush()
    except HarvesterError as error:
        print(json.dumps([type(error).__name__, error.cause, error.fix]), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)  # nothing to clean up in a read-only store


if __name__ == "__main__":
    main()
