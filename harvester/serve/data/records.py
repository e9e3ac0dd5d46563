"""Every record in the formats of RDF, and all statements about it as a page."""

import json
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from harvester.query.results import GRAPHS
from harvester.serve.core.serving import Serving, serving_of
from harvester.serve.data.record_page import iris_in, record_page
from harvester.serve.html.labels import labels
from harvester.serve.html.links import Download, label, resource_address
from harvester.serve.html.rendering import page
from harvester.serve.http.problem import Problem
from harvester.serve.http.suffixes import HTML, media_type
from harvester.workers.task import Task

_GRAPHS = ("ttl", "jsonld", "nt", "xml")
"""The formats by name, the one to prefer first."""
FORMATS = (*_GRAPHS, HTML)
_URI = "%/:=&?~#+!$,;'@()*"
"""Characters of a URI that a header may carry as they are; an IRI has others too."""


def named(request: Request, path: str) -> str:
    """Return the name of the resource that is asked for. Raises Problem (400) if the request names none."""
    name = request.query_params.get("iri", "")
    if not name:
        raise Problem(400, "The address names no resource", f"add its IRI: {path}?iri=https://…")
    return name


async def described(request: Request, name: str, format_: str) -> Response:
    """Describe a resource as a graph."""
    serving = serving_of(request)
    answer = await serving.engine.answer(Task("record", (name, format_)), request)
    return answer.response({"Link": links_of(serving, answer.facts["resource"])})


async def statements_page(request: Request, name: str) -> Response:
    """Show all that is said of a resource, as it is said."""
    serving = serving_of(request)
    answer = await serving.engine.answer(Task("record_outline", (name,)), request)
    outline = json.loads(await answer.whole())
    iri = outline["resource"]
    context = {
        "record": record_page(outline, serving.path, await labels(request, iris_in(outline))),
        "files": files_of(serving, iri),
        "address": resource_address(serving.path, iri),
        "canonical": resource_address(serving.url, iri),
    }
    response = await page(request, "statements.html", context)
    response.headers["Link"] = links_of(serving, iri)
    return response


def files_of(serving: Serving, iri: str) -> list[Download]:
    """Return the description of a resource as files."""
    return [
        Download(label(GRAPHS[name]), resource_address(serving.path, iri, f".{name}"), media_type(name))
        for name in _GRAPHS
    ]


def links_of(serving: Serving, iri: str) -> str:
    """Return a Link header: what is described, where, and in which other formats.

    https://www.rfc-editor.org/rfc/rfc8288#section-3
    """
    links = [(iri, "describes", ""), (resource_address(serving.url, iri), "canonical", "")]
    links += [
        (resource_address(serving.url, iri, f".{name}"), "alternate", f'; type="{media_type(name)}"')
        for name in FORMATS
    ]
    return ", ".join(f'<{quote(to, safe=_URI)}>; rel="{rel}"{extra}' for to, rel, extra in links)
