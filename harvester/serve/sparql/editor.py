"""The SPARQL editor: /sparql as a page, which works without script.

Script makes an editor of its field (frontend/editor.js). It puts the answers that this page would show where
they stand here, so an answer is made into HTML in one place only.
"""

import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response

from harvester.query.canned import Query
from harvester.query.results import GRAPHS, ROWS, Output
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.html.links import Download, editor_address, label
from harvester.serve.html.preview import Preview
from harvester.serve.html.rendering import page
from harvester.serve.html.words import Words, words_of
from harvester.serve.http.negotiation import content_type
from harvester.serve.http.problem import Problem
from harvester.serve.queries.call import Call
from harvester.serve.queries.examples import plain_example
from harvester.serve.queries.query_page import without_header
from harvester.serve.queries.shelf import usable
from harvester.serve.sparql import vocabulary
from harvester.serve.sparql.files import editor_files
from harvester.vocab import PREFIXES

_FIRST = """SELECT ?title ?reuse_title WHERE {
  ?dataset a dcat:Dataset ;
           dct:title ?title ;
           dct:isReferencedBy ?reuse .
  ?reuse dct:title ?reuse_title .
}
LIMIT 20"""
"""What stands in the editor of who brings no query."""


async def sparql_page(
    request: Request, query: str, answer: Preview | None, problem: Problem | None
) -> Response:
    """Show a query with the beginning of its answer, or with what is wrong; if it is "", the editor alone."""
    serving, words = serving_of(request), words_of(request)
    text = query or _FIRST
    context: dict[str, Any] = {
        "query": text,
        "lines": min(max(text.count("\n") + 2, 10), 30),
        "endpoint": serving.url("/sparql"),
        "problem": problem,
        "answer": answer,
        "note": _note(answer, words) if answer else "",
        "downloads": _downloads(serving, query, answer) if answer else [],
        "formats": [
            (kind, [(name, label(output)) for name, output in outputs.items()])
            for kind, outputs in (
                (words.gettext("Rows: SELECT, ASK"), ROWS),
                (words.gettext("Graphs: CONSTRUCT, DESCRIBE"), GRAPHS),
            )
        ],
        "prefixes": PREFIXES,
        "examples": _examples(serving, words.language),
        "files": {name: serving.path(address) for name, address in editor_files().items()},
        "vocabulary": serving.path(vocabulary.PATH),
        "editor_words": json.dumps(_editor_words(words), ensure_ascii=False),
    }
    return await page(request, "sparql.html", context, problem)


def asked_format(query_string: bytes) -> str:
    """Return what the editor's form and downloads ask for by `format`, as an Accept header; "" for a page.

    A browser's own header always prefers pages; programs are served by theirs alone.

    >>> asked_format(b"query=ASK+%7B%7D&format=xml")
    'application/sparql-results+xml, application/rdf+xml'
    """
    name = dict(parse_qsl(query_string.decode(errors="replace"))).get("format", "")
    outputs: list[Output] = [known[name] for known in (ROWS, GRAPHS) if name in known]
    return ", ".join(content_type(output).partition(";")[0] for output in outputs)


def _note(answer: Preview, words: Words) -> str:
    if answer.table is not None and not answer.table.rows and answer.table.truth is None:
        return words.gettext("Nothing in the catalogue fits.")
    if not answer.more:
        return ""
    return words.gettext("There is more than is shown here; the files hold all of it.")


def _editor_words(words: Words) -> dict[str, str]:
    """Return what the script says."""
    say = words.gettext
    return {
        "language": words.language,
        "query": say("Query"),
        "run": say("Run"),
        "stop": say("Stop"),
        "running": say("The query runs …"),
        "stopped": say("The query was stopped."),
        "failed": say("The query has no answer: below is why."),
        "unreachable": say("The server cannot be reached. Try again in a moment."),
        "mistake": say("Line {line}: the query is not complete, or has a mistake here."),
        "format": say("Tidy up"),
        "formatTitle": say("Break and indent the lines of the query (Ctrl+Shift+F)"),
        "declare": say("Declare prefixes"),
        "declareTitle": say("Write out the prefixes that are used, for endpoints that do not know them"),
        "declared": say("All prefixes in it are declared."),
        "share": say("Copy link"),
        "shareTitle": say("Copy an address that opens this query"),
        "copied": say("The link is in the clipboard."),
        "inAddress": say("The address of this page is the link."),
        "suggestions": say("Suggestions"),
        "plain": say("Plain field"),
        "plainTitle": say("Write the query in a field without colours and completion"),
        "rich": say("Editor"),
        "keys": say("Ctrl+Space completes, Ctrl+Enter runs, Ctrl+/ comments lines; Tab leaves the editor."),
        "raw": say("The answer as programs get it"),
        "recent": say("Queries run in this browser"),
        "forget": say("Forget them"),
    }


def _downloads(serving: Serving, query: str, answer: Preview) -> list[Download]:
    outputs: dict[str, Output] = {**(GRAPHS if answer.table is None else ROWS)}
    return [
        Download(
            label(output),
            f"{serving.path('/sparql')}?{urlencode({'query': query, 'format': name})}",
            content_type(output),
        )
        for name, output in outputs.items()
    ]


def _examples(serving: Serving, language: str) -> list[tuple[str, str]]:
    """Return summary and address of the canned queries that can be asked as they are."""
    queries = usable(serving.library)
    shown = [(query.header.told(language).summary, _opened(serving, query, language)) for query in queries]
    return [(summary, address) for summary, address in shown if address]


def _opened(serving: Serving, query: Query, language: str) -> str:
    call = Call(query, plain_example(query)).for_reader(language)
    return "" if call.missing else editor_address(serving, without_header(call.text()))
